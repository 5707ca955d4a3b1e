/**
 * What `watch` shows: the last update, and the marks of changes that are still fresh.
 *
 * A mark stays for a few seconds, so that a person can read it although the next looks bring others;
 * what happens to a player meanwhile replaces it. All of this is pure: times are given.
 *
 * @module
 */

import type { Entry, Score, ScoreCell, WatchChange, WatchUpdate } from '../../index.ts'
import { formatNumber } from '../output.ts'

/** What happened to a player lately. */
export interface Mark {
  kind: 'entered' | 'score' | 'moved' | 'updated'
  /** Ranks gained; below 0 are lost. */
  up: number
  /** What the score has gained, in words; undefined if it is the same. */
  difference: string | undefined
  /** Milliseconds since 1970 when it is not news any more. */
  until: number
}

/** What is shown. */
export interface WatchState {
  update: WatchUpdate<Score>
  /** When the update came, milliseconds since 1970. */
  at: number
  /** By player. */
  marks: ReadonlyMap<string, Mark>
  /** Who is not there any more, the latest last. */
  left: readonly { entry: Entry<Score>; until: number }[]
  /** While it is news that a new season began: until when. */
  beganUntil?: number | undefined
}

const MARK_MS = 4000

/** Returns the state after an update. */
export function nextState(
  previous: WatchState | undefined,
  update: WatchUpdate<Score>,
  now: number,
): WatchState {
  const until = now + MARK_MS
  // Of another season, what happened before is not news of these players.
  const fresh = update.began ? undefined : previous && fade(previous, now)
  const beganUntil = update.began ? until : fresh?.beganUntil
  const marks = new Map(fresh?.marks)
  const left = new Map(fresh?.left.map((gone) => [gone.entry.playerId, gone]))
  for (const change of update.changes) {
    const { playerId, kind, previous: entry } = change
    left.delete(playerId)
    marks.delete(playerId)
    if (kind !== 'left') marks.set(playerId, { ...markOf(change, kind), until })
    else if (entry !== undefined) left.set(playerId, { entry, until })
  }
  return { update, at: now, marks, left: [...left.values()], beganUntil }
}

/** Returns the state without the marks that are old by now. */
export function fade(state: WatchState, now: number): WatchState {
  const marks = new Map([...state.marks].filter(([, { until }]) => until > now))
  const { beganUntil = 0 } = state
  const left = state.left.filter(({ until }) => until > now)
  return { ...state, marks, left, beganUntil: beganUntil > now ? beganUntil : undefined }
}

/** Returns when the next mark is old; undefined if no mark is left. */
export function nextFade(state: WatchState): number | undefined {
  const { marks, left, beganUntil } = state
  const times = [...marks.values(), ...left].map(({ until }) => until)
  if (beganUntil !== undefined) times.push(beganUntil)
  return times.length === 0 ? undefined : Math.min(...times)
}

function markOf(change: WatchChange<Score>, kind: Mark['kind']): Omit<Mark, 'until'> {
  const { entry, previous } = change
  if (entry === undefined || previous === undefined) return { kind, up: 0, difference: undefined }
  const up = previous.rank - entry.rank
  const isScore = kind === 'score'
  return { kind, up, difference: isScore ? differenceOf(previous.score, entry.score) : undefined }
}

/** Returns how much a score has grown, with its sign; of several columns those that differ. */
export function differenceOf(before: Score, now: Score): string {
  if (typeof now !== 'object' || typeof before !== 'object')
    return cellDifference(before as ScoreCell, now as ScoreCell)
  return Object.entries(now as Record<string, ScoreCell>)
    .filter(([name, cell]) => cell !== before[name])
    .map(([name, cell]) => `${name} ${cellDifference(before[name] ?? 0, cell)}`)
    .join(' · ')
}

function cellDifference(before: ScoreCell, now: ScoreCell): string {
  if (typeof now === 'bigint' || typeof before === 'bigint') {
    const difference = BigInt(now) - BigInt(before)
    return `${difference < 0n ? '' : '+'}${formatNumber(difference)}`
  }
  const difference = decimalDifference(before, now)
  return `${difference < 0 ? '' : '+'}${formatNumber(difference)}`
}

// 12.3 less 12.1 is 0.2 to a person: no more decimals than the two have.
function decimalDifference(before: number, now: number): number {
  const decimals = Math.max(decimalsOf(before), decimalsOf(now))
  const difference = now - before
  return decimals > 100 ? difference : Number(difference.toFixed(decimals))
}

function decimalsOf(value: number): number {
  const [, fraction = '', exponent = '0'] = /^[^.e]*\.?(\d*)(?:e(.+))?$/.exec(String(value)) ?? []
  return Math.max(0, fraction.length - Number(exponent))
}
