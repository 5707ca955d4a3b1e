/**
 * What a submit answers of a board of the model and of its windows.
 *
 * @module
 */

import type { Score, WindowAnswer } from '../../src/index.ts'
import type { Span } from './borders.ts'
import type { Done, Entries, Run } from './entries.ts'
import type { Target } from './model-window.ts'

/** What a submit answers, ranks left out if nobody asked. */
export interface ModelAnswer {
  playerId: string
  score: Score | undefined
  previousScore: Score | undefined
  rank: number | undefined
  previousRank: number | undefined
  changed: boolean
  created: boolean
  submitted?: Score
  windows?: Record<string, WindowAnswer<Score>>
}

export interface AnswerAsked {
  rankMode?: 'ordinal' | 'competition' | 'dense'
  ranks?: boolean
  windows?: 'all'
}

export function answerIn(
  { span, isSealed, entries }: Target,
  { run, asked, isBanned }: { run: Run; asked: AnswerAsked; isBanned: boolean },
): WindowAnswer<Score> {
  const { playerId } = run
  if (entries === undefined)
    return { season: span?.id, rank: undefined, ...(isSealed && { sealed: true as const }) }
  const previousRank = rankIn(entries, { playerId, asked })
  const done: Done = entries.take(run, isBanned)
  const short = { season: (span as Span).id, rank: rankIn(entries, { playerId, asked }) }
  if (asked.windows !== 'all') return done.isLeftOut ? { ...short, changed: false } : short
  const { score, previousScore, changed, created } = done
  return { ...short, score, previousScore, previousRank, changed, created }
}

// As the store adds: in doubles.
export function differenceOf(a: Score, b: Score): Score {
  return typeof a === 'bigint' ? a - (b as bigint) : (a as number) - (b as number)
}

export function rankIn(
  entries: Entries,
  { playerId, asked }: { playerId: string; asked: AnswerAsked },
): number | undefined {
  if (asked.ranks === false) return undefined
  return entries.rank(playerId, { rankMode: asked.rankMode })
}
