/**
 * Stores for the benches: each kind and size is imported once, into a temporary directory that is
 * removed at the end. Whoever writes works on a copy, so every case starts from the same board.
 *
 * @module
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { openLeaderboards } from '../dist/index.js'
import { rowsOf } from './workload.js'

export const BOARD = 'arena'

const PAGE_BYTES = 4_096
const MEMORY_ROOT = '/dev/shm'
const MEMORY_BYTES_MIN = 1024 ** 3

export class Stores {
  #made = new Map()
  #copies = 0

  constructor({ small = false } = {}) {
    // TMPDIR chooses the disk. Figures of a small run tell nothing: syncs may cost nothing then.
    const place = (small && !process.env.TMPDIR && memoryRoot()) || tmpdir()
    this.folder = mkdtempSync(join(place, 'ladderdb-bench-'))
    process.on('exit', () => this.remove())
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
  }

  /** Returns the directory of an imported board, for reading only. */
  async imported(kind, players) {
    const source = kind === 'ascending' ? 'uniform' : kind
    const path = join(this.folder, `${source}-${players}`)
    if (!this.#made.has(path)) this.#made.set(path, importBoard(path, { kind: source, players }))
    await this.#made.get(path)
    return path
  }

  /** Returns the directory of a new copy, which stays until the end. */
  async copy(kind, players) {
    const source = await this.imported(kind, players)
    const path = join(this.folder, `copy-${this.#copies++}`)
    mkdirSync(path)
    copyDurably(join(source, 'data.mdb'), join(path, 'data.mdb'))
    return path
  }

  /** Runs `use` on a new copy, which is removed afterwards. */
  async withCopy(kind, players, use) {
    const path = await this.copy(kind, players)
    try {
      return await use(path)
    } finally {
      rmSync(path, { recursive: true })
    }
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

// A directory in memory; undefined on machines that have none with room enough.
function memoryRoot() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_ROOT)
    return bavail * bsize > MEMORY_BYTES_MIN ? MEMORY_ROOT : undefined
  } catch {
    return undefined
  }
}

/** Opens the board of a store. */
export function openBoard(path, kind) {
  const store = openLeaderboards(path)
  return { store, board: store.board(BOARD, { mode: kind === 'season' ? 'increment' : 'set' }) }
}

async function importBoard(path, { kind, players }) {
  const { store, board } = openBoard(path, kind)
  await board.importFrom(Readable.from(rowsOf(kind, players, 'csv')), { format: 'csv' })
  await store.close()
}

/** Copies a file whose changes are to be measured. */
// What is not yet on the disk would be written during the measurement. And in small writes: a file that
// was written in large ones lies in the page cache in pieces of megabytes, each of which is written as a
// whole for every 4 KB that a commit changes: 717 KB instead of 66 for one of bare LMDB.
export function copyDurably(source, target) {
  const [from, to] = [openSync(source, 'r'), openSync(target, 'w')]
  const page = Buffer.alloc(PAGE_BYTES)
  for (let size = readSync(from, page); size > 0; size = readSync(from, page))
    writeSync(to, page, 0, size)
  closeSync(from)
  fsyncSync(to)
  closeSync(to)
}
