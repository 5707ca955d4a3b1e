import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findBoard } from '../../src/embedded/catalog.ts'
import { openLeaderboards } from '../../src/index.ts'
import { importRows } from '../../src/transfer/import.ts'
import { unborn, withEngine } from '../embedded/open-engine.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { csvOf, leftBeside } from '../transfer/support.ts'
import { program, runNode } from './children.ts'
import { skipLoudly } from './shim.ts'

// A store takes one to begin with.
const DISK_BYTES = 1.5 * 1024 * 1024
const BALLAST_BYTES = 256 * 1024
const FILE_LIMIT_KB = 512
const RUN_LIMIT_MS = 60_000
/** Of each two ways of importing the one that the other limit does not meet, unless both are asked for. */
const WAYS = sizeOf('TORTURE_FULL_WAYS', { test: 1, torture: 2 })
const SPARE_STEP = sizeOf('TORTURE_FULL_SPARES', { test: 2, torture: 1 })
// Some 2 MB as records and entries, or as runs, and 1 MB.
const ROWS_TOO_MANY = '10000'
const ROWS_TOO_MANY_FOR_FILE = '5000'
const longRow = (i: number): string => `${'p'.repeat(80)}${i},${i}`
const RUNS_DISK_BYTES = 512 * 1024
const RUN_BYTES = 250_000
const STATUS_DONE = 7

/** What full-driver.js tells. */
interface Report {
  stored: number
  codes: Record<string, number>
  shown: number
  isSound: boolean
  storedLater: number
  batch: number
}

interface Ending {
  report: Report
  status: number | null
  signal: string | null
  stderr: string
}

const mounting = canMount()

describe('a disk that is full', () => {
  const name = 'refuses writes with DISK_FULL, and takes them again when there is room'
  if (mounting.reason !== undefined) skipLoudly(name, mounting.reason)
  else {
    test(name, async () => {
      await withSmallDisk(async (disk) => {
        const ballast = join(disk, 'ballast')
        writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES))
        const store = join(disk, 'store')
        const ending = await fill([process.execPath, program('full-driver.js'), store], () =>
          rmSync(ballast),
        )
        await expectSound(store, ending)
      })
    })

    test.each([true, false].slice(0, WAYS))(
      'an import that fills it imports nothing, entries %s',
      async (has) => {
        await withSmallDisk(async (disk) => {
          const store = join(disk, 'store')
          await seed(store, has)
          const args = [program('import-driver.js'), store, ROWS_TOO_MANY]
          const ending = await runNode(args, { limitMs: RUN_LIMIT_MS })
          expect(ending).toMatchObject({ stdout: 'ready\nDISK_FULL\n', status: 0, stderr: '' })
          await expectNothingImported(store, has)
        })
      },
    )

    test('an import whose rows do not fit onto it beside the store imports nothing', async () => {
      const work = async (disk: string): Promise<void> => {
        await withEngine(async ({ context }) => {
          const asked = {
            ...{
              board: unborn('inc'),
              source: csvOf(8_000, longRow),
              scratchPath: join(disk, 'runs'),
            },
            ...{ options: { format: 'csv' as const }, runBytes: RUN_BYTES },
          }
          await expect(importRows(context, asked)).rejects.toMatchObject({ code: 'DISK_FULL' })
          expect(findBoard(context.store.current(), 'inc')).toBeUndefined()
          expect(readdirSync(disk)).toEqual([])
        })
      }
      await withSmallDisk(work, RUNS_DISK_BYTES)
    })

    test('no store is made on a full disk, and the reason is named', async () => {
      await withSmallDisk(async (disk) => {
        const spares = [0, 4_096, 8_192, 16_384, 32_768, 65_536]
        for (const spare of spares.filter((_, i) => i % SPARE_STEP === 0)) {
          const store = join(disk, `store-${spare}`)
          fillUp(join(disk, 'ballast'), spare)
          const ending = await runNode([program('open.js'), store], { limitMs: RUN_LIMIT_MS })
          expect(ending.signal, `with ${spare} bytes left: ${ending.stderr}`).toBeNull()
          expect(['opened', 'DISK_FULL'], `with ${spare} bytes left`).toContain(
            ending.stdout.trim(),
          )
          rmSync(join(disk, 'ballast'))
          // What was left behind is no obstacle.
          await openLeaderboards(store).close()
        }
      })
    })
  }

  // Each way of importing meets the limit while rows are stored.
  test.each([false, true].slice(0, WAYS))(
    'an import into a file that may not grow imports nothing, entries %s',
    async (hasEntries) => {
      await withDirectory(async (store) => {
        await seed(store, hasEntries)
        const limited = `ulimit -S -f ${FILE_LIMIT_KB}; exec "$0" "$@"`
        const ending = await runNode([program('import-driver.js'), store, ROWS_TOO_MANY_FOR_FILE], {
          ...{ limitMs: RUN_LIMIT_MS, wrap: ['bash', '-c', limited] },
        })
        expect(ending).toMatchObject({ stdout: 'ready\nDISK_FULL\n', status: 0, stderr: '' })
        await expectNothingImported(store, hasEntries)
      })
    },
  )

  test('a file that may not grow: the same', async () => {
    await withDirectory(async (directory) => {
      const store = join(directory, 'store')
      const limited = `ulimit -S -f ${FILE_LIMIT_KB}; exec "$0" "$@"`
      const ending = await fill(
        ['bash', '-c', limited, process.execPath, program('full-driver.js'), store],
        (child) => {
          spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:'])
        },
      )
      await expectSound(store, ending)
    })
  })
})

async function seed(path: string, hasEntries: boolean): Promise<void> {
  const store = openLeaderboards(path)
  if (hasEntries) await store.board('inc', { mode: 'increment' }).submit('seed', 1)
  await store.close()
}

async function expectNothingImported(path: string, hasEntries: boolean): Promise<void> {
  const store = openLeaderboards(path)
  try {
    expect((await store.check()).findings).toEqual([])
    expect(leftBeside(store)).toEqual([])
    expect(store.boards().map(({ size }) => size)).toEqual(hasEntries ? [1] : [])
  } finally {
    await store.close()
  }
}

async function expectSound(
  path: string,
  { report, status, signal, stderr }: Ending,
): Promise<void> {
  console.info(`full disk: ${JSON.stringify(report)}`)
  // The package of LMDB printed what the caller is told anyway.
  expect({ status, signal, stderr }).toEqual({ status: STATUS_DONE, signal: null, stderr: '' })
  expect(Object.keys(report.codes)).toEqual(['DISK_FULL'])
  expect(report.shown).toBe(report.stored * report.batch)
  expect(report).toMatchObject({ isSound: true, storedLater: 5 })
  const store = openLeaderboards(path)
  try {
    expect((await store.check()).findings).toEqual([])
    const count = (report.stored + report.storedLater) * report.batch
    expect(store.board('arena').size).toBe(count)
  } finally {
    await store.close()
  }
}

// Runs the driver; makes room when it says that there is none.
async function fill(
  [command, ...args]: string[],
  makeRoom: (child: ChildProcess) => void,
): Promise<Ending> {
  const child = spawn(command as string, args, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT_MS)
  let report: Report | undefined
  child.on('message', (message) => {
    if (message !== 'full') report = message as Report
    else {
      makeRoom(child)
      child.send('freed')
    }
  })
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(timer)
  return { report: report as Report, status, signal, stderr }
}

// Takes all room but `spare` bytes.
function fillUp(file: string, spare: number): void {
  spawnSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=4096'])
  if (spare > 0) spawnSync('truncate', ['-s', `-${spare}`, file])
}

function canMount(): { reason?: string } {
  if (process.getuid?.() !== 0) return { reason: 'mounting a small disk takes root' }
  const { status, stderr } = spawnSync('unshare', ['-m', 'true'], { encoding: 'utf8' })
  return status === 0 ? {} : { reason: `mounting is not allowed here: ${stderr}` }
}

async function withSmallDisk(
  body: (path: string) => Promise<void>,
  bytes = DISK_BYTES,
): Promise<void> {
  await withDirectory(async (directory) => {
    const disk = join(directory, 'disk')
    mkdirSync(disk)
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', disk], {
      encoding: 'utf8',
    })
    if (mount.status !== 0) throw new Error(`Cannot mount a small disk: ${mount.stderr}`)
    try {
      await body(disk)
    } finally {
      spawnSync('umount', ['-l', disk])
    }
  })
}
