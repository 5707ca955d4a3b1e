/**
 * Finding players of a board on a server by their names.
 *
 * There is no index of names: the board is walked in bites, in its order, and the server leaves out the names that cannot
 * be meant. Who was found is then asked for once more, so that entries and ranks are of one instant.
 *
 * @module
 */

import { foldName, NameSearch } from '../../domain/find.ts'
import { decodeEntryKey } from '../../format/entry-key.ts'
import { throwIfAborted } from '../../ground/errors.ts'
import type { Entry, FindOptions, Score } from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import { entryOfRecord, type PlayerReply } from '../client/replies.ts'
import type { BoardCalls } from './board-calls.ts'

/** What is looked for. */
export interface FindAsked extends FindOptions {
  name: string
  limit: number
}

/** Who may be meant in a bite; `next` is the last key that was looked at, empty at the end. */
export type FindReply = [next: Buffer, members: Buffer[], names: Buffer[]]

/** How many of those who were found are asked for at once: some milliseconds of the server. */
const ASKED_AT_ONCE = 1_000

interface Named {
  name: string
  playerId: string
}

/** Resolves with the entries of players by their names; see `RemoteBoard.find`. */
export async function findOnServer(caller: BoardCalls, asked: FindAsked): Promise<Entry<Score>[]> {
  const found = await namesOnServer(caller, asked)
  const entries: Entry<Score>[] = []
  for (let at = 0; at < found.length; at += ASKED_AT_ONCE)
    entries.push(...(await entriesOf(caller, found.slice(at, at + ASKED_AT_ONCE))))
  // Players who moved or were renamed since the walk came by count as they are now.
  const search = new NameSearch<Entry<Score>>(asked.name, asked.limit)
  for (const entry of entries.sort((a, b) => a.rank - b.rank)) search.take(entry)
  return search.found()
}

// A player who moves meanwhile may come by twice.
async function namesOnServer(
  caller: BoardCalls,
  { name, limit, signal }: FindAsked,
): Promise<string[]> {
  const folded = foldName(name)
  let boardId: string | undefined
  let search = new NameSearch<Named>(name, limit)
  let seen = new Set<string>()
  for (let after: ServerArgument = ''; ; ) {
    throwIfAborted({ signal })
    const { id, value } = await caller.read('find', [after, folded])
    if (boardId !== undefined && id !== boardId) {
      // It is another season by now, or another board: the walk begins again.
      ;[after, search, seen] = ['', new NameSearch<Named>(name, limit), new Set()]
      boardId = undefined
      continue
    }
    boardId = id
    const [next, members, names] = value as FindReply
    for (const [i, member] of members.entries()) {
      const playerId = decodeEntryKey(member, caller.shape)?.playerId ?? ''
      if (!seen.has(playerId)) search.take({ name: String(names[i]), playerId })
      seen.add(playerId)
    }
    if (search.isFull || next.length === 0) break
    after = next
  }
  return search.found().map(({ playerId }) => playerId)
}

async function entriesOf(caller: BoardCalls, ids: readonly string[]): Promise<Entry<Score>[]> {
  const { shape } = caller
  const { value } = await caller.read('players', ['ordinal', ...ids])
  const [, replies] = value as [number, (PlayerReply | null)[]]
  return replies.flatMap((reply, i) => {
    if (reply === null) return []
    const [record, , rank] = reply
    return entryOfRecord(record, { playerId: ids[i] as string, shape, rank })
  })
}

/**
 * Returns the bites of all partitions as one: what lies behind the least key up to which all of them were walked comes
 * with the next bite.
 */
export function mergedFinds(replies: readonly FindReply[]): FindReply {
  const ends = replies.map(([next]) => next).filter(({ length }) => length > 0)
  const end = ends.sort(Buffer.compare)[0]
  const rows = replies
    .flatMap(([, members, names]) => members.map((member, i) => ({ member, name: names[i] })))
    .filter(({ member }) => end === undefined || Buffer.compare(member, end) <= 0)
    .sort((a, b) => Buffer.compare(a.member, b.member))
  const names = rows.map(({ name }) => name as Buffer)
  return [end ?? Buffer.alloc(0), rows.map(({ member }) => member), names]
}
