/**
 * Walking the pages of an LMDB data file without LMDB, which ends the process by a signal if a
 * page is missing or is not what it should be.
 *
 * The trees of free pages, of the named databases, and of each of those are walked from their roots,
 * the upper pages of all of them first. Every page that is visited proves (11.1) to (11.3) of FORMAT.md, and
 * a walk to the end (11.4) and (11.5) as well.
 *
 * Pages that a crash or a transaction left unused at the end of the file need not be there, so its
 * length alone says nothing: what counts is that every page that something leads to is there.
 *
 * @module
 */

import { freePagesProblem } from './free-pages.ts'
import {
  BRANCH_PAGE,
  compareNumberKeys,
  comparePageKeys,
  DATABASE_BYTES,
  type DatabaseRecord,
  databaseProblem,
  type Key,
  LEAF_PAGE,
  type LeafNode,
  NO_PAGE,
  NUMBER_KEY_BYTES,
  nodeCountOf,
  OVERFLOW_PAGE,
  PAGE_HEADER_BYTES,
  type PageFile,
  pageProblem,
  readBranchNode,
  readDatabase,
  readLeafNode,
  readPage,
} from './page-layout.ts'

// LMDB's flag for keys that are numbers of the machine.
const NUMBER_KEYS = 8

/** Where a header page keeps the records of its two databases. */
export interface HeaderRecords {
  bytes: Buffer
  free: number
  main: number
}

interface Tree {
  name: string
  kind: 'free' | 'main' | 'named'
  record: DatabaseRecord
  compare: (a: Key, b: Key) => number
  seen: { branchPages: number; leafPages: number; overflowPages: number; entries: number }
}

interface Waiting {
  tree: Tree
  number: number
  /** 1 is a leaf. */
  level: number
  /** The keys of the page are not below the first and below the second. */
  from: Key | undefined
  to: Key | undefined
}

/** One walk. `problems` grows while it goes on. */
export class PageWalk {
  readonly problems: string[] = []
  /** Keys of the tree of databases: the names of those. */
  readonly names: Set<string> = new Set()
  readonly #file: PageFile
  readonly #leafPage: Buffer
  readonly #used: Uint8Array
  readonly #freeLists: Buffer[] = []
  readonly #trees: Tree[] = []
  readonly #waiting: Waiting[] = []
  #visited = 0

  constructor(file: PageFile, header: HeaderRecords) {
    this.#file = file
    this.#leafPage = Buffer.alloc(file.pageSize)
    this.#used = new Uint8Array(file.pageCount)
    const { bytes, free, main } = header
    this.#addTree('the tree of databases', 'main', readDatabase(bytes, main))
    this.#addTree('the tree of free pages', 'free', readDatabase(bytes, free))
  }

  /** Pages read so far. */
  get visited(): number {
    return this.#visited
  }

  /** Visits the next page; returns false if there is none left. */
  step(): boolean {
    const next = this.#waiting[this.#visited]
    if (next === undefined) {
      this.#finish()
      return false
    }
    // Let go of the bounds: of a large file there are many.
    this.#waiting[this.#visited] = undefined as unknown as Waiting
    this.#visited++
    this.#visit(next)
    return true
  }

  #addTree(name: string, kind: Tree['kind'], record: DatabaseRecord): void {
    const problem = databaseProblem(record, kind === 'free' ? NUMBER_KEYS : 0)
    if (problem !== undefined) {
      this.#find(`the record of ${name}: ${problem}`)
      return
    }
    const seen = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 }
    const compare = kind === 'free' ? compareNumberKeys : comparePageKeys
    const tree = { name, kind, record, seen, compare }
    this.#trees.push(tree)
    if (record.root === NO_PAGE) return
    this.#add({ tree, number: record.root, level: record.depth, from: undefined, to: undefined })
  }

  // (1): every page that something leads to is there, and nothing else leads to it.
  #add(waiting: Waiting): boolean {
    const problem = this.#claim(waiting.number)
    if (problem !== undefined) this.#find(`${waiting.tree.name} leads to page ${problem}`)
    else this.#waiting.push(waiting)
    return problem === undefined
  }

  #claim(number: number): string | undefined {
    const { pageCount, lastPage } = this.#file
    if (number >= pageCount) return `${number}, the file has ${pageCount}`
    if (number < 2 || number > lastPage) return `${number}, the last one is ${lastPage}`
    if (this.#used[number] === 1) return `${number}, and something else does too`
    this.#used[number] = 1
    return undefined
  }

  #visit(waiting: Waiting): void {
    const { tree, number, level } = waiting
    const isLeaf = level === 1
    // The keys of a branch are the bounds of its children, so its bytes are kept.
    const page = isLeaf ? this.#leafPage : Buffer.alloc(this.#file.pageSize)
    readPage(this.#file, number, page)
    const flags = isLeaf ? LEAF_PAGE : BRANCH_PAGE
    const problem =
      pageProblem(page, { file: this.#file, number, flags }) ??
      (isLeaf ? this.#leaf(page, waiting) : this.#branch(page, waiting))
    if (problem !== undefined) this.#find(`page ${number} of ${tree.name}: ${problem}`)
  }

  #branch(page: Buffer, { tree, level, from, to }: Waiting): string | undefined {
    tree.seen.branchPages++
    const count = nodeCountOf(page)
    const children: Waiting[] = []
    let before = from
    for (let i = 0; i < count; i++) {
      const node = readBranchNode(page, i)
      if (typeof node === 'string') return node
      const { key, child } = node
      // The first key of a branch stands for everything below the second and may be anything.
      const isInOrder = i === 0 || isBetween(key, { before, after: to, compare: tree.compare })
      if (!isInOrder) return `the key of node ${i} is out of order`
      if (i > 0) before = key
      const last = children.at(-1)
      if (last !== undefined) last.to = key
      children.push({ tree, number: child, level: level - 1, from: before, to })
    }
    for (const child of children) this.#add(child)
    return undefined
  }

  #leaf(page: Buffer, { tree, from, to }: Waiting): string | undefined {
    tree.seen.leafPages++
    const count = nodeCountOf(page)
    tree.seen.entries += count
    // Not below the first bound, but above every other key before.
    let before: Key | undefined
    for (let i = 0; i < count; i++) {
      const node = readLeafNode(page, i)
      if (typeof node === 'string') return node
      const { key } = node
      if (tree.kind === 'free' && key.bytes !== NUMBER_KEY_BYTES)
        return `the key of node ${i} is not a number`
      const isLow = i === 0 && from !== undefined && tree.compare(key, from) < 0
      if (isLow || !isBetween(key, { before, after: to, compare: tree.compare }))
        return `the key of node ${i} is out of order`
      before = key
      const problem = this.#followNode(page, { node, tree })
      if (problem !== undefined) return `node ${i}: ${problem}`
    }
    return undefined
  }

  #followNode(page: Buffer, { node, tree }: { node: LeafNode; tree: Tree }): string | undefined {
    const { isDatabase, bigPage, dataAt, dataBytes } = node
    const name = tree.kind === 'main' ? nameOf(node.key) : ''
    if (tree.kind === 'main') this.names.add(name)
    if (isDatabase !== (tree.kind === 'main')) return 'it is a database record, or should be one'
    if (bigPage !== undefined) return this.#bigValue(node, tree)
    if (tree.kind === 'free')
      this.#freeLists.push(Buffer.from(page.subarray(dataAt, dataAt + dataBytes)))
    if (!isDatabase) return undefined
    if (dataBytes !== DATABASE_BYTES) return `a database record of ${dataBytes} bytes`
    this.#addTree(`table ${JSON.stringify(name)}`, 'named', readDatabase(page, dataAt))
    return undefined
  }

  // A value too large for a leaf has pages of its own, one after another.
  #bigValue(node: LeafNode, tree: Tree): string | undefined {
    const { dataBytes, bigPages } = node
    const { pageSize } = this.#file
    const first = node.bigPage as number
    if (bigPages !== Math.ceil((dataBytes + PAGE_HEADER_BYTES) / pageSize))
      return `a value of ${dataBytes} bytes on ${bigPages} pages`
    for (let number = first; number < first + bigPages; number++) {
      const problem = this.#claim(number)
      if (problem !== undefined) return `a value leads to page ${problem}`
    }
    tree.seen.overflowPages += bigPages
    const value = Buffer.alloc(bigPages * pageSize)
    for (let i = 0; i < bigPages; i++) readPage(this.#file, first + i, value.subarray(i * pageSize))
    const head = { file: this.#file, number: first, flags: OVERFLOW_PAGE }
    const problem = pageProblem(value, head)
    if (problem !== undefined) return `page ${first} of its value: ${problem}`
    if (tree.kind === 'free')
      this.#freeLists.push(value.subarray(PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + dataBytes))
    return undefined
  }

  // (4) and (5), which only a whole walk without a problem can tell.
  #finish(): void {
    if (this.problems.length > 0) return
    for (const { name, record, seen } of this.#trees) {
      for (const part of ['branchPages', 'leafPages', 'overflowPages', 'entries'] as const) {
        if (seen[part] !== record[part])
          this.#find(`${name} has ${seen[part]} ${WORDS[part]}, its record says ${record[part]}`)
      }
    }
    for (const list of this.#freeLists) {
      const problem = freePagesProblem(list, { used: this.#used, lastPage: this.#file.lastPage })
      if (problem !== undefined) this.#find(`the list of free pages: ${problem}`)
    }
  }

  #find(problem: string): void {
    this.problems.push(problem)
  }
}

const WORDS = {
  branchPages: 'branch pages',
  leafPages: 'leaf pages',
  overflowPages: 'overflow pages',
  entries: 'entries',
}

function isBetween(
  key: Key,
  bounds: { before: Key | undefined; after: Key | undefined; compare: Tree['compare'] },
): boolean {
  const { before, after, compare } = bounds
  if (before !== undefined && compare(before, key) >= 0) return false
  return after === undefined || compare(key, after) < 0
}

// Some programs end a name with a zero.
function nameOf({ page, at, bytes }: Key): string {
  return page.toString('utf8', at, at + bytes).replace(/\0$/, '')
}
