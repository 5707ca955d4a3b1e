/**
 * The finals of a season that leaves: what each player came to, some in each commit.
 *
 *     players, by id ──► ranks out of the tree ──► finals, by id       on a snapshot ──► in a transaction
 *
 * In the order of the players, as finals lie in that order: a commit writes pages that lie side by side. In the
 * order of ranks each final would be on a page of its own. Ranks hold as long as the tree is the same. Nothing but
 * an erasure changes a season that has left the lists; the walk begins again then.
 *
 * @module
 */

import type { AllRanks } from '../../board/board-reader.ts'
import { commitOf } from '../../board/commit.ts'
import { joinBytes, ownBytes } from '../../format/bytes.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import { encodeFinal, finalKey } from '../../format/people/final.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import { FINALS_CHUNK } from '../../ground/limits.ts'
import { ROOT_ID } from '../../rank/tree-storage.ts'
import type { Pair, Reader, Writer } from '../../store/store.ts'
import { WorkPace } from '../../store/work-pace.ts'
import { listBoards } from '../catalog.ts'
import type { OpenStore } from '../open-store.ts'
import { asSeason } from './season-at.ts'
import { readerOfSeason } from './season-boards.ts'
import { readSeason, type StoredSeason } from './season-records.ts'
import type { BoardWindow } from './windows.ts'

/** Writes the finals of all players of a season; false if it was stopped before the end. */
export async function writeFinals(
  context: OpenStore,
  leaving: { window: BoardWindow; season: StoredSeason },
  isEnded: () => boolean,
): Promise<boolean> {
  const walk = new FinalsWalk(context, leaving)
  while (!isEnded()) {
    if (await walk.step()) return true
  }
  return false
}

/** Walks the players of a season. */
class FinalsWalk {
  readonly #context: OpenStore
  readonly #window: BoardWindow
  readonly #season: StoredSeason
  readonly #keys: BoardKeys
  readonly #reading = new WorkPace(FINALS_CHUNK)
  readonly #writing = new WorkPace(FINALS_CHUNK)
  // The root of the tree out of which the ranks come that were written; undefined at the start.
  #root: Buffer | undefined
  #start: Buffer
  #finals: Pair[] = []
  #isAllRead = false

  constructor(
    context: OpenStore,
    { window, season }: { window: BoardWindow; season: StoredSeason },
  ) {
    this.#context = context
    this.#window = window
    this.#season = season
    this.#keys = new BoardKeys(season.seasonBoardId)
    this.#start = this.#keys.prefix
  }

  /** Writes the finals of the next players; whether those were the last ones. */
  async step(): Promise<boolean> {
    const reader = this.#context.store.current()
    if (readSeason(reader, this.#season) === undefined) return true
    this.#root ??= this.#rootIn(reader)
    if (this.#finals.length === 0 && !this.#isAllRead)
      this.#finals = this.#reading.bite((limit) => this.#read(reader, limit))
    const written = await this.#context.store.write((writer) => this.#write(writer))
    if (written === 'over') return true
    if (written === 'again') this.#beginAgain()
    else this.#finals.splice(0, written)
    return this.#isAllRead && this.#finals.length === 0
  }

  #beginAgain(): void {
    this.#root = undefined
    this.#start = this.#keys.prefix
    this.#finals = []
    this.#isAllRead = false
  }

  #rootIn(reader: Reader<Table>): Buffer | undefined {
    const root = reader.get('ranks', this.#keys.node(ROOT_ID))
    return root && Buffer.from(ownBytes(root))
  }

  // On a snapshot: what takes long holds no writer.
  #read(reader: Reader<Table>, limit: number): Pair[] {
    const board = listBoards(reader).find(({ id }) => id === this.#window.boardId)
    if (board === undefined) return []
    const found = { board, window: this.#window, season: asSeason(this.#season) }
    const ranks = readerOfSeason(this.#context, reader, found)
    const { size } = ranks
    const { end } = this.#keys.all()
    const keys = [...reader.keys('players', { start: this.#start, end, limit })]
    this.#isAllRead = keys.length < limit
    this.#start = joinBytes(keys.at(-1) ?? this.#start, ZERO)
    return keys.flatMap((key) => {
      const playerId = key.toString('utf8', this.#keys.prefix.length)
      const player = ranks.player(playerId)
      if (player === undefined) return []
      return this.#finalOf({ playerId, head: player.record.head, ...ranks.ranksOf(player), size })
    })
  }

  #finalOf(of: AllRanks & { playerId: string; head: Uint8Array; size: number }): Pair {
    const { playerId, ...places } = of
    const { id, startMicros, endMicros = startMicros } = this.#season
    const { boardId, windowId } = this.#window
    const key = finalKey({ boardId, windowId, playerId, startMicros })
    const final = { endMicros, ...places, season: id, others: NO_FIELDS }
    return { key, value: encodeFinal(key, final) }
  }

  // It may run again. Returns how many it wrote.
  #write(writer: Writer<Table>): number | 'over' | 'again' {
    // The board was dropped, or the season is gone already.
    if (readSeason(writer, this.#season) === undefined) return 'over'
    const root = this.#rootIn(writer)
    if (this.#root === undefined || root?.equals(this.#root) !== true) return 'again'
    commitOf(writer).willChange()
    return this.#writing.bite((limit) => {
      const finals = this.#finals.slice(0, limit)
      for (const { key, value } of finals) writer.put('people', key, value)
      return finals.length
    })
  }
}

const ZERO = Buffer.of(0)
