/**
 * The bans of a store of boards on a server.
 *
 * @module
 */

import { checkMoveApart, untilMicrosOf } from '../../calls/bans.ts'
import { noBoard } from '../../calls/no-board.ts'
import { checkArguments, checkCall } from '../../calls/options.ts'
import type {
  Ban,
  BanAnswer,
  BanOptions,
  EraseAnswer,
  EraseOptions,
  MoveAnswer,
  MoveOptions,
  UnbanOptions,
} from '../../words/index.ts'
import { boardOnServer, boardsOnServer, callerOf } from '../partitions/found-boards.ts'
import type { BoardCalls } from '../slot/board-calls.ts'
import { NO_FILES, unsupported } from '../slot/refused-calls.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { finishTelling, TELLING_MICROS } from './finish-telling.ts'
import { banOnServer, bansOnServer, unbanOnServer } from './remote-bans.ts'
import { eraseOnServer } from './remote-erase.ts'
import { moveOnServer } from './remote-move.ts'
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
    const untilMicros = untilMicrosOf(asked.until, this.#context.wallMicros())
    const caller = await this.#callerOfBans(asked.board)
    return banOnServer(this.#context, playerId, { caller, options: asked, untilMicros })
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
    checkArguments('bans', arguments)
    const all = await boardsOnServer(this.#context)
    return bansOnServer(
      this.#context,
      all.map(({ spec }) => spec),
    )
  }

  /**
   * Gives one player's entries to another id on all boards, board by board, and in their seasons that are not sealed, with
   * `sealed` in those too. Resolves with the boards and seasons in which there was something to move. As
   * `Leaderboards.movePlayer`: the better entry stays, of equal ones the earlier; on a board that adds up, the sum, which is as
   * late as the later one. The receiver keeps the name. `reason` and `actor` are kept nowhere, as there is no log.
   *
   * Each board is moved at one instant with its seasons. A ban, or a sum that is not exact, refuses the whole before
   * anything is changed; if it comes while boards are being moved, that board is left, and the call throws behind the others. If
   * the caller is stopped half way, the next `check` of any process moves the rest, and so does the next `ban`, `unban` or
   * `movePlayer` after ten seconds; what the old id got on such a board meanwhile goes along. To
   * another partition of a board a move takes some steps, between which the player is seen in neither place. Where names are unique, moves of
   * one player come one after another, and nobody is given a name of either of the two meanwhile. Cost: eight round
   * trips, two more if names are unique, eleven if they go along, and half as many again if some boards have partitions; O(log n)
   * on each board and in each season.
   *
   * @throws {RangeError} if both are the same.
   * @throws {LadderError} `BANNED` if one of the two is; `INEXACT` for a sum; `BUSY` if another move of one of them does not
   * end, or if this process stood still for ten seconds; and as `RemoteBoard.submit`.
   * @example
   * const arena = await store.board('arena')
   * await arena.submit('guest-17', 900)
   * await store.movePlayer('guest-17', 'ada')
   * await arena.rank('ada') // 1
   */
  async movePlayer(from: string, to: string, options?: MoveOptions): Promise<MoveAnswer> {
    const { sealed = false } = checkCall('movePlayer', [from, to], options)
    checkMoveApart(from, to)
    await finishTelling(this.#context, TELLING_MICROS)
    return moveOnServer(this.#context, { from, to, sealed })
  }

  /**
   * Takes a person out of the store, board by board: off all boards and out of all seasons, sealed ones and finals too, out
   * of bans and profile, and of the answers that are kept under ids of requests. Resolves with the boards. As `Leaderboards.erase`, but
   * there is no log, so `records` is 0, and in finals of seasons
   * that left by `retain` others close up. For an hour a hash of the id stays with each board, so that no ban of before comes late. Ids of requests that
   * an earlier release kept do not say whose they are; they go within a day. What the server wrote to its disk before holds
   * the person until it is rewritten.
   *
   * If the caller is stopped half way, the next `check` of any process takes out the rest, and so does the next `ban`, `unban`
   * or `movePlayer` after ten seconds; the call may be made again, too. Cost: six round trips, one more for 1,000 answers
   * that a board keeps, some more for partitions; O(seasons) on each board.
   *
   * @throws {LadderError} `UNSUPPORTED` for `backups`, as a server keeps its own files; and as `RemoteBoard.submit`.
   * @example
   * await (await store.board('arena')).submit('ada', 900)
   * const { found, boards } = await store.erase('ada')
   * found // true
   * boards // ['arena']
   */
  async erase(playerId: string, options?: EraseOptions): Promise<EraseAnswer> {
    const { backups } = checkCall('erase', [playerId], options)
    if (backups !== undefined) throw unsupported('look into backups', NO_FILES)
    // What was left of earlier bans and moves may name the player.
    await finishTelling(this.#context, 0)
    return eraseOnServer(this.#context, playerId)
  }

  // What was left of earlier bans comes first.
  async #callerOfBans(board: string | undefined): Promise<BoardCalls | undefined> {
    await finishTelling(this.#context, TELLING_MICROS)
    if (board === undefined) return undefined
    const found = await boardOnServer(this.#context, board)
    if (found === undefined) throw noBoard(board)
    return callerOf(this.#context, found)
  }
}
