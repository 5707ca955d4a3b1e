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
import { LadderError } from '../../ground/errors.ts'
import type { OpenStore } from '../open-store.ts'
import type { CurrentReader } from '../readers.ts'
import { isSeasonSealed, sealMicrosOf, seasonAt, type WindowSeason } from './season-at.ts'
import { presentOf, readerOfSeason, seasonOfWindow } from './season-boards.ts'
import { type WindowedBoard, windowedBoard } from './windowed-board.ts'
import { type BoardWindow, readWindow, windowNamed } from './windows.ts'

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
  /** The same; if it is refused, what was read last: settings are shown of a closed store too. */
  known(): FoundSeason
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

  known(): FoundSeason {
    return this.#found
  }

  isSealed(): boolean {
    return this.#found.isSealed
  }
}

/** A season of a board that is open. */
export class LiveSeason implements SeasonSource {
  readonly #context: OpenStore
  readonly #source: CurrentReader
  readonly #asked: AskedSeason
  #generation = 0
  #found: FoundSeason | undefined

  constructor(context: OpenStore, source: CurrentReader, asked: AskedSeason) {
    this.#context = context
    this.#source = source
    this.#asked = asked
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
    this.#found = (isSame ? undefined : this.#moved(found)) ?? this.#find()
    this.#generation = generation
    return this.#found
  }

  known(): FoundSeason {
    const before = this.#found
    try {
      return this.look()
    } catch (error) {
      if (before !== undefined && error instanceof LadderError) return before
      throw error
    }
  }

  // A matter of time: nobody writes anything when it comes.
  isSealed(): boolean {
    const { season, window, isSealed } = this.look()
    if (season?.toMicros === undefined || isSealed) return isSealed
    return this.#context.nowMicros() >= sealMicrosOf(window, season.toMicros)
  }

  #find(): FoundSeason {
    return findSeason(this.#context, windowedBoard(this.#context, this.#source), this.#asked)
  }

  // The usual case after a commit: window and season are those of before, and the tree has moved on.
  #moved(before: FoundSeason | undefined): FoundSeason | undefined {
    if (before === undefined || before.reader.boardId === NO_BOARD_ID) return undefined
    const isThere = before.reader.refresh()
    // Numbers of seasons never come back.
    if (!isThere) this.#context.forget(before.reader.boardId)
    return isThere && this.#isStill(before) ? before : undefined
  }

  // A board that is dropped takes its windows with it, and a window that is read again from the same bytes is
  // the same object.
  #isStill({ window, untilMicros }: FoundSeason): boolean {
    if (window.spec.calendar.every === 'manual') return false
    const reader = this.#context.store.current()
    if (readWindow(reader, window) !== window) return false
    return presentOf(reader, this.#context.nowMicros()) < untilMicros
  }
}
