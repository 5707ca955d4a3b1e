/**
 * What a store of boards on a server knows of players, whatever the board.
 *
 * @module
 */

import { checkArguments } from '../../calls/options.ts'
import { checkProfile } from '../../calls/rules.ts'
import type { Profile, ProfileOptions } from '../../words/index.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import { RemoteModeration } from './remote-moderation.ts'
import { profileOnServer, setProfileOnServer } from './remote-profiles.ts'

/** The profiles of a store. */
export class RemotePeople extends RemoteModeration {
  readonly #context: RemoteContext

  /** @internal */
  constructor(context: RemoteContext) {
    super(context)
    this.#context = context
  }

  /**
   * Sets what is known of a player, whatever the board; resolves with the profile when all boards show its name. As
   * `Leaderboards.setProfile`: once there is a profile, this call, `rename` and the name of a submit all set its name, and a
   * profile that is made without a name takes the one of the player's newest entry. Boards are told one after another; if
   * it fails half way, call it again, or the next `check` tells the others, as does the next `ban` or `unban` after ten
   * seconds.
   *
   * In a store with profiles the first submit of a player to a board takes two round trips more, and so does one with
   * another name than the board shows; if that gives a profile another name, six. Such submits are not made in the order in
   * which they were asked for, unless each waits for the one before. Cost: one round trip if the name
   * stays, else three, or four if some boards have partitions; for a first profile without a name three more.
   *
   * @throws {LadderError} `BUSY` if others give the player names all the time, and as `RemoteBoard.submit`.
   * @example
   * await (await store.board('arena')).submit('p17', 900)
   * await store.setProfile('p17', { name: 'Ada', avatar: 'https://example.com/ada.png' })
   * const [{ entry }] = await store.boardsOf('p17')
   * entry.name // 'Ada'
   */
  async setProfile(playerId: string, profile?: ProfileOptions): Promise<Profile> {
    return setProfileOnServer(this.#context, playerId, checkProfile([playerId], profile))
  }

  /**
   * Resolves with the profile of a player, or with undefined. Cost: one round trip.
   *
   * @throws {LadderError} `CLOSED`, `UNAVAILABLE`, `PERMISSION`, `IO`.
   * @example
   * await store.setProfile('p17', { name: 'Ada' })
   * await store.profile('p17') // { playerId: 'p17', name: 'Ada' }
   */
  async profile(playerId: string): Promise<Profile | undefined> {
    checkArguments('profile', arguments)
    return profileOnServer(this.#context, playerId)
  }
}
