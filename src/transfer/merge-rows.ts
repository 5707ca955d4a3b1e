/**
 * Rows into a board that has entries, or that keeps only the best: all in one transaction.
 *
 * Nobody sees a part of them, and a crash, an error or an abort leaves nothing. Others can read
 * meanwhile and get their turns of the event loop; their writes come behind.
 *
 * Without `keep` the order of players does not matter, so each is read and written once, in the order
 * of the stored records. On a board that keeps the best, who was pushed out begins anew: there the
 * rows are submits in the order of their lines.
 *
 * @module
 */

import { statfs } from 'node:fs/promises'
import { atMicrosOf, type BoardWriter } from '../board/board-writer.ts'
import { commitOf } from '../board/commit.ts'
import { applyChange, stateChange } from '../embedded/apply.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { submitOfRow } from '../embedded/submits.ts'
import type { Table } from '../format/keys.ts'
import { readText } from '../format/text.ts'
import { LadderError, throwIfAborted } from '../ground/errors.ts'
import { IMPORT_CHUNK_ROWS } from '../ground/limits.ts'
import { inWords } from '../ground/system-errors.ts'
import type { Writer } from '../store/store.ts'
import type { Effect } from '../words/index.ts'
import type { PairVisitor } from './fill/packed-pairs.ts'
import { playerOf, readRow } from './fill/row-pairs.ts'
import { type Folded, orProblem, RowFold } from './fold-rows.ts'
import type { Taken, Work } from './work.ts'

// A record, two entries and a node, each in a page of its own, and what leads to them.
const ROW_BYTES_MAX = 16 * 1024

/** Stores the rows; all of them, or none. */
export async function mergeRows(context: OpenStore, work: Work): Promise<Taken> {
  await assertRoom(context, work)
  return context.store.writeAlone(async (writer) => {
    const { keep } = work.board.spec
    const merge = keep === undefined ? mergePlayers : submitInOrder
    const effects = new Effects(context, writer, work.board.name)
    try {
      const taken = await merge(context, { writer, work, effects })
      work.throwIfRefused()
      effects.end(taken)
      return taken
    } finally {
      commitOf(writer).effects = undefined
    }
  })
}

/** One transaction's work. */
interface Merge {
  writer: Writer<Table>
  work: Work
  effects: Effects
}

async function mergePlayers(context: OpenStore, { writer, work, effects }: Merge): Promise<Taken> {
  const { board, mode } = work
  const { shape } = board.spec
  const target = boardIn(context, writer, work)
  effects.begin()
  const commit = commitOf(writer)
  const firstMicros = commit.nextMicros(context.nowMicros())
  let player: ReturnType<BoardWriter['player']>
  const fold = new RowFold(
    { shape, mode, firstMicros },
    {
      before: (playerId) => {
        player = target.player(playerId)
        if (player === undefined) return undefined
        const { name, metadata } = player.record
        const atMicros = atMicrosOf(player, shape)
        return { score: player.score, atMicros, name, metadata, moves: false } satisfies Folded
      },
      take: ({ id, idBytes, entry }) => {
        if (work.isRefused) return undefined
        target.put(readText(id, 0, idBytes), entry, player)
        effects.hand()
        return undefined
      },
      refuse: (bad) => work.refuse(bad),
    },
  )
  await visitRows(work, fold.visit)
  await fold.end()
  if (fold.changed > 0) commit.give(firstMicros + work.lines)
  return { imported: fold.imported, changed: fold.changed }
}

async function submitInOrder(context: OpenStore, { work, effects }: Merge): Promise<Taken> {
  const { board, mode } = work
  const { shape } = board.spec
  const taken = { imported: 0, changed: 0 }
  await visitRows(work, (place) => {
    const { line, score, atMicros, name, metadata } = readRow(place, shape)
    const at = atMicros === undefined ? undefined : atMicros / 1000
    const row = { playerId: playerOf(place), score, at, name, metadata, mode }
    const submit = submitOfRow(context, row)
    // What is refused is refused before its first effect, and the transaction goes on.
    const answer = orProblem(() => effects.submit({ kind: 'submit', board, submit }))
    if (typeof answer === 'string') {
      work.refuse({ line, column: undefined, problem: answer })
      work.throwIfRefused()
      return undefined
    }
    taken.imported++
    if (answer.changed) taken.changed++
    return undefined
  })
  return taken
}

async function visitRows(work: Work, visit: PairVisitor): Promise<void> {
  let visited = 0
  await work.rows.visit((place) => {
    if (++visited % IMPORT_CHUNK_ROWS === 0) {
      throwIfAborted(work.options)
      work.progress(visited)
    }
    return visit(place)
  }, IMPORT_CHUNK_ROWS)
  throwIfAborted(work.options)
}

// A board that lost its last entry or its name meanwhile is found out here.
function boardIn(context: OpenStore, writer: Writer<Table>, { board }: Work): BoardWriter {
  const found = context.writerOf(writer, board)
  if (found !== undefined) return found
  applyChange(context, writer, { kind: 'create', board })
  return context.writerOf(writer, board) as BoardWriter
}

/** States what the rows did, some at a time; nothing if nobody wants to know. */
class Effects {
  readonly #context: OpenStore
  readonly #writer: Writer<Table>
  readonly #board: string
  readonly #isWanted: boolean
  #effects: Effect[] = []

  constructor(context: OpenStore, writer: Writer<Table>, board: string) {
    this.#context = context
    this.#writer = writer
    this.#board = board
    this.#isWanted = context.takers.size > 0
  }

  begin(): void {
    if (this.#isWanted) commitOf(this.#writer).effects = this.#effects
  }

  /** Hands on what has come together. */
  hand(): void {
    if (this.#effects.length < IMPORT_CHUNK_ROWS) return
    const effects = this.#effects
    this.#effects = []
    this.begin()
    this.#state(effects)
  }

  submit(change: Parameters<typeof applyChange<'submit'>>[2]): { changed: boolean } {
    return applyChange(this.#context, this.#writer, change)
  }

  end({ imported }: Taken): void {
    const effects = this.#effects
    this.#state([...effects, { board: this.#board, what: 'imported', count: imported }])
  }

  #state(effects: readonly Effect[]): void {
    stateChange(this.#context, this.#writer, {
      change: { kind: 'import', board: this.#board },
      effects,
    })
  }
}

// LMDB is not brought to write to a full disk: its message about that can end the process.
async function assertRoom(context: OpenStore, { rows, board }: Work): Promise<void> {
  const { path } = context.store
  const { usedBytes } = context.store.sizes()
  const neededBytes = Math.min(rows.count * ROW_BYTES_MAX, usedBytes + 3 * rows.bytes)
  const { bavail, bsize } = await inWords(`Cannot import into board "${board.name}"`, statfs(path))
  if (bavail * bsize >= neededBytes) return
  throw new LadderError(
    'DISK_FULL',
    `Cannot import into board "${board.name}": ${bavail * bsize} bytes are free, up to ${neededBytes} are needed; nothing was imported, free space and import again`,
  )
}
