/**
 * The bans of a store of boards on a server.
 *
 * @module
 */

import { checkArguments, checkCall } from '../calls/options.ts'
import type { Ban, BanAnswer, BanOptions, UnbanOptions } from '../words/index.ts'
import { noBoardThere } from './board-caller.ts'
import type { BoardCalls } from './board-calls.ts'
import { finishTelling, TELLING_MICROS } from './finish-telling.ts'
import { boardOnServer, boardsOnServer, callerOf } from './found-boards.ts'
import { banOnServer, bansOnServer, unbanOnServer } from './remote-bans.ts'
import type { RemoteContext } from './remote-context.ts'
import { RemoteReports } from './remote-reports.ts'

/** Who is out of sight, on all boards or on one. */
export class RemoteModeration extends RemoteReports {
  readonly #context: RemoteContext

  /** @internal */
  constructor(context: RemoteContext) {
    super(context)
    this.#context = context
  }

  /**
   * Takes a player out of sight on every board, those made later too, or on one; resolves with the ban and the boards
   * that the player left. As `Leaderboards.ban`, but board by board: some boards may show the player until it
   * resolves. If it fails half way, the next `check` of any process tells the other boards, and so does the next
   * `ban` or `unban` after ten seconds.
   *
   * A ban ends on each board by itself, with the first change to the board after `until`, in partitions with
   * the first change to the partition of the player. Reads go on without the player before that. Cost: four
   * round trips, five if some boards have partitions, O(log n) on each board, and afterwards a look at each
   * newcomer.
   *
   * @throws {RangeError} if `until` is not later than now.
   * @throws {LadderError} `NO_BOARD` for a board that does not exist, and as `RemoteBoard.submit`.
   * @example
   * await (await store.board('arena')).submit('mallory', 9999)
   * const { boards } = await store.ban('mallory', { reason: 'plays with a bot', actor: 'kim' })
   * boards // ['arena']
   */
  async ban(playerId: string, options?: BanOptions): Promise<BanAnswer> {
    const asked = checkCall('ban', [playerId], options)
    const caller = await this.#callerOfBans(asked.board)
    return banOnServer(this.#context, playerId, { caller, options: asked })
  }

  /**
   * Lifts every ban of a player, or that of one board, board by board; resolves with whether there was a ban.
   * As `Leaderboards.unban`. Cost: as `ban`.
   *
   * @throws {LadderError} `NO_BOARD` for a board that does not exist, and as `RemoteBoard.submit`.
   * @example
   * await store.ban('mallory')
   * await store.unban('mallory') // true
   */
  async unban(playerId: string, options?: UnbanOptions): Promise<boolean> {
    const { board, sealed = false } = checkCall('unban', [playerId], options)
    const caller = await this.#callerOfBans(board)
    return unbanOnServer(this.#context, playerId, { caller, sealed })
  }

  /**
   * Resolves with all bans, in the order of `Leaderboards.bans`. Cost: four round trips, O(bans).
   *
   * @throws {LadderError} `CLOSED`, `UNAVAILABLE`, `PERMISSION`, `IO`.
   * @example
   * await store.ban('mallory', { submits: 'keep' })
   * const [{ submits }] = await store.bans()
   * submits // 'keep'
   */
  async bans(): Promise<Ban[]> {
    checkArguments('bans', [])
    const all = await boardsOnServer(this.#context)
    return bansOnServer(
      this.#context,
      all.map(({ spec }) => spec),
    )
  }

  // What was left of earlier bans comes first.
  async #callerOfBans(board: string | undefined): Promise<BoardCalls | undefined> {
    await finishTelling(this.#context, TELLING_MICROS)
    if (board === undefined) return undefined
    const found = await boardOnServer(this.#context, board)
    if (found === undefined) throw noBoardThere(board)
    return callerOf(this.#context, found)
  }
}
