/**
 * The windows of a board on a server: its seasons, those that are on and those that are over.
 *
 * @module
 */

import { checkOneSide } from '../../calls/one-side.ts'
import { checkArguments, checkCall } from '../../calls/options.ts'
import { noSeason, seasonExists } from '../../domain/windows.ts'
import { toMs } from '../../format/time.ts'
import { LadderError } from '../../ground/errors.ts'
import type {
  FinalsOptions,
  Score,
  SeasonFinal,
  SeasonInfo,
  SeasonsOptions,
  StartedSeason,
  WindowInfo,
  WindowSpec,
} from '../../words/index.ts'
import { headOf, numberOf } from '../client/replies.ts'
import { RefusedByServer } from '../slot/board-caller.ts'
import type { BoardCalls } from '../slot/board-calls.ts'
import { SeasonCalls, type SeasonReply, toldSeason } from '../slot/season-calls.ts'
import { type WindowsReply, windowsTold } from '../slot/told-windows.ts'
import { knowsWindows, leftOutError, windowNamedIn } from '../slot/window-words.ts'
import { RemoteLive } from './remote-live.ts'
import { RemoteWindow } from './remote-window.ts'
import { type PagedSeason, pageBack, pageOnward, type SeasonSpan } from './season-pages.ts'

const LIMIT_DEFAULT = 50

type SeasonsReply = [
  ...[present: Buffer, since: Buffer, floor: Buffer, sealedEnd: Buffer, place: Buffer],
  seasons: [SeasonReply, size: number][],
  /** If that is not the present: in partitions, by when a season must be over to be sealed in all. */
  sealedMicros?: number,
]
type FinalReply = [SeasonReply, record: Buffer, rank: number, size: number]

/** A board on a server with its windows; scores are of type `S`. */
export class RemoteWindows<S extends Score = number> extends RemoteLive<S> {
  readonly #caller: BoardCalls

  /** @internal */
  constructor(caller: BoardCalls) {
    super(caller)
    this.#caller = caller
  }

  /**
   * Resolves with the windows of the board and the season of each that is on, as `Leaderboard.windows`. Cost:
   * one round trip; none if the board has no windows.
   *
   * @throws {LadderError} as every read, see {@link RemoteQuestions}.
   * @example
   * const arena = await store.board('arena', { mode: 'best', windows: ['month'] })
   * await arena.submit('ada', 900)
   * const [{ window }] = await arena.windows()
   * window // 'month'
   */
  async windows(): Promise<WindowInfo[]> {
    checkArguments('windows', arguments)
    const caller = this.#caller
    for (;;) {
      const { windows = [] } = caller.spec
      if (windows.length === 0) await caller.knowWindows([])
      // Another process may have added some, or dropped the board.
      if ((caller.spec.windows ?? []).length === 0) return []
      const { value } = await caller.readSeasons('windows', [])
      const told = windowsTold(caller.spec, value as WindowsReply)
      // They may have been altered since they were told.
      if (told !== undefined) return told
    }
  }

  /**
   * Resolves with a season of a window as a board of its own to read, as `Leaderboard.window`: the season of
   * this id, or without an id the one that is on at each read. Cost: one round trip. On a board of several partitions
   * each read first asks the home of the board for the season, which takes one round trip more.
   *
   * @throws {LadderError} `NO_WINDOW`; `NO_SEASON` if there is no season of this id, if it has not begun, or if
   *   it left by `retain`; and as every read, see {@link RemoteQuestions}.
   * @example
   * const arena = await store.board('arena', { mode: 'best', windows: ['month'] })
   * await arena.submit('ada', 900)
   * const month = await arena.window('month')
   * await month.rank('ada') // 1
   * month.sealed // false
   */
  async window(window: string, season?: string): Promise<RemoteWindow<S>> {
    if (window === undefined) throw await this.#leftOut('read a season')
    checkArguments('window', arguments)
    if (!knowsWindows(this.#caller.spec, [window])) await this.#caller.knowWindows([window])
    const seasons = new SeasonCalls(this.#caller, { window, season })
    await seasons.read('rows', [0, 0, 'ordinal'])
    return new RemoteWindow<S>(seasons)
  }

  /**
   * Resolves with the seasons of a window, newest first, as `Leaderboard.seasons`. Cost: one round trip.
   *
   * @throws {LadderError} `NO_WINDOW`; `NO_SEASON` for `after` or `before`; and as every read, see {@link
   *   RemoteQuestions}.
   * @example
   * const arena = await store.board('arena', { windows: [{ name: 'cup', every: 'manual', graceMs: 0 }] })
   * await arena.startSeason('cup', 'spring')
   * await arena.startSeason('cup', 'summer')
   * const [newest] = await arena.seasons('cup')
   * newest.season // 'summer'
   */
  async seasons(window: string, options?: SeasonsOptions): Promise<SeasonInfo[]> {
    if (window === undefined) throw await this.#leftOut('list seasons')
    const asked = checkCall('seasons', [window], options)
    const { limit = LIMIT_DEFAULT } = asked
    checkOneSide(asked, 'season')
    const { side, id } = pageFrom(asked)
    if (!knowsWindows(this.#caller.spec, [window])) await this.#caller.knowWindows([window])
    const args = [window, id ?? '', side, limit + 1]
    const named = id === undefined ? undefined : { window, id }
    const reply = await this.#found(() => this.#caller.readSeasons('seasons', args, named), {
      window,
      id,
    })
    return pageOf(windowNamedIn(this.#caller.spec, window), reply as SeasonsReply, { side, limit })
  }

  /**
   * Resolves with what a player came to in each sealed season of a window, newest first, as
   * `Leaderboard.finals`. If the window has `finals`, the server keeps the entries of seasons that left for it.
   * Cost: a round trip for each 1,000 seasons, O(log n) a season.
   *
   * @throws {LadderError} `NO_WINDOW`; `NO_SEASON` for `after` or `before`; and as every read, see {@link
   *   RemoteQuestions}.
   * @example
   * const arena = await store.board('arena', { windows: [{ name: 'cup', every: 'manual', graceMs: 0 }] })
   * await arena.startSeason('cup', 'spring')
   * await arena.submit('ada', 900)
   * await arena.startSeason('cup', 'summer')
   * const [{ season, rank }] = await arena.finals('ada', 'cup')
   * rank // 1
   */
  async finals(
    playerId: string,
    window: string,
    options?: FinalsOptions,
  ): Promise<SeasonFinal<S>[]> {
    if (window === undefined) throw await this.#leftOut('list finals')
    const asked = checkCall('finals', [playerId, window], options)
    const { limit = LIMIT_DEFAULT, rankMode = 'ordinal' } = asked
    checkOneSide(asked, 'season')
    const { side, id } = pageFrom(asked)
    if (!knowsWindows(this.#caller.spec, [window])) await this.#caller.knowWindows([window])
    const named = id === undefined ? undefined : { window, id }
    const found: FinalReply[] = []
    for (let place = ''; ; ) {
      const args = [window, playerId, rankMode, side, place, limit - found.length]
      const from = place === '' ? (id ?? '') : ''
      const reply = await this.#found(
        () => this.#caller.readSeasons('finals', [...args, from], named),
        { window, id },
      )
      const [next, finals] = reply as [Buffer, FinalReply[]]
      found.push(...finals)
      place = next.toString()
      if (place === '' || found.length >= limit) break
    }
    const finals = found.map((one) => this.#finalOf(one))
    return side === '<' ? finals : finals.reverse()
  }

  /**
   * Begins a season of a window whose `every` is `manual`, as `Leaderboard.startSeason`; resolves with the
   * season and when it began. A board that does not exist is made first, if it was asked for with windows.
   * Cost: one round trip, some more if it makes the board.
   *
   * On a board of several partitions it takes five round trips, in three of which changes to the board wait. If a
   * partition cannot be reached, no season begins; if the caller dies half way, the next change that meets what is left
   * finishes it.
   *
   * @throws {TypeError} if the calendar of the window begins its seasons.
   * @throws {LadderError} `SEASON_EXISTS`, `NO_WINDOW`, and as `RemoteBoard.submit`.
   * @example
   * const arena = await store.board('arena', { windows: [{ name: 'cup', every: 'manual' }] })
   * const { season } = await arena.startSeason('cup', 'spring')
   * season // 'spring'
   */
  async startSeason(window: string, season: string): Promise<StartedSeason> {
    if (window === undefined) throw await this.#leftOut('start a season')
    checkArguments('startSeason', arguments)
    const { name: board } = this
    // A manual window that is known is not waited for. For any other, the board itself is asked.
    if (!this.#isManual(window)) await this.#caller.knowWindows([window])
    if (!this.#isManual(window))
      throw new TypeError(
        `Cannot start a season of window "${window}" of board "${board}": its seasons begin by its calendar; only those of a manual window are started`,
      )
    try {
      const { value } = await this.#caller.write('start_season', [window, season])
      return { season, from: toMs(numberOf(value as Buffer)) }
    } catch (error) {
      if (!(error instanceof RefusedByServer)) throw error
      if (error.code === 'CLOCK') throw clockError()
      throw seasonExists({ board, window, season })
    }
  }

  #isManual(window: string): boolean {
    const { windows = [] } = this.#caller.spec
    return windows.some(({ name, calendar }) => name === window && calendar.every === 'manual')
  }

  // By the windows that the board has now, if it is there.
  async #leftOut(action: string): Promise<TypeError> {
    await this.#caller.knowWindows([])
    return leftOutError(action, this.#caller.spec)
  }

  #finalOf([season, record, rank, size]: FinalReply): SeasonFinal<S> {
    const { season: id, fromMicros, toMicros = fromMicros } = toldSeason(season)
    const { score, atMicros } = headOf(record, this.#caller.shape)
    const span = { season: id, from: toMs(fromMicros), to: toMs(toMicros) }
    return { ...span, score: score as S, at: toMs(atMicros), rank, size }
  }

  async #found(
    ask: () => Promise<{ value: unknown }>,
    { window, id }: { window: string; id: string | undefined },
  ): Promise<unknown> {
    try {
      return (await ask()).value
    } catch (error) {
      if (!(error instanceof RefusedByServer) || error.code !== 'NO_SEASON') throw error
      throw noSeason({ board: this.name, window, season: id as string })
    }
  }
}

/** Returns the error of a time that cannot be stored. */
export function clockError(): LadderError {
  return new LadderError(
    'CLOCK',
    'Cannot give the change a time: the clock of the server, or the last time that was given, is beyond what can be stored; set the clock right',
  )
}

function pageFrom({ after, before }: SeasonsOptions): { side: '<' | '>'; id: string | undefined } {
  return { side: before === undefined ? '<' : '>', id: after ?? before }
}

function pageOf(
  spec: WindowSpec,
  reply: SeasonsReply,
  { side, limit }: { side: '<' | '>'; limit: number },
): SeasonInfo[] {
  const [present, since, floor, sealedEnd, place, seasons, sealedMicros] = reply
  const stored = seasons.map(([season, size]) => pagedOf(season, size))
  const presentMicros = numberOf(present)
  const span: SeasonSpan = {
    ...{ calendar: spec.calendar, presentMicros, sinceMicros: numberOf(since) },
    stored: stored.sort((a, b) => a.fromMicros - b.fromMicros),
    floorMicros: floor.length === 0 ? Number.NEGATIVE_INFINITY : numberOf(floor),
  }
  const sealedBy = sealedEnd.length === 0 ? Number.NEGATIVE_INFINITY : numberOf(sealedEnd)
  const from = numberOf(place)
  const page = [...taken(side === '<' ? pageBack(span, from) : pageOnward(span, from), limit)]
  const newestFirst = side === '<' ? page : page.reverse()
  return newestFirst.map(({ id, fromMicros, toMicros, size }) => {
    const isOpen = toMicros === Number.POSITIVE_INFINITY
    const nowMicros = sealedMicros ?? presentMicros
    const sealed = toMicros <= sealedBy || nowMicros >= toMicros + spec.graceMs * 1000
    return {
      season: id,
      from: toMs(fromMicros),
      to: isOpen ? undefined : toMs(toMicros),
      sealed,
      size,
    }
  })
}

function* taken<T>(all: Iterable<T>, limit: number): Generator<T> {
  let count = 0
  for (const one of all) {
    yield one
    if (++count === limit) return
  }
}

function pagedOf(reply: SeasonReply, size: number): PagedSeason {
  const { season: id, fromMicros, toMicros = Number.POSITIVE_INFINITY } = toldSeason(reply)
  return { id, fromMicros, toMicros, size }
}
