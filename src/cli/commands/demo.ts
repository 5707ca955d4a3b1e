/**
 * `demo`: the main job end to end on the bundled season, in a temporary store.
 *
 * With --json a document of the same facts: `DemoFacts` in ../demo/facts.ts.
 *
 * @module
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openLeaderboards } from '../../index.ts'
import { type DemoFacts, playSeason } from '../demo/facts.ts'
import { describeDemo, type Scene, titleLine } from '../demo/show.ts'
import { withSource } from '../files.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'
import type { CommonOptions } from '../with-store.ts'

const BOARD = 'arena'
const SEASON = fileURLToPath(new URL('../../../data/season.csv.gz', import.meta.url))

export async function runDemo(io: Io, options: CommonOptions): Promise<number> {
  const scene: Scene = { color: options.color, board: BOARD, file: typeable(SEASON) }
  if (!options.json) await io.print(titleLine(io, scene))
  const directory = await mkdtemp(join(tmpdir(), 'ladderdb-demo-'))
  try {
    const facts = await play(io, directory)
    if (options.json) await printJson(io, facts)
    else await io.print(await describeDemo(io, facts, scene))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return 0
}

function play(io: Io, directory: string): Promise<DemoFacts> {
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

// The way from here where the file lies below, as it does in a clone.
function typeable(file: string): string {
  const path = relative('', file)
  return path.startsWith('..') ? file : path
}
