/**
 * What a store knows of who may not be seen, and who became who.
 *
 * @module
 */

import { checkMoveApart, untilMicrosOf } from '../calls/bans.ts'
import { checkArguments, checkCall } from '../calls/options.ts'
import { checkPath } from '../calls/paths.ts'
import { makeChange } from '../embedded/apply.ts'
import { banSteps } from '../embedded/moderation/ban-changes.ts'
import { unbanSteps } from '../embedded/moderation/ban-ends.ts'
import { listBans } from '../embedded/moderation/bans.ts'
import { changeInTurns, hasManyBoards } from '../embedded/moderation/in-turns.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type {
  Ban,
  BanAnswer,
  BanOptions,
  EraseAnswer,
  EraseOptions,
  MoveAnswer,
  MoveOptions,
  UnbanOptions,
} from '../words/index.ts'
import { UndoneStore } from './undone-store.ts'

/** The moderation of a store. */
export class Moderation extends UndoneStore {
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
   * its `since`. Nobody comes back to a board of the best because of a ban. Seasons that are sealed stay as they
   * are, unless `sealed` is true; so with all moderation.
   *
   * Submits of the player are refused with `BANNED`, or with `submits: 'keep'` go on unseen and are answered
   * without ranks. Imports store the player unseen. Cost: two reads a board, and O(log n) for each board
   * that has an entry, with turns for the event loop from 500 boards on; afterwards a read for each submit to
   * the store.
   *
   * @throws {RangeError} if `until` is not later than now.
   * @throws {LadderError} `NO_BOARD`, and those of writes.
   * @example
   * await store.board('arena').submit('mallory', 9999)
   * const { boards } = await store.ban('mallory', { reason: 'plays with a bot', actor: 'kim' })
   * boards // ['arena']
   */
  async ban(playerId: string, options?: BanOptions): Promise<BanAnswer> {
    const checked = checkCall('ban', arguments, options)
    const { board, reason, actor, until, submits = 'refuse', sealed = false } = checked
    const nowMicros = this.#context.nowMicros()
    const untilMicros = untilMicrosOf(until, nowMicros)
    const parts = { playerId, board, reason, actor, untilMicros, submits }
    const ban = { ...parts, isSealedToo: sealed, nowMicros }
    if (board === undefined && hasManyBoards(this.#context))
      return changeInTurns(this.#context, (place) => banSteps(place, ban))
    return makeChange(this.#context, { kind: 'ban', ban })
  }

  /**
   * Lifts every ban of a player, or that of one board: where no other ban holds the entries come back with
   * score, time, name and metadata, in the places that those give them. On a full board of the best the last
   * one leaves for the player, who stays out if all are better. A season that was sealed meanwhile stands without
   * the player, unless `sealed` is true; a ban that ends by itself goes by its end, whenever that is seen. One
   * change; resolves, when it is durable, with whether there was a ban. Cost: two reads a board, and O(log n) for each board with an entry.
   *
   * @throws {LadderError} `NO_BOARD`, and those of writes.
   * @example
   * await store.ban('mallory')
   * await store.unban('mallory') // true
   */
  async unban(playerId: string, options?: UnbanOptions): Promise<boolean> {
    const { board, reason, actor, sealed } = checkCall('unban', arguments, options)
    const nowMicros = this.#context.nowMicros()
    const unban = { playerId, board, reason, actor, isSealedToo: sealed === true, nowMicros }
    if (board === undefined && hasManyBoards(this.#context))
      return changeInTurns(this.#context, (place) => unbanSteps(place, unban))
    return makeChange(this.#context, { kind: 'unban', unban })
  }

  /**
   * Gives one player's entries and history to another id, on all boards and in their seasons that are not
   * sealed, in one change; resolves, when it is durable, with the boards on which there was something to move,
   * and with the seasons. Where both have an entry the better one stays, of equal ones the earlier; on a board
   * that adds up, their sum, which is as late as the later one. A season adds up if its window does, or keeps
   * gains. The receiver keeps the name and a profile; plays and wins add. `history` of the receiver shows the
   * runs of both, each with the id that it was made with. With `sealed`, sealed seasons are moved too, and the
   * finals that are left of seasons which are gone. Cost: four reads a board or season, and O(log n) for each
   * with an entry.
   *
   * @throws {RangeError} if both are the same.
   * @throws {LadderError} `BANNED` if one of the two is, `INEXACT` for a sum, and those of writes.
   * @example
   * await store.board('arena').submit('guest-17', 900)
   * await store.movePlayer('guest-17', 'ada', { reason: 'signed up' })
   * store.board('arena').get('ada').score // 900
   */
  async movePlayer(from: string, to: string, options?: MoveOptions): Promise<MoveAnswer> {
    const { reason, actor, sealed } = checkCall('movePlayer', arguments, options)
    checkMoveApart(from, to)
    const nowMicros = this.#context.nowMicros()
    return makeChange(this.#context, {
      kind: 'move',
      move: { from, to, reason, actor, isSealedToo: sealed === true, nowMicros },
    })
  }

  /**
   * Takes a person out of the store for good: off all boards and out of all seasons, sealed ones too, out of
   * bans, profile, requests and history; of the records of the log stays only that there was one. Resolves,
   * when it is durable, with the boards and with how many records that were. What stays is a hash of the id: a
   * restore of a backup over this store takes the person out of that too. Backups made before hold the person until they go; with `backups`, a directory
   * of them, the answer names those that do. The file keeps freed bytes until they are written over:
   * `compactStore` makes it one without. What the person submits meanwhile goes too if it is committed before the
   * erasure is; later submits make a new player of the id. `close()` waits for an erasure that was begun. An id
   * of which nothing is there, mistyped maybe, is kept as a hash all the same, as a backup may hold the person;
   * the answer then says `found: false`. Cost: O(log), requests and names, with turns for the event loop, then one
   * transaction; with `backups`, a look into each.
   *
   * @throws {LadderError} `IO` if the directory of backups cannot be read; those of writes.
   * @example
   * await store.board('arena').submit('ada', 900)
   * const { boards, records } = await store.erase('ada')
   * boards // ['arena']
   * records // 1
   * const { found } = await store.erase('adda')
   * found // false
   */
  async erase(playerId: string, options?: EraseOptions): Promise<EraseAnswer> {
    const { backups } = checkCall('erase', arguments, options)
    const { store, storeId } = this.#context
    if (store.readOnly) throw store.readOnlyError()
    const directory = backups === undefined ? undefined : checkPath(backups, 'erase', 'backups')
    const { all, answer, ids } = await this.#context.whole(async () => {
      const { erasePlayer } = await import('../embedded/moderation/erase.ts')
      // A directory that is not there is told before anything is changed.
      const { backupsOf } = await import('./held-by.ts')
      const found = directory === undefined ? undefined : await backupsOf(directory, storeId)
      return { all: found, ...(await erasePlayer(this.#context, playerId)) }
    })
    if (all === undefined) return answer
    const { holdsPlayer } = await import('./held-by.ts')
    const heldBy: string[] = []
    for (const path of all) if (await holdsPlayer(path, ids)) heldBy.push(path)
    return { ...answer, heldBy }
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
