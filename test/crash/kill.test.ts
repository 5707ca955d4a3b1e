import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { endAll, program, share, Worker, withFastDirectory } from './children.ts'

const CYCLES = sizeOf('TORTURE_CYCLES', { test: 2, torture: 10_000 })
// Each with a store, a checker and a reader of its own: a cycle mostly waits for processes to start.
const LANES = sizeOf('TORTURE_KILL_LANES', { test: 1, torture: 2 })
// A life is drawn below one of these.
const LIVES_US = [300, 5_000, 20_000, 60_000]
const READER_LIFE_CYCLES = 7
const START_LIMIT_MS = 30_000
const CHECK_LIMIT_MS = 20_000
const PLAYERS = 64
const TEST_LIMIT_MS = 60_000 + CYCLES * 3_000

interface Job {
  path: string
  readOnly: boolean
  show: true
}
interface Entry {
  playerId: string
  name: string
  score: number
}
interface Answer {
  content?: { name: string; entries: Entry[] }[]
  findings?: unknown
  error?: { code: string; message: string }
}

/** One store with those who use it. */
interface Lane {
  path: string
  answers: string
  checker: Worker<Job, Answer>
  reader: Reader | undefined
  cycles: number
}

interface Figures {
  answers: number
  failures: string[]
}

test(
  `kill -9 at any time loses nothing that was answered: ${CYCLES} cycles`,
  async () => {
    const seed = runSeed('kill')
    const random = new Random(seed)
    const figures: Figures = { answers: 0, failures: [] }
    const started = performance.now()
    await withLanes(async (lanes) => {
      const cycles = Array.from({ length: CYCLES }, (_, cycle) => cycle)
      await share(cycles, lanes, (_cycle, lane) => runCycle(lane, { random, figures }))
      for (const lane of lanes) figures.failures.push(...(await endReader(lane)))
    })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.info(
      `kill: ${CYCLES} cycles, ${figures.answers} answers, in ${seconds} s, ${figures.failures.length} failures`,
    )
    expect(figures.failures, `SEED=${seed}`).toEqual([])
  },
  TEST_LIMIT_MS,
)

// The stores on a disk, where a sync takes its time; the answers beside them, in memory.
async function withLanes(body: (lanes: Lane[]) => Promise<void>): Promise<void> {
  await withDirectory(async (disk) => {
    await withFastDirectory(async (memory) => {
      const lanes = Array.from({ length: LANES }, (_, i): Lane => {
        const checker = new Worker<Job, Answer>([program('checker.js')], {
          limitMs: CHECK_LIMIT_MS,
        })
        const path = join(disk, `store-${i}`)
        return { path, answers: join(memory, `${i}`), checker, reader: undefined, cycles: 0 }
      })
      try {
        await body(lanes)
      } finally {
        expect(await endAll(lanes.map(({ checker }) => checker))).toEqual([])
      }
    })
  })
}

async function runCycle(lane: Lane, run: { random: Random; figures: Figures }): Promise<void> {
  const { random, figures } = run
  const cycle = ++lane.cycles
  rmSync(lane.answers, { force: true })
  const writer = spawn(
    process.execPath,
    [program('kill-writer.js'), lane.path, lane.answers, String(cycle)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(writer, 'exit')
  await firstLine(writer)
  await waitMicroseconds(random.below(random.pick(LIVES_US)))
  writer.kill('SIGKILL')
  const [, signal] = await ended
  const answers = readAnswers(lane.answers)
  figures.answers += answers.count
  const what = `cycle ${cycle} of ${lane.path}, ${answers.count} answers`
  if (signal !== 'SIGKILL') figures.failures.push(`${what}: the writer ended by itself`)
  const verdict = await lane.checker.ask({ path: lane.path, readOnly: cycle % 2 === 0, show: true })
  figures.failures.push(...problemsOf(verdict, answers).map((problem) => `${what}: ${problem}`))
  if (lane.reader?.hasEnded || cycle % READER_LIFE_CYCLES === 0)
    figures.failures.push(...(await endReader(lane)))
  lane.reader ??= await Reader.start(lane.path)
}

async function firstLine(child: ChildProcess): Promise<void> {
  const limit = AbortSignal.timeout(START_LIMIT_MS)
  await Promise.race([
    once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data', { signal: limit }),
    once(child, 'exit', { signal: limit }),
  ])
}

// Timers know milliseconds alone, and are late.
async function waitMicroseconds(us: number): Promise<void> {
  const end = process.hrtime.bigint() + BigInt(us) * 1000n
  if (us > 3_000) await sleep(us / 1000 - 2)
  while (process.hrtime.bigint() < end);
}

/** What was answered last about each. */
interface Answers {
  count: number
  last: Map<string, string>
}

function readAnswers(file: string): Answers {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  const last = new Map<string, string>()
  for (const line of lines) {
    const [who, what] = line.split(' ') as [string, string]
    last.set(who, what)
  }
  return { count: lines.length, last }
}

// What was answered is there, or what the same player did next: that may be stored and not answered.
function problemsOf(verdict: Answer | { signal: string }, answers: Answers): string[] {
  if ('signal' in verdict) return [`the check ended by ${verdict.signal}`]
  if (verdict.error) return [`${verdict.error.code}: ${verdict.error.message}`]
  if (verdict.findings) return [JSON.stringify(verdict.findings)]
  const entriesOf = (name: string): Entry[] =>
    verdict.content?.find((board) => board.name === name)?.entries ?? []
  const arena = new Map(entriesOf('arena').map((entry) => [entry.playerId, entry]))
  const cups = new Map(entriesOf('cups').map((entry) => [entry.playerId, entry]))
  const teams = new Map(entriesOf('teams').map((entry) => [entry.playerId, entry]))
  const problems: string[] = []
  for (const [who, what] of answers.last) {
    const answered = Number(what)
    if (who === 'team') problems.push(...teamProblems(teams, answered))
    else if (who === 'guest') problems.push(...guestProblems(teams.get('guest'), what))
    else {
      const entry = (who.startsWith('c') ? cups : arena).get(who)
      if (entry?.score !== answered && entry?.score !== answered + PLAYERS)
        problems.push(`${who} has ${entry?.score}, answered was ${answered}`)
      if (entry?.name !== `${who} with ${entry?.score}`)
        problems.push(`${who} is called ${entry?.name}`)
    }
  }
  return problems
}

function teamProblems(teams: Map<string, Entry>, answered: number): string[] {
  const scores = ['ann', 'bob', 'cid', 'dot', 'eve'].map((playerId) => teams.get(playerId)?.score)
  const [score] = scores
  const isWhole = scores.every((other) => other === score)
  return isWhole && (score === answered || score === answered + 1)
    ? []
    : [`the team has ${scores}, answered was ${answered}`]
}

function guestProblems(guest: Entry | undefined, answered: string): string[] {
  // After "gone" comes the next visit, whose number is not known here.
  const isRight = answered === 'gone' || guest === undefined || guest.score === Number(answered)
  return isRight ? [] : [`the guest has ${guest?.score}, answered was ${answered}`]
}

/** A second process that reads all the time. */
class Reader {
  readonly #child: ChildProcess
  #problem = ''
  hasEnded = false

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#problem += text
    })
    child.on('exit', () => {
      this.hasEnded = true
    })
  }

  static async start(path: string): Promise<Reader> {
    const child = spawn(process.execPath, [program('kill-reader.js'), path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const reader = new Reader(child)
    await firstLine(child)
    return reader
  }

  /** Kills it in the middle of a read; answers what it complained about. */
  async end(): Promise<string[]> {
    if (!this.hasEnded) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await ended
      return this.#problem === '' ? [] : [`the reader: ${this.#problem}`]
    }
    return [`the reader ended by itself: ${this.#problem}`]
  }
}

async function endReader(lane: Lane): Promise<string[]> {
  const problems = (await lane.reader?.end()) ?? []
  lane.reader = undefined
  return problems
}
