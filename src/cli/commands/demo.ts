/**
 * `demo`: the main job end to end on the bundled season, in a temporary store.
 *
 * With --serve the season is served, and simulated players go on playing (../demo/served.ts).
 *
 * With --json a document of the same facts: `DemoFacts` in ../demo/facts.ts.
 *
 * @module
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { PORT, parsePort } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { DemoFacts } from '../demo/facts.ts'
import type { SeasonFacts } from '../demo/seasons.ts'
import type { Scene } from '../demo/show.ts'
import { CliError } from '../failures.ts'
import { withSource } from '../files.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'
import type { CommonOptions } from '../with-store.ts'

const BOARD = 'arena'
const SEASON = createRequire(import.meta.url).resolve('#season')

export interface DemoOptions extends CommonOptions {
  serve?: boolean
  port?: number
}

/** Declares `demo`. */
export function demoCommand(cli: Cli): void {
  addCommand(cli, 'demo', {
    summary: 'the main job on a simulated season, in a temporary store',
    example: ['demo', 'demo --serve'],
  })
    .option('--serve', 'serve the season, with simulated players who go on playing')
    .option('--port <port>', `port of --serve; 0 takes a free one; default: ${PORT}`, parsePort)
    .action(runner(cli, runDemo))
}

export async function runDemo(io: Io, options: DemoOptions): Promise<number> {
  if (options.serve === true) return runServed(io, options)
  if (options.port !== undefined)
    throw new CliError('USAGE', 'Cannot use --port without --serve: nothing listens')
  const scene: Scene = { color: options.color, board: BOARD, file: typeable(SEASON) }
  // As the library, what is played and shown is loaded when it is needed.
  const { describeDemo, titleLine } = await import('../demo/show.ts')
  if (!options.json) await io.print(titleLine(io, scene))
  await inTemporaryDirectory(async (directory) => {
    const facts = await play(io, join(directory, 'arena'))
    const seasons = await playSeasons(io, join(directory, 'seasons'))
    if (options.json) await printJson(io, { ...facts, seasons })
    else await io.print(await describeDemo(io, { ...facts, seasons }, scene))
  })
  return 0
}

async function runServed(io: Io, options: DemoOptions): Promise<number> {
  const { port = PORT, json } = options
  const { serveDemo } = await import('../demo/served.ts')
  await inTemporaryDirectory((directory) =>
    serveDemo(io, { directory, season: SEASON, board: BOARD, port, json }),
  )
  return 0
}

async function inTemporaryDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'ladderdb-demo-'))
  try {
    await work(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function play(io: Io, directory: string): Promise<Omit<DemoFacts, 'seasons'>> {
  const { openLeaderboards } = await import('../../index.ts')
  const { playSeason } = await import('../demo/facts.ts')
  return withSource({ io, file: SEASON }, async ({ stream: source }) => {
    // The season has times of its own, and must load on a machine whose clock stands before them.
    const store = openLeaderboards(directory, { futureAllowanceMs: Number.MAX_SAFE_INTEGER })
    try {
      const board = await store.createBoard(BOARD, { mode: 'best' })
      return await playSeason(store, { board, source, signal: io.signal })
    } finally {
      await store.close()
    }
  })
}

async function playSeasons(io: Io, directory: string): Promise<SeasonFacts> {
  const { openLeaderboards } = await import('../../index.ts')
  const { playWindows, readPlayed, PLAYED_WINDOWS } = await import('../demo/seasons.ts')
  const runs = await readPlayed(SEASON)
  const clock = { now: runs[0]?.at ?? 0 }
  const store = openLeaderboards(directory, { clock: () => clock.now })
  try {
    const board = await store.createBoard(BOARD, { mode: 'best', windows: PLAYED_WINDOWS })
    return await playWindows(board, { runs, clock, signal: io.signal })
  } finally {
    await store.close()
  }
}

// The way from here where the file lies below, as it does in a clone.
function typeable(file: string): string {
  const path = relative('', file)
  return path.startsWith('..') ? file : path
}
