/**
 * `backup`: copies the store while others write to it, checks the copy, and removes older ones.
 *
 *     { path, product, storeId, lineageId?, formatVersion, sequence, boards: [{ name, size }], createdAt,
 *       bytes, sha256, checksum, ms, removed: [ path, … ] }
 *                                    on standard error where the data go to standard output
 *     --list    { backups: [{ path, product, … checksum }] }     the newest first
 *     --list --max-age    { backups, newest, ageMs, maxAgeMs, ok }   `newest` is the path of the newest
 *               one that verifies, null if none does; the status is 1 if it is older or missing
 *     --verify  { path, product, … checksum }                    path - for standard input
 *
 * The fields are those of the library's `BackupReport` and are documented there.
 *
 * @module
 */

import { dirname, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { BackupInfo, BackupManifest, BackupReport, KeepRules } from '../../index.ts'
import { parseAge } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { CliError, failureOf } from '../failures.ts'
import { STANDARD, standardTarget, withSource } from '../files.ts'
import type { Io } from '../io.ts'
import { addKeepRules, type KeepOptions, keepRulesOf } from '../keep-rules.ts'
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  jsonLine,
  printJson,
  printLine,
  printTable,
  type TextTable,
} from '../output.ts'
import { printable, shellWord } from '../text.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface BackupOptions extends CommonOptions, KeepOptions {
  dest?: string
  list?: string
  /** Milliseconds. */
  maxAge?: number
  verify?: string
}

/** As many digits of a lineage as tell some of them apart. */
const LINEAGE_SHOWN = 8

/** What `backup DEST` answers. */
interface Done extends BackupReport {
  removed: string[]
}

/** Declares `backup`. */
export function backupCommand(cli: Cli): void {
  const command = addCommand(cli, 'backup', {
    summary: 'copy the store while others write to it, and check the copy',
    example: 'backup /var/backups/game/$(date +%F-%H%M) --keep-daily 7 --keep-weekly 5',
  }).argument('[dest]', 'directory to make; - is a single file on standard output')
  addKeepRules(command, 'then remove older backups beside it')
    .option('--list <dir>', 'list the backups in a directory instead')
    .option(
      '--max-age <age>',
      'with --list: fail if the newest intact one is older, like 26h',
      parseAge,
    )
    .option('--verify <dir>', 'verify a backup instead; - is a single file on standard input')
    .action(runner(cli, runBackup, ['dest']))
}

export async function runBackup(io: Io, options: BackupOptions): Promise<number> {
  const { dest, list, verify } = options
  const rules = keepRulesOf(options)
  if ([dest, list, verify].filter((word) => word !== undefined).length !== 1)
    throw usage('name DEST, or --list DIR, or --verify DIR')
  if (rules !== undefined && (dest === undefined || dest === STANDARD))
    throw usage('--keep and the other rules need DEST, a directory')
  if (options.maxAge !== undefined && list === undefined)
    throw usage('--max-age needs --list DIR, whose newest backup it is about')
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
  const { rotateBackups } = await import('../../index.ts')
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
    throw usage(
      'Cannot write a backup to the terminal: pipe it, like  ladderdb backup - | zstd > game.zst',
    )
  const report = await copyStore(io, options, standardTarget(io)).catch((error: unknown) => {
    if (!io.closed.aborted) throw error
    throw new CliError('FILE', 'Cannot back up: the reader closed the pipe', { cause: error })
  })
  const done = { ...report, removed: [] }
  io.report((options.json ? jsonLine(done) : linesOf(done)).trimEnd())
  return 0
}

async function runList(
  io: Io,
  options: CommonOptions & { list: string; maxAge?: number },
): Promise<number> {
  const { list, maxAge } = options
  const { listBackups } = await import('../../index.ts')
  const backups = await listBackups(list)
  const age = maxAge === undefined ? undefined : await ageOf(io, { backups, maxAge })
  if (options.json) {
    const manifests = backups.map(({ path, manifest }) => ({ path, ...manifest }))
    await printJson(io, { backups: manifests, ...age })
  } else if (backups.length === 0) await printLine(io, `no backups in ${printable(list)}`)
  else await printTable(io, tableOf(backups), options)
  if (age === undefined || age.ok) return 0
  const { message, status } = failureOf(new CliError('FAILED', problemOf(age, list)))
  io.report(`ladderdb: ${printable(message)}`)
  return status
}

/** How old the newest backup is that verifies. */
interface Age {
  newest: string | undefined
  ageMs: number | undefined
  maxAgeMs: number
  ok: boolean
}

// A backup that is damaged saves nobody, however new it is: the next one counts then.
async function ageOf(
  io: Io,
  asked: { backups: readonly BackupInfo[]; maxAge: number },
): Promise<Age> {
  const maxAgeMs = asked.maxAge
  const { verifyBackup } = await import('../../index.ts')
  for (const { path, manifest } of asked.backups) {
    const ageMs = Math.max(0, Date.now() - Date.parse(manifest.createdAt))
    const isSound = await verifyBackup(path, { signal: io.signal }).then(
      () => true,
      (error: unknown) => isUnsound(io, { path, error }),
    )
    if (isSound) return { newest: path, ageMs, maxAgeMs, ok: ageMs <= maxAgeMs }
  }
  return { newest: undefined, ageMs: undefined, maxAgeMs, ok: false }
}

// Tells of a backup that cannot be trusted; whatever else went wrong says nothing about the backup.
function isUnsound(io: Io, found: { path: string; error: unknown }): false {
  const { code, message } = failureOf(found.error)
  if (code !== 'CORRUPT' && code !== 'NOT_A_BACKUP') throw found.error
  io.report(`ladderdb: ${printable(message)}`)
  return false
}

function problemOf(age: Age, list: string): string {
  const { newest, ageMs, maxAgeMs } = age
  const limit = `at most ${formatAge(maxAgeMs)}`
  if (newest === undefined || ageMs === undefined)
    return `no intact backup in ${list}, expected one that is ${limit} old; check the job that makes them`
  return `the newest intact backup, ${newest}, is ${formatAge(ageMs)} old, expected ${limit}; check the job that makes them`
}

async function runVerify(io: Io, options: CommonOptions & { verify: string }): Promise<number> {
  const { verifyBackup } = await import('../../index.ts')
  const start = performance.now()
  const isStream = options.verify === STANDARD
  const path = isStream ? STANDARD : resolve(options.verify)
  const verify = (source: string | Readable): Promise<BackupManifest> =>
    verifyBackup(source, { signal: io.signal })
  const manifest = await (isStream ? fromStandard(io, verify) : verify(path))
  const ms = performance.now() - start
  if (options.json) await printJson(io, { path, ...manifest })
  else {
    const facts = `${sizeOf(manifest)}, of ${manifest.createdAt}`
    const what = isStream ? 'standard input' : printable(path)
    await printLine(io, `verified ${what}: ${facts}, in ${formatDuration(ms)}: all is well`)
  }
  return 0
}

function fromStandard<T>(io: Io, verify: (stream: Readable) => Promise<T>): Promise<T> {
  if (io.stdin.isTTY === true)
    throw usage(
      'Cannot read a backup from the terminal: pipe it in, like  zstd -dc game.zst | ladderdb backup --verify -',
    )
  return withSource({ io, file: STANDARD }, ({ stream }) => verify(stream))
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

// Which history a backup is of is shown if there is more than one: that of a store and of one restored.
function tableOf(backups: readonly BackupInfo[]): TextTable {
  const hasHistories = backups.some(({ manifest }) => manifest.lineageId !== undefined)
  return {
    columns: [
      { title: 'created' },
      { title: 'boards', align: 'right' },
      { title: 'entries', align: 'right' },
      { title: 'size', align: 'right' },
      ...(hasHistories ? [{ title: 'history' }] : []),
      { title: 'path', whole: true },
    ],
    rows: backups.map(({ path, manifest }) => [
      printable(manifest.createdAt),
      formatNumber(manifest.boards.length),
      formatNumber(entriesOf(manifest.boards)),
      formatBytes(manifest.bytes),
      ...(hasHistories ? [historyOf(manifest)] : []),
      printable(path),
    ]),
  }
}

function historyOf({ lineageId }: BackupManifest): string {
  return lineageId === undefined ? 'first' : printable(lineageId.slice(0, LINEAGE_SHOWN))
}

function usage(problem: string): CliError {
  return new CliError('USAGE', `Cannot back up: ${problem}`)
}
