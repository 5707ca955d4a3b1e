/**
 * What a page of an LMDB data file holds, read without LMDB and with every offset proved.
 *
 *     page       | number 8 | transaction 8 | pad 2 | flags 2 | lower 2 | upper 2 | node offsets 2 … |
 *     node       | low 2 | high 2 | flags 2 | key size 2 | key … | data … |
 *                branch: low, high and flags are the child's page number
 *                leaf: low and high are the size of the data; flags 1: the data is | page 8 | transaction 8 |
 *                pages 8 | of a value that has pages of its own; flags 2: a database record
 *     database   | pad 4 | flags 2 | depth 2 | branch 8 | leaf 8 | overflow 8 | entries 8 | root 8 |
 *                                                                                  little-endian
 *
 * The layout is that of the LMDB in the package `lmdb` 3.5.6 (data version 2). Lower, upper and the
 * offsets of nodes count from behind the page header.
 *
 * @module
 */

import { readSync } from 'node:fs'

export const PAGE_HEADER_BYTES = 24
export const BRANCH_PAGE = 1
export const LEAF_PAGE = 2
export const OVERFLOW_PAGE = 4
export const DATABASE_BYTES = 48
/** Root of a tree without entries. */
export const NO_PAGE: number = 2 ** 53

const TRANSACTION_AT = 8
const FLAGS_AT = 18
const LOWER_AT = 20
const UPPER_AT = 22
const NODE_HEADER_BYTES = 8
const BIG_DATA = 1
const SUB_DATABASE = 2
const BIG_DATA_BYTES = 24
const DEPTH_MAX = 32

/** A data file as its newest header describes it. */
export interface PageFile {
  descriptor: number
  pageSize: number
  /** Whole pages that the file has. */
  pageCount: number
  lastPage: number
  /** Number of the last commit. */
  transaction: number
}

/** A database record. */
export interface DatabaseRecord {
  flags: number
  depth: number
  branchPages: number
  leafPages: number
  overflowPages: number
  entries: number
  root: number
}

/** A key where it lies. */
export interface Key {
  page: Buffer
  /** Counts from the start of the page. */
  at: number
  bytes: number
}

/** A node of a leaf. Offsets count from the start of the page. */
export interface LeafNode {
  key: Key
  /** Where its data is, on this page. */
  dataAt: number
  dataBytes: number
  /** The first page of a value that lies elsewhere, and how many it takes. */
  bigPage: number | undefined
  bigPages: number
  isDatabase: boolean
}

/** Numbers of 8 bytes; those that no double holds become one that is too large for anything. */
export function readNumber(bytes: Buffer, at: number): number {
  const high = bytes.readUInt32LE(at + 4)
  return high > 0x1f_ffff ? NO_PAGE : high * 0x1_0000_0000 + bytes.readUInt32LE(at)
}

export function readDatabase(bytes: Buffer, at: number): DatabaseRecord {
  return {
    flags: bytes.readUInt16LE(at + 4),
    depth: bytes.readUInt16LE(at + 6),
    branchPages: readNumber(bytes, at + 8),
    leafPages: readNumber(bytes, at + 16),
    overflowPages: readNumber(bytes, at + 24),
    entries: readNumber(bytes, at + 32),
    root: readNumber(bytes, at + 40),
  }
}

/** Returns in words what is wrong with a database record by itself, or undefined. */
export function databaseProblem(
  database: DatabaseRecord,
  expectedFlags: number,
): string | undefined {
  const { flags, depth, root, entries } = database
  if (flags !== expectedFlags) return `its flags are ${flags}, expected ${expectedFlags}`
  if (depth > DEPTH_MAX) return `its depth is ${depth}`
  const isEmpty = root === NO_PAGE
  if (isEmpty !== (depth === 0) || isEmpty !== (entries === 0))
    return `it has depth ${depth} and ${entries} entries, and ${isEmpty ? 'no' : 'a'} root page`
  return undefined
}

/** Reads a page into `into`. Where the file ends before, the rest are zeros. */
export function readPage(file: PageFile, number: number, into: Buffer): void {
  const size = readSync(file.descriptor, into, 0, file.pageSize, number * file.pageSize)
  if (size < file.pageSize) into.fill(0, size)
}

/** Returns in words what is wrong with the header of a page that should be of one kind. */
export function pageProblem(
  page: Buffer,
  expected: { file: PageFile; number: number; flags: number },
): string | undefined {
  const { file, number, flags } = expected
  const ownNumber = readNumber(page, 0)
  if (ownNumber !== number) return `it says that it is page ${ownNumber}`
  const transaction = readNumber(page, TRANSACTION_AT)
  if (transaction > file.transaction)
    return `it is of commit ${transaction}, the last one is ${file.transaction}`
  const ownFlags = page.readUInt16LE(FLAGS_AT)
  if (ownFlags !== flags) return `its flags are ${ownFlags}, expected ${flags}`
  return flags === OVERFLOW_PAGE ? undefined : boundsProblem(page)
}

function boundsProblem(page: Buffer): string | undefined {
  const lower = page.readUInt16LE(LOWER_AT)
  const upper = page.readUInt16LE(UPPER_AT)
  if (lower % 2 === 0 && lower > 0 && lower <= upper && upper <= page.length - PAGE_HEADER_BYTES)
    return undefined
  return `its nodes are said to lie between ${lower} and ${upper}`
}

export function nodeCountOf(page: Buffer): number {
  return page.readUInt16LE(LOWER_AT) / 2
}

/** Reads a node of a branch, or returns in words why it is damaged. */
export function readBranchNode(page: Buffer, index: number): { key: Key; child: number } | string {
  const at = nodeAt(page, index)
  if (at === -1) return `node ${index} lies outside of it`
  const bytes = page.readUInt16LE(at + 6)
  if (at + NODE_HEADER_BYTES + bytes > page.length) return `node ${index} lies outside of it`
  const child = page.readUInt32LE(at) + page.readUInt16LE(at + 4) * 0x1_0000_0000
  return { key: { page, at: at + NODE_HEADER_BYTES, bytes }, child }
}

/** Reads a node of a leaf, or returns in words why it is damaged. */
export function readLeafNode(page: Buffer, index: number): LeafNode | string {
  const at = nodeAt(page, index)
  if (at === -1) return `node ${index} lies outside of it`
  const bytes = page.readUInt16LE(at + 6)
  if (bytes === 0) return `node ${index} has no key`
  const flags = page.readUInt16LE(at + 4)
  if (flags > SUB_DATABASE) return `node ${index} has flags ${flags}`
  const key = { page, at: at + NODE_HEADER_BYTES, bytes }
  const dataAt = key.at + bytes
  const dataBytes = page.readUInt32LE(at)
  const isBig = flags === BIG_DATA
  if (dataAt + (isBig ? BIG_DATA_BYTES : dataBytes) > page.length)
    return `node ${index} lies outside of it`
  const bigPage = isBig ? readNumber(page, dataAt) : undefined
  const bigPages = isBig ? readNumber(page, dataAt + 16) : 0
  return { key, dataAt, dataBytes, bigPage, bigPages, isDatabase: flags === SUB_DATABASE }
}

/** Compares two keys as bytes. Neighbours differ early: a call into the runtime costs more. */
export function comparePageKeys(a: Key, b: Key): number {
  const size = Math.min(a.bytes, b.bytes)
  for (let i = 0; i < size; i++) {
    const difference = (a.page[a.at + i] as number) - (b.page[b.at + i] as number)
    if (difference !== 0) return difference
  }
  return a.bytes - b.bytes
}

/** Compares two keys as numbers of the machine. */
export function compareNumberKeys(a: Key, b: Key): number {
  if (a.bytes !== NUMBER_KEY_BYTES || b.bytes !== NUMBER_KEY_BYTES) return comparePageKeys(a, b)
  return readNumber(a.page, a.at) - readNumber(b.page, b.at)
}

/** Size of keys that are numbers of the machine. */
export const NUMBER_KEY_BYTES = 8

// -1 if it lies outside.
function nodeAt(page: Buffer, index: number): number {
  const at = page.readUInt16LE(PAGE_HEADER_BYTES + 2 * index) + PAGE_HEADER_BYTES
  const nodesAt = page.readUInt16LE(UPPER_AT) + PAGE_HEADER_BYTES
  return at < nodesAt || at + NODE_HEADER_BYTES > page.length ? -1 : at
}
