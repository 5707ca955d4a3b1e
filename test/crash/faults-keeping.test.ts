import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLeaderboards, verifyBackup } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { endAll, program, runNode, share, Worker, withFastDirectory } from './children.ts'
import { hashOf } from './content.js'
import { everyFaultOf, FAULTS, nameOfFault } from './faults.ts'
import { compileShim, type Fault, shimEnvironment, skipLoudly } from './shim.ts'

const SAMPLE = sizeOf('TORTURE_FAULTS_KEEPING', { test: 1, torture: Number.POSITIVE_INFINITY })
// Each has a checker of its own, a process that takes as long to start as it works for a run.
const LANES = Math.min(3, SAMPLE)
const RUN_LIMIT_MS = 30_000
const STATUS_DONE = 7
const TEST_LIMIT_MS = 90_000 + Math.min(SAMPLE, 3_000) * 2_000

interface Note {
  done?: string
  failed?: string
  name?: string
  code?: string
  message?: string
}
interface Answer {
  hash?: string
  findings?: unknown
  error?: { code: string; message: string }
}
type Checker = Worker<{ path: string; readOnly: true }, Answer>

const shim = compileShim()
const name = 'a backup and a restore whose disk fails leave the old or the new, whole'

if ('reason' in shim) skipLoudly(name, shim.reason)
else
  test(
    name,
    async () => {
      const random = new Random(runSeed('faults of backup and restore'))
      const failures: string[] = []
      const counts: Record<string, number> = {}
      await withFastDirectory(async (directory) => {
        const model = join(directory, 'model')
        const hashes = await makeModel(model)
        const all = everyFaultOf(await recordRun(shim.path, { model, directory }))
        const chosen = Array.from({ length: Math.min(SAMPLE, all.length) }, () => {
          return all.splice(random.below(all.length), 1)[0] as Fault
        })
        const lanes = Array.from({ length: LANES }, (_, i) => ({
          directory: join(directory, `lane-${i}`),
          checker: new Worker([program('checker.js')], { limitMs: RUN_LIMIT_MS }) as Checker,
        }))
        await share(chosen, lanes, async (fault, lane) => {
          const { problems, outcomes } = await runWith(shim.path, { fault, model, hashes, ...lane })
          failures.push(...problems.map((problem) => `${nameOfFault(fault)}: ${problem}`))
          for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
        })
        expect(await endAll(lanes.map(({ checker }) => checker))).toEqual([])
        console.info(
          `faults of backup and restore: ${chosen.length} of ${chosen.length + all.length}, ${JSON.stringify(counts)}, ${failures.length} failures`,
        )
      })
      expect(failures).toEqual([])
    },
    TEST_LIMIT_MS,
  )

async function makeModel(model: string): Promise<{ current: string; old: string }> {
  const hashes: string[] = []
  for (const [part, score] of [
    ['old', 1],
    ['store', 2],
  ] as const) {
    const store = openLeaderboards(join(model, part))
    const submissions = Array.from({ length: 50 }, (_, i) => ({
      playerId: `p${i}`,
      score: score * i,
    }))
    await store.board('arena').submitMany(submissions)
    hashes.push(hashOf(store))
    if (part === 'store') await store.backup(join(model, 'good'))
    await store.close()
  }
  return { old: hashes[0] as string, current: hashes[1] as string }
}

async function recordRun(
  shimPath: string,
  { model, directory }: { model: string; directory: string },
): Promise<string> {
  const [lane, notes, log] = ['recorded', 'recorded.notes', 'log'].map((part) =>
    join(directory, part),
  ) as [string, string, string]
  cpSync(model, lane, { recursive: true })
  const env = shimEnvironment(shimPath, { match: `${lane}/`, log })
  const ending = await runNode([program('faults-keeping-driver.js'), lane, notes], {
    env,
    limitMs: RUN_LIMIT_MS,
  })
  expect(ending).toMatchObject({ status: STATUS_DONE })
  expect(readFileSync(notes, 'utf8')).toBe('{"done":"backup"}\n{"done":"restore"}\n')
  return log
}

async function runWith(
  shimPath: string,
  run: {
    fault: Fault
    model: string
    directory: string
    hashes: { current: string; old: string }
    checker: Checker
  },
): Promise<{ problems: string[]; outcomes: string[] }> {
  const { fault, model, directory, hashes, checker } = run
  const notesFile = `${directory}.notes`
  rmSync(directory, { recursive: true, force: true })
  rmSync(notesFile, { force: true })
  cpSync(model, directory, { recursive: true })
  const env = shimEnvironment(shimPath, { match: `${directory}/`, fault })
  const ending = await runNode([program('faults-keeping-driver.js'), directory, notesFile], {
    env,
    limitMs: RUN_LIMIT_MS,
  })
  const notes = existsSync(notesFile) ? notesOf(notesFile) : []
  const isDone = (step: string): boolean => notes.some(({ done }) => done === step)
  const problems: string[] = []
  if (ending.hung) problems.push(`it hung for ${RUN_LIMIT_MS} ms`)
  // LMDB ends a process whose files it cannot open or write; see faults.test.ts.
  else if (ending.signal === null && ending.status !== STATUS_DONE)
    problems.push(`it ended with ${ending.status}: ${ending.stderr.slice(0, 500)}`)
  problems.push(...(await contentProblems(join(directory, 'store'), [hashes.current], checker)))
  const restored = isDone('restore') ? [hashes.current] : [hashes.old, hashes.current]
  problems.push(...(await contentProblems(join(directory, 'old'), restored, checker)))
  problems.push(...(await backupProblems(directory, isDone('backup'))))
  problems.push(
    ...notes
      .filter(
        ({ failed, name, code }) => failed && !(name === 'LadderError' && mayFail(fault, code)),
      )
      .map((note) => `it said ${JSON.stringify(note)}`),
  )
  const outcomes = notes.map(({ done, failed, code }) =>
    done ? `${done} done` : `${failed} ${code}`,
  )
  return { problems, outcomes: [...outcomes, ...(ending.signal ? [ending.signal] : [])] }
}

// A write that is cut short, and one that LMDB reports as EIO where there is little room, may be either.
function mayFail({ fault }: Fault, code: string | undefined): boolean {
  if (fault === 'short') return code === 'DISK_FULL' || code === 'IO'
  return code === (fault === FAULTS.EIO ? 'IO' : 'DISK_FULL')
}

function notesOf(file: string): Note[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Note)
}

async function contentProblems(
  path: string,
  allowed: readonly string[],
  checker: Checker,
): Promise<string[]> {
  const verdict = await checker.ask({ path, readOnly: true })
  if ('hash' in verdict && allowed.includes(verdict.hash as string)) return []
  return [`${path.split('/').at(-1)} shows ${JSON.stringify(verdict)}`]
}

// A backup under its final name is whole, whatever was said about it.
async function backupProblems(directory: string, isDone: boolean): Promise<string[]> {
  const isThere = readdirSync(directory).includes('new')
  if (!isThere) return isDone ? ['the backup that was made is not there'] : []
  try {
    await verifyBackup(join(directory, 'new'))
    return []
  } catch (error) {
    return [`the backup is not whole: ${(error as Error).message}`]
  }
}
