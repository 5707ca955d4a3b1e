/**
 * Bans as lines.
 *
 *     ban of player "mallory" on board 1 → since …, until …, submits refuse, reason "bot", actor "kim"
 *     end at … of the ban of player "mallory" on all boards → noted
 *
 * @module
 */

import {
  ALL_BOARDS,
  BAN_TAG,
  banEndOf,
  banPlaceOf,
  decodeBan,
  isBanEnd,
  sealedByOf,
} from './people/ban.ts'
import { player, quote, tailText, time } from './print-words.ts'

/** Returns a key of a ban or of its end; undefined if it is not one. */
export function banKeyText(key: Buffer): string | undefined {
  const ban = banPlaceOf(key)
  if (ban !== undefined) return `ban of ${whereText(ban)}`
  const end = banEndOf(key)
  return end && `end at ${time(end.untilMicros)} of the ban of ${whereText(end)}`
}

/** Returns the value of such a key; undefined if it is damaged. */
export function banValueText(key: Buffer, value: Buffer): string | undefined {
  if (banEndOf(key) !== undefined) return isBanEnd(key, value) ? 'noted' : undefined
  const ban = decodeBan(key, value)
  if (ban === undefined) return undefined
  const others = new Map(ban.tail)
  const reason = ban.tail.get(BAN_TAG.REASON)
  const actor = ban.tail.get(BAN_TAG.ACTOR)
  const sealedBy = sealedByOf(ban)
  for (const tag of Object.values(BAN_TAG)) others.delete(tag)
  const words = [
    `since ${time(ban.sinceMicros)}`,
    ...(ban.untilMicros === 0 ? [] : [`until ${time(ban.untilMicros)}`]),
    `submits ${ban.submits}`,
    ...(sealedBy === undefined ? [] : [`seasons sealed by ${time(sealedBy)} too`]),
    ...(reason === undefined ? [] : [`reason ${quote(reason.toString())}`]),
    ...(actor === undefined ? [] : [`actor ${quote(actor.toString())}`]),
  ]
  return `${words.join(', ')}${tailText(others)}`
}

function whereText({ playerId, boardId }: { playerId: string; boardId: number }): string {
  const where = boardId === ALL_BOARDS ? 'all boards' : `board ${boardId}`
  return `${player(Buffer.from(playerId))} on ${where}`
}
