/**
 * What `watch` prints, as lines: the same for a screen, which has a size, and for a stream.
 *
 *     default: top 3 of 5
 *     rank  change   player  score  when
 *        1  ▲1 +300  ann     2,100  2025-03-01T18:30:00.000Z
 *        2  ▼1       ben     2,000  2025-03-01T18:29:00.000Z
 *        3  + new    eve     1,000  2025-03-01T18:30:00.000Z
 *     left: dave
 *
 * Where the width does not do, times go first, then ids, then the ends of names. Where the height
 * does not do, the last entries go, and a line says how many.
 *
 * @module
 */

import stringWidth from 'string-width'
import type { Entry, Score } from '../../index.ts'
import { tableOf } from '../entry-list.ts'
import { formatCount, formatNumber } from '../output.ts'
import { placeText, type ReadPlace } from '../read-place.ts'
import { printable, type Style } from '../text.ts'
import { fitText, padText } from '../text-width.ts'
import type { Mark, WatchState } from './state.ts'

/** What is watched. */
export interface Subject {
  place: ReadPlace
  /** Undefined if the first entries are watched. */
  playerId: string | undefined
}

/** What the lines are made for. */
export interface Paper {
  /** Infinity if there is no end. */
  columns: number
  rows: number
  /** What stands below, if there is room. */
  footer?: string
  paint: (text: string, style: Style) => string
}

interface Column {
  title: string
  align: 'left' | 'right'
  cells: string[]
  isId: boolean
}

const GAP = '  '
const CELL_WIDTH_MAX = 40
const NAME_WIDTH_MIN = 8
// The title, the head of the table and one entry come before a line below.
const ROWS_BEFORE_FOOTER = 4

// Where columns stand: rank, change, player, perhaps the id, the score's own, when.
const CHANGE = 1
const PLAYER = 2
const ID = 3

/** Returns the lines of a state. */
export function render(state: WatchState, subject: Subject, paper: Paper): string[] {
  const { paint, columns } = paper
  const { entries } = state.update
  const title = paint(fitText(titleOf(state, subject), columns), 'bold')
  const below = linesBelow(state, paper)
  const room = Math.max(1, paper.rows - 2 - below.length)
  if (entries.length === 0) return cut([title, emptyOf(subject, columns), ...below], paper)
  // The line that counts the rest takes a row too.
  const shown = entries.length <= room ? entries : entries.slice(0, Math.max(1, room - 1))
  const rest = entries.length - shown.length
  const more = rest === 0 ? [] : [paint(fitText(`… ${formatNumber(rest)} more`, columns), 'dim')]
  return cut([title, ...tableLines(shown, state, paper), ...more, ...below], paper)
}

function cut(lines: string[], paper: Paper): string[] {
  return lines.slice(0, Math.max(1, paper.rows))
}

function titleOf({ update }: WatchState, { place, playerId }: Subject): string {
  const { entries, total, season = place.season ?? null } = update
  const what =
    playerId === undefined
      ? `top ${formatNumber(entries.length)} of ${formatNumber(total)}`
      : `${printable(playerId)} among ${formatCount(total, 'player')}`
  // The season that is on now: it may be another one than at the beginning.
  return `${placeText({ ...place, season })}: ${what}`
}

function emptyOf({ playerId }: Subject, columns: number): string {
  const words = playerId === undefined ? 'no entries' : `${printable(playerId)} has no entry`
  return fitText(words, columns)
}

function linesBelow(state: WatchState, { rows, columns, footer, paint }: Paper): string[] {
  const names = state.left.map(({ entry }) => fitText(printable(entry.name), CELL_WIDTH_MAX))
  const began =
    state.beganUntil === undefined ? [] : [paint(fitText('a new season began', columns), 'green')]
  const left = names.length === 0 ? [] : [fitText(`left: ${names.join(', ')}`, columns)]
  const last = footer === undefined ? [] : [paint(fitText(footer, columns), 'dim')]
  return [...began, ...left, ...last].slice(0, Math.max(0, rows - ROWS_BEFORE_FOOTER + 1))
}

function tableLines(
  entries: readonly Entry<Score>[],
  { marks }: WatchState,
  { columns: width, paint }: Paper,
): string[] {
  const shownMarks = entries.map(({ playerId }) => marks.get(playerId))
  const columns = fitColumns(columnsOf(entries, shownMarks), width)
  const widths = columns.map(columnWidth)
  const heads = columns.map(({ title }) => title)
  const head = cellsOf(heads, { columns, widths, width }).map((cell) => paint(cell, 'dim'))
  const rows = shownMarks.map((mark, i) => {
    const texts = columns.map(({ cells }) => cells[i] ?? '')
    const cells = cellsOf(texts, { columns, widths, width })
    return cells.map((cell, at) => {
      return at === CHANGE && mark !== undefined ? paint(cell, markStyle(mark)) : cell
    })
  })
  return [head, ...rows].map((cells) => cells.join(GAP).trimEnd())
}

function columnsOf(
  entries: readonly Entry<Score>[],
  marks: readonly (Mark | undefined)[],
): Column[] {
  const table = tableOf(entries)
  const hasIds = entries.some(({ name, playerId }) => name !== playerId)
  const columns = table.columns.map(({ title, align = 'left' }, i): Column => {
    const cells = table.rows.map((row) => fitText(row[i] ?? '', CELL_WIDTH_MAX))
    return { title, align, cells, isId: hasIds && i === ID - 1 }
  })
  const cells = marks.map(markText)
  columns.splice(CHANGE, 0, { title: 'change', align: 'left', cells, isId: false })
  return columns
}

// A column of a score may have any name: what may go is told by where it stands.
function fitColumns(columns: readonly Column[], width: number): Column[] {
  const withoutTimes = columns.slice(0, -1)
  const withoutIds = withoutTimes.filter(({ isId }) => !isId)
  const choices = [columns, withoutTimes, withoutIds]
  const fitting = choices.find((choice) => tableWidth(choice) <= width)
  return fitting?.slice() ?? shortenNames(withoutIds, width)
}

function shortenNames(columns: readonly Column[], width: number): Column[] {
  const excess = tableWidth(columns) - width
  return columns.map((column, i) => {
    if (i !== PLAYER) return column
    const most = Math.max(NAME_WIDTH_MIN, columnWidth(column) - excess)
    return { ...column, cells: column.cells.map((cell) => fitText(cell, most)) }
  })
}

function tableWidth(columns: readonly Column[]): number {
  const gaps = GAP.length * (columns.length - 1)
  return columns.reduce((sum, column) => sum + columnWidth(column), gaps)
}

function columnWidth({ title, cells }: Column): number {
  return Math.max(...[title, ...cells].map((text) => stringWidth(text)))
}

// What does not fit at the end of a line is cut, before colours make it longer than it looks.
function cellsOf(
  texts: readonly string[],
  { columns, widths, width }: { columns: readonly Column[]; widths: number[]; width: number },
): string[] {
  const cells: string[] = []
  let left = width
  for (const [i, text] of texts.entries()) {
    if (left <= 0) break
    const cell = padText(text, widths[i] ?? 0, columns[i]?.align ?? 'left')
    cells.push(fitText(cell, left))
    left -= (widths[i] ?? 0) + GAP.length
  }
  return cells
}

/** Returns what happened to a player as a cell. */
export function markText(mark: Mark | undefined): string {
  if (mark === undefined) return ''
  const { kind, up, difference } = mark
  if (kind === 'entered') return '+ new'
  const arrow = up === 0 ? '●' : `${up > 0 ? '▲' : '▼'}${formatNumber(Math.abs(up))}`
  return difference === undefined ? arrow : `${arrow} ${difference}`
}

function markStyle({ kind, up }: Mark): Style {
  if (kind === 'entered' || up > 0) return 'green'
  if (up < 0) return 'red'
  return kind === 'updated' ? 'dim' : 'cyan'
}
