/**
 * In which tier of a board a score stands, and what the next better one asks for.
 *
 * @module
 */

import type { ScoreShape } from '../format/score-shape.ts'
import type { NextTier, Score, ScoreCell, Standing, Tier } from '../words/index.ts'
import { rankOfShare } from './answers.ts'

/** A place in the tiers. */
export interface TierPlace {
  tier: Tier
  /** Those that are better, the best first. */
  better: readonly Tier[]
}

/** Returns the tier of a score that stands there; undefined if there are no tiers. */
export function tierOf(
  tiers: readonly Tier[],
  at: { shape: ScoreShape; score: Score; standing: Standing<Score> },
): TierPlace | undefined {
  const i = tiers.findIndex((tier) => isInside(tier, at))
  const tier = tiers[i]
  return tier && { tier, better: tiers.slice(0, i) }
}

/**
 * Returns what the next of some better tiers takes: the one that takes least. It is not always the last of
 * them: on a small board the best 10 percent may be fewer than the first three.
 */
export function nextTier(
  better: readonly Tier[],
  at: { shape: ScoreShape; total: number; scoreAt: (rank: number) => Score | undefined },
): NextTier<Score> | undefined {
  const { shape, total, scoreAt } = at
  const ranked = widestOf(better, total)
  const rank = rankOfNext(better, total)
  const score = rank === undefined ? undefined : scoreAt(rank)
  const byRank = ranked && score !== undefined && { name: ranked.name, rank, score }
  const scored = better.findLast((tier) => tier.score !== undefined)
  const byScore = scored?.score !== undefined && {
    ...{ name: scored.name, rank: undefined, score: scored.score },
  }
  if (!byRank || !byScore) return byRank || byScore || undefined
  const side = compareCells(shape, shape.cellsOf(byRank.score)[0] as ScoreCell, byScore.score)
  // A score that reaches both is in the better one.
  if (side === 0 && shape.isPlain)
    return better.findIndex((tier) => tier === ranked || tier === scored) ===
      better.indexOf(ranked as Tier)
      ? byRank
      : byScore
  return side > 0 ? byRank : byScore
}

/** Returns the rank whose score {@link nextTier} asks for; undefined if none of the tiers goes by rank. */
export function rankOfNext(better: readonly Tier[], total: number): number | undefined {
  const ranked = widestOf(better, total)
  return ranked && rankOfTier(ranked, total)
}

/** Returns the competition rank that a tier goes to; undefined if it goes by score. */
export function rankOfTier({ rank, topPercent }: Tier, total: number): number | undefined {
  if (rank !== undefined) return rank
  return topPercent === undefined ? undefined : rankOfShare(total, topPercent)
}

// Of several that go as far the best.
function widestOf(better: readonly Tier[], total: number): Tier | undefined {
  let widest: Tier | undefined
  let most = 0
  for (const tier of better) {
    const rank = rankOfTier(tier, total) ?? 0
    if (rank <= most) continue
    widest = tier
    most = rank
  }
  return widest
}

function isInside(
  tier: Tier,
  { shape, score, standing }: { shape: ScoreShape; score: Score; standing: Standing<Score> },
): boolean {
  const rank = rankOfTier(tier, standing.total)
  if (rank !== undefined) return standing.competition <= rank
  if (tier.score === undefined) return true
  return compareCells(shape, shape.cellsOf(score)[0] as ScoreCell, tier.score) <= 0
}

// Negative if `a` is better than `b`.
function compareCells(shape: ScoreShape, a: ScoreCell, b: ScoreCell): number {
  if (a === b) return 0
  return a > b === (shape.order === 'descending') ? -1 : 1
}
