/**
 * The season served: loaded as if it ended now, then played on by simulated players until somebody stops it.
 *
 *     { url, host, port, board }     with --json, when it listens
 *
 * @module
 */

import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Leaderboard } from '../../index.ts'
import { failureOf } from '../failures.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'
import { HOW_TO_STOP, placesOf, untilStopped } from '../serving.ts'
import { printable } from '../text.ts'
import { SimulatedPlayers } from './players.ts'
import { PLAYED_WINDOWS, type PlayedClock, playWindows, readPlayed } from './seasons.ts'

/** What is served, and where. */
export interface ServedDemo {
  /** A directory for the store and its backups. */
  directory: string
  /** The file of the season. */
  season: string
  board: string
  port: number
  json: boolean
}

const PAUSE_MS = 200

/** Serves the season until it is stopped. */
export async function serveDemo(io: Io, demo: ServedDemo): Promise<void> {
  const { board: name, directory, port } = demo
  const { createServer, requirePackages } = await import('../../server/index.ts')
  const { openLeaderboards } = await import('../../index.ts')
  requirePackages()
  const played: { clock: PlayedClock | undefined } = { clock: { now: 0 } }
  const store = openLeaderboards(join(directory, 'arena'), {
    clock: () => played.clock?.now ?? Date.now(),
  })
  try {
    const runs = await runsUntil(Date.now(), demo.season)
    const clock = { now: runs[0]?.at ?? 0 }
    played.clock = clock
    const board = await store.createBoard(name, { mode: 'best', windows: PLAYED_WINDOWS })
    await playWindows(board, { runs, clock, signal: io.signal })
    played.clock = undefined
    const server = createServer(store, {
      backups: join(directory, 'backups'),
      onError: (error) => io.report(`ladderdb: ${printable(failureOf(error).message)}`),
    })
    try {
      const { url, ...place } = await server.listen({ port })
      if (demo.json) await printJson(io, { url, ...place, board: name })
      else io.report(greeting(url, name))
      await Promise.all([untilStopped(io, server), playOn(board, io.signal)])
    } finally {
      await server.close()
    }
    if (!demo.json) io.report('stopped: the temporary store is removed')
  } finally {
    await store.close()
  }
}

type Runs = Awaited<ReturnType<typeof readPlayed>>

// The last run ends now, so that the week and the month that are on have something to show.
async function runsUntil(now: number, season: string): Promise<Runs> {
  const runs = await readPlayed(season)
  const last = runs.at(-1)?.at ?? now
  return runs.map((run) => ({ ...run, at: run.at + now - last }))
}

async function playOn(board: Leaderboard, signal: AbortSignal): Promise<void> {
  const players = new SimulatedPlayers(board)
  while (!signal.aborted) {
    const { playerId, score, name } = players.next()
    await board.submit(playerId, score, { name, ranks: false })
    await pause(PAUSE_MS, undefined, { signal }).catch(() => undefined)
  }
}

function greeting(url: string, board: string): string {
  return [
    `ladderdb serves a simulated season in a temporary store; simulated players go on playing`,
    '',
    ...placesOf(url, board),
    '',
    'It answers programs of this machine alone.',
    HOW_TO_STOP,
  ].join('\n')
}
