/**
 * `undo`: takes runs back as if nobody had played them, or with `--dry-run` says what that would change.
 *
 *     { seq, count, changes: [{ board, playerId, from, to }], lost, partial?, skipped?, dryRun? }
 *
 * @module
 */

import { InvalidArgumentError } from 'commander'
import { parseTime } from '../../calls/index.ts'
import type { UndoAnswer, UndoChange, UndoOptions } from '../../index.ts'
import { parseCount, TIMES } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import {
  formatCount,
  formatScore,
  formatTime,
  printJson,
  printLine,
  printTable,
} from '../output.ts'
import { SEALED_OPTION, sealedOf } from '../sealed.ts'
import { printable } from '../text.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface UndoCommandOptions extends CommonOptions {
  seqs?: number[]
  player?: string
  from?: string
  to?: string
  reason?: string
  actor?: string
  dryRun?: boolean
  expectedSeq?: number
  sealed?: boolean
}

/** Declares `undo`. */
export function undoCommand(cli: Cli): void {
  addCommand(cli, 'undo', {
    summary: 'take runs back, as if nobody had played them; an undo too',
    example: [
      'undo --player ann --reason "a bot played" --dry-run',
      '--board default undo --player ann --from 2026-11-17T12:00 --to 2026-11-17T18:00',
    ],
  })
    .argument('[seq...]', 'the runs, or undos, by their seq in the log')
    .option('--player <player>', 'only runs of this player')
    .option('--from <time>', 'only runs committed then or later')
    .option('--to <time>', 'only runs committed before')
    .option('--reason <text>', 'why')
    .option('--actor <name>', 'who takes them back')
    .option('--dry-run', 'say what would change, and change nothing')
    .option(
      '--expected-seq <seq>',
      'the seq that a dry run answered: refuse if the log moved on',
      parseCount,
    )
    .option(...SEALED_OPTION)
    .addHelpText(
      'after',
      `\nAll that is given must hold. With --board, only runs on that board. The seqs are those of\nlog and history.\n${TIMES}`,
    )
    .action(runner(cli, runUndo, ['seqs']))
}

export async function runUndo(io: Io, options: UndoCommandOptions): Promise<number> {
  const { dryRun } = options
  const { seqs = [], player, from, isBoardNamed } = options
  if (seqs.length === 0 && player === undefined && from === undefined && !isBoardNamed)
    throw new CliError(
      'USAGE',
      'Cannot undo all runs of a store: say which, by their seqs, --player, --from or --board',
    )
  const access = dryRun === true ? 'read' : 'write'
  const answer = await withStore({ ...options, access }, (store) => store.undo(askedOf(options)))
  if (options.json) await printJson(io, { ...answer, ...(dryRun && { dryRun }) })
  else await print(io, answer, options)
  return 0
}

function askedOf(options: UndoCommandOptions): UndoOptions {
  const { seqs = [], player, from, to, reason, actor, dryRun, expectedSeq } = options
  const { board, isBoardNamed } = options
  return {
    ...(isBoardNamed && { board }),
    ...(player !== undefined && { playerId: player }),
    ...(from !== undefined && { from: parseTime(from, 'from') }),
    ...(to !== undefined && { to: parseTime(to, 'to') }),
    ...(seqs.length > 0 && { seqs: seqs.map((seq) => seqOf(String(seq))) }),
    ...{ reason, actor, dryRun, expectedSeq },
    ...sealedOf(options),
  }
}

function seqOf(text: string): number {
  try {
    return parseCount(text)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new RangeError(`Cannot use "${text}" as a seq: it must be a whole number, 1 or more`)
  }
}

async function print(io: Io, answer: UndoAnswer, options: UndoCommandOptions): Promise<void> {
  const { seq, count, changes, lost, partial, skipped = [] } = answer
  if (changes.length > 0) {
    const titles = ['board', 'player', 'from', 'to']
    const columns = titles.map((title) => ({ title }))
    await printTable(io, { columns, rows: changes.map(rowOf) }, options)
  }
  await printLine(io, lineOf(seq, count, options))
  for (const place of lost) {
    const board = printable(nameOf(place))
    io.report(`player "${printable(place.playerId)}" cannot come back to board "${board}"`)
  }
  if (partial) io.report('a board logs changes only: a run that changed nothing cannot come back')
  for (const board of skipped) io.report(printable(`board "${board}" keeps no log: skipped`))
}

function lineOf(seq: number | null, count: number, options: UndoCommandOptions): string {
  const range = rangeOf(options)
  if (seq === null)
    return `nothing to undo: there is no such run${range}, or all of them are undone already`
  const runs = `${formatCount(count, 'run', 'runs')}${range}`
  return options.dryRun
    ? `would undo ${runs}; its seq would be ${seq}`
    : `undid ${runs}, as change ${seq}`
}

// As it was understood: what was written may have had no offset.
function rangeOf(options: UndoCommandOptions): string {
  const { from, to } = askedOf(options)
  if (from === undefined && to === undefined) return ''
  const since = from === undefined ? '' : ` from ${formatTime(from)}`
  return ` committed${since}${to === undefined ? '' : ` before ${formatTime(to)}`}`
}

function rowOf(change: UndoChange): string[] {
  const { playerId, from, to } = change
  return [printable(nameOf(change)), printable(playerId), scoreOf(from), scoreOf(to)]
}

// A season stands behind its board and its window.
function nameOf({ board, window, season }: UndoAnswer['lost'][number]): string {
  return [board, window, season].filter((part) => part !== undefined).join(' ')
}

function scoreOf(entry: UndoChange['from']): string {
  if (entry === null) return 'none'
  return `${formatScore(entry.score)}${entry.hidden ? ' (hidden)' : ''}`
}
