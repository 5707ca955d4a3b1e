/**
 * Backups of every night, as options of `serve`.
 *
 *     --backup-at 04:15 backups --keep-daily 7 --time-zone Europe/Berlin
 *
 * @module
 */

import { type Command, Option } from 'commander'
import { checkDaily } from '../calls/index.ts'
import type { NightlyReport, ServerOptions } from '../server/index.ts'
import { CliError } from './failures.ts'
import type { Io } from './io.ts'
import { addKeepRules, type KeepOptions, keepRulesOf } from './keep-rules.ts'
import { formatBytes, formatCount, formatDuration } from './output.ts'
import { printable } from './text.ts'

/** The options. */
export interface NightOptions extends KeepOptions {
  backups?: string
  /** The time of day, and perhaps the directory. */
  backupAt?: string[]
  timeZone?: string
}

/** Adds the options to `serve`. */
export function addNights(command: Command): Command {
  // Two words, which commander can only take as a list.
  const backupAt = new Option('--backup-at <words...>', 'make a backup every night, into DIR')
  backupAt.flags = '--backup-at <time> [dir]'
  command
    .option('--backups <dir>', 'where backups go that are asked for; default: DIR of --backup-at')
    .addOption(backupAt)
    .option('--time-zone <zone>', 'zone of that time; default: that of the machine')
  return addKeepRules(command, 'after each night, of older backups')
}

/** Returns the options of the server. */
export function nightsOf(io: Io, options: NightOptions): ServerOptions {
  const { backups, backupAt, timeZone } = options
  const keepBackups = keepRulesOf(options)
  if (backupAt === undefined) {
    if (timeZone !== undefined || keepBackups !== undefined)
      throw usage('--keep and the other rules, and --time-zone, need --backup-at TIME DIR')
    return { backups }
  }
  const [time = '', directory = backups, ...more] = backupAt
  if (directory === undefined || more.length > 0)
    throw usage('--backup-at takes a time and a directory, like  --backup-at 04:15 backups')
  if (backups !== undefined && backups !== directory)
    throw usage('--backups and --backup-at name two directories; name one')
  checkDaily(time, timeZone)
  return {
    ...{ backups: directory, backupAt: time, backupTimeZone: timeZone, keepBackups },
    onBackup: (report) => io.report(lineOf(report)),
  }
}

/** Says when backups are made, for people. */
export function nightsInWords({ backupAt, backups, backupTimeZone }: ServerOptions): string[] {
  if (backupAt === undefined) return []
  const zone = backupTimeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
  return [`Backups go to ${printable(String(backups))}, every day at ${backupAt} (${zone}).`]
}

function lineOf({ path, bytes, ms, removed }: NightlyReport): string {
  const old = removed.length === 0 ? '' : `, removed ${formatCount(removed.length, 'older one')}`
  return `ladderdb: backed up to ${printable(path)}: ${formatBytes(bytes)} in ${formatDuration(ms)}${old}`
}

function usage(problem: string): CliError {
  return new CliError('USAGE', `Cannot serve: ${problem}`)
}
