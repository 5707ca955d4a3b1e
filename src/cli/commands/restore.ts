/**
 * `restore`: makes a backup the store of `--db`. A store that was there is kept aside. With `--board` on the
 * command line it restores this board alone, into a store that may be in use.
 *
 *     { path, source, manifest: { product, formatVersion, storeId, sequence,
 *       boards: [{ name, size }], createdAt, bytes, sha256, checksum }, dryRun, previous, ms }
 *
 *     --until, --seq    { …, point: { seq, at, records, insideChange?, torn?, damaged?, partial? } }
 *
 *     --board    { path, source, manifest, board, as, entries, replaced, dryRun, ms }
 *
 * `replaced` is how many entries the replaced board had, null if no board was replaced. `previous` is
 * where the old data file is kept, null if there was no store.
 *
 * @module
 */

import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { parseTime } from '../../calls/index.ts'
import type { RestoreBoardReport, RestoreOptions, RestoreReport } from '../../index.ts'
import { parseCount, TIMES } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import { STANDARD, withSource } from '../files.ts'
import type { Io } from '../io.ts'
import { formatCount, formatDuration, printJson } from '../output.ts'
import { printable, shellWord } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'
import { sizeOf } from './backup.ts'

export interface RestoreCommandOptions extends CommonOptions {
  src: string
  as?: string
  force?: boolean
  dryRun?: boolean
  until?: string
  seq?: number
  log?: string
}

/** Declares `restore`. */
export function restoreCommand(cli: Cli): void {
  addCommand(cli, 'restore', {
    summary: 'make a backup the store of --db, or one --board of it a board there',
    example: [
      'restore /var/backups/game/2026-11-21-0300 --force --until 2026-11-21T14:59 --dry-run',
      '--db ./leaderboards restore /var/backups/game/2026-11-21-0300 --force',
      'restore /var/backups/game/2026-11-21-0300 --board default --as before',
    ],
  })
    .argument('<src>', 'directory of the backup; - is a single file on standard input')
    .option('--as <name>', 'with --board: the name that the board gets')
    .option('--force', 'replace an existing store, which is kept aside, or a board')
    .option('--dry-run', 'verify everything, change nothing')
    .option('--until <time>', 'go on with the log, up to the changes before this time')
    .option('--seq <n>', 'go on with the log, up to this record', parseCount)
    .option(
      '--log <store|file>',
      'a store, damaged or not, its data file, or lines of log --follow --json',
    )
    .addHelpText('after', `\n${TIMES}`)
    .action(runner(cli, runRestore, ['src']))
}

export async function runRestore(io: Io, options: RestoreCommandOptions): Promise<number> {
  const { src, db, force = false, dryRun = false } = options
  const point = pointOf(options)
  if (options.isBoardNamed) return runBoard(io, options)
  if (options.as !== undefined)
    throw new CliError(
      'USAGE',
      'Cannot restore a whole store as a board: name the one with --board',
    )
  const chosen = { force, dryRun, ...point, signal: io.signal }
  const { restoreBackup } = await import('../../index.ts')
  const report =
    src === STANDARD
      ? await fromStream(io, (stream) => restoreBackup(stream, db, chosen))
      : await restoreBackup(src, db, chosen)
  if (options.json) await printJson(io, report)
  else await io.print(linesOf(report))
  return 0
}

function pointOf(options: RestoreCommandOptions): Pick<RestoreOptions, 'until' | 'seq' | 'log'> {
  const { until, seq, log, isBoardNamed } = options
  if (until === undefined && seq === undefined && log === undefined) return {}
  if (isBoardNamed)
    throw new CliError(
      'USAGE',
      'Cannot restore one board up to a point: restore the whole store to another directory, then the board from a backup of that',
    )
  return { until: until === undefined ? undefined : parseTime(until, 'until'), seq, log }
}

async function runBoard(io: Io, options: RestoreCommandOptions): Promise<number> {
  const { src, db, board, as, force = false, dryRun = false, allowNetworkFileSystem } = options
  const chosen = { board, as, force, dryRun, allowNetworkFileSystem, signal: io.signal }
  const { restoreBoard } = await import('../../index.ts')
  const report =
    src === STANDARD
      ? await fromStream(io, (stream) => restoreBoard(stream, db, chosen))
      : await restoreBoard(src, db, chosen)
  if (options.json) await printJson(io, report)
  else await io.print(lineOfBoard(report))
  return 0
}

function fromStream<T>(io: Io, use: (stream: Readable) => Promise<T>): Promise<T> {
  if (io.stdin.isTTY === true)
    throw new CliError(
      'USAGE',
      'Cannot restore from the terminal: pipe a backup in, like  zstd -dc game.zst | ladderdb restore -',
    )
  return withSource({ io, file: STANDARD }, ({ stream }) => use(stream))
}

function lineOfBoard(report: RestoreBoardReport): string {
  const { path, source, manifest, board, as, entries, seasons, replaced, dryRun, ms } = report
  const what = dryRun ? 'would restore board' : 'restored board'
  const name = as === board ? '' : ` as '${printable(as)}'`
  const from = source === STANDARD ? 'standard input' : printable(source)
  const size = formatCount(entries, 'entry', 'entries')
  const count = seasons === undefined ? size : `${size} and ${formatCount(seasons, 'season')}`
  const old =
    replaced === undefined ? '' : `, in place of ${formatCount(replaced, 'entry', 'entries')}`
  const facts = `${count} of ${manifest.createdAt}${old}, in ${formatDuration(ms)}`
  return `${what} '${printable(board)}'${name} of ${printable(path)} from ${from}: ${facts}\n`
}

function linesOf(report: RestoreReport): string {
  const { path, source, manifest, dryRun, previous, ms } = report
  const from = source === STANDARD ? 'standard input' : printable(source)
  const facts = `${sizeOf(manifest)}, of ${manifest.createdAt}, in ${formatDuration(ms)}`
  if (dryRun)
    return `would restore ${printable(path)} from ${from}: ${facts}; nothing was changed\n${pointLines(report)}`
  const first = `restored ${printable(path)} from ${from}: ${facts}\n${pointLines(report)}`
  if (previous === undefined) return first
  const target = join(path, 'data.mdb')
  return `${first}the old store stays aside; to undo, stop the game first, then: mv ${shellWord(previous)} ${shellWord(target)}\n`
}

function pointLines({ point, dryRun }: RestoreReport): string {
  if (point === undefined) return ''
  const { seq, at, records, insideChange, torn, damaged = [], partial = [] } = point
  const made = `${formatCount(records, 'change', 'changes')} of the log`
  const when = at === undefined ? '' : ` of ${new Date(at).toISOString()}`
  const lines = [`${dryRun ? 'would make' : 'made'} ${made} again, up to record ${seq}${when}`]
  if (insideChange) lines.push('the point lies inside a change: this is the moment before it')
  if (torn) lines.push('the last line of the log is cut off: the log ends in front of it')
  for (const problem of damaged) lines.push(`the log ends where it cannot be read: ${problem}`)
  for (const { board, from } of partial)
    lines.push(
      `board '${printable(board)}' keeps no log: nothing is known of it from record ${from} on`,
    )
  return lines.map((line) => `${line}\n`).join('')
}
