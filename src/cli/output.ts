/**
 * How answers are shown: tables and plain words for people, JSON for programs.
 *
 * Players choose their names, files may come from anyone. Text of theirs reaches a terminal only
 * through {@link printable}, and JSON only through {@link jsonLine}: then no byte of it can move a
 * cursor, change a title or turn the reading direction.
 *
 * @module
 */

import { writeJson } from '../calls/index.ts'
import type { Score, ScoreCell } from '../index.ts'
import type { Io } from './io.ts'
import { type ColorOptions, isPlain, paint } from './text.ts'

/** A table for people. */
export interface TextTable {
  /** Long cells are cut but in a column that is `whole`. */
  columns: readonly { title: string; align?: 'left' | 'right'; whole?: boolean }[]
  rows: readonly (readonly string[])[]
  /** Index of a row to stand out on a terminal. */
  highlight?: number | undefined
}

// A cell beyond this would push the others off the screen; `show` and --json have it all.
const CELL_CHARACTERS_MAX = 40

// The time that cli-table3 takes grows with the square of the rows.
const BLOCK_ROWS = 100

const BORDERLESS = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  },
  style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
}

const UNSAFE_IN_JSON = /[\p{C}\u2028\u2029]/gu

/** Returns a value as one line of JSON with its line break; `undefined` becomes `null`, a bigint text. */
export function jsonLine(value: unknown): string {
  const json = writeJson(value)
  if (isPlain(json)) return `${json}\n`
  return `${json.replace(UNSAFE_IN_JSON, escapeUnits)}\n`
}

/** Prints one JSON document. */
export function printJson(io: Io, value: unknown): Promise<void> {
  return io.print(jsonLine(value))
}

/** Prints one line for people; text from players in it must be printable already. */
export function printLine(io: Io, line: string): Promise<void> {
  return io.print(`${line}\n`)
}

/** Prints an aligned table for people. */
export async function printTable(
  io: Io,
  table: TextTable,
  options: ColorOptions & { indent?: string },
): Promise<void> {
  await io.print(await formatTable(table, { ...options, io }))
}

/** Returns an aligned table for people, each row with its line break. */
export async function formatTable(
  table: TextTable,
  options: ColorOptions & { io: Io; indent?: string },
): Promise<string> {
  // Loaded here: programs that read JSON need not wait for it.
  const { default: CliTable } = await import('cli-table3')
  const colAligns = table.columns.map(({ align = 'left' }) => align)
  const blocks = blocksOf([headOf(table, options), ...bodyOf(table, options)])
  const grids = blocks.map((rows) => {
    const grid = new CliTable({ ...BORDERLESS, colAligns })
    grid.push(...rows)
    return grid
  })
  const texts = grids.map(String)
  // Drawing has noted how wide the columns are. Blocks must agree, so they are drawn again.
  const widths = table.columns.map((_, i) =>
    Math.max(...grids.map((grid) => grid.options.colWidths[i] ?? 0)),
  )
  if (grids.length > 1) {
    for (const [i, grid] of grids.entries()) {
      grid.options.colWidths = widths
      texts[i] = String(grid)
    }
  }
  const lines = texts.join('\n').split('\n')
  return lines.map((line) => `${options.indent ?? ''}${line.trimEnd()}\n`).join('')
}

function headOf(table: TextTable, options: ColorOptions & { io: Io }): string[] {
  return table.columns.map(({ title }) => paint(title, { ...options, style: 'dim' }))
}

function bodyOf(table: TextTable, options: ColorOptions & { io: Io }): string[][] {
  return table.rows.map((row, i) => {
    const cells = row.map((cell, i) => (table.columns[i]?.whole ? cell : shorten(cell)))
    if (i !== table.highlight) return cells
    return cells.map((cell) => paint(cell, { ...options, style: 'bold' }))
  })
}

function blocksOf<T>(rows: readonly T[]): T[][] {
  const count = Math.ceil(rows.length / BLOCK_ROWS)
  return Array.from({ length: count }, (_, i) => rows.slice(i * BLOCK_ROWS, (i + 1) * BLOCK_ROWS))
}

/** Returns a number with separators in its whole part and every digit that it has. */
export function formatNumber(value: number | bigint): string {
  const [whole = '', ...rest] = String(value).split(/(?=[.e])/)
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...rest].join('')
}

/** Returns a score; if it has several columns, each with its name. */
export function formatScore(score: Score): string {
  if (typeof score !== 'object') return formatNumber(score)
  const cells: [string, ScoreCell][] = Object.entries(score)
  return cells.map(([name, cell]) => `${name} ${formatNumber(cell)}`).join(' · ')
}

/** Returns a count with its word, `1 player` or `2 players`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}

/** Returns a time in milliseconds since 1970 as ISO 8601 in UTC, with microseconds if it has any. */
export function formatTime(at: number): string {
  // Apart from its fraction, which the product of all would round.
  const ms = Math.floor(at)
  const rest = Math.round((at - ms) * 1000)
  const text = new Date(ms).toISOString()
  return rest === 0 ? text : text.replace('Z', `${String(rest).padStart(3, '0')}Z`)
}

/** Returns a duration with the unit that suits it. */
export function formatDuration(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toFixed(ms < 0.01 ? 1 : 0)} µs`
  if (ms < 1000) return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
}

/** Returns how old something is, in the largest unit that gives two or more. */
export function formatAge(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  for (const [unit, length] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
  ] as const)
    if (seconds >= 2 * length) return `${formatNumber(Math.floor(seconds / length))} ${unit}`
  return `${seconds} s`
}

/** Returns a size in bytes with the unit that suits it. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return formatCount(bytes, 'byte')
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KiB`
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(1)} MiB`
  return `${(bytes / 1024 ** 3).toFixed(2)} GiB`
}

function shorten(cell: string): string {
  if (cell.length <= CELL_CHARACTERS_MAX) return cell
  const characters = [...cell]
  if (characters.length <= CELL_CHARACTERS_MAX) return cell
  return `${characters.slice(0, CELL_CHARACTERS_MAX - 1).join('')}…`
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
