/**
 * Calls of a season of a board on a server. Each is a question to the board.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { noSeason } from '../../domain/windows.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import type { ServerArgument } from '../client/connection.ts'
import { RefusedByServer } from './board-caller.ts'
import type { BoardCalls, SlotCalls, SlotReplied } from './board-calls.ts'
import { unsupported } from './refused-calls.ts'
import type { RemoteSpec } from './remote-settings.ts'
import type { SubmitReply } from './submit-arguments.ts'

/** A season as the functions tell it: id, from, to, whether it is sealed. */
export type SeasonReply = [id: Buffer, from: Buffer, to: Buffer, isSealed: number]

/** A season, as the last answer told it. */
export interface RemoteSeason {
  season: string
  fromMicros: number
  /** Undefined: it goes on until the next one is started. */
  toMicros: number | undefined
  sealed: boolean
}

/** Returns a season that a function told. */
export function toldSeason([id, from, to, isSealed]: SeasonReply): RemoteSeason {
  return {
    season: id.toString(),
    fromMicros: Number(from.toString()),
    toMicros: to.length === 0 ? undefined : Number(to.toString()),
    sealed: isSealed === 1,
  }
}

/** Which season of a window is read; the one that is on if none is named. */
export interface WantedSeason {
  window: string
  season: string | undefined
}

/** Calls of a season. */
export class SeasonCalls implements SlotCalls {
  readonly context: BoardCalls['context']
  readonly wanted: WantedSeason
  readonly asked = undefined
  told: RemoteSeason | undefined
  readonly #board: BoardCalls

  constructor(board: BoardCalls, wanted: WantedSeason) {
    this.context = board.context
    this.wanted = wanted
    this.#board = board
  }

  /** As the window is now: it may be altered. A season has no windows of its own. */
  get spec(): RemoteSpec {
    const { windows = [], numbered: _, ...spec } = this.#board.spec
    const window = windows.find(({ name }) => name === this.wanted.window)
    return { ...spec, mode: window?.mode ?? spec.mode, keep: window?.keep ?? spec.keep }
  }

  get shape(): ScoreShape {
    return this.#board.shape
  }

  get slots(): readonly SlotCalls[] {
    return [this]
  }

  seasonId(): string | undefined {
    return this.told?.season
  }

  seasonName(): string | undefined {
    return this.told && `${this.wanted.window} ${this.told.season}`
  }

  /** @throws {LadderError} `NO_WINDOW`, `NO_SEASON`. */
  async read(question: string, args: readonly ServerArgument[]): Promise<SlotReplied> {
    const { window, season: id } = this.wanted
    const about = [window, id ?? '', question, ...args]
    const named = id === undefined ? undefined : { window, id }
    const {
      id: boardId,
      value,
      writes,
    } = await this.#refusing(() => this.#board.readSeasons('in_season', about, named))
    const [season, answer] = value as [SeasonReply | null, unknown]
    this.told = season === null ? undefined : toldSeason(season)
    return { id: this.#placeId(boardId), value: answer, writes }
  }

  readNow(): Promise<SlotReplied> {
    throw notOfSeasons()
  }

  readSeasons(): Promise<SlotReplied> {
    throw notOfSeasons()
  }

  knowWindows(): Promise<void> {
    throw notOfSeasons()
  }

  alter(): Promise<SlotReplied> {
    throw notOfSeasons()
  }

  alterRules(): Promise<void> {
    throw notOfSeasons()
  }

  adopt(): never {
    throw notOfSeasons()
  }

  write(): Promise<SlotReplied> {
    throw notOfSeasons()
  }

  submit(): Promise<SubmitReply[]> {
    throw notOfSeasons()
  }

  async #refusing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof RefusedByServer) || error.code !== 'NO_SEASON') throw error
      const { window, season = '' } = this.wanted
      throw noSeason({ board: this.spec.name, window, season })
    }
  }

  // A cursor of one season is refused by every other season.
  #placeId(boardId: string): string {
    const names = [boardId, this.wanted.window, this.told?.season ?? '']
    return createHash('sha256').update(names.join('\0')).digest('hex').slice(0, PLACE_ID_LENGTH)
  }
}

const PLACE_ID_LENGTH = 16

function notOfSeasons(): Error {
  return unsupported('change a season', 'a season changes with its board; change the board')
}
