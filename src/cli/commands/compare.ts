/**
 * `compare`: every difference between the boards of two stores, in ranks, scores and order.
 *
 *     { a, b, boards: [{ board, compared, samples, differences, first: [{ playerId, differs, a, b }], settings? }] }
 *
 * `first` are the first 1,000. The status is 1 if there is any difference.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { BoardInfo, Entry, Score } from '../../index.ts'
import { infoOf } from '../any-store.ts'
import { parseAge } from '../arguments.ts'
import { describeOrder } from '../board-settings.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { BoardComparison, type Found } from '../copy/board-comparison.ts'
import { boardsMeant, type Side, standingSettings, withSide } from '../copy/side.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import {
  formatCount,
  formatNumber,
  formatScore,
  formatTime,
  printJson,
  printLine,
} from '../output.ts'
import { withProgress } from '../progress.ts'
import { isServer, shownServer } from '../server-place.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface CompareOptions extends CommonOptions {
  stores: string[]
  details?: boolean
  /** Milliseconds. */
  follow?: number
}

interface ComparedBoard {
  board: string
  compared: number
  samples: number
  differences: number
  first: Found[]
  /** Only if they differ; null for a board that is not there. */
  settings?: { a: string | null; b: string | null }
}

const FIRST_MAX = 1_000
const SAMPLE_PAUSE_MS = 100

const HELP = `
A store is a directory, or redis://host:6379/0?prefix=P of a server, or some
nodes of a cluster, redis://a:6379,redis://b:6379?prefix=P. Both may be in use,
as in a parallel run before a move: what differs is looked at again, and told if
it is still the same a fifth of a second later. --follow goes on after the
comparison with 100 entries from a random place, ten times a second.

Times, names and metadata are compared with --details alone: two stores that a
game writes one after the other give times of their own.`

/** Declares `compare`. */
export function compareCommand(cli: Cli): void {
  addCommand(cli, 'compare', {
    summary: 'every difference between the boards of two stores',
    example: 'compare copied-store --details',
  })
    .argument('<stores...>', 'two stores, or one to hold against --db or --redis')
    .option('--details', 'compare times, names and metadata too')
    .option('--follow <span>', 'go on with samples for so long, like 1h', parseAge)
    .addHelpText('after', HELP)
    .action(runner(cli, runCompare, ['stores']))
}

export async function runCompare(io: Io, options: CompareOptions): Promise<number> {
  const [a, b] = storesOf(options)
  const boards = await withSide(options, a, {
    access: 'read',
    use: (a) =>
      withSide(options, b, { access: 'read', use: (b) => compareAll(io, options, [a, b]) }),
  })
  const differences = boards.reduce((sum, one) => sum + one.differences, 0)
  if (options.json) await printJson(io, { a: storeShown(a), b: storeShown(b), boards })
  else if (boards.length === 0)
    await printLine(
      io,
      `compared 0 boards: ${printable(storeShown(a))} and ${printable(storeShown(b))} have none`,
    )
  else for (const board of boards) await printLine(io, summaryOf(board))
  return differences === 0 ? 0 : 1
}

function storesOf({ stores, redis, db }: CompareOptions): [string, string] {
  const [a = '', b] = stores
  if (stores.length > 2)
    throw new CliError('USAGE', 'Cannot compare more than two stores: name boards with --board')
  return b === undefined ? [redis ?? db, a] : [a, b]
}

function storeShown(word: string): string {
  return isServer(word) ? shownServer(word) : word
}

async function compareAll(
  io: Io,
  options: CompareOptions,
  sides: readonly [Side, Side],
): Promise<ComparedBoard[]> {
  const compared: ComparedBoard[] = []
  const names = await boardsMeant(sides, options)
  for (const board of names) compared.push(await compareBoard(io, options, { board, sides }))
  return compared
}

async function compareBoard(
  io: Io,
  options: CompareOptions,
  { board, sides }: { board: string; sides: readonly [Side, Side] },
): Promise<ComparedBoard> {
  const result: ComparedBoard = { board, compared: 0, samples: 0, differences: 0, first: [] }
  const [a, b] = await Promise.all(sides.map((side) => infoIn(side, board)))
  if (a === undefined && b === undefined)
    throw new CliError('NO_BOARD', `Cannot compare board "${board}": neither store has it`)
  const isSame =
    a !== undefined &&
    b !== undefined &&
    isDeepStrictEqual(standingSettings(a), standingSettings(b))
  if (!isSame) {
    const settings = { a: settingsText(a), b: settingsText(b) }
    if (!options.json) await printLine(io, settingsLine(board, settings))
    return { ...result, differences: 1, settings }
  }
  return withProgress(io, async (bar) => {
    const [boardA, boardB] = await Promise.all(sides.map(({ store }) => store.openBoard(board)))
    const comparison = new BoardComparison(boardA as never, boardB as never, {
      details: options.details === true,
      onEntries: (count) => {
        io.signal.throwIfAborted()
        result.compared += count
        bar.update({ label: `comparing ${printable(board)}`, done: result.compared, total: a.size })
      },
      onFound: (found) => take(io, options, { result, found }),
    })
    await comparison.all()
    await follow(options, comparison, result)
    return result
  })
}

async function follow(
  { follow: spanMs = 0 }: CompareOptions,
  comparison: BoardComparison,
  result: ComparedBoard,
): Promise<void> {
  const end = performance.now() + spanMs
  while (performance.now() < end) {
    await comparison.sample(Math.random)
    result.samples++
    await sleep(SAMPLE_PAUSE_MS)
  }
}

async function take(
  io: Io,
  options: CompareOptions,
  { result, found }: { result: ComparedBoard; found: Found },
): Promise<void> {
  // A sample comes by the same player again.
  if (result.first.some(({ playerId }) => playerId === found.playerId)) return
  result.differences++
  if (result.first.length < FIRST_MAX) result.first.push(found)
  if (!options.json) await printLine(io, foundLine(result.board, found))
}

async function infoIn({ store }: Side, board: string): Promise<BoardInfo | undefined> {
  if (!(await store.hasBoard(board))) return undefined
  return infoOf(await store.openBoard(board))
}

function settingsText(info: BoardInfo | undefined): string | null {
  if (info === undefined) return null
  // Those that are compared, the usual ones too.
  const { log: _, windows: __, scoreType = 'number', ...settings } = info
  return `${describeOrder({ ...settings, scoreType })}, ${settings.mode}`
}

function settingsLine(board: string, { a, b }: NonNullable<ComparedBoard['settings']>): string {
  return `${printable(board)}: settings: ${a ?? 'no such board'} | ${b ?? 'no such board'}`
}

function foundLine(board: string, { playerId, differs, a, b }: Found): string {
  const parts = differs.map((field) => {
    if (field === 'missing') return `${entryText(a)} | ${entryText(b)}`
    return `${field} ${fieldText(a, field)} | ${fieldText(b, field)}`
  })
  return `${printable(board)}: ${printable(playerId)}: ${parts.join('; ')}`
}

function entryText(entry: Entry<Score> | null): string {
  if (entry === null) return 'no entry'
  return `score ${formatScore(entry.score)}, rank ${formatNumber(entry.rank)}`
}

function fieldText(entry: Entry<Score> | null, field: keyof Entry<Score>): string {
  if (entry === null) return '-'
  if (field === 'score') return formatScore(entry.score)
  if (field === 'at') return formatTime(entry.at)
  if (field === 'rank') return formatNumber(entry.rank)
  return printable(JSON.stringify(entry[field]) ?? 'none')
}

function summaryOf({ board, compared, samples, differences }: ComparedBoard): string {
  const sampled = samples === 0 ? '' : `, ${formatCount(samples, 'sample')} with it`
  const verdict = differences === 0 ? 'no difference' : formatCount(differences, 'difference')
  return `${printable(board)}: compared ${formatCount(compared, 'entry', 'entries')}${sampled}: ${verdict}`
}
