/**
 * Walking the pages of an LMDB data file without LMDB, which ends the process by a signal where a
 * page is missing or is not what it should be.
 *
 *     page       | number 8 | transaction 8 | pad 2 | flags 2 | lower 2 | upper 2 | node offsets 2 … |
 *     node       | low 2 | high 2 | flags 2 | key size 2 | key … | data … |
 *                branch: low, high and flags are the child's page number
 *                leaf: low and high are the size of the data; flags 1: the data is a page number
 *     database   | pad 4 | flags 2 | depth 2 | branch 8 | leaf 8 | overflow 8 | entries 8 | root 8 |
 *                                                                                  little-endian
 *
 * The layout is that of the LMDB in the package `lmdb` 3.5.6 (data version 2). Pages that a crash or
 * a transaction left unused at the end of the file need not be there, so its length alone says
 * nothing: what counts is that every page that something leads to is there.
 *
 * @module
 */

import { readSync } from 'node:fs'

const PAGE_HEADER_BYTES = 24
const FLAGS_AT = 18
const LOWER_AT = 20
const NODE_HEADER_BYTES = 8
const DATABASE_BYTES = 48
const ROOT_AT = 40
const OVERFLOW_AT = 24
const BRANCH_PAGE = 1
const LEAF_PAGE = 2
const OVERFLOW_PAGE = 4
const BIG_DATA = 1
const SUB_DATABASE = 2
const NO_PAGE = 0xffff_ffff_ffff_ffffn

/** The part of a file's newest header that a walk starts from. */
export interface PageFile {
  descriptor: number
  pageSize: number
  /** Whole pages that the file has. */
  pageCount: number
}

/** What is read of a database record. */
interface Database {
  root: bigint
  hasOverflow: boolean
}

/**
 * Returns in words the first thing wrong with the pages that lead down from two database records
 * of a meta page, or undefined. Leaf pages are read only where they can lead further. Cost: reads one
 * page in sixty of the file.
 */
export function findPageProblem(
  file: PageFile,
  meta: Buffer,
  at: { free: number; main: number },
): string | undefined {
  const free = walk(file, { ...readDatabase(meta, at.free), hasOverflow: true }, 'plain')
  return free ?? walk(file, { ...readDatabase(meta, at.main), hasOverflow: true }, 'main')
}

// Walks one tree. The main one's leaves hold the records of the named databases.
function walk(file: PageFile, database: Database, kind: 'plain' | 'main'): string | undefined {
  if (database.root === NO_PAGE) return undefined
  const waiting = [database.root]
  let visited = 0
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (++visited > file.pageCount) return 'its pages lead in a circle'
    if (number >= BigInt(file.pageCount))
      return `page ${number} is missing, the file has ${file.pageCount}`
    const page = readPage(file, number)
    const flags = page.readUInt16LE(FLAGS_AT)
    if (page.readBigUInt64LE(0) !== number)
      return `page ${number} says that it is page ${page.readBigUInt64LE(0)}`
    if ((flags & (BRANCH_PAGE | LEAF_PAGE)) === 0)
      return `page ${number} is neither branch nor leaf (flags ${flags})`
    const problem =
      flags & BRANCH_PAGE
        ? followBranch(page, { file, waiting, database })
        : followLeaf(page, { file, kind })
    if (problem !== undefined) return `page ${number}: ${problem}`
  }
  return undefined
}

// Leaves are not read where nothing can hang on them: that they are there is enough.
function followBranch(
  page: Buffer,
  walk: { file: PageFile; waiting: bigint[]; database: Database },
): string | undefined {
  const children: bigint[] = []
  for (const node of nodesOf(page)) {
    if (node === undefined) return 'a node lies outside of it'
    const low = BigInt(page.readUInt16LE(node)) | (BigInt(page.readUInt16LE(node + 2)) << 16n)
    children.push(low | (BigInt(page.readUInt16LE(node + 4)) << 32n))
  }
  for (const child of children) {
    if (child >= BigInt(walk.file.pageCount))
      return `it leads to page ${child}, the file has ${walk.file.pageCount}`
  }
  if (walk.database.hasOverflow || !leadsToLeaves(walk.file, children))
    walk.waiting.push(...children)
  return undefined
}

// All children of a branch are of the same level.
function leadsToLeaves(file: PageFile, children: bigint[]): boolean {
  const [first] = children
  return first !== undefined && (readPage(file, first).readUInt16LE(FLAGS_AT) & LEAF_PAGE) !== 0
}

function followLeaf(
  page: Buffer,
  walk_: { file: PageFile; kind: 'plain' | 'main' },
): string | undefined {
  for (const node of nodesOf(page)) {
    if (node === undefined) return 'a node lies outside of it'
    const flags = page.readUInt16LE(node + 4)
    const data = node + NODE_HEADER_BYTES + page.readUInt16LE(node + 6)
    const problem =
      flags & BIG_DATA
        ? checkOverflow(page, { ...walk_, node, data })
        : followRecord(page, { ...walk_, flags, data })
    if (problem !== undefined) return problem
  }
  return undefined
}

function followRecord(
  page: Buffer,
  place: { file: PageFile; kind: 'plain' | 'main'; flags: number; data: number },
): string | undefined {
  if (place.kind !== 'main' || (place.flags & SUB_DATABASE) === 0) return undefined
  if (place.data + DATABASE_BYTES > page.length) return 'a database record lies outside of it'
  return walk(place.file, readDatabase(page, place.data), 'plain')
}

// A value too large for a leaf has pages of its own, one after another.
function checkOverflow(
  page: Buffer,
  place: { file: PageFile; node: number; data: number },
): string | undefined {
  const { file, node, data } = place
  if (data + 8 > page.length) return 'a node lies outside of it'
  const bytes = page.readUInt16LE(node) + page.readUInt16LE(node + 2) * 0x1_0000
  const first = page.readBigUInt64LE(data)
  const pages = Math.ceil((bytes + PAGE_HEADER_BYTES) / file.pageSize)
  if (first + BigInt(pages) > BigInt(file.pageCount))
    return `a value lies on pages ${first} to ${first + BigInt(pages - 1)}, the file has ${file.pageCount}`
  const flags = readPage(file, first).readUInt16LE(FLAGS_AT)
  return flags & OVERFLOW_PAGE ? undefined : `page ${first} holds no large value (flags ${flags})`
}

// Offsets of the nodes of a page; undefined stands for one that lies outside.
function* nodesOf(page: Buffer): Generator<number | undefined> {
  // Both bounds and offsets count from behind the header.
  const end = page.readUInt16LE(LOWER_AT) + PAGE_HEADER_BYTES
  if (end > page.length) return yield undefined
  for (let at = PAGE_HEADER_BYTES; at < end; at += 2) {
    const node = page.readUInt16LE(at) + PAGE_HEADER_BYTES
    yield node + NODE_HEADER_BYTES > page.length ? undefined : node
  }
}

function readDatabase(bytes: Buffer, at: number): Database {
  return {
    root: bytes.readBigUInt64LE(at + ROOT_AT),
    hasOverflow: bytes.readBigUInt64LE(at + OVERFLOW_AT) > 0n,
  }
}

function readPage(file: PageFile, number: bigint): Buffer {
  const page = Buffer.alloc(file.pageSize)
  readSync(file.descriptor, page, 0, file.pageSize, Number(number) * file.pageSize)
  return page
}
