/**
 * `backup`: copies the store while others write to it, checks the copy, and removes older ones.
 *
 *     { path, product, formatVersion, storeId, sequence, boards: [{ name, size }], createdAt,
 *       bytes, sha256, checksum, ms, removed: [ path, … ] }
 *                                    on standard error where the data go to standard output
 *     --list    { backups: [{ path, product, … checksum }] }     the newest first
 *     --verify  { path, product, … checksum }
 *
 * The fields are those of the library's `BackupReport` and are documented there.
 *
 * @module
 */

import { dirname, resolve } from 'node:path'
import type { Writable } from 'node:stream'
import {
  type BackupInfo,
  type BackupManifest,
  type BackupReport,
  type KeepRules,
  listBackups,
  rotateBackups,
  verifyBackup,
} from '../../index.ts'
import { CliError, failureOf } from '../failures.ts'
import { STANDARD, standardTarget } from '../files.ts'
import type { Io } from '../io.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  jsonLine,
  printable,
  printJson,
  printLine,
  printTable,
  shellWord,
  type TextTable,
} from '../output.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface BackupOptions extends CommonOptions {
  dest?: string
  keep?: number
  keepDaily?: number
  keepWeekly?: number
  keepMonthly?: number
  list?: string
  verify?: string
}

/** What `backup DEST` answers. */
interface Done extends BackupReport {
  removed: string[]
}

export async function runBackup(io: Io, options: BackupOptions): Promise<number> {
  const { dest, list, verify } = options
  const rules = rulesOf(options)
  if ([dest, list, verify].filter((word) => word !== undefined).length !== 1)
    throw usage('name DEST, or --list DIR, or --verify DIR')
  if (rules !== undefined && (dest === undefined || dest === STANDARD))
    throw usage('--keep and its like need DEST, a directory')
  if (list !== undefined) return runList(io, { ...options, list })
  if (verify !== undefined) return runVerify(io, { ...options, verify })
  if (dest === STANDARD) return runStream(io, options)
  return runCopy(io, { ...options, dest: dest as string, rules })
}

async function runCopy(
  io: Io,
  options: CommonOptions & { dest: string; rules: KeepRules | undefined },
): Promise<number> {
  const { dest, rules } = options
  const report = await copyStore(io, options, dest)
  const removed = rules === undefined ? [] : await rotate(io, { report, rules })
  if (options.json) await printJson(io, { ...report, removed })
  else await io.print(linesOf({ ...report, removed }))
  return 0
}

function copyStore(
  io: Io,
  options: CommonOptions,
  target: string | Writable,
): Promise<BackupReport> {
  return withStore({ ...options, access: 'read' }, (store) =>
    store.backup(target, { signal: io.signal }),
  )
}

// The backup is made whatever happens here: the message must not read as if it were not.
async function rotate(io: Io, done: { report: BackupReport; rules: KeepRules }): Promise<string[]> {
  const { path, storeId } = done.report
  try {
    return await rotateBackups(dirname(path), {
      storeId,
      rules: done.rules,
      made: path,
      signal: io.signal,
    })
  } catch (error) {
    const { code, message } = failureOf(error)
    throw new CliError(code, `Backed up to ${path}, but older ones stay: ${message}`, {
      cause: error,
    })
  }
}

// The copy is made and checked as a directory of its own before a byte of it leaves.
async function runStream(io: Io, options: CommonOptions): Promise<number> {
  if (io.stdout.isTTY === true)
    throw usage('the terminal takes no backup: pipe it, like  ladderdb backup - | zstd > game.zst')
  const report = await copyStore(io, options, standardTarget(io)).catch((error: unknown) => {
    if (!io.closed.aborted) throw error
    throw new CliError('FILE', 'Cannot back up: the reader closed the pipe', { cause: error })
  })
  const done = { ...report, removed: [] }
  io.report((options.json ? jsonLine(done) : linesOf(done)).trimEnd())
  return 0
}

async function runList(io: Io, options: CommonOptions & { list: string }): Promise<number> {
  const backups = await listBackups(options.list)
  if (options.json)
    await printJson(io, { backups: backups.map(({ path, manifest }) => ({ path, ...manifest })) })
  else if (backups.length === 0) await printLine(io, `no backups in ${printable(options.list)}`)
  else await printTable(io, tableOf(backups), options)
  return 0
}

async function runVerify(io: Io, options: CommonOptions & { verify: string }): Promise<number> {
  const start = performance.now()
  const path = resolve(options.verify)
  const manifest = await verifyBackup(path, { signal: io.signal })
  const ms = performance.now() - start
  if (options.json) await printJson(io, { path, ...manifest })
  else {
    const facts = `${sizeOf(manifest)}, of ${manifest.createdAt}`
    await printLine(
      io,
      `verified ${printable(path)}: ${facts}, in ${formatDuration(ms)}: all is well`,
    )
  }
  return 0
}

function rulesOf(options: BackupOptions): KeepRules | undefined {
  const { keep, keepDaily: daily, keepWeekly: weekly, keepMonthly: monthly } = options
  const rules = {
    ...(keep !== undefined && { keep }),
    ...(daily !== undefined && { daily }),
    ...(weekly !== undefined && { weekly }),
    ...(monthly !== undefined && { monthly }),
  }
  const counts: number[] = Object.values(rules)
  if (counts.length === 0) return undefined
  if (counts.some((count) => count > 0)) return rules
  throw usage(
    'rules that keep no backup would remove all older ones; say at least 1, like --keep 7',
  )
}

function linesOf(done: Done): string {
  const { path, ms, removed } = done
  const target = path === STANDARD ? 'standard output' : printable(path)
  const first = `backed up to ${target}: ${sizeOf(done)} in ${formatDuration(ms)}\n`
  if (removed.length === 0) return first
  const names = removed.map(shellWord).join(' ')
  return `${first}removed ${formatCount(removed.length, 'older backup')}: ${names}\n`
}

/** Returns what a backup holds, in words. */
export function sizeOf({ boards, bytes }: BackupManifest): string {
  const entries = formatCount(entriesOf(boards), 'entry', 'entries')
  return `${formatCount(boards.length, 'board')}, ${entries}, ${formatBytes(bytes)}`
}

function entriesOf(boards: BackupManifest['boards']): number {
  return boards.reduce((sum, { size }) => sum + size, 0)
}

function tableOf(backups: readonly BackupInfo[]): TextTable {
  return {
    columns: [
      { title: 'created' },
      { title: 'boards', align: 'right' },
      { title: 'entries', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'path', whole: true },
    ],
    rows: backups.map(({ path, manifest }) => [
      printable(manifest.createdAt),
      formatNumber(manifest.boards.length),
      formatNumber(entriesOf(manifest.boards)),
      formatBytes(manifest.bytes),
      printable(path),
    ]),
  }
}

function usage(problem: string): CliError {
  return new CliError('USAGE', `Cannot back up: ${problem}`)
}
