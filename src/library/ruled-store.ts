/**
 * What holds for boards and players of a store and can be altered at any time: rules, settings, profiles.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { checkArguments, checkCall } from '../calls/options.ts'
import { checkProfile, checkStoreAlteration, copyOfParts, refuseSecond } from '../calls/rules.ts'
import { applyChange, makeChange } from '../embedded/apply.ts'
import { freeNames, ownAllNames } from '../embedded/moderation/names.ts'
import { profileOf, readProfile } from '../embedded/moderation/profiles.ts'
import { readSettings } from '../embedded/moderation/store-settings.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type {
  AlteredBoard,
  BoardAlteration,
  Profile,
  ProfileOptions,
  ResolveOptions,
  StoreAlteration,
  StoreSettings,
  Verdict,
} from '../words/index.ts'
import { Moderation } from './moderation.ts'

/** The rules, settings and profiles of a store. */
export class RuledStore extends Moderation {
  readonly #context: OpenStore

  /** @internal */
  constructor(context: OpenStore) {
    super(context)
    this.#context = context
  }

  /**
   * Alters the rules of a board, or, without a board, the settings of the whole store; resolves, when it is
   * durable, with all that hold from then on, and, if windows are named, with those of the board. They hold for every process at once. What is not named stays;
   * null takes a rule away, or brings a setting back to its default.
   *
   * Rules of a board, each of them optional: `min` and `max`, both included, of the score that a submit
   * comes to; `maxGain: { by, action: 'flag' | 'refuse' }`; `perMinute`, submits of one player in any 60
   * seconds, counted for each id: a move takes none along, and an erasure forgets them; `players: 'known'`,
   * those with a profile; `tiers`; `writes: 'closed'`. Of several columns the first counts. Imports go by
   * `writes` alone, unless they say `rules: true`.
   *
   * Settings of the store: `retention: { days, bytes }` of the log, `requests: { days, count }`, `names:
   * 'unique'`, `writes`. To make names unique reads every player once, and is refused if several have one
   * name. Cost: a share of a disk sync; `names` O(n), in one transaction for which others wait.
   *
   * @throws {TypeError | RangeError} for rules that the board cannot have.
   * @throws {LadderError} `NO_BOARD`, `NAME_TAKEN`; of windows `NO_WINDOW`, `SETTINGS_DIFFER`, `LOG_OFF`; and
   *   those of writes.
   * @example
   * await store.createBoard('arena')
   * await store.alter('arena', { max: 5000, perMinute: 10 })
   * await store.alter('arena', { max: null }) // { perMinute: 10 }
   * (await store.alter({ writes: 'closed' })).writes // 'closed'
   */
  alter(settings: StoreAlteration): Promise<StoreSettings>
  alter(board: string, rules: BoardAlteration): Promise<AlteredBoard>
  async alter(
    target: string | StoreAlteration,
    rules?: BoardAlteration,
  ): Promise<AlteredBoard | StoreSettings> {
    if (typeof target === 'object') {
      refuseSecond(rules)
      return this.#alterStore(target)
    }
    // Copied, as it is used later.
    const alteration = copyOfParts(checkCall('alter', [target, rules], rules))
    return makeChange(this.#context, { kind: 'alter', board: target, alteration })
  }

  async #alterStore(given: StoreAlteration): Promise<StoreSettings> {
    const alteration = copyOfParts(checkStoreAlteration(given))
    const change = { kind: 'alterStore', alteration } as const
    const { names } = change.alteration
    if (names === undefined) return makeChange(this.#context, change)
    const { store } = this.#context
    return store.writeAlone(async (writer) => {
      const isUnique = readSettings(writer).names === 'unique'
      if (names === 'unique' && !isUnique) await ownAllNames(writer, nextTurn)
      if (names !== 'unique' && isUnique) freeNames(writer)
      return applyChange(this.#context, writer, change)
    })
  }

  /**
   * Returns the settings of the store, those that were never altered included. Cost: one read.
   *
   * @throws {LadderError} `CLOSED`; `CORRUPT` if they are damaged.
   * @example
   * store.settings().names // 'free'
   */
  settings(): StoreSettings {
    checkArguments('settings', arguments)
    return readSettings(this.#context.store.current())
  }

  /**
   * Sets what is known of a player, whatever the board; resolves with the profile when it is durable. What is
   * not named stays, null takes it away, and `metadata` takes the place of the old one.
   *
   * Once there is a profile, its name is the one that every board shows: this call, `rename` and the name of
   * a submit all set it, on all boards in one transaction. A profile that is made without a name takes the
   * one of the player's newest entry. Cost: O(boards) if the name changes.
   *
   * @throws {LadderError} `NAME_TAKEN` if names are unique and somebody else has it; those of writes.
   * @example
   * await store.board('arena').submit('p17', 900)
   * await store.setProfile('p17', { name: 'Ada', avatar: 'https://example.com/ada.png' })
   * store.board('arena').get('p17').name // 'Ada'
   */
  async setProfile(playerId: string, profile?: ProfileOptions): Promise<Profile> {
    const change = checkProfile(arguments, profile)
    return makeChange(this.#context, { kind: 'profile', playerId, change })
  }

  /**
   * Resolves the flag of a run that a rule took for review: it is accepted as it is, or taken back as by
   * `undo`, in the same change. Resolves with whether there was an open flag of this `seq`, when that is
   * durable; `log({ flagged: true })` lists them, but for those that are undone already. Who resolved it, and
   * why, stands in the log. Cost: a share of a disk sync, and that of an undo.
   *
   * @throws {LadderError} `LOG_TRIMMED`, `INEXACT` if it cannot be undone, and those of writes; nothing is
   *   changed then.
   * @example
   * await store.createBoard('arena')
   * await store.alter('arena', { maxGain: { by: 100, action: 'flag' } })
   * await store.board('arena').submit('ada', 5000, { mode: 'increment' })
   * const [run] = store.log({ flagged: true }).records
   * await store.resolve(run.seq, { verdict: 'accepted', actor: 'kim' }) // true
   */
  async resolve(seq: number, options: ResolveOptions): Promise<boolean> {
    const { verdict, reason, actor } = checkCall('resolve', arguments, options)
    const words = { ...(reason !== undefined && { reason }), ...(actor !== undefined && { actor }) }
    const change = { kind: 'resolve', seq, verdict: verdict as Verdict, ...words } as const
    return makeChange(this.#context, change)
  }

  /**
   * Returns the profile of a player, or undefined. Cost: one read.
   *
   * @throws {LadderError} `CLOSED`; `CORRUPT` if it is damaged.
   * @example
   * await store.setProfile('p17', { name: 'Ada' })
   * store.profile('p17') // { playerId: 'p17', name: 'Ada' }
   */
  profile(playerId: string): Profile | undefined {
    checkArguments('profile', arguments)
    const record = readProfile(this.#context.store.current(), playerId)
    return record && profileOf(playerId, record)
  }
}
