import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ERROR_CODES } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import {
  type Ending,
  endAll,
  program,
  runNode,
  share,
  Worker,
  withFastDirectory,
} from './children.ts'
import { everyFaultOf, FAULTS, nameOfFault } from './faults.ts'
import { compileShim, type Fault, shimEnvironment, skipLoudly } from './shim.ts'

const SAMPLE = sizeOf('TORTURE_FAULTS', { test: 2, torture: Number.POSITIVE_INFINITY })
// Each has a checker of its own. They mostly wait: a store whose disk failed takes two seconds to close.
const LANES = Math.min(4, SAMPLE / 2)
const RUN_LIMIT_MS = 20_000
const STATUS_DONE = 7
const STATUS_NOT_OPENED = 8
const TEST_LIMIT_MS = 90_000 + Math.min(SAMPLE, 3_000) * 1_000

const FULL: readonly (number | string)[] = [FAULTS.ENOSPC, FAULTS.EDQUOT, FAULTS.EFBIG]

interface Job {
  path: string
  readOnly: false
  goOn: true
  show: true
}
interface Answer {
  content?: { name: string; entries: { playerId: string; score: number }[] }[]
  findings?: unknown
  error?: { code: string; message: string }
}

/** A line of the driver's notes. */
interface Note {
  number?: number
  attempt?: [string, number][]
  stored?: true
  code?: string
  name?: string
  message?: string
  opening?: string
  wrong?: string
  refusedToRead?: true
  opened?: true
  closed?: true
}

const shim = compileShim()

describe('a disk that fails', () => {
  if ('reason' in shim) {
    skipLoudly('loses nothing that was answered, whatever fails and when', shim.reason)
    return
  }
  const { path } = shim

  test(
    'loses nothing that was answered, whatever fails and when',
    async () => {
      const seed = runSeed('faults')
      const started = performance.now()
      const failures: string[] = []
      const counts: Record<string, number> = {}
      let count = 0
      await withFastDirectory(async (directory) => {
        const all = await everyFault(path, directory)
        const chosen = sampleOf(all, new Random(seed))
        count = chosen.length
        console.info(`faults: ${count} of ${all.length} faults`)
        const lanes = Array.from({ length: LANES }, (_, i) => ({
          directory: join(directory, `lane-${i}`),
          checker: new Worker<Job, Answer>([program('checker.js')], { limitMs: RUN_LIMIT_MS }),
        }))
        await share(chosen, lanes, async (fault, lane) => {
          const { problems, outcomes } = await runWith(path, { fault, ...lane })
          failures.push(...problems.map((problem) => `${nameOfFault(fault)}: ${problem}`))
          for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
        })
        expect(await endAll(lanes.map(({ checker }) => checker))).toEqual([])
      })
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      console.info(
        `faults: ${count} runs in ${seconds} s, with ${JSON.stringify(counts)}, ${failures.length} failures`,
      )
      expect(failures, `SEED=${seed}`).toEqual([])
    },
    TEST_LIMIT_MS,
  )
})

// A run without a fault says how many operations of each kind there are.
async function everyFault(shimPath: string, directory: string): Promise<Fault[]> {
  const [store, log, notes] = ['store', 'log', 'notes'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  const ending = await runDriver([store, notes], shimEnvironment(shimPath, { match: store, log }))
  expect(ending).toMatchObject({ status: STATUS_DONE, stderr: '' })
  return everyFaultOf(log)
}

function sampleOf(all: readonly Fault[], random: Random): Fault[] {
  if (SAMPLE >= all.length) return [...all]
  const rest = [...all]
  return Array.from({ length: SAMPLE }, () => rest.splice(random.below(rest.length), 1)[0] as Fault)
}

function runDriver(args: readonly string[], env: Record<string, string>): Promise<Ending> {
  return runNode([program('faults-driver.js'), ...args], { env, limitMs: RUN_LIMIT_MS })
}

async function runWith(
  shimPath: string,
  run: { fault: Fault; directory: string; checker: Worker<Job, Answer> },
): Promise<{ problems: string[]; outcomes: Set<string> }> {
  const { fault, directory, checker } = run
  rmSync(directory, { recursive: true, force: true })
  // Beside the store, and with a name that the shim does not know.
  const notesFile = directory.replace(/lane/, 'notes')
  rmSync(notesFile, { force: true })
  const env = shimEnvironment(shimPath, { match: directory, fault })
  const ending = await runDriver([directory, notesFile], env)
  const notes = readFileSync(notesFile, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Note)
  const verdict = await checker.ask({ path: directory, readOnly: false, goOn: true, show: true })
  const isOpened = notes.some(({ opened }) => opened)
  const problems = [
    ...endingProblems(ending, { fault, isOpened }),
    ...notes.flatMap((note) => noteProblems(note, fault)),
    ...storeProblems(verdict, notes),
  ]
  return { problems, outcomes: outcomesOf(ending, notes) }
}

// What happened, in the words of the summary.
function outcomesOf({ signal }: Ending, notes: readonly Note[]): Set<string> {
  const codes = notes.flatMap(({ code, opening }) => code ?? opening ?? [])
  const isRefused = notes.some(({ refusedToRead }) => refusedToRead)
  return new Set([...codes, ...(signal ? [signal] : []), ...(isRefused ? ['no reads'] : [])])
}

function endingProblems(
  { status, signal, hung, stderr }: Ending,
  { fault, isOpened }: { fault: Fault; isOpened: boolean },
): string[] {
  if (hung) return [`it hung for ${RUN_LIMIT_MS} ms`]
  if (signal !== null && isKnown(signal, { fault, isOpened })) return []
  if (status === STATUS_DONE || status === STATUS_NOT_OPENED) return []
  return [`it ended with ${signal ?? status}: ${stderr.slice(0, 1_000)}`]
}

// Two bugs of lmdb 3.5.6 that nothing in JavaScript can catch. They are counted, and the store must be
// sound afterwards all the same.
function isKnown(
  signal: string,
  { fault, isOpened }: { fault: Fault; isOpened: boolean },
): boolean {
  // Its binding frees an environment twice when LMDB cannot open its files; the allocator may notice.
  if (!isOpened && (signal === 'SIGSEGV' || signal === 'SIGABRT')) return true
  // LMDB writes its message about a page that it could not write over the end of 100 bytes.
  const isPageWrite = fault.kind === 'write' && fault.fault !== 'short'
  return isPageWrite && (signal === 'SIGABRT' || signal === 'SIGSEGV')
}

function noteProblems(note: Note, { fault }: Fault): string[] {
  const { wrong, code, opening, name, message } = note
  if (wrong !== undefined) return [wrong]
  if (name === undefined) return []
  if (name !== 'LadderError') return [`a ${name} ${code ?? opening}: ${message}`]
  if (opening !== undefined)
    return opening in ERROR_CODES ? [] : [`an unknown code ${opening}: ${message}`]
  // A disk that takes half of a write is full. Where the board could not be created, there is none.
  const expected =
    FULL.includes(fault) || fault === 'short' ? ['DISK_FULL', 'IO', 'NO_BOARD'] : ['IO', 'NO_BOARD']
  return expected.includes(code as string) ? [] : [`the code is ${code}: ${message}`]
}

// What was answered is there; what was refused for want of room is not; what else failed may be.
function storeProblems(verdict: Answer | { signal: string }, notes: readonly Note[]): string[] {
  if ('signal' in verdict) return [`opened again: ended by ${verdict.signal}`]
  const { error, findings, content = [] } = verdict
  if (error) return [`opened again: ${error.code} ${error.message}`]
  if (findings) return [`opened again: ${JSON.stringify(findings)}`]
  const entries = content.find(({ name }) => name === 'arena')?.entries ?? []
  const shown = new Map(entries.map(({ playerId, score }) => [playerId, score]))
  const allowed = allowedScores(notes)
  return [...new Set([...allowed.keys(), ...shown.keys()])].flatMap((playerId) => {
    const scores = allowed.get(playerId) ?? [undefined]
    return scores.includes(shown.get(playerId))
      ? []
      : [`opened again: ${playerId} has ${shown.get(playerId)}, allowed ${scores}`]
  })
}

function allowedScores(notes: readonly Note[]): Map<string, (number | undefined)[]> {
  const allowed = new Map<string, (number | undefined)[]>()
  for (const { number, attempt = [] } of notes) {
    const outcome = notes.find((note) => note.number === number && note.attempt === undefined)
    for (const [playerId, score] of attempt) {
      const before = allowed.get(playerId) ?? [undefined]
      if (outcome?.stored) allowed.set(playerId, [score])
      else if (outcome?.code === 'IO' || outcome === undefined)
        allowed.set(playerId, [...before, score])
      else allowed.set(playerId, before)
    }
  }
  return allowed
}
