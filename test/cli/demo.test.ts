import { readdir } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { DemoFacts } from '../../src/cli/demo/facts.ts'
import { SimulatedPlayers, type SimulatedRun } from '../../src/cli/demo/players.ts'
import { describeDemo, titleLine } from '../../src/cli/demo/show.ts'
import { Io } from '../../src/cli/io.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'
import { type Ran, run, runServing, type World } from './support.ts'

const RUNS = sizeOf('DEMO_RUNS', { test: 160, torture: 400 })

/** Runs the demo with a temporary directory of its own, which must be empty afterwards. */
function runDemo(args: string[], world?: World): Promise<Ran> {
  return inOwnPlace(() => run(['demo', ...args], world))
}

async function inOwnPlace(demo: () => Promise<Ran>): Promise<Ran> {
  const { TMPDIR } = process.env
  let ran: Ran | undefined
  await withDirectory(async (directory) => {
    process.env['TMPDIR'] = directory
    try {
      ran = await demo()
      expect(await readdir(directory)).toEqual([])
    } finally {
      if (TMPDIR === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = TMPDIR
    }
  })
  return ran as Ran
}

// The season is played once for both. What a person types is `npm start`.
test('demo shows the main job in 80 columns, --json the same facts, and leaves nothing behind', async () => {
  const { status, stdout, stderr } = await runDemo(['--json'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const facts = JSON.parse(stdout)
  expect(facts.simulated).toBe(true)
  expect(facts.loaded).toMatchObject({ rows: 64_000, players: 6500 })
  expect(facts.top.length).toBe(10)
  expect(facts.player.around.length).toBe(5)
  expect(facts.player.entry.playerId).toBe('p05962')
  expect(facts.update.answer).toMatchObject({ previousRank: 650, rank: 100, changed: true })
  expect(facts.edges.unknown).toEqual({ playerId: 'nobody', rank: null })
  expect(facts.edges.worse.changed).toBe(false)
  const [first, second] = facts.edges.tie
  expect(first.entry.score).toBe(second.entry.score)
  expect(first.entry.at).toBeLessThan(second.entry.at)
  const { week, month, lastMonth, finals } = facts.seasons
  expect([week.season, month.season, lastMonth.season]).toEqual(['2026-W41', '2026-10', '2026-09'])
  expect([week.sealed, month.sealed, lastMonth.sealed]).toEqual([false, false, true])
  expect(finals.weeks.length).toBe(4)
  expect(facts.statistics).toMatchObject({ entries: 6500, distinctScores: 1436 })
  await expectShown({ ...facts, edges: { ...facts.edges, unknown: { playerId: 'nobody' } } })
})

async function expectShown(facts: DemoFacts): Promise<void> {
  const io = new Io({
    ...{ stdin: Readable.from([]), stdout: new PassThrough(), stderr: new PassThrough() },
    ...{ env: {}, signal: new AbortController().signal },
  })
  const scene = { color: false, board: 'arena', file: 'data/season.csv.gz' }
  const shown = titleLine(io, scene) + (await describeDemo(io, facts, scene))
  const lines = shown.split('\n')
  expect(lines.filter((line) => [...line].length > 80)).toEqual([])
  expect(lines[0]).toContain('simulated season')
  expect(lines[1]).toMatch(/^Loaded 64,000 results of 6,500 players in /)
  expect(shown).toMatch(/ 1 {2}RapidLynx +p01826 {2}66,710 /)
  expect(shown).toContain('rank        650 of 6,500')
  expect(shown).toMatch(/p05962 after .* rank 100, on disk after [\d.]+ [mµ]?s/)
  expect(shown).toContain('nobody has no rank, which is not an error')
  expect(shown).toContain('who got there first stays ahead')
  expect(shown).toContain('ordinal 48 and 49 · competition 48 and 48 · dense 48 and 48')
  expect(shown).toContain('  this week   2026-W41, 1,362 players, until 2026-10-12T00:00Z')
  expect(shown).toContain('  this month  2026-10, 2,292 players, until 2026-11-01T00:00Z')
  expect(shown).toContain('  last month  2026-09, 5,030 players, sealed: the final standing')
  expect(shown).toMatch(/ 1 {2}RapidLynx +p01826 {2}66,710 {2}2026-10-01T14:13:12.398Z\n/)
  expect(shown).toContain('2026-W40 #57 · 2026-W39 #1 · 2026-W38 #16 · 2026-W37 #105')
  expect(shown).toContain('npx ladderdb --board arena import data/season.csv.gz --mode best')
  expect(shown).toMatch(/npx ladderdb demo --serve {5}the live page.*\n$/)
}

test('demo ends when it is interrupted, and leaves nothing behind', async () => {
  const { status } = await runDemo(['--json'], { signal: AbortSignal.abort() })
  expect(status).toBe(130)
})

test('demo --serve serves the season as if it ended now, plays on, and leaves nothing behind', async () => {
  const { status, stderr } = await inOwnPlace(() =>
    runServing(['--json', 'demo', '--serve', '--port', '0'], async (url) => {
      // biome-ignore lint/suspicious/noExplicitAny: a test looks into it as it likes.
      const ask = async (path: string): Promise<any> => (await fetch(`${url}${path}`)).json()
      const before = await ask('/api/v1/boards/arena/entries?limit=3')
      expect(before.total).toBeGreaterThanOrEqual(6_500)
      expect(before.entries[0].name).toBe('RapidLynx')
      const week = await ask('/api/v1/boards/arena/entries?limit=3&window=week')
      expect(week.total).toBeGreaterThan(0)
      const { sequence } = await ask('/healthz')
      await expect
        .poll(async () => (await ask('/healthz')).sequence, { timeout: 10_000 })
        .toBeGreaterThan(sequence)
      expect((await fetch(`${url}/`)).headers.get('content-type')).toContain('text/html')
    }),
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('demo says which options go together, and --serve how to stop it', async () => {
  expect(await runDemo(['--port', '1'])).toMatchObject({ status: 2 })
  expect(await runDemo(['--serve', '--port', '65536'])).toMatchObject({ status: 2 })
  const stopped = await runDemo(['--serve'], { signal: AbortSignal.abort() })
  expect(stopped.status).toBe(130)
})

test('simulated players play the same from the same seed, and pass others', () =>
  withStore(async ({ store }) => {
    const play = async (name: string): Promise<SimulatedRun[]> => {
      const board = await store.createBoard(name, { mode: 'best' })
      const players = new SimulatedPlayers(board, 7)
      const runs: SimulatedRun[] = []
      for (let i = 0; i < RUNS; i++) {
        const run = players.next()
        runs.push(run)
        await board.submit(run.playerId, run.score, { name: run.name })
      }
      return runs
    }
    const first = await play('first')
    expect(await play('second')).toEqual(first)
    expect(first.every(({ score }) => Number.isInteger(score / 10) && score >= 0)).toBe(true)
    const passed = store.log({ board: 'first', limit: 1_000 }).records
    expect(passed.filter(({ changed }) => changed).length).toBeGreaterThan(RUNS / 4)
    expect(store.openBoard('first').size).toBeGreaterThan(RUNS / 80)
  }))
