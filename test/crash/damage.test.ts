import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { SMALL_FILE_PAGES } from '../../src/ground/limits.ts'
import { ERROR_CODES, openLeaderboards } from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { endAll, program, runNode, share, Worker, withFastDirectory } from './children.ts'
import { hashOf } from './content.js'
import {
  cutDamages,
  type Damage,
  type DamageKind,
  flippedBits,
  foreignDamages,
  headerDamages,
  lockDamages,
  pageHeaderDamages,
  recordDamages,
  type StoredRecord,
  swappedPages,
  zeroedPages,
} from './damage.ts'

const CASES = sizeOf('TORTURE_DAMAGE', { test: 8, torture: 20_000 })
const LARGE_CASES = sizeOf('TORTURE_DAMAGE_LARGE', { test: 1, torture: 400 })
const LARGE_PLAYERS = 20_000
// A few cases are looked at sooner than a second process starts.
const WORKERS = sizeOf('TORTURE_DAMAGE_WORKERS', { test: 1, torture: 2 })
const CASE_LIMIT_MS = 20_000
const TEST_LIMIT_MS = 90_000 + CASES * 500
const KEPT_MAX = 10

/** Share of the cases of each kind. Foreign and lock files are few, and all looked at. */
const SHARES: Partial<Record<DamageKind, number>> = {
  header: 0.34,
  cut: 0.12,
  record: 0.2,
  'page header': 0.05,
  'zeroed page': 0.05,
  'swapped pages': 0.05,
  'flipped bits': 0.12,
}

interface Failed {
  error: { name: string; code: string; message: string }
}
interface Answer {
  opening?: Failed
  reading?: Failed | { hash: string }
  checking?: Failed | { findings: unknown[] }
  closing?: Failed
}
interface Job {
  path: string
  readOnly: boolean
  /** Both where it is not given. */
  steps?: ('reading' | 'checking')[]
}

/** The undamaged file, and what it shows. */
interface Sound {
  file: Buffer
  lock: Buffer
  /** Content of the last commit, and of the one before it. */
  hash: string
  earlierHash: string
  records: StoredRecord[]
  bare: Buffer[]
}

/**
 * How a case may end. Right: everything is shown as it was, and check finds nothing. Named: opening,
 * reading or check say what is wrong. Earlier: the commit before the last is shown, whole. Unnamed,
 * wrong, hung (SIGKILL) and any other signal are failures.
 */
type Outcome = 'right' | 'named' | 'earlier' | 'found by check alone' | 'unnamed' | 'wrong' | string

test(
  `a damaged file is named or does no harm, and is never served: ${CASES} cases`,
  async () => {
    const seed = runSeed('damage')
    const started = performance.now()
    const counts: Record<string, Record<Outcome, number>> = {}
    const failures: string[] = []
    const killers: Damage[] = []
    const foundLate: string[] = []
    await withFastDirectory(async (directory) => {
      const sound = await makeSound(directory)
      const cases = casesOf(sound, new Random(seed))
      const workers = Array.from({ length: WORKERS }, () => {
        return new Worker<Job, Answer>([program('damage-child.js')], { limitMs: CASE_LIMIT_MS })
      })
      let number = 0
      await share(cases, workers, async (damage, worker, place) => {
        const job = { path: join(directory, `damaged-${place}`), readOnly: number++ % 2 === 1 }
        write(damage, job.path)
        const verdict = await worker.ask(job)
        const outcome = outcomeOf(verdict, sound)
        counts[damage.kind] ??= {}
        const ofKind = counts[damage.kind] as NonNullable<(typeof counts)[string]>
        ofKind[outcome] = (ofKind[outcome] ?? 0) + 1
        if ('signal' in verdict) killers.push(damage)
        if (outcome === 'found by check alone') foundLate.push(damage.name)
        if (isFailure(outcome))
          failures.push(
            describe(damage, { verdict, outcome, job, isKept: failures.length < KEPT_MAX }),
          )
      })
      expect(await endAll(workers)).toEqual([])
      await checkApart(killers, { directory, failures })
    })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.info(`damage: in ${seconds} s, ${failures.length} failures`)
    console.table(counts)
    console.info(`damage: shown, and found by check alone: ${foundLate.slice(0, 10).join('; ')}`)
    expect(failures, `SEED=${seed}`).toEqual([])
  },
  TEST_LIMIT_MS,
)

// Of a large file only the upper pages are looked at when it is opened. What LMDB does on the others
// when they are read is counted and not promised; check() must name all of them.
test(
  `damaged pages deep in a large file are named by check(), which no signal ends: ${LARGE_CASES} cases`,
  async () => {
    const random = new Random(runSeed('damage of a large file'))
    const failures: string[] = []
    const checked: Record<Outcome, number> = {}
    const read: Record<Outcome, number> = {}
    await withFastDirectory(async (directory) => {
      const { file, hash } = await makeLarge(directory)
      expect(file.length / 4096).toBeGreaterThan(SMALL_FILE_PAGES)
      const kinds = [zeroedPages, swappedPages, pageHeaderDamages]
      const cases = Array.from({ length: LARGE_CASES }, (_, i) => {
        const generator = kinds[i % kinds.length] as typeof zeroedPages
        return generator(file, random).next().value as Damage
      })
      const workers = Array.from({ length: WORKERS }, () => {
        return new Worker<Job, Answer>([program('damage-child.js')], { limitMs: CASE_LIMIT_MS })
      })
      await share(cases, workers, async (damage, worker, place) => {
        const path = join(directory, `damaged-${place}`)
        write(damage, path)
        const sound = { hash, earlierHash: hash }
        const check = await worker.ask({ path, readOnly: true, steps: ['checking'] })
        const reading = await worker.ask({ path, readOnly: true, steps: ['reading'] })
        const outcome = checkOutcomeOf(check)
        const checking = { checking: { findings: outcome === 'right' ? [] : [outcome] } }
        const shown = outcomeOf({ ...checking, ...reading }, sound)
        checked[outcome] = (checked[outcome] ?? 0) + 1
        read[shown] = (read[shown] ?? 0) + 1
        if (outcome !== 'named' && (outcome !== 'right' || shown !== 'right'))
          failures.push(`${damage.name}: check() ${outcome}, reading ${shown}`)
      })
      expect(await endAll(workers)).toEqual([])
    })
    console.info(
      `damage of a large file: check() ${JSON.stringify(checked)}; reads, not promised: ${JSON.stringify(read)}`,
    )
    expect(failures).toEqual([])
  },
  TEST_LIMIT_MS,
)

function checkOutcomeOf(verdict: Answer | { signal: string }): Outcome {
  if ('signal' in verdict) return verdict.signal
  const { opening, checking } = verdict
  for (const step of [opening, checking]) {
    if (step && 'error' in step) return step.error.name === 'LadderError' ? 'named' : 'unnamed'
  }
  return isFound(checking) ? 'named' : 'right'
}

async function makeLarge(directory: string): Promise<{ file: Buffer; hash: string }> {
  const path = join(directory, 'large')
  const store = openLeaderboards(path)
  for (let i = 0; i < LARGE_PLAYERS; i += 5_000) {
    const submissions = Array.from({ length: 5_000 }, (_, j) => {
      return { playerId: `player ${i + j}`, score: ((i + j) * 7_919) % 10_007 }
    })
    await store.board('arena').submitMany(submissions)
  }
  const hash = hashOf(store)
  await store.close()
  return { file: readFileSync(join(path, 'data.mdb')), hash }
}

function isFailure(outcome: Outcome): boolean {
  return outcome === 'unnamed' || outcome === 'wrong' || outcome.startsWith('SIG')
}

function outcomeOf(
  verdict: Answer | { signal: string },
  sound: { hash: string; earlierHash: string },
): Outcome {
  if ('signal' in verdict) return verdict.signal
  const { opening, reading, checking, closing } = verdict
  for (const step of [opening, reading, checking, closing]) {
    if (step === undefined || !('error' in step)) continue
    const { name, code } = step.error
    if (name === 'LadderError' && code in ERROR_CODES) return 'named'
    // Shown without an error, and noticed by the test.
    if (name !== 'Contradiction') return 'unnamed'
    return isFound(checking) ? 'found by check alone' : 'wrong'
  }
  if (isFound(checking))
    return reading && 'hash' in reading && reading.hash === sound.hash
      ? 'named'
      : 'found by check alone'
  const { hash } = reading as { hash: string }
  if (hash === sound.hash) return 'right'
  return hash === sound.earlierHash ? 'earlier' : 'wrong'
}

function isFound(checking: Answer['checking']): boolean {
  if (checking === undefined) return false
  return 'error' in checking ? checking.error.name === 'LadderError' : checking.findings.length > 0
}

// Where LMDB ended the process, `ladderdb check` must not: it reads in a child.
async function checkApart(
  killers: readonly Damage[],
  work: { directory: string; failures: string[] },
): Promise<void> {
  const path = join(work.directory, 'killer')
  const tried = killers.slice(0, KEPT_MAX)
  for (const damage of tried) {
    write(damage, path)
    const tool = resolve(import.meta.dirname, '../../bin/ladderdb.js')
    const ending = await runNode([tool, '--db', path, '--json', 'check'], {
      limitMs: CASE_LIMIT_MS,
    })
    if (ending.status !== 4)
      work.failures.push(
        `ladderdb check on ${damage.name} ended with ${ending.signal ?? ending.status}: ${ending.stderr}`,
      )
  }
  console.info(
    `damage: ladderdb check on ${tried.length} of ${killers.length} that ended a process`,
  )
}

function describe(
  damage: Damage,
  ending: { verdict: object; outcome: Outcome; job: Job; isKept: boolean },
): string {
  const { verdict, outcome, job, isKept } = ending
  const mode = job.readOnly ? 'read-only' : 'for writing'
  const text = `${damage.kind}, ${damage.name}, opened ${mode}: ${outcome} ${JSON.stringify(verdict)}`
  if (!isKept) return text
  const kept = mkdtempSync(join(tmpdir(), 'ladderdb-damaged-'))
  writeFileSync(join(kept, 'data.mdb'), damage.data)
  return `${text} (${kept})`
}

function write(damage: Damage, path: string): void {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { mode: 0o700 })
  writeFileSync(join(path, 'data.mdb'), damage.data, { mode: 0o600 })
  if (damage.lock) writeFileSync(join(path, 'lock.mdb'), damage.lock, { mode: 0o600 })
}

function casesOf(sound: Sound, random: Random): Damage[] {
  const { file, lock, records, bare } = sound
  const sampled: Record<string, Iterable<Damage>> = {
    header: headerDamages(file, random),
    cut: cutDamages(file, random),
    record: recordDamages(file, { records, random }),
    'page header': pageHeaderDamages(file, random),
    'zeroed page': zeroedPages(file, random),
    'swapped pages': swappedPages(file, random),
    'flipped bits': flippedBits(file, random),
  }
  const chosen = Object.entries(sampled).flatMap(([kind, damages]) => {
    const count = Math.ceil(CASES * (SHARES[kind as DamageKind] as number))
    return sampleOf(damages, { count, random })
  })
  const few = [...foreignDamages(file, { bare, random }), ...lockDamages(file, lock), ...chosen]
  // Fields are not without end: of many cases the rest are random.
  const count = Math.max(0, CASES - few.length)
  return [...few, ...sampleOf(flippedBits(file, random), { count, random })]
}

// Endless ones are random anyway; of the others every one is as likely.
function sampleOf(
  damages: Iterable<Damage>,
  { count, random }: { count: number; random: Random },
): Damage[] {
  const chosen: Damage[] = []
  const seenMax = 20 * count
  let seen = 0
  for (const damage of damages) {
    if (seen++ === seenMax) break
    if (chosen.length < count) chosen.push(damage)
    else {
      const place = random.below(seen)
      if (place < count) chosen[place] = damage
    }
  }
  return chosen
}

async function makeSound(directory: string): Promise<Sound> {
  const path = join(directory, 'sound')
  const store = openLeaderboards(path, { clock: () => 1_760_000_000_000 })
  const arena = store.board('arena', { mode: 'best' })
  const golf = store.board('golf', { order: 'ascending' })
  const submissions = Array.from({ length: 600 }, (_, i) => {
    return { playerId: `player ${i}`, score: (i * 37) % 101, name: `Player number ${i}` }
  })
  await arena.submitMany(submissions)
  for (let i = 0; i < 40; i++) await golf.submit(`golfer ${i}`, (i * 7) % 13)
  for (let i = 0; i < 40; i++) await arena.submit(`player ${i * 3}`, 60 + i)
  const earlierHash = hashOf(store)
  await arena.submit('player 599', 1_000)
  const hash = hashOf(store)
  await store.close()
  const file = readFileSync(join(path, 'data.mdb'))
  const lock = readFileSync(join(path, 'lock.mdb'))
  const bare = ['synced', 'overlapping'].map((mode) => {
    const other = join(directory, mode)
    execFileSync(process.execPath, [program('bare-driver.js'), other, `${other}-notes`, '1', mode])
    return readFileSync(join(other, 'data.mdb'))
  })
  return { file, lock, hash, earlierHash, records: recordsOf(path), bare }
}

function recordsOf(path: string): StoredRecord[] {
  const copy = `${path}-copy`
  mkdirSync(copy)
  copyFileSync(join(path, 'data.mdb'), join(copy, 'data.mdb'))
  const text = execFileSync(process.execPath, [program('records.js'), copy], { encoding: 'utf8' })
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [table, key, value] = line.split(' ') as [string, string, string]
      return { table, key: Buffer.from(key, 'hex'), value: Buffer.from(value, 'hex') }
    })
}
