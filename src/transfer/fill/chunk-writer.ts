/**
 * Sorted pairs of one table on their way into the store, many a commit.
 *
 * While one chunk is on its way to the disk, the next one is gathered.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { commitOf } from '../../board/commit.ts'
import { noteOrphan } from '../../embedded/catalog.ts'
import type { OpenStore } from '../../embedded/open-store.ts'
import type { BoardKeys, Table } from '../../format/keys.ts'
import { decodeOrphan, orphanKey } from '../../format/meta/orphan.ts'
import { LadderError, throwIfAborted } from '../../ground/errors.ts'
import { FILL_CHUNK_KEYS } from '../../ground/limits.ts'
import type { Writer } from '../../store/store.ts'
import { PackedPairs } from './packed-pairs.ts'

/** The board number that is filled. */
export interface Target {
  boardId: number
  keys: BoardKeys
  signal: AbortSignal | undefined
}

/** Writes one table. */
export class ChunkWriter {
  readonly #context: OpenStore
  readonly #target: Target
  readonly #table: Table
  #gathered = new PackedPairs()
  #leaving = new PackedPairs()
  #commit: Promise<void> = Promise.resolve()

  constructor(context: OpenStore, { target, table }: { target: Target; table: Table }) {
    this.#context = context
    this.#target = target
    this.#table = table
  }

  /** Adds the next pair, as `PackedPairs.add` does; a promise must be waited for. */
  add(
    write: (slab: Buffer, at: number) => { keyEnd: number; end: number },
  ): Promise<void> | undefined {
    this.#gathered.add(write)
    return this.#gathered.count < FILL_CHUNK_KEYS ? undefined : this.#send()
  }

  /** Resolves when all pairs are durable. */
  async end(): Promise<void> {
    if (this.#gathered.count > 0) await this.#send()
    await this.#commit
  }

  /** Resolves when nothing is under way, whatever came of it. */
  async settle(): Promise<void> {
    await this.#commit.catch(() => undefined)
  }

  async #send(): Promise<void> {
    await this.#commit
    throwIfAborted(this.#target)
    const pairs = this.#gathered
    this.#gathered = this.#leaving
    this.#gathered.clear()
    this.#leaving = pairs
    let onFilled = (): void => undefined
    const filled = new Promise<void>((resolve) => {
      onFilled = resolve
    })
    this.#commit = this.#context.store.write((writer) => {
      this.#put(writer, pairs)
      onFilled()
    })
    // The next one to wait for it gets the error.
    this.#commit.catch(() => undefined)
    await Promise.race([filled, this.#commit])
    // LMDB's thread goes on when the turn in which it was given the pairs is over.
    await nextTurn()
  }

  #put(writer: Writer<Table>, pairs: PackedPairs): void {
    commitOf(writer).willChange()
    keepPlace(writer, this.#target.boardId, this.#context.nowMicros())
    const put = putterOf(writer, { table: this.#table, keys: this.#target.keys })
    for (let i = 0; i < pairs.count; i++) {
      const place = pairs.placeOf(i)
      put(pairs.keyAt(place), pairs.valueAt(place))
    }
  }
}

/** Says that the import is alive. Another process takes one that was silent for long for dead. */
export function keepPlace(writer: Writer<Table>, boardId: number, nowMicros: number): void {
  const key = orphanKey(boardId)
  const note = writer.get('meta', key)
  if (note === undefined || decodeOrphan(key, note)?.state !== 'filling')
    throw new LadderError(
      'BUSY',
      'Cannot continue the import: another process took it for dead and removed its rows; import again',
    )
  noteOrphan(writer, boardId, { state: 'filling', lastMicros: nowMicros })
}

// Sorted keys behind all others of the table are appended, which costs half as much. A board that
// was created meanwhile may have a higher number and stand behind them.
function putterOf(
  writer: Writer<Table>,
  options: { table: Table; keys: BoardKeys },
): (key: Buffer, value: Buffer) => void {
  const { table, keys } = options
  for (const _key of writer.keys(table, { start: keys.end, limit: 1 }))
    return (key, value) => writer.put(table, key, value)
  return (key, value) => writer.append(table, key, value)
}
