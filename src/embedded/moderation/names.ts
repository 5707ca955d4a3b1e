/**
 * Whose names are, in a store where names are unique.
 *
 * Each name that was given leads to its owner, by its folded form. A name that its owner no longer shows
 * anywhere is free, but stays in the table until somebody takes it: so a change of names, a removal or a
 * drop costs nothing here, and only who takes a name of others looks whether they still have it.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { foldName } from '../../domain/find.ts'
import { Duplicates, nameTaken } from '../../domain/names.ts'
import { BoardKeys, type Table } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import {
  decodeNameOwner,
  encodeNameOwner,
  NAME_OWNERS_END,
  NAME_OWNERS_START,
  nameOwnerKey,
} from '../../format/people/name-owner.ts'
import {
  decodeProfile,
  PROFILES_END,
  PROFILES_START,
  profileKey,
  profilePlayerOf,
} from '../../format/people/profile.ts'
import { decodePlayerRecord } from '../../format/player-record.ts'
import { CHUNK_ENTRIES } from '../../ground/limits.ts'
import type { Pair, Reader, Writer } from '../../store/store.ts'
import { listBoards } from '../catalog.ts'
import { unsealedEntriesOf } from '../seasons/season-boards.ts'

/** @throws {LadderError} `NAME_TAKEN` if somebody else shows the name. */
export function checkNameFree(reader: Reader<Table>, name: string, playerId: string): void {
  if (isNameFree(reader, name, playerId)) return
  throw nameTaken(name, { playerId, owner: ownerOfName(reader, name) })
}

/** Whether nobody else shows a name. */
export function isNameFree(reader: Reader<Table>, name: string, playerId: string): boolean {
  if (name === playerId) return true
  const owner = ownerOfName(reader, name)
  return owner === undefined || owner === playerId || !showsName(reader, owner, foldName(name))
}

/** Makes a name, which was found free, that of a player. */
export function ownName(writer: Writer<Table>, name: string, playerId: string): void {
  if (name === playerId || ownerOfName(writer, name) === playerId) return
  const key = nameOwnerKey(foldName(name))
  commitOf(writer).willChange()
  writer.put('people', key, encodeNameOwner(key, playerId))
}

/** Forgets whose the names are. */
export function freeNames(writer: Writer<Table>): void {
  const keys = [...writer.keys('people', { start: NAME_OWNERS_START, end: NAME_OWNERS_END })]
  for (const key of keys) writer.remove('people', key)
}

/**
 * Finds out whose all names are. `onTurn` is waited for now and then.
 *
 * @throws {LadderError} `NAME_TAKEN` that lists the names with several owners.
 */
export async function ownAllNames(
  writer: Writer<Table>,
  onTurn: () => Promise<void>,
): Promise<void> {
  const commit = commitOf(writer)
  commit.willChange()
  commit.use('profiles')
  freeNames(writer)
  const duplicates = new Duplicates()
  const take = (name: string | undefined, playerId: string): void => {
    if (name === undefined) return
    const key = nameOwnerKey(foldName(name))
    const owner = ownerAt(writer, key)
    if (owner === undefined) writer.put('people', key, encodeNameOwner(key, playerId))
    else if (owner !== playerId) duplicates.add(name, owner, playerId)
  }
  await inChunks(
    writer,
    { table: 'people', start: PROFILES_START, end: PROFILES_END },
    onTurn,
    (pair) => take(decodeProfile(pair.key, pair.value)?.name, profilePlayerOf(pair.key) ?? ''),
  )
  for (const board of placesThatShow(writer)) {
    const { start, end } = new BoardKeys(board.id).all()
    await inChunks(writer, { table: 'players', start, end }, onTurn, ({ key, value }) =>
      take(nameIn(board, { key, value }), key.toString('utf8', start.length)),
    )
  }
  duplicates.throwIfAny()
}

// Boards, and seasons as long as a change of names reaches them: a sealed one shows the names of its time.
function placesThatShow(reader: Reader<Table>): CatalogEntry[] {
  const boards = listBoards(reader)
  return [...boards, ...boards.flatMap((board) => unsealedEntriesOf(reader, board))]
}

function nameIn(board: CatalogEntry, { key, value }: Pair): string | undefined {
  return decodePlayerRecord(key, value, board.shape.headBytes)?.name
}

async function inChunks(
  writer: Writer<Table>,
  range: { table: Table; start: Buffer; end: Buffer },
  onTurn: () => Promise<void>,
  visit: (pair: Pair) => void,
): Promise<void> {
  const { table, end } = range
  let start: Buffer | undefined = range.start
  while (start !== undefined) {
    const pairs: Pair[] = [...writer.pairs(table, { start, end, limit: CHUNK_ENTRIES })]
    for (const pair of pairs) visit(pair)
    const last = pairs.length < CHUNK_ENTRIES ? undefined : pairs.at(-1)
    // The least key behind one is the same with a zero byte more.
    start = last && Buffer.concat([last.key, Buffer.from([0])])
    await onTurn()
  }
}

/** Returns who took a name last, whether the player shows it still or not; undefined if nobody did. */
export function ownerOfName(reader: Reader<Table>, name: string): string | undefined {
  return ownerAt(reader, nameOwnerKey(foldName(name)))
}

function ownerAt(reader: Reader<Table>, key: Buffer): string | undefined {
  const value = reader.get('people', key)
  return value && decodeNameOwner(key, value)
}

// Whether the profile or an entry on any board has the name. Hidden players keep theirs.
function showsName(reader: Reader<Table>, playerId: string, folded: string): boolean {
  const isIt = (name: string | undefined): boolean =>
    name !== undefined && foldName(name) === folded
  const key = profileKey(playerId)
  const value = reader.get('people', key)
  if (value !== undefined && isIt(decodeProfile(key, value)?.name)) return true
  return placesThatShow(reader).some((board) => {
    const playerKey = new BoardKeys(board.id).player(playerId)
    const record = reader.get('players', playerKey)
    return record !== undefined && isIt(nameIn(board, { key: playerKey, value: record }))
  })
}
