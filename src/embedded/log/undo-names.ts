/**
 * Names of those whom an undo brings back, in a store whose names are unique.
 *
 * A name that was free for each of them alone is that of the first one, in the order of boards and players; from
 * then on it is nobody else's.
 *
 * @module
 */

import type { TurnedPlayer } from '../../board/turned-entries.ts'
import { foldName } from '../../domain/find.ts'
import type { Table } from '../../format/keys.ts'
import type { Reader, Writer } from '../../store/store.ts'
import { ownName } from '../moderation/names.ts'
import { readSettings } from '../moderation/store-settings.ts'

/** Returns the players with names that no two of them have; `owners` holds those of boards before. */
export function withOwnNames(
  players: readonly TurnedPlayer[],
  owners: Map<string, string>,
): TurnedPlayer[] {
  return players.map((turned) => {
    const name = nameOfComing(turned)
    if (name === undefined) return turned
    const { playerId, after } = turned
    const owner = owners.get(foldName(name)) ?? playerId
    owners.set(foldName(name), owner)
    if (owner === playerId || after === undefined) return turned
    return { ...turned, after: { ...after, details: { ...after.details, name: undefined } } }
  })
}

/** Makes the names those of the players who come back with them. */
export function ownNames(writer: Writer<Table>, players: readonly TurnedPlayer[]): void {
  for (const turned of players) {
    const name = nameOfComing(turned)
    if (name !== undefined) ownName(writer, name, turned.playerId)
  }
}

/** Whether names are unique in a store. */
export function areNamesUnique(reader: Reader<Table>): boolean {
  return readSettings(reader).names === 'unique'
}

function nameOfComing({ player, after }: TurnedPlayer): string | undefined {
  return player === undefined ? after?.details.name : undefined
}
