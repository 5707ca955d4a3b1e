/**
 * The windows of boards and their seasons: invariants 6 and 22 to 25 of FORMAT.md.
 *
 * What is damaged is told and left out: the rest of a board is looked at all the same.
 *
 * @module
 */

import { sealMicrosOf } from '../embedded/seasons/season-at.ts'
import { FIRST_BOARD_ID, NO_BOARD_ID, type Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import {
  decodeSeason,
  SEASONS_END,
  SEASONS_START,
  type SeasonPlace,
  type SeasonRecord,
  seasonKey,
  seasonPlaceOf,
} from '../format/meta/season.ts'
import {
  isSeasonDue,
  SEASON_DUES_END,
  SEASON_DUES_START,
  type SeasonDue,
  seasonDueOf,
} from '../format/meta/season-due.ts'
import {
  decodeWindow,
  WINDOWS_END,
  WINDOWS_START,
  type WindowPlace,
  type WindowRecord,
  windowPlaceOf,
} from '../format/meta/window.ts'
import { decodeFinal, FINALS_END, FINALS_START, finalPlaceOf } from '../format/people/final.ts'
import { printKey } from '../format/print.ts'
import type { Pair, Reader } from '../store/store.ts'
import type { Finding } from '../words/index.ts'
import { dueProblem, missingDues } from './check-dues.ts'
import { INVARIANT } from './invariants.ts'
import { NO_SUCH_BOARD } from './strays.ts'

type Found = Omit<Finding, 'board'> & { board?: string | undefined }

/** A season as a board. */
export interface SeasonBoard extends CatalogEntry {
  /** The number of the board whose season it is. */
  parentId: number
  /** Whether bans and their ends may pass it by: it is going, or was over when the store last gave a time. */
  isOver: boolean
  /** Entries have times from the first up to the second, which is not one of them. */
  startMicros: number
  endMicros: number
  /** Whether its standing is final, or it is going: what the window keeps since holds for the others alone. */
  isFinal: boolean
  /** Whether all who have an entry must be stored for the board too. */
  isOfBoard: boolean
}

interface Season extends SeasonPlace, SeasonRecord {
  place: string
}

type Window = WindowPlace & WindowRecord

const DAMAGED = { invariant: INVARIANT.FORM, problem: 'it is damaged' }
const NO_SUCH_WINDOW = 'no such window is stored'

/** The windows and seasons of a store, as far as they can be read. */
export class SeasonCheck {
  readonly #reader: Reader<Table>
  readonly #boards: ReadonlyMap<number, CatalogEntry>
  readonly #windows = new Map<string, Window>()
  readonly #seasons: Season[] = []
  readonly #found: Found[] = []

  constructor(reader: Reader<Table>, boards: readonly CatalogEntry[]) {
    this.#reader = reader
    this.#boards = new Map(boards.map((board) => [board.id, board]))
    this.#readWindows()
    this.#readSeasons()
  }

  /** Returns the seasons that have a number, of boards and windows that are there. */
  boards(lastMicros: number): SeasonBoard[] {
    return this.#seasons.flatMap((season) => {
      const board = this.#boards.get(season.boardId)
      const window = this.#windows.get(nameOf(season))
      if (board === undefined || window === undefined || season.seasonBoardId === NO_BOARD_ID)
        return []
      const { id, startMicros, endMicros = Number.POSITIVE_INFINITY } = season
      const { retiredBeforeMicros = startMicros, isGone, spec } = window
      const isGoing = isGone || startMicros < retiredBeforeMicros
      // The present itself may be one behind the last time.
      const isFinal = season.state === 'sealed' || sealMicrosOf(window, endMicros) <= lastMicros + 1
      return {
        ...{ name: board.name, id: season.seasonBoardId, shape: board.shape, log: 'none' },
        ...{ mode: window.spec.mode ?? board.mode, keep: window.spec.keep ?? board.keep },
        ...{ season: { window: window.spec.name, id }, parentId: board.id },
        isOver: endMicros <= lastMicros || season.state === 'sealed' || isGoing,
        startMicros,
        // A time ahead of its submit may lie behind the end that a call gave to the season soon after.
        endMicros: spec.calendar.every === 'manual' ? Number.POSITIVE_INFINITY : endMicros,
        isFinal: isGoing || isFinal,
        isOfBoard: !isGoing && !isFinal && board.keep === undefined,
      } satisfies SeasonBoard
    })
  }

  /** Yields what is wrong, and undefined now and then, so that others get their turns. */
  *problems(nextBoardId: number): Generator<Found | undefined> {
    yield* this.#found
    yield* this.#windowProblems()
    yield* this.#seasonProblems()
    yield* this.#numberProblems(nextBoardId)
    yield* this.#dueProblems()
    yield* this.#finalProblems()
  }

  #readWindows(): void {
    const range = { start: WINDOWS_START, end: WINDOWS_END }
    for (const { key, value } of this.#reader.pairs('meta', range)) {
      const place = windowPlaceOf(key)
      const window = decodeWindow(key, value)
      if (place !== undefined && window !== undefined)
        this.#windows.set(nameOf(place), { ...place, ...window })
      else this.#found.push({ ...DAMAGED, place: printKey('meta', key) })
    }
  }

  #readSeasons(): void {
    const range = { start: SEASONS_START, end: SEASONS_END }
    for (const { key, value } of this.#reader.pairs('meta', range)) {
      const place = seasonPlaceOf(key)
      const season = decodeSeason(key, value)
      if (place !== undefined && season !== undefined)
        this.#seasons.push({ ...place, ...season, place: printKey('meta', key) })
      else this.#found.push({ ...DAMAGED, place: printKey('meta', key) })
    }
  }

  // (22) A window is of a board, and alone has its name there.
  *#windowProblems(): Generator<Found> {
    const names = new Set<string>()
    for (const { boardId, windowId, spec, isGone } of this.#windows.values()) {
      const at = { invariant: INVARIANT.WINDOWS, place: `window ${windowId} of board ${boardId}` }
      if (!this.#boards.has(boardId)) yield { ...at, problem: NO_SUCH_BOARD }
      if (isGone) continue
      const name = `${boardId} ${spec.name}`
      if (names.has(name)) yield { ...at, problem: `another window has its name "${spec.name}"` }
      names.add(name)
    }
  }

  // (23) They come in the order of time, those of one window together.
  *#seasonProblems(): Generator<Found | undefined> {
    const invariant = INVARIANT.SEASONS
    const ids = new Set<string>()
    let last: Season | undefined
    for (const season of this.#seasons) {
      const { place, id, startMicros, endMicros } = season
      if (!this.#windows.has(nameOf(season))) yield { invariant, place, problem: NO_SUCH_WINDOW }
      if (endMicros !== undefined && endMicros <= startMicros)
        yield { invariant, place, problem: 'it ends before it begins' }
      const isSame = last !== undefined && nameOf(last) === nameOf(season)
      if (!isSame) ids.clear()
      else if ((last?.endMicros ?? Number.POSITIVE_INFINITY) > startMicros)
        yield { invariant, place, problem: `season "${last?.id}" before it has not ended by then` }
      if (ids.has(id)) yield { invariant, place, problem: `another season has its id "${id}"` }
      ids.add(id)
      last = season
      yield undefined
    }
  }

  // (6) The number of a season is not another's.
  *#numberProblems(nextBoardId: number): Generator<Found> {
    const invariant = INVARIANT.BOARD_NUMBER
    const seen = new Map<number, string>()
    for (const { seasonBoardId: id, place } of this.#seasons) {
      if (id === NO_BOARD_ID) continue
      const other = this.#boards.get(id)
      if (other !== undefined) {
        const problem = `its number ${id} is that of the board too`
        yield { invariant, board: other.name, place, problem }
      }
      const before = seen.get(id)
      if (before !== undefined)
        yield { invariant, place, problem: `its number ${id} is that of another: ${before}` }
      if (id >= nextBoardId) {
        const given = `${FIRST_BOARD_ID} to ${nextBoardId - 1} were given`
        yield { invariant, place, problem: `its board number is ${id}, numbers ${given}` }
      }
      seen.set(id, place)
    }
  }

  // (24) What is to come of a season is noted, and nothing else is.
  *#dueProblems(): Generator<Found | undefined> {
    const invariant = INVARIANT.SEASON_DUES
    const dues = new Map<string, SeasonDue[]>()
    const byPlace = new Map(this.#seasons.map((season) => [placeName(season), season]))
    const range = { start: SEASON_DUES_START, end: SEASON_DUES_END }
    for (const pair of this.#reader.pairs('meta', range)) {
      const due = seasonDueOf(pair.key)
      const place = printKey('meta', pair.key)
      if (due === undefined || !isSeasonDue(pair.key, pair.value)) {
        yield { ...DAMAGED, place }
        continue
      }
      const isKnown = this.#windows.has(nameOf(due))
      const problem = isKnown ? dueProblem(due, byPlace.get(placeName(due))) : NO_SUCH_WINDOW
      yield problem === undefined ? undefined : { invariant, place, problem }
      addTo(dues, nameOf(due), due)
    }
    const seasons = new Map<string, Season[]>()
    for (const season of this.#seasons) addTo(seasons, nameOf(season), season)
    for (const [name, window] of this.#windows) {
      const all = { window, seasons: seasons.get(name) ?? [], dues: dues.get(name) ?? [] }
      for (const { season, problem } of missingDues(all))
        yield { invariant, place: printKey('meta', seasonKey(season)), problem }
      yield undefined
    }
  }

  // (25) A final is of a season that was taken away.
  *#finalProblems(): Generator<Found | undefined> {
    const range = { start: FINALS_START, end: FINALS_END }
    for (const pair of this.#reader.pairs('people', range)) yield this.#finalProblem(pair)
  }

  #finalProblem({ key, value }: Pair): Found | undefined {
    const invariant = INVARIANT.FINALS
    const at = finalPlaceOf(key)
    const place = printKey('people', key)
    if (at === undefined) return { ...DAMAGED, place }
    const board = this.#boards.get(at.boardId)
    // Those of a dropped board go with its keys.
    if (board === undefined) return undefined
    const final = decodeFinal(key, value, board.shape.headBytes)
    if (final === undefined) return { ...DAMAGED, place, board: board.name }
    const window = this.#windows.get(nameOf(at))
    if (window === undefined) return { invariant, place, problem: NO_SUCH_WINDOW }
    const { ordinal, competition, dense, size } = final
    if ([ordinal, competition, dense].some((rank) => rank === 0 || rank > size))
      return { invariant, place, problem: `a rank is not from 1 to ${size}` }
    const retiredBefore = window.retiredBeforeMicros ?? Number.NEGATIVE_INFINITY
    return window.isGone || at.startMicros < retiredBefore
      ? undefined
      : { invariant, place, problem: 'its season was not taken away' }
  }
}

function addTo<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name)
  if (list === undefined) lists.set(name, [item])
  else list.push(item)
}

function nameOf({ boardId, windowId }: WindowPlace): string {
  return `${boardId} ${windowId}`
}

function placeName(place: SeasonPlace): string {
  return `${nameOf(place)} ${place.startMicros}`
}
