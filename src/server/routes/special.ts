/**
 * The routes that have a shape of their own, as clients of HTTP expect it; all other calls have theirs from
 * the table of calls.
 *
 * @module
 */

import { CALLS, type CallName, unknownName } from '../../calls/index.ts'
import type { BoardInfo, BoardView, Leaderboard, Score, Standing } from '../../index.ts'
import { absentPlayer, runCall, settled } from './derived.ts'
import {
  Answer,
  type Asked,
  boardOf,
  questionFields,
  type Route,
  remoteFields,
  routeOf,
  seenOf,
} from './route.ts'

const SETTINGS = remoteFields(CALLS.createBoard.options)

/** The ways to ask for entries, by the names that only this one takes. */
const FORMS: readonly (readonly [call: CallName, names: readonly string[]])[] = [
  ['range', ['first', 'last']],
  ['between', ['min', 'max', 'minExclusive', 'maxExclusive', 'offset']],
  ['page', ['after', 'before']],
]

/** Routes of boards, of their entries and of their players. */
export const BOARD_ROUTES: readonly Route[] = [
  routeOf('GET', '/boards', {
    calls: ['boards'],
    does: 'all boards',
    answer: 'Boards',
    run: ({ store }) => settled(store.boards(), (boards) => ({ boards })),
  }),
  routeOf('POST', '/boards', {
    calls: ['createBoard', 'hasBoard'],
    does: 'makes a board',
    answer: 'Board',
    body: { fields: { ...CALLS.createBoard.arguments, ...SETTINGS }, required: ['name'] },
    run: createBoard,
  }),
  routeOf('GET', '/boards/{board}', {
    calls: ['info', 'rules'],
    does: 'settings, size and rules of a board',
    answer: 'Board',
    run: (asked) => describe(boardOf(asked)),
  }),
  routeOf('PATCH', '/boards/{board}', {
    calls: ['alter'],
    does: 'alters the rules and windows of a board',
    answer: 'Rules',
    body: { fields: remoteFields(CALLS.alter.options), required: [] },
    run: async ({ store, path, given }) => {
      const board = path['board'] as string
      const { windows, ...rules } = await store.alter(board, given)
      return { board, rules, ...(windows !== undefined && { windows }) }
    },
  }),
  routeOf('DELETE', '/boards/{board}', {
    calls: ['dropBoard'],
    does: 'drops a board with all its entries',
    answer: 'Dropped',
    run: async ({ store, path }) => {
      const board = path['board'] as string
      await store.dropBoard(board)
      return { board, dropped: true }
    },
  }),
  routeOf('GET', '/boards/{board}/entries', {
    calls: ['page', 'range', 'between', 'top'],
    does: 'entries: a page by cursors, places first to last, or scores min to max',
    query: {
      ...questionFields('page'),
      ...questionFields('range'),
      ...questionFields('between'),
    },
    answer: 'Entries',
    run: entries,
  }),
]

/** Routes of one player on one board, or of some. */
export const PLAYER_ROUTES: readonly Route[] = [
  routeOf('GET', '/boards/{board}/players/{playerId}', {
    calls: ['get', 'standing'],
    does: 'the entry of a player, and where it stands',
    query: questionFields('get', ['playerId']),
    answer: 'Player',
    run: player,
  }),
  routeOf('DELETE', '/boards/{board}/players/{playerId}', {
    calls: ['remove'],
    does: 'takes a player off the board',
    answer: 'Removed',
    query: remoteFields(CALLS.remove.options),
    run: async (asked) => {
      const { board, playerId } = asked.path
      const removed = await boardOf(asked).remove(playerId as string, asked.given)
      return { board, playerId, removed }
    },
  }),
  routeOf('GET', '/boards/{board}/players/{playerId}/around', {
    calls: ['around'],
    does: 'a player with the entries above and below',
    query: questionFields('around', ['playerId']),
    answer: 'Entries',
    run: (asked) => {
      return settled(runCall('around', asked), (entries) => {
        if ((entries as unknown[]).length === 0) throw absentPlayer(asked)
        const { board } = asked.path
        return settled(totalOf(asked), (total) => ({ board, total, entries }))
      })
    },
  }),
]

/** Routes of one player on all boards, and of the whole store. */
export const STORE_ROUTES: readonly Route[] = [
  routeOf('GET', '/players/{playerId}', {
    calls: ['boardsOf', 'profile'],
    does: 'a player on all boards',
    query: remoteFields(CALLS.boardsOf.options),
    answer: 'PlayerEverywhere',
    run: playerEverywhere,
  }),
  routeOf('DELETE', '/players/{playerId}', {
    calls: ['removePlayer'],
    does: 'takes a player off every board',
    answer: 'RemovedEverywhere',
    query: remoteFields(CALLS.removePlayer.options),
    run: async ({ store, path, given }) => {
      const playerId = path['playerId'] as string
      return { playerId, removed: await store.removePlayer(playerId, given) }
    },
  }),
  routeOf('PUT', '/players/{playerId}/profile', {
    calls: ['setProfile'],
    does: 'sets what is known of a player',
    body: { fields: remoteFields(CALLS.setProfile.options), required: [] },
    answer: 'profile',
    run: (asked) => runCall('setProfile', asked),
  }),
  routeOf('PUT', '/players/{playerId}/ban', {
    calls: ['ban'],
    does: 'takes a player out of sight',
    answer: 'ban',
    body: { fields: remoteFields(CALLS.ban.options), required: [] },
    run: (asked) => runCall('ban', asked),
  }),
  routeOf('DELETE', '/players/{playerId}/ban', {
    calls: ['unban'],
    does: 'lifts the bans of a player',
    answer: 'Unbanned',
    query: remoteFields(CALLS.unban.options),
    run: (asked) =>
      settled(runCall('unban', asked), (unbanned) => ({
        playerId: asked.path['playerId'],
        unbanned,
      })),
  }),
  routeOf('PATCH', '/settings', {
    calls: ['alter'],
    does: 'alters the settings of the store',
    answer: 'settings',
    body: { fields: remoteFields(CALLS.alter.whole), required: [] },
    run: ({ store, given }) => store.alter(given),
  }),
]

async function createBoard({ store, given }: Asked): Promise<Answer> {
  const { name, ...settings } = given as { name: string }
  const wasThere = await store.hasBoard(name)
  const board = (await store.createBoard(name, settings)) as Leaderboard<Score>
  const place = { Location: `/api/v1/boards/${encodeURIComponent(name)}` }
  return new Answer(wasThere ? 200 : 201, await describe(board), place)
}

// A board on a server tells both later.
function describe(board: Leaderboard<Score>): unknown {
  const info: unknown = board.info
  const told = typeof info === 'function' ? info.call(board) : info
  return settled(told, (info) =>
    settled(board.rules(), (rules) => ({ ...(info as BoardInfo), rules })),
  )
}

function entries(asked: Asked): unknown {
  const { window: _, season: __, ...given } = asked.given
  const call = formOf(Object.keys(given))
  const { name: board } = boardOf(asked)
  return settled(runCall(call, asked), (answer) => {
    if (call === 'page') return { board, ...(answer as object) }
    return settled(totalOf(asked), (total) => ({ board, total, entries: answer }))
  })
}

function totalOf(asked: Asked): unknown {
  return settled(seenOf(boardOf(asked), asked.given), (seen) => {
    const { size } = seen as { size: unknown }
    return typeof size === 'function' ? size.call(seen) : size
  })
}

function formOf(given: readonly string[]): CallName {
  const form = FORMS.find(([, names]) => given.some((name) => names.includes(name)))
  const [call] = form ?? ['page']
  const names = Object.keys({ ...CALLS[call].arguments, ...CALLS[call].options })
  const stray = given.find((name) => !names.includes(name))
  if (stray === undefined) return call
  const reason = form?.[1].find((name) => given.includes(name))
  throw unknownName(stray, {
    names,
    what: `a query that has ${reason ?? 'no first, min or after'}`,
  })
}

function player(asked: Asked): unknown {
  const { board, playerId } = asked.path as { board: string; playerId: string }
  const { window: _, season: __, ...options } = asked.given as { window?: string; season?: string }
  return settled(seenOf(boardOf(asked), asked.given), (found) => {
    const seen = found as BoardView<Score>
    // Reads of one turn of the event loop see the same commit.
    const [entry, standing] = [seen.get(playerId, options), seen.standing(playerId)]
    return settled(entry, (entry) =>
      settled(standing, (standing) => {
        if (entry === undefined || standing === undefined) throw absentPlayer(asked)
        return { board, entry, standing, bucket: (standing as Standing<Score>).bucket }
      }),
    )
  })
}

function playerEverywhere(asked: Asked): unknown {
  const { store, path, given } = asked
  const playerId = path['playerId'] as string
  return settled(store.boardsOf(playerId, given), (boards) =>
    settled(store.profile(playerId), (profile) => {
      if ((boards as unknown[]).length === 0 && profile === undefined) throw absentPlayer(asked)
      return { playerId, profile, boards }
    }),
  )
}
