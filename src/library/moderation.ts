/**
 * What a store knows of who may not be seen: bans.
 *
 * @module
 */

import { checkArguments, checkCall } from '../calls/options.ts'
import { microsOfAt, timeOf } from '../calls/times.ts'
import { makeChange } from '../embedded/apply.ts'
import { listBans } from '../embedded/moderation/bans.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { Ban, BanAnswer, BanOptions, UnbanOptions } from '../words/index.ts'
import { StoreLog } from './store-log.ts'

/** The moderation of a store. */
export class Moderation extends StoreLog {
  readonly #context: OpenStore

  /** @internal */
  constructor(context: OpenStore) {
    super(context)
    this.#context = context
  }

  /**
   * Takes a player out of sight on every board, those made later too, or on one: nothing shows or counts the
   * player, and ranks close up. One change; resolves, when it is durable, with the ban and the boards that
   * the player left. The entries are kept, and come back with `unban` or at `until` as they were. A player
   * who is unknown, or banned already, can be banned; a second ban takes the place of the first and keeps
   * its `since`. Nobody comes back to a board of the best because of a ban.
   *
   * Submits of the player are refused with `BANNED`, or with `submits: 'keep'` go on unseen and are answered
   * without ranks. Imports store the player unseen. Cost: two reads a board, and O(log n) for each board
   * that has an entry; afterwards a read for each submit to the store.
   *
   * @throws {RangeError} if `until` is not later than now.
   * @throws {LadderError} `NO_BOARD`, and those of writes.
   * @example
   * await store.board('arena').submit('mallory', 9999)
   * const { boards } = await store.ban('mallory', { reason: 'plays with a bot', actor: 'kim' })
   * boards // ['arena']
   */
  async ban(playerId: string, options?: BanOptions): Promise<BanAnswer> {
    const { board, reason, actor, until, submits = 'refuse' } = checkCall('ban', arguments, options)
    const nowMicros = this.#context.nowMicros()
    const untilMicros = until === undefined ? undefined : microsOfAt(timeOf(until, 'until'))
    if (untilMicros !== undefined && untilMicros <= nowMicros)
      throw new RangeError(
        `Cannot use ${until} as until: it must be later than now, ${nowMicros / 1000}`,
      )
    return makeChange(this.#context, {
      kind: 'ban',
      ban: { playerId, board, reason, actor, untilMicros, submits, nowMicros },
    })
  }

  /**
   * Lifts every ban of a player, or that of one board: where no other ban holds the entries come back with
   * score, time, name and metadata, in the places that those give them. On a full board of the best the last
   * one leaves for the player, who stays out if all are better. One change; resolves, when it is durable, with
   * whether there was a ban. Cost: two reads a board, and O(log n) for each board with an entry.
   *
   * @throws {LadderError} `NO_BOARD`, and those of writes.
   * @example
   * await store.ban('mallory')
   * await store.unban('mallory') // true
   */
  async unban(playerId: string, options?: UnbanOptions): Promise<boolean> {
    const { board, reason, actor } = checkCall('unban', arguments, options)
    const nowMicros = this.#context.nowMicros()
    return makeChange(this.#context, {
      kind: 'unban',
      unban: { playerId, board, reason, actor, nowMicros },
    })
  }

  /**
   * Returns all bans, ordered by the bytes of the `playerId`; those of all boards in front of those of one.
   * Cost: O(answer).
   *
   * @throws {LadderError} `CLOSED`, `CORRUPT`.
   * @example
   * await store.ban('mallory', { submits: 'keep' })
   * store.bans()[0].submits // 'keep'
   */
  bans(): Ban[] {
    checkArguments('bans', arguments)
    return listBans(this.#context.store.current())
  }
}
