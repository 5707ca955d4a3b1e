/**
 * Which older backups stay after a new one, as options of a command.
 *
 * @module
 */

import type { Command } from 'commander'
import type { KeepRules } from '../index.ts'
import { parseWhole } from './arguments.ts'
import { CliError } from './failures.ts'

/** The rules as options. */
export interface KeepOptions {
  keep?: number
  keepDaily?: number
  keepWeekly?: number
  keepMonthly?: number
}

/** Adds the rules to a command; `first` says in the help what happens by them. */
export function addKeepRules(command: Command, first: string): Command {
  return command
    .option('--keep <n>', `${first}: keep this many, the newest`, parseWhole)
    .option('--keep-daily <n>', 'keep the newest of each of this many days', parseWhole)
    .option('--keep-weekly <n>', 'keep the newest of each of this many weeks', parseWhole)
    .option('--keep-monthly <n>', 'keep the newest of each of this many months', parseWhole)
}

/** Returns the rules of the library; undefined if there are none, so that everything stays. */
export function keepRulesOf(options: KeepOptions): KeepRules | undefined {
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
  throw new CliError(
    'USAGE',
    'Cannot back up: rules that keep no backup would remove all older ones; say at least 1, like --keep 7',
  )
}
