/**
 * A backup or restore that is killed before each system call on its files, or whose call fails: what
 * was there stays whole, nothing half shows as a backup, and the next run works and cleans up.
 *
 * @module
 */

import { createReadStream, createWriteStream, existsSync, mkdtempSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  listBackups,
  openLeaderboards,
  restoreBackup,
  rotateBackups,
  verifyBackup,
} from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { program, runNode, withFastDirectory } from './children.ts'
import { hashOf } from './content.js'
import { compileShim, type Fault, shimEnvironment, skipLoudly } from './shim.ts'

checkHere()

/** Calls to be killed at, for each command; a torture run takes all. */
const KILLS = sizeOf('TORTURE_KILLS', { test: 1, torture: Number.POSITIVE_INFINITY })
/** Calls to fail, for each command and errno. */
const FAILURES = sizeOf('TORTURE_FAILURES', { test: 1, torture: Number.POSITIVE_INFINITY })
/** More than any command makes. */
const CALLS_MAX = 500
/** A short run does not count the calls, which takes eight processes: no command made more than these. */
const CALLS_ABOUT = 45
/** Nor fewer than these where it writes. */
const WRITES_ABOUT = 25
const IS_SHORT = KILLS === 1 && FAILURES === 1
const LIMIT_MS = 60_000
/** Files whose calls are counted: kills come anywhere, failures where the command writes. */
const EVERYWHERE = '/scene'
const WRITTEN: Record<Command, string> = {
  backup: '/scene/backups',
  pack: '/scene/temporary',
  restore: '/scene/store',
  unpack: '/scene/',
}
const COMMANDS = ['backup', 'pack', 'restore', 'unpack'] as const
type Command = (typeof COMMANDS)[number]
const ERRORS: [name: string, errno: number, codes: string[]][] = [
  ['ENOSPC', 28, ['done', 'DISK_FULL']],
  ['EIO', 5, ['done', 'IO', 'CORRUPT', 'NOT_A_BACKUP', 'NOT_A_STORE']],
]

/** A store, an earlier backup of it, and another one to restore. */
interface Scene {
  directory: string
  temporary: string
  store: string
  backups: string
  earlier: string
  dest: string
  other: string
  file: string
}

function sceneIn(directory: string): Scene {
  const scene = join(directory, 'scene')
  const backups = join(scene, 'backups')
  return {
    directory: scene,
    temporary: join(scene, 'temporary'),
    store: join(scene, 'store'),
    backups,
    earlier: join(backups, 'earlier'),
    dest: join(backups, 'dest'),
    other: join(directory, 'other'),
    file: join(directory, 'other.ladder'),
  }
}

/** Makes the scene that every run starts from; returns the hashes of the two stores. */
async function setUp(directory: string): Promise<{ old: string; restored: string }> {
  const scene = sceneIn(directory)
  await mkdir(scene.temporary, { recursive: true })
  const store = openLeaderboards(scene.store)
  await store.board('arena').submit('ann', 1)
  await store.backup(scene.other)
  await store.backup(createWriteStream(scene.file))
  const restored = hashOf(store)
  await store.board('arena').submit('ben', 2)
  await store.backup(scene.earlier)
  const old = hashOf(store)
  await store.close()
  return { old, restored }
}

const template = mkdtempSync(join(tmpdir(), 'ladderdb-test-'))
let hashes = { old: '', restored: '' }
const seed = runSeed('backup kills')
const random = new Random(seed)
const shim = compileShim()

afterAll(() => rm(template, { recursive: true }))

if ('reason' in shim) skipLoudly('backups and restores are killed', shim.reason)
else describeKills(shim.path)

function describeKills(path: string): void {
  const counts = new Map<Command, number>()
  const writes = new Map<Command, number>()

  beforeAll(async () => {
    hashes = await setUp(template)
    for (const command of IS_SHORT ? [] : COMMANDS) {
      counts.set(command, await countCalls(path, { command, match: EVERYWHERE }))
      writes.set(command, await countCalls(path, { command, match: WRITTEN[command] }))
    }
    const figures = [...counts].map(
      ([name, n]) => `${name} ${n}, ${writes.get(name)} where it writes`,
    )
    console.info(`calls on files: ${figures.join('; ')}`)
  }, LIMIT_MS)

  test.each(COMMANDS)(
    '%s killed at any call leaves what was there whole, and the next one works',
    async (command) => {
      const seen = new Set<string>()
      const calls = counts.get(command) ?? CALLS_ABOUT
      const moments = sample(calls, KILLS)
      for (let at = moments.pop(); at !== undefined; at = moments.pop()) {
        const fault: Fault = { kind: 'all', at, fault: 'kill', isSticky: false }
        await withScene(async (scene, before) => {
          const match = EVERYWHERE
          const { signal, hung } = await runDriver(path, { command, scene, fault, match })
          if (IS_SHORT && signal === null && at > 1) {
            // It made fewer calls.
            moments.push(...sample(at - 1, 1))
            return
          }
          expect({ at, hung, signal }).toEqual({ at, hung: false, signal: 'SIGKILL' })
          await expectWhole(scene, before)
          seen.add(await outcomeOf(command, scene, before))
          await expectNextWorks(command, scene, before)
        })
      }
      console.info(
        `${command}: killed at ${Math.min(KILLS, calls)} of ${calls} calls: ${[...seen]}`,
      )
    },
    20 * LIMIT_MS,
  )

  test.each(
    // Of the few in a short run each command meets one error, and each error two commands.
    ERRORS.flatMap(([name, errno, codes], e) =>
      COMMANDS.filter((_, c) => FAILURES > 1 || c % 2 === (e + (seed % 2)) % 2).map(
        (command) => [command, name, errno, codes] as const,
      ),
    ),
  )(
    '%s whose calls fail with %s has a named error and leaves what was there whole',
    async (command, _, errno, codes) => {
      // Of the few in a short run half fail once, half for good.
      const ways = FAILURES === 1 ? [random.chance(0.5)] : [false, true]
      for (const isSticky of ways)
        for (const at of sample(writes.get(command) ?? WRITES_ABOUT, FAILURES)) {
          const fault: Fault = { kind: 'all', at, fault: errno, isSticky }
          await withScene(async (scene, before) => {
            const match = WRITTEN[command]
            const run = { command, scene, fault, match }
            const { status, signal, hung, stdout } = await runDriver(path, run)
            expect({ at, hung }).toEqual({ at, hung: false })
            // A restore opens the copy that it made, and where LMDB cannot open its files its binding
            // ends the process (README.md): what was there is whole all the same.
            const isKnown =
              (command === 'restore' || command === 'unpack') && KNOWN_SIGNALS.includes(signal)
            if (!isKnown) {
              expect({ at, status, signal }).toEqual({ at, status: 0, signal: null })
              expect(codes, `${command}, call ${at}: ${stdout}`).toContain(stdout.trim())
            }
            await expectWhole(scene, before)
            await expectNextWorks(command, scene, before)
          })
        }
    },
    20 * LIMIT_MS,
  )
}

const KNOWN_SIGNALS: (string | null)[] = ['SIGSEGV', 'SIGABRT']

/** What every run starts from. */
interface Before {
  /** Hash of what the store shows. */
  old: string
  /** Hash of what the other backup holds. */
  restored: string
  earlier: Buffer
}

async function withScene(body: (scene: Scene, before: Before) => Promise<void>): Promise<void> {
  await withFastDirectory(async (directory) => {
    await cp(template, directory, { recursive: true })
    const scene = sceneIn(directory)
    await body(scene, { ...hashes, earlier: await readFile(join(scene.earlier, 'data.mdb')) })
  })
}

function runDriver(
  path: string,
  run: { command: Command; scene: Scene; fault: Fault; match: string; count?: string },
): ReturnType<typeof runNode> {
  const { command, scene, fault, match, count } = run
  const places = {
    backup: scene.dest,
    pack: `${scene.file}.new`,
    restore: scene.other,
    unpack: scene.file,
  }
  return runNode([program('backup-kills-driver.js'), command, scene.store, places[command]], {
    env: {
      ...shimEnvironment(path, { match, fault, ...(count && { count }) }),
      TMPDIR: scene.temporary,
    },
    limitMs: LIMIT_MS,
  })
}

async function countCalls(path: string, run: { command: Command; match: string }): Promise<number> {
  const { command, match } = run
  let calls = 0
  await withScene(async (scene, before) => {
    const count = join(scene.directory, '..', 'count')
    const fault: Fault = { kind: 'all', at: CALLS_MAX, fault: 'kill', isSticky: false }
    const { stdout } = await runDriver(path, { command, scene, fault, match, count })
    expect(stdout).toBe('done\n')
    calls = Number(await readFile(count, 'utf8'))
    expect(await outcomeOf(command, scene, before)).toBe('after')
  })
  return calls
}

/** So many different numbers from 1 to `count`, in order. */
function sample(count: number, most: number): number[] {
  const numbers = Array.from({ length: count }, (_, i) => i + 1)
  while (numbers.length > most) numbers.splice(random.below(numbers.length), 1)
  return numbers
}

/** Nothing half shows, and what was there is what it was. */
async function expectWhole(scene: Scene, before: Before): Promise<void> {
  const paths = (await listBackups(scene.backups)).map(({ path }) => path)
  if (paths.includes(scene.dest)) await verifyBackup(scene.dest)
  // A rotation may have removed it, once the new one is there.
  if (!paths.includes(scene.dest)) expect(paths).toEqual([scene.earlier])
  if (paths.includes(scene.earlier))
    expect((await readFile(join(scene.earlier, 'data.mdb'))).equals(before.earlier)).toBe(true)
  const store = openLeaderboards(scene.store, { readOnly: true })
  expect((await store.check()).findings).toEqual([])
  await store.close()
}

/** Whether the scene is as before or as after the command. */
async function outcomeOf(command: Command, scene: Scene, before: Before): Promise<string> {
  const store = openLeaderboards(scene.store, { readOnly: true })
  const hash = hashOf(store)
  await store.close()
  if (command === 'restore' || command === 'unpack') {
    expect([before.old, before.restored]).toContain(hash)
    return hash === before.restored ? 'after' : 'before'
  }
  expect(hash).toBe(before.old)
  if (command === 'pack') return existsSync(`${scene.file}.new`) ? 'after' : 'before'
  return existsSync(scene.dest) ? 'after' : 'before'
}

/** Runs the command here, without faults: it works, and no leftover is left. */
async function expectNextWorks(command: Command, scene: Scene, before: Before): Promise<void> {
  if (command === 'restore') await restoreBackup(scene.other, scene.store, { force: true })
  else if (command === 'unpack')
    await restoreBackup(createReadStream(scene.file), scene.store, { force: true })
  else await backUp(command, scene)
  const restored = command === 'restore' || command === 'unpack'
  const store = openLeaderboards(scene.store)
  expect(hashOf(store)).toBe(restored ? before.restored : before.old)
  await store.close()
  const names = [scene.directory, scene.temporary, scene.backups, scene.store].map((directory) =>
    readdir(directory),
  )
  const left = (await Promise.all(names)).flat().filter((name) => LEFTOVER.test(name))
  expect(left).toEqual([])
}

const LEFTOVER = /partial|deleting|restoring-|^\.ladderdb-restore|^ladderdb-backup/

async function backUp(command: Command, scene: Scene): Promise<void> {
  const tmp = process.env['TMPDIR']
  process.env['TMPDIR'] = scene.temporary
  const store = openLeaderboards(scene.store, { readOnly: true })
  try {
    if (command === 'pack') {
      await store.backup(createWriteStream(`${scene.file}.again`))
      return
    }
    const path = existsSync(scene.dest) ? join(scene.backups, 'again') : scene.dest
    const { storeId } = await store.backup(path)
    await rotateBackups(scene.backups, { storeId, rules: { keep: 1 }, made: path })
    expect((await listBackups(scene.backups)).map((backup) => backup.path)).toEqual([path])
  } finally {
    await store.close()
    if (tmp === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = tmp
  }
}
