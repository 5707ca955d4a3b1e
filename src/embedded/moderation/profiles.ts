/**
 * Profiles: what holds of a player on every board. Once there is one, it has the only name of the player,
 * and whatever gives a name gives it to the profile and to all boards.
 *
 * @module
 */

import { atMicrosOf } from '../../board/board-reader.ts'
import type { BoardWriter } from '../../board/board-writer.ts'
import { commitOf } from '../../board/commit.ts'
import { decodeHeader, featureBit, HEADER_KEY } from '../../format/meta/header.ts'
import {
  decodeProfile,
  encodeProfile,
  type ProfileRecord,
  profileKey,
} from '../../format/people/profile.ts'
import type { Table } from '../../format/tables.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import { LadderError } from '../../ground/errors.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { Metadata, Profile, ProfileChange, SubmitRequest } from '../../words/index.ts'
import { checkNameFree, isNameFree, ownName } from './names.ts'
import { readSettings, settingsIn } from './store-settings.ts'

/** Every board of a store, for writing. */
export type AllBoards = () => BoardWriter[]

/**
 * Returns what is stored of a player, or undefined.
 *
 * @throws {LadderError} `CORRUPT` if it is damaged.
 */
export function readProfile(reader: Reader<Table>, playerId: string): ProfileRecord | undefined {
  const key = profileKey(playerId)
  const value = reader.get('people', key)
  if (value === undefined) return undefined
  const profile = decodeProfile(key, Buffer.from(value.subarray(0, value.length)))
  if (profile !== undefined) return profile
  throw new LadderError(
    'CORRUPT',
    `Cannot read the profile of player "${playerId}": the record is damaged; restore a backup`,
  )
}

/** Returns a profile as callers see it. */
export function profileOf(playerId: string, record: ProfileRecord): Profile {
  const { name = playerId, avatar, metadata } = record
  return {
    playerId,
    name,
    ...(avatar !== undefined && { avatar }),
    ...(metadata !== undefined && { metadata: JSON.parse(metadata) as Metadata }),
  }
}

/**
 * Sets what is known of a player. A player without a profile gets one, with the name that the newest entry
 * shows unless one is given.
 *
 * @throws {LadderError} `NAME_TAKEN`.
 */
export function setProfile(
  writer: Writer<Table>,
  boards: AllBoards,
  asked: { playerId: string; change: ProfileChange },
): { profile: Profile; isChanged: boolean } {
  const { playerId, change } = asked
  const before = commitOf(writer).uses('profiles') ? readProfile(writer, playerId) : undefined
  const name = change.name === undefined ? shownName(before, boards, playerId) : change.name
  const given = name === null || name === playerId ? undefined : name
  const after: ProfileRecord = {
    name: given,
    avatar: changed(before?.avatar, change.avatar),
    metadata: changed(before?.metadata, change.metadata),
    others: before?.others ?? NO_FIELDS,
  }
  const isChanged = before === undefined || !isSame(before, after)
  if (change.name !== undefined) checkName(writer, given ?? playerId, playerId)
  if (isChanged) {
    putProfile(writer, playerId, after)
    if (isUnique(writer)) ownName(writer, given ?? playerId, playerId)
    if (before === undefined || before.name !== given)
      for (const board of boards()) board.rename(playerId, given ?? playerId)
  }
  return { profile: profileOf(playerId, after), isChanged }
}

/** Returns what a note of the log says of a profile: what it is now, null for what it has not. */
export function noteOfProfile({ playerId, name, avatar, metadata }: Profile): {
  playerId: string
  name: string
  avatar: string | null
  metadata: string | null
} {
  const text = metadata === undefined ? null : JSON.stringify(metadata)
  return { playerId, name, avatar: avatar ?? null, metadata: text }
}

/** What a name that somebody gives comes to. */
export interface NameChange {
  name: string
  /** The profile that takes it; undefined if the player has none. */
  profile: ProfileRecord | undefined
}

/**
 * Returns what it takes to give a player a name; changes nothing.
 *
 * @throws {LadderError} `NAME_TAKEN`.
 */
export function nameChangeOf(writer: Writer<Table>, name: string, playerId: string): NameChange {
  checkName(writer, name, playerId)
  const profile = commitOf(writer).uses('profiles') ? readProfile(writer, playerId) : undefined
  return { name, profile }
}

/**
 * Gives a player's profile the name, if there is one, and makes the name the player's own. Returns whether
 * the profile had another, so that all boards are to show the new one.
 */
export function takeName(
  writer: Writer<Table>,
  playerId: string,
  { name, profile }: NameChange,
): boolean {
  if (isUnique(writer)) ownName(writer, name, playerId)
  const given = name === playerId ? undefined : name
  if (profile === undefined || profile.name === given) return false
  putProfile(writer, playerId, { ...profile, name: given })
  return true
}

/** Returns a submit with the name that its player has to have on every board. */
export function withProfileName(
  writer: Writer<Table>,
  submit: SubmitRequest,
  isNew: () => boolean,
): SubmitRequest {
  if (submit.name !== undefined || !commitOf(writer).uses('profiles') || !isNew()) return submit
  const name = readProfile(writer, submit.playerId)?.name
  return name === undefined ? submit : { ...submit, name, isProfileName: true }
}

/**
 * Gives a player's profile to another, who keeps an own one, or else the name that boards show: `known` is
 * undefined if none shows any. Returns the profile that the receiver has by it.
 */
export function moveProfile(
  writer: Writer<Table>,
  { from, to }: { from: string; to: string },
  known: { name: string | undefined } | undefined,
): ProfileRecord | undefined {
  const profile = readProfile(writer, from)
  if (profile === undefined) return undefined
  commitOf(writer).willChange()
  writer.remove('people', profileKey(from))
  if (readProfile(writer, to) !== undefined) return undefined
  const moved = { ...profile, name: known === undefined ? profile.name : known.name }
  putProfile(writer, to, moved)
  if (isUnique(writer)) ownName(writer, moved.name ?? to, to)
  return moved
}

/** Whether the store has any profile. */
export function hasProfiles(reader: Reader<Table>): boolean {
  const header = decodeHeader(reader.get('meta', HEADER_KEY) ?? Buffer.alloc(0))
  return header !== undefined && (header.features & featureBit('profiles')) !== 0
}

/** Returns the name that a row of a file gives to a player: none, if there is a profile, but that one's. */
export function nameOfRow(
  reader: Reader<Table>,
  playerId: string,
  name: string | undefined,
): string | undefined {
  const profile = readProfile(reader, playerId)
  return profile === undefined ? name : (profile.name ?? playerId)
}

/** Returns the name of a player who comes back to a board, where the old one may belong to others by now. */
export function nameOfReturning(
  reader: Reader<Table>,
  playerId: string,
  name: string | undefined,
): string | undefined {
  const profile = readProfile(reader, playerId)
  if (profile !== undefined) return profile.name
  if (name === undefined || readSettings(reader).names !== 'unique') return name
  return isNameFree(reader, name, playerId) ? name : undefined
}

/** The same for one who comes back now: where names are unique, the name is nobody else's from then on. */
export function giveBackName(
  writer: Writer<Table>,
  playerId: string,
  name: string | undefined,
): string | undefined {
  const free = nameOfReturning(writer, playerId, name)
  if (free !== undefined && isUnique(writer)) ownName(writer, free, playerId)
  return free
}

/** Whether names belong to one player only. */
export function isUnique(writer: Writer<Table>): boolean {
  return settingsIn(writer).names === 'unique'
}

function putProfile(writer: Writer<Table>, playerId: string, record: ProfileRecord): void {
  const commit = commitOf(writer)
  commit.willChange()
  commit.use('profiles')
  const key = profileKey(playerId)
  writer.put('people', key, encodeProfile(key, record))
}

function checkName(writer: Writer<Table>, name: string, playerId: string): void {
  if (isUnique(writer)) checkNameFree(writer, name, playerId)
}

// A first profile makes one name of those that the boards show: that of the newest entry.
function shownName(
  before: ProfileRecord | undefined,
  boards: AllBoards,
  playerId: string,
): string | undefined {
  if (before !== undefined) return before.name
  let newest: { name: string | undefined; atMicros: number } | undefined
  for (const board of boards()) {
    const player = board.hidden.stored(playerId)
    if (player === undefined) continue
    const atMicros = atMicrosOf(player, board.board.shape)
    if (atMicros >= (newest?.atMicros ?? 0)) newest = { name: player.record.name, atMicros }
  }
  return newest?.name
}

function changed(
  before: string | undefined,
  change: string | null | undefined,
): string | undefined {
  return change === undefined ? before : (change ?? undefined)
}

function isSame(a: ProfileRecord, b: ProfileRecord): boolean {
  return a.name === b.name && a.avatar === b.avatar && a.metadata === b.metadata
}
