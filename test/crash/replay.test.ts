import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { endAll, program, runNode, share, Worker, withFastDirectory } from './children.ts'
import { type CrashState, crashStates } from './replay.ts'
import { compileShim, readLog, shimEnvironment, skipLoudly } from './shim.ts'

const STATES = sizeOf('TORTURE_STATES', { test: 16, torture: 1_000_000 })
const SEASON_STATES = sizeOf('TORTURE_SEASON_STATES', { test: 4, torture: 200_000 })
// A few from all over the run: borders come late in it.
const SEASON_SHARE = sizeOf('TORTURE_SEASON_SHARE', { test: 0.02, torture: 1 })
const CONTROL_STATES = sizeOf('TORTURE_CONTROL_STATES', { test: 300, torture: 10_000 })
// On a loaded machine four rounds in a row harmed nothing; the first that does ends them.
const CONTROL_ROUNDS = 15
// One shows that the harness sees; to come to harm takes the other one some seconds.
const CONTROLS = ['noSync', 'overlapping'].slice(
  0,
  sizeOf('TORTURE_CONTROLS', { test: 1, torture: 2 }),
)
// Enough to have seen that the harness sees; each may cost a process.
const CONTROL_FAILURES = sizeOf('TORTURE_CONTROL_FAILURES', { test: 1, torture: 10 })
// In memory a sync takes no time, and nothing would overlap.
const CONTROL_DELAY_US = 6_000
const RANDOM_PARTS = 3
const DRIVER_LIMIT_MS = 60_000
const STATE_LIMIT_MS = 10_000
// Few states are looked at sooner than a second process starts.
const WORKERS = sizeOf('TORTURE_REPLAY_WORKERS', { test: 1, torture: 2 })
const KEPT_FAILURES_MAX = 5
// A long replay says where it is.
const RUNS_PER_LINE = 10
const ROUND_LIMIT_MS = 60_000
const TEST_LIMIT_MS = 120_000 + (STATES + SEASON_STATES) * 30

interface Job {
  path: string
  readOnly: boolean
  goOn: boolean
  mode?: string
}
interface Answer {
  hash?: string
  findings?: unknown
  error?: { code: string; message: string }
}
interface Script {
  driver: string
  checker: string
  mode?: string
  /** A part of the driver's script alone. */
  part?: string
  /** Which share of the states of a run is looked at, at random. Default: all. */
  share?: number
  /** Most states that are looked at. */
  states: number
}
interface Figures {
  states: number
  runs: number
  uncertain: number
  /** In words; the first ones with the file kept for a look. */
  failures: string[]
  /** Failures by kind: a signal, an error, findings, or content that is no commit or an old one. */
  kinds: Record<string, number>
}

const shim = compileShim()

describe('a power cut', () => {
  if ('reason' in shim) {
    skipLoudly('leaves the state of a commit, and no older one than the last answer', shim.reason)
    return
  }
  const { path } = shim

  test(
    `leaves the state of a commit, and no older one than the last answer: ${STATES} states`,
    async () => {
      const figures = await replay(path, {
        driver: 'record-driver.js',
        checker: 'checker.js',
        states: STATES,
      })
      expect(figures.failures).toEqual([])
      expect(figures.states).toBeGreaterThanOrEqual(STATES)
    },
    TEST_LIMIT_MS,
  )

  test(
    `between seasons leaves the state of a commit, in all windows: ${SEASON_STATES} states`,
    async () => {
      const figures = await replay(path, {
        driver: 'record-driver.js',
        checker: 'checker.js',
        part: 'seasons',
        share: SEASON_SHARE,
        states: SEASON_STATES,
      })
      expect(figures.failures).toEqual([])
      expect(figures.states).toBeGreaterThanOrEqual(SEASON_STATES)
    },
    TEST_LIMIT_MS,
  )

  // Bare scripts on LMDB: one set up as the product is, and two that must be caught.
  test(
    'harms no bare script with synced commits alone (control)',
    async () => {
      const figures = await replay(path, bare('synced', CONTROL_STATES / 2))
      expect(figures.failures).toEqual([])
    },
    TEST_LIMIT_MS,
  )

  test.each(CONTROLS)(
    'is seen to harm a bare script with %s (control that must fail)',
    async (mode) => {
      // On a busy machine the writes of one round may come in an order that harms nothing.
      let failures = 0
      for (let round = 0; failures === 0 && round < CONTROL_ROUNDS; round++)
        failures = (await replay(path, bare(mode, CONTROL_STATES))).failures.length
      expect(failures).toBeGreaterThan(0)
    },
    CONTROL_ROUNDS * ROUND_LIMIT_MS,
  )
})

function bare(mode: string, states: number): Script {
  return { driver: 'bare-driver.js', checker: 'bare-checker.js', mode, states }
}

// Records as many runs as it takes, each with a seed of its own.
async function replay(shimPath: string, script: Script): Promise<Figures> {
  const { driver, mode, part } = script
  const seed = runSeed(`replay ${mode ?? part ?? 'of the product'}`)
  const figures: Figures = { states: 0, runs: 0, uncertain: 0, failures: [], kinds: {} }
  const started = performance.now()
  await withFastDirectory(async (directory) => {
    const bootId = join(directory, 'boot-id')
    writeFileSync(bootId, '5eed5eed-1111-4222-8333-444444444444\n')
    const workers = Array.from({ length: WORKERS }, () => {
      return new Worker<Job, Answer>([program(script.checker)], {
        env: shimEnvironment(shimPath, { bootId }),
        limitMs: STATE_LIMIT_MS,
      })
    })
    while (!isEnough(figures, script)) {
      const runSeed = seed + figures.runs++
      const log = await record(shimPath, {
        directory,
        driver,
        mode: mode ?? part,
        isControl: mode !== undefined,
        seed: runSeed,
      })
      const all = crashStates(readLog(log), {
        random: new Random(runSeed),
        randomCount: RANDOM_PARTS,
        share: script.share,
      })
      await share(
        until(all, () => isEnough(figures, script)),
        workers,
        async (state, worker, place) => {
          await look(state, { worker, directory, place, script, figures, runSeed })
        },
      )
      rmSync(log)
      if (figures.runs % RUNS_PER_LINE === 0)
        console.info(`replay: ${figures.states} states so far, ${figures.failures.length} failures`)
    }
    for (const ended of await endAll(workers)) {
      figures.failures.push(`a checker ended behind its last state: ${ended}`)
      figures.kinds[ended] = (figures.kinds[ended] ?? 0) + 1
    }
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.info(
    `replay ${mode ?? part ?? 'of the product'}: ${figures.states} states (${figures.uncertain} with uncertain writes) of ${figures.runs} runs in ${seconds} s, ${figures.failures.length} failures ${JSON.stringify(figures.kinds)}`,
  )
  return figures
}

async function record(
  shimPath: string,
  run: {
    directory: string
    driver: string
    mode: string | undefined
    isControl: boolean
    seed: number
  },
): Promise<string> {
  const store = join(run.directory, 'recorded')
  const [log, notes] = [join(run.directory, 'log'), join(run.directory, 'notes')]
  rmSync(store, { recursive: true, force: true })
  const ending = await runNode(
    [program(run.driver), store, notes, String(run.seed), ...(run.mode ? [run.mode] : [])],
    {
      env: shimEnvironment(shimPath, {
        match: '/data.mdb',
        log,
        notes,
        ...(run.isControl && { delayUs: CONTROL_DELAY_US }),
      }),
      limitMs: DRIVER_LIMIT_MS,
    },
  )
  expect(ending, `seed ${run.seed}`).toMatchObject({ status: 0, signal: null, hung: false })
  return log
}

function isEnough(figures: Figures, { states, mode }: Script): boolean {
  return (
    figures.states >= states || (mode !== undefined && figures.failures.length >= CONTROL_FAILURES)
  )
}

function* until<T>(items: Iterable<T>, isEnough: () => boolean): Generator<T> {
  for (const item of items) {
    if (isEnough()) return
    yield item
  }
}

async function look(
  state: CrashState,
  work: {
    worker: Worker<Job, Answer>
    directory: string
    place: number
    script: Script
    figures: Figures
    runSeed: number
  },
): Promise<void> {
  const { worker, figures, script } = work
  const number = figures.states++
  if (state.kind !== 'all') figures.uncertain++
  const path = join(work.directory, `state-${work.place}`)
  const folder = state.isLinked ? path : join(path, '.creating-0123456789ab')
  rmSync(path, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'data.mdb')
  writeFileSync(file, state.image)
  const job: Job = {
    path,
    // Without its name the file is no store yet: the opening makes one.
    readOnly: number % 2 === 1 && state.isLinked,
    goOn: number % 4 === 0,
    ...(script.mode && { mode: script.mode }),
  }
  const verdict = await worker.ask(job)
  const problem = problemOf(verdict, state)
  if (problem === undefined) return
  figures.kinds[problem.kind] = (figures.kinds[problem.kind] ?? 0) + 1
  const what = `seed ${work.runSeed}, operation ${state.point}, ${state.kind}: ${problem.text}`
  if (script.mode === undefined && figures.failures.length < KEPT_FAILURES_MAX) {
    const kept = mkdtempSync(join(tmpdir(), 'ladderdb-crash-state-'))
    // The child may have written to the file: the image is what the crash left.
    writeFileSync(join(kept, 'data.mdb'), state.image)
    if (job.goOn) copyFileSync(file, join(kept, 'after.mdb'))
    figures.failures.push(`${what} (${kept})`)
  } else figures.failures.push(what)
}

function problemOf(
  verdict: Answer | { signal: string },
  state: CrashState,
): { kind: string; text: string } | undefined {
  if ('signal' in verdict) return { kind: verdict.signal, text: `ended by ${verdict.signal}` }
  const { hash, error, findings } = verdict
  if (error) return { kind: 'error', text: `${error.code}: ${error.message}` }
  if (findings) return { kind: 'findings', text: JSON.stringify(findings) }
  if (hash !== undefined && state.allowed.includes(hash)) return undefined
  return { kind: 'content', text: `shows ${hash}, the last answer was about ${state.allowed[0]}` }
}
