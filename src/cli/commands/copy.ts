/**
 * `copy`: boards from one store to another, a directory or a server, while the source is in use.
 *
 *     { from, to, boards: [{ board, entries, written, removed, passes, level, differences, leftBehind, ms }] }
 *
 * `level` says that the last look found no difference; if it is false for a board, `differences` is how many the
 * last look found, and the status is 1.
 *
 * @module
 */

import { InvalidArgumentError } from 'commander'
import type { BoardInfo, BoardSettings } from '../../index.ts'
import { countOf, infoOf } from '../any-store.ts'
import { parseCount } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { type CopyEnd, runCopy } from '../copy/copy-run.ts'
import { checkLeftBehind, LEFT_BEHIND, type LeftBehind, leftBehind } from '../copy/left-behind.ts'
import { boardsMeant, type Side, standingSettings, withSide } from '../copy/side.ts'
import { CliError, failureOf } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatCount, formatDuration, formatNumber, printJson, printLine } from '../output.ts'
import { type ProgressBar, withProgress } from '../progress.ts'
import { isServer } from '../server-place.ts'
import { printable, shellWord } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface CopyOptions extends CommonOptions {
  boards: string[]
  from?: string
  to: string
  without?: LeftBehind[]
  continue?: boolean
  partitions?: number
}

interface CopiedBoard extends CopyEnd {
  board: string
  entries: number
  leftBehind: LeftBehind[]
  ms: number
}

const HELP = `
A store is a directory, or redis://host:6379/0?prefix=P of a server, or some
nodes of a cluster, redis://a:6379,redis://b:6379?prefix=P. The source may be
in use: what changes during the copy is brought after it, by the log of the
source or by going through the board again, until a look finds nothing more.
What is written to the source from then on is not copied: let the game write to
the target first, or stop it for the last moment, and look with
  ladderdb compare FROM TO

A board of the target that has entries is refused. --continue makes it what it
is in the source, and removes what the source does not have: it goes on with a
copy that was cut off. To start again: ladderdb drop BOARD --yes there.

Carried are settings, entries, times, names and metadata. Windows, rules, log,
bans and profiles are not: a board that has any is refused unless --without
says so. Ids of requests stay behind with the log: a submit that is sent again
after the move counts again.`

/** Declares `copy`. */
export function copyCommand(cli: Cli): void {
  addCommand(cli, 'copy', {
    summary: 'copy boards to another store, a server too, while they are in use',
    example: 'copy --to copied-store --without windows,rules,log,bans,profiles',
  })
    .argument('[boards...]', 'names of boards; default: --board, or all')
    .option('--from <store>', 'where they are; default: --db or --redis')
    .requiredOption('--to <store>', 'where they go; a directory is made')
    .option('--without <what>', `what may stay behind: ${LEFT_BEHIND.join(',')}`, parseWithout)
    .option('--partitions <n>', 'of a new board on a server, 1 to 64', parseCount)
    .option('--continue', 'make boards that have entries what they are in the source')
    .addHelpText('after', HELP)
    .action(runner(cli, runCopyCommand, ['boards']))
}

export async function runCopyCommand(io: Io, options: CopyOptions): Promise<number> {
  const from = options.from ?? options.redis ?? options.db
  const { to } = options
  if (from === to)
    throw new CliError('USAGE', 'Cannot copy a store to itself: name another one with --to')
  if (options.partitions !== undefined && !isServer(to))
    throw new CliError('USAGE', 'Cannot use --partitions for a directory: they are of servers')
  const copied = await withSide(options, from, {
    access: 'read',
    use: (source) =>
      withSide(options, to, {
        access: 'create',
        use: (target) => copyBoards(io, options, { source, target }),
      }),
  })
  if (options.json) await printJson(io, copied)
  else if (copied.boards.length === 0)
    await printLine(io, `copied 0 boards: ${printable(copied.from)} has none`)
  else for (const board of copied.boards) await printLine(io, describe(board))
  return copied.boards.every(({ level }) => level) ? 0 : 1
}

async function copyBoards(
  io: Io,
  options: CopyOptions,
  { source, target }: { source: Side; target: Side },
): Promise<{ from: string; to: string; boards: CopiedBoard[] }> {
  const names = await boardsMeant([source], options)
  // All of them before the first: a refusal leaves nothing that is half.
  const left = new Map<string, LeftBehind[]>()
  for (const name of names) left.set(name, await checkBoard(name, options, { source, target }))
  const boards: CopiedBoard[] = []
  for (const name of names)
    boards.push({
      ...(await copyBoard(io, options, { name, source, target })),
      leftBehind: left.get(name) ?? [],
    })
  return { from: source.name, to: target.name, boards }
}

async function checkBoard(
  name: string,
  { without = [], continue: goesOn = false }: CopyOptions,
  { source, target }: { source: Side; target: Side },
): Promise<LeftBehind[]> {
  const board = await source.store.openBoard(name)
  const left = await leftBehind(source, board, await infoOf(board))
  checkLeftBehind(name, left, without)
  const there = (await target.store.hasBoard(name)) ? await target.store.openBoard(name) : undefined
  const count = there === undefined ? 0 : await countOf(there)
  if (count > 0 && !goesOn)
    throw new CliError(
      'EXISTS',
      `Cannot copy board "${name}": it has ${formatCount(count, 'entry', 'entries')} in ${target.name}; --continue makes it what it is in ${source.name}, or drop it there: ladderdb ${target.flags} drop ${shellWord(name)} --yes`,
    )
  return Object.keys(left) as LeftBehind[]
}

async function copyBoard(
  io: Io,
  { partitions }: CopyOptions,
  { name, source, target }: { name: string; source: Side; target: Side },
): Promise<Omit<CopiedBoard, 'leftBehind'>> {
  const start = performance.now()
  const board = await source.store.openBoard(name)
  const made = await target.store.createBoard(name, {
    ...settingsFor(await infoOf(board), { source, target }),
    ...(partitions !== undefined && { partitions }),
  })
  const isNew = (await countOf(made)) === 0
  try {
    const total = await countOf(board)
    const end = await withProgress(io, (bar) => {
      const onEntries = counter(io, bar, { label: `copying ${printable(name)}`, total })
      return runCopy(source, target, { board: name, isNew, onEntries })
    })
    const ms = Math.round(performance.now() - start)
    return { board: name, entries: await countOf(made), ...end, ms }
  } catch (cause) {
    throw halfDone(io, name, cause)
  }
}

// A board on a server has no log: what it is to be in a directory, nobody has said.
function settingsFor(
  info: BoardInfo,
  { source, target }: { source: Side; target: Side },
): BoardSettings {
  const hasLog = info.log !== undefined && !source.isOnServer && !target.isOnServer
  return { ...standingSettings(info), ...(hasLog && { log: info.log }) }
}

function counter(
  { signal }: Io,
  bar: ProgressBar,
  { label, total }: { label: string; total: number },
): (count: number) => void {
  let done = 0
  return (count) => {
    signal.throwIfAborted()
    done += count
    // From the first entry to the last again and again, until both are level.
    bar.update({ label, done: total === 0 ? 0 : done % (total + 1), total })
  }
}

function halfDone(io: Io, name: string, cause: unknown): CliError {
  const { code, message } = failureOf(cause)
  const rest = `board "${name}" is copied in part; the same with --continue goes on`
  if (io.signal.aborted) return new CliError('ABORTED', `Interrupted: ${rest}`, { cause })
  return new CliError(code, `${message}; ${rest}`, { cause })
}

function describe({ board, entries, written, removed, passes, ...rest }: CopiedBoard): string {
  const { level, differences, lookMs, leftBehind: left, ms } = rest
  const counts = [
    `${formatNumber(written)} written`,
    ...(removed > 0 ? [`${formatNumber(removed)} removed`] : []),
    `gone through ${formatCount(passes, 'time')}`,
  ]
  const title = `copied '${printable(board)}': ${formatCount(entries, 'entry', 'entries')} (${counts.join(', ')}) in ${formatDuration(ms)}`
  const without = left.length === 0 ? '' : `; left behind: ${left.join(', ')}`
  const look = `a look of ${formatDuration(lookMs)}`
  const end = level
    ? `level: ${look} found no difference`
    : `behind: ${look} still found ${formatCount(differences, 'difference')}; stop what writes to the source, then say the same with --continue`
  return `${title}${without}\n  ${end}`
}

function parseWithout(text: string, before: LeftBehind[] = []): LeftBehind[] {
  const words = text.split(',').map((word) => word.trim() as LeftBehind)
  const stray = words.find((word) => !LEFT_BEHIND.includes(word))
  if (stray === undefined) return [...before, ...words]
  throw new InvalidArgumentError(`It must be of ${LEFT_BEHIND.join(', ')}.`)
}
