/**
 * Scores, times and counts as people read them.
 *
 * @module
 */

import type { CellJson, ScoreJson } from './answers.ts'

const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 12 })
const PERCENT = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const LARGE = 1e15
const SMALL = 1e-6

/** Returns a score as text; of a board with columns `kills 12 · deaths 3`. */
export function shownScore(score: ScoreJson | null | undefined): string {
  if (score === null || score === undefined) return '–'
  if (typeof score !== 'object') return cellText(score)
  return Object.entries(score)
    .map(([name, cell]) => `${name} ${cellText(cell)}`)
    .join(' · ')
}

function cellText(cell: CellJson): string {
  if (typeof cell === 'string') return /^-?\d+$/.test(cell) ? NUMBER.format(BigInt(cell)) : cell
  const size = Math.abs(cell)
  return size !== 0 && (size >= LARGE || size < SMALL) ? String(cell) : NUMBER.format(cell)
}

/** Returns the number that stands for a score in a curve: that of the first column. */
export function scoreNumber(score: ScoreJson): number {
  return Number(typeof score === 'object' ? Object.values(score)[0] : score)
}

export function countText(count: number): string {
  return NUMBER.format(count)
}

export function percentText(percent: number): string {
  return `${PERCENT.format(percent)} %`
}

export function timeText(at: number): string {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? WHEN.format(at) : '–'
}

/** Returns `3 d 4 h`, `2 h 5 min`, `40 s`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const units = [
    { size: 86_400, name: 'd' },
    { size: 3_600, name: 'h' },
    { size: 60, name: 'min' },
    { size: 1, name: 's' },
  ]
  const first = units.findIndex(({ size }) => seconds >= size)
  if (first < 0) return '0 s'
  let left = seconds
  return units
    .slice(first, first + 2)
    .map(({ size, name }) => {
      const count = Math.floor(left / size)
      left -= count * size
      return { count, name }
    })
    .filter(({ count }) => count > 0)
    .map(({ count, name }) => `${count} ${name}`)
    .join(' ')
}

/** Returns a name that can be seen; the id stands for one of blanks and invisible signs. */
export function shownName({ name, playerId }: { name: string; playerId: string }): string {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) ? name : playerId
}
