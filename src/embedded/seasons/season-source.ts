/**
 * What the reads of a window are made on: the season that is on, which is another one from its border on,
 * or a given season.
 *
 * A board that is open looks for its season at each read, and keeps what it found until a commit or the
 * border: then a read costs what one of a board does, and a look at the clock.
 *
 * @module
 */

import type { BoardReader } from '../../board/board-reader.ts'
import type { BoardSpec } from '../../domain/settings.ts'
import { noSeason } from '../../domain/windows.ts'
import { NO_BOARD_ID } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import type { Table } from '../../format/tables.ts'
import type { Reader } from '../../store/store.ts'
import type { OpenStore } from '../open-store.ts'
import { isSeasonSealed, sealMicrosOf, seasonAt, type WindowSeason } from './season-at.ts'
import { readerOfSeason, seasonOfWindow } from './season-boards.ts'
import { type BoardWindow, windowNamed } from './windows.ts'

/** A board on one snapshot, whose windows are asked for. */
export interface WindowedBoard {
  reader: Reader<Table>
  /** Its number is 0 if it is not there yet. */
  board: CatalogEntry
  /** The store's clock: the later of the wall clock and the last time that it gave. */
  presentMicros: number
  windows: readonly BoardWindow[]
}

/** Which season of which window is asked for; the one that is on if none is named. */
export interface AskedSeason {
  window: string
  season: string | undefined
}

/** A season as it was found at one instant. */
export interface FoundSeason {
  from: WindowedBoard
  window: BoardWindow
  /** Undefined before the first one of a manual window. */
  season: WindowSeason | undefined
  /** Whether its standing was final. */
  isSealed: boolean
  /** The settings of the season as a board. */
  spec: BoardSpec
  reader: BoardReader
  /** When another season is on; infinite if only a change can begin one. */
  untilMicros: number
}

/** Where the reads of a season come from. */
export interface SeasonSource {
  /** The name of the window. */
  readonly window: string
  /** Returns what is read now. */
  look(): FoundSeason
  /** Whether its standing is final now. */
  isSealed(): boolean
}

/**
 * Returns a season of a board, with what reads it.
 *
 * @throws {LadderError} `NO_WINDOW`, `NO_SEASON`.
 */
export function findSeason(
  context: OpenStore,
  from: WindowedBoard,
  asked: AskedSeason,
): FoundSeason {
  const { reader, board, presentMicros, windows } = from
  const window = windowNamed(windows, asked.window, board.name)
  const on = seasonAt(reader, window, presentMicros)
  const { season: id } = asked
  const season = id === undefined ? on : seasonOfWindow(reader, window, { id, presentMicros })
  if (id !== undefined && season === undefined)
    throw noSeason({ board: board.name, window: asked.window, season: id })
  // A season has no windows of its own.
  const { windows: _, ...settings }: BoardSpec = board
  return {
    ...{ from, window, season },
    isSealed: season !== undefined && isSeasonSealed(window, season, presentMicros),
    spec: {
      ...settings,
      mode: window.spec.mode ?? board.mode,
      keep: window.spec.keep ?? board.keep,
    },
    reader: readerOfSeason(context, reader, { board, window, season }),
    untilMicros: on?.toMicros ?? Number.POSITIVE_INFINITY,
  }
}

/** A season on one snapshot. */
export class FixedSeason implements SeasonSource {
  readonly window: string
  readonly #found: FoundSeason

  constructor(found: FoundSeason) {
    this.window = found.window.spec.name
    this.#found = found
  }

  look(): FoundSeason {
    return this.#found
  }

  isSealed(): boolean {
    return this.#found.isSealed
  }
}

/** A season of a board that is open. */
export class LiveSeason implements SeasonSource {
  readonly #context: OpenStore
  readonly #asked: AskedSeason
  readonly #boardOf: () => WindowedBoard
  #generation = 0
  #found: FoundSeason | undefined

  /** `boardOf` returns the board on the newest snapshot. */
  constructor(context: OpenStore, asked: AskedSeason, boardOf: () => WindowedBoard) {
    this.#context = context
    this.#asked = asked
    this.#boardOf = boardOf
  }

  get window(): string {
    return this.#asked.window
  }

  /** @throws {LadderError} as reads; `NO_WINDOW`, `NO_SEASON`. */
  look(): FoundSeason {
    const { generation } = this.#context.store.current()
    const found = this.#found
    const isSame = found !== undefined && generation === this.#generation
    if (isSame && this.#context.nowMicros() < found.untilMicros) return found
    this.#found = this.#find(isSame ? undefined : found)
    this.#generation = generation
    return this.#found
  }

  // A matter of time: nobody writes anything when it comes.
  isSealed(): boolean {
    const { season, window, isSealed } = this.look()
    if (season?.toMicros === undefined || isSealed) return isSealed
    return this.#context.nowMicros() >= sealMicrosOf(window.spec, season.toMicros)
  }

  // The usual case after a commit: window and season are those of before, and the tree has moved on.
  #find(before: FoundSeason | undefined): FoundSeason {
    const from = this.#boardOf()
    if (before !== undefined && before.reader.boardId !== NO_BOARD_ID) {
      const isThere = before.reader.refresh()
      if (isThere && isStill(before, from)) return { ...before, from }
      // Numbers of seasons never come back.
      if (!isThere) this.#context.forget(before.reader.boardId)
    }
    return findSeason(this.#context, from, this.#asked)
  }
}

function isStill({ window, untilMicros }: FoundSeason, from: WindowedBoard): boolean {
  const isByHand = window.spec.calendar.every === 'manual'
  return !isByHand && from.presentMicros < untilMicros && from.windows.includes(window)
}
