/**
 * Random histories of a store with boards of all kinds, and all that a store shows.
 *
 * @module
 */

import { expect } from 'vitest'
import type { Leaderboards, LogRecord, Mode } from '../../src/index.ts'
import type { Random } from './random.ts'

export const PLAYERS = Array.from({ length: 10 }, (_, i) => `p${i}`)

export const BOARDS = {
  best: { mode: 'best' },
  sum: { mode: 'increment' },
  few: { mode: 'best', keep: 4 },
  golf: { order: 'ascending' },
  big: { scoreType: 'int64', mode: 'increment' },
  pair: {
    columns: [
      { name: 'wins', order: 'descending' },
      { name: 'ms', order: 'ascending' },
    ],
  },
  quiet: { mode: 'best', log: 'changes' },
} as const
type Name = keyof typeof BOARDS

/** All that a store shows: boards, entries, settings, profiles, bans, and the log. */
export interface Scene {
  seq: number
  boards: unknown
  entries: unknown
  players: unknown
  bans: unknown
  settings: unknown
  log: LogRecord[]
}

export function logOf(store: Leaderboards): LogRecord[] {
  const records: LogRecord[] = []
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = store.log({ after, limit: 10_000 })
    records.push(...page.records)
    after = page.next
  }
  return records
}

export function sceneOf(store: Leaderboards): Scene {
  const log = logOf(store)
  const boards = store.boards()
  return {
    seq: log.at(-1)?.seq ?? 0,
    boards,
    entries: boards.map(({ name }) => [...store.openBoard(name).entries()]),
    players: PLAYERS.map((playerId) => [
      store.profile(playerId),
      boards.map(({ name }) =>
        store
          .openBoard(name)
          .history(playerId)
          .records.map(({ seq }) => seq),
      ),
    ]),
    bans: store.bans(),
    settings: store.settings(),
    log,
  }
}

/** One random change; all kinds that there are. */
export async function change(
  random: Random,
  store: Leaderboards,
  clock: { now: number },
): Promise<void> {
  const name = random.pick(Object.keys(BOARDS)) as Name
  const playerId = random.pick(PLAYERS)
  const board = store.board(name, BOARDS[name] as object)
  const kind = random.below(40)
  const options = (): object => ({
    mode: random.pick<Mode>(['set', 'best', 'increment']),
    ...(random.chance(0.3) && { won: true }),
    ...(random.chance(0.1) && { ranks: false }),
    ...(random.chance(0.1) && { name: `n${random.below(1e9)}` }),
    ...(random.chance(0.2) && { metadata: { car: `c${random.below(5)}`, n: random.below(9) } }),
    ...(random.chance(0.2) && { at: clock.now - random.below(1000) / 8 }),
    ...(random.chance(0.1) && { requestId: `r${random.below(1e9)}` }),
  })
  const score = (): unknown => {
    if (name === 'big') return `${random.below(1e9)}00000000${random.below(10)}` as never
    if (name === 'pair') return { wins: random.below(5), ms: random.below(9) } as never
    return random.below(60) - 5
  }
  const seqs = (): number[] => {
    const runs = store.log({ kinds: ['submit', 'undo'], before: 1e9, limit: 30 }).records
    return runs.length === 0 ? [] : [random.pick(runs).seq]
  }
  const quietly = async (act: () => Promise<unknown>): Promise<void> => {
    await act().catch((error: { code?: string }) => {
      expect(['NOT_UNDOABLE', 'INEXACT', 'BANNED', 'LOG_OFF', 'NAME_TAKEN']).toContain(error.code)
    })
  }
  if (kind === 0) await board.remove(playerId)
  else if (kind === 1) await store.removePlayer(playerId)
  else if (kind === 2) await store.rename(playerId, `${playerId} ${random.below(100)}`)
  else if (kind === 3 && random.chance(0.4) && store.hasBoard(name)) await store.dropBoard(name)
  else if (kind === 4)
    await store.ban(playerId, {
      ...(random.chance(0.3) && store.hasBoard(name) && { board: name }),
      ...(random.chance(0.5) && { submits: 'keep' }),
      ...(random.chance(0.4) && { until: clock.now + 1 + random.below(50) }),
      reason: 'seen',
    })
  else if (kind < 7) await store.unban(playerId)
  else if (kind === 7)
    await quietly(() =>
      store.movePlayer(playerId, random.pick(PLAYERS.filter((id) => id !== playerId))),
    )
  else if (kind < 10) {
    const chosen = seqs()
    if (chosen.length > 0) await quietly(() => store.undo({ seqs: chosen, reason: 'why' }))
  } else if (kind === 10)
    await quietly(() => store.undo({ playerId, from: clock.now - 20, reason: 'all' }))
  else if (kind === 11)
    await quietly(() =>
      store.setProfile(playerId, {
        name: `known ${random.below(9)}`,
        metadata: { n: random.below(9) },
      }),
    )
  else if (kind === 18 && name !== 'pair') {
    const rows = Array.from({ length: 1 + random.below(6) }, () => {
      const at = random.chance(0.5) ? `,${clock.now - random.below(1000)}` : ','
      return `${random.pick(PLAYERS)},${random.below(60)},${random.chance(0.3) ? 'Some name' : ''}${at}`
    })
    const text = ['playerId,score,name,at', ...rows].join('\n')
    await board.importFrom([text], {
      format: 'csv',
      mode: random.pick<Mode>(['set', 'best', 'increment']),
    })
  } else if (kind === 12 && store.hasBoard(name) && name === 'best')
    await store.alter(name, { maxGain: random.pick([null, { by: 20, action: 'flag' }]) as never })
  else if (kind === 13) {
    const [flagged] = store.log({ flagged: true }).records
    if (flagged !== undefined)
      await quietly(() =>
        store.resolve(flagged.seq, { verdict: random.pick(['accepted', 'undone']), actor: 'kim' }),
      )
  } else if (kind < 18)
    await quietly(() =>
      board.submitMany(
        Array.from({ length: 3 }, () => {
          const { ranks: _, ...rest } = options() as { ranks?: boolean }
          return { playerId: random.pick(PLAYERS), score: score() as never, ...rest }
        }),
      ),
    )
  else await quietly(() => board.submit(playerId, score() as never, options()))
}
