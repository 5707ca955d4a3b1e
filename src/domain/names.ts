/**
 * What is told of names that belong to one player only.
 *
 * @module
 */

import { LadderError } from '../ground/errors.ts'
import { foldName } from './find.ts'

/** Names with several owners that a refusal lists. */
const DUPLICATES_SHOWN = 20

/** Returns the error of a name that is somebody else's. */
export function nameTaken(
  name: string,
  { playerId, owner }: { playerId: string; owner: string | undefined },
): LadderError {
  return new LadderError(
    'NAME_TAKEN',
    `Cannot give player "${playerId}" the name "${name}": it belongs to player "${owner}", and names are unique in this store; choose another`,
  )
}

/** Names that several players have. */
export class Duplicates {
  readonly #players = new Map<string, Set<string>>()
  #more = 0

  /** Notes a name, its owner, and another player who has it. */
  add(name: string, owner: string, playerId: string): void {
    const players = this.#players.get(foldName(name))
    if (players !== undefined) players.add(playerId)
    else if (this.#players.size < DUPLICATES_SHOWN)
      this.#players.set(foldName(name), new Set([owner, playerId]))
    else this.#more++
  }

  /** @throws {LadderError} `NAME_TAKEN` that lists them. */
  throwIfAny(): void {
    if (this.#players.size === 0) return
    const told = [...this.#players].map(
      ([name, players]) => `"${name}" (${[...players].slice(0, DUPLICATES_SHOWN).join(', ')})`,
    )
    const more = this.#more === 0 ? '' : ` and ${this.#more} more`
    throw new LadderError(
      'NAME_TAKEN',
      `Cannot make names unique: several players have the same, compared without case: ${told.join('; ')}${more}; rename them first`,
    )
  }
}
