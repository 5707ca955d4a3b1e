/**
 * In which tier a score stands, by the rules that the function told with the standing, at the same instant.
 *
 * @module
 */

import { nextTier, rankOfNext, tierOf } from '../../domain/tiers.ts'
import type { Score, Standing } from '../../words/index.ts'
import { numberOf } from '../client/replies.ts'
import type { BoardCalls } from './board-calls.ts'
import { rulesOfText } from './board-rules.ts'

/** The rules, and by turns ranks to which tiers go and their scores; null on a board without tiers. */
export type TiersReply = [rules: Buffer, scores: (Buffer | null)[]] | null

/** Returns a standing with its tier. Cost: no round trip; in partitions those of a rank. */
export async function withTierTold(
  caller: BoardCalls,
  standing: Standing<Score>,
  { told, score }: { told: TiersReply | undefined; score: Score },
): Promise<Standing<Score>> {
  if (told == null) return standing
  const { shape } = caller
  const { tiers = [] } = rulesOfText(String(told[0]), shape)
  const place = tierOf(tiers, { shape, score, standing })
  if (place === undefined) return standing
  const { total } = standing
  const rank = rankOfNext(place.better, total)
  const bytes = rank === undefined ? null : await scoreOfRank(caller, rank, told[1])
  const scoreAt = (): Score | undefined => (bytes === null ? undefined : shape.read(bytes, 0))
  return {
    ...standing,
    tier: place.tier.name,
    next: nextTier(place.better, { shape, total, scoreAt }),
  }
}

async function scoreOfRank(
  caller: BoardCalls,
  rank: number,
  scores: readonly (Buffer | null)[],
): Promise<Buffer | null> {
  for (let i = 0; i < scores.length; i += 2)
    if (numberOf(scores[i] as Buffer) === rank) return scores[i + 1] ?? null
  const { value } = await caller.read('score_at', [rank, 'competition'])
  const [bytes] = value as [Buffer | null]
  return bytes
}
