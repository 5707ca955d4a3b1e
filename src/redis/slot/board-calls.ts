/**
 * What questions and changes of a board go through, whether it lies in one slot or in many.
 *
 * @module
 */

import type { ScoreShape } from '../../format/score-shape.ts'
import type { SubmitRequest } from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import type { RulesChange } from './board-rules.ts'
import type { AboutSeasons } from './given-seasons.ts'
import type { RemoteContext } from './remote-context.ts'
import type { AskedOfServer, RemoteSpec } from './remote-settings.ts'
import type { SubmitReply } from './submit-arguments.ts'

/** What is answered: the id of the board, empty if it does not exist, and the answer. */
export interface Replied {
  id: string
  value: unknown
}

/** The same of one slot. */
export interface SlotReplied extends Replied {
  /** How many changes were made in the slot; 0 if the board does not exist. */
  writes: number
}

/** How a change is made. */
export interface WriteOptions {
  /** Whether it may be made again if its answer is lost. */
  isRepeatable?: boolean
  /** Instants whose seasons it needs. */
  micros?: readonly number[]
  /** How many changes metrics count. */
  changes?: number
}

/** The calls of one board, or of one of its partitions, in its slot. */
export interface SlotCalls extends BoardCalls {
  read(question: string, args: readonly ServerArgument[]): Promise<SlotReplied>
  /** Asks the primary. */
  readNow(question: string, args: readonly ServerArgument[]): Promise<SlotReplied>
  /** Makes a change; one that does once what it does, however often it is made, may be made again. */
  write(change: string, args: readonly ServerArgument[], options?: WriteOptions): Promise<Replied>
}

/** What decides which sealed seasons an import fills: see fills.lua. */
export interface SeasonFills {
  /** Returns it for some seasons, as JSON. */
  textFor(seasons: readonly string[]): Promise<string>
  /** Forgets what was decided for some, of which a partition wants a later word. */
  forget(seasons: readonly string[]): void
  /** Forgets what was decided, at the end of the import. */
  end(): Promise<void>
}

/** What submits of one call have in common. */
export interface SubmitList {
  /** Under which all of them are sent. */
  requestId?: string | undefined
}

/** The calls of one board. */
export interface BoardCalls {
  readonly context: RemoteContext
  readonly spec: RemoteSpec
  readonly shape: ScoreShape
  /** The settings that the caller named, of a board that did not exist. */
  readonly asked: AskedOfServer | undefined
  /** Each slot that the board lies in, with calls of its own. */
  readonly slots: readonly SlotCalls[]
  /** Takes other settings for a board that does not exist. */
  adopt(spec: RemoteSpec): void
  /**
   * Asks for the windows that the board has now, and sees to it that it has these. Cost: one round trip.
   *
   * @throws {LadderError} `NO_WINDOW`.
   */
  knowWindows(names: readonly string[]): Promise<void>
  /**
   * Gives the board other windows, and other rules with them. @throws {RefusedByServer} `SETTINGS_DIFFER`,
   * `RULES_DIFFER` if they were altered meanwhile.
   */
  alter(after: RemoteSpec, rules?: RulesChange): Promise<SlotReplied>
  /** Gives the board other rules. @throws {RefusedByServer} `RULES_DIFFER`. */
  alterRules(change: RulesChange): Promise<void>
  /** Asks a question; its answer is what the function of the name answers. */
  read(question: string, args: readonly ServerArgument[]): Promise<Replied>
  /**
   * Asks a question about seasons, of a board with windows. Its first arguments, the seasons that are given and the
   * clock, are put in front of these.
   */
  readSeasons(
    question: string,
    args: readonly ServerArgument[],
    named?: AboutSeasons['named'],
  ): Promise<SlotReplied>
  /** Only of a season: its id as of the last answer, undefined before the first one of a manual window. */
  seasonId?(): string | undefined
  /** Only of a season: in words, like `month 2026-11`, as of the last answer too. */
  seasonName?(): string | undefined
  /** Only of a board in partitions that exists: what decides which seasons an import fills. */
  fillsOf?(run: string): SeasonFills
  /** Makes a change; one that makes the board does so if it is accepted. */
  write(change: string, args: readonly ServerArgument[]): Promise<Replied>
  /**
   * Makes submits, all or nothing in each slot; refusals are those of the function, by the number of the submit.
   * `list` is undefined for a submit by itself.
   */
  submit(submits: readonly SubmitRequest[], list?: SubmitList): Promise<SubmitReply[]>
}
