/**
 * The comparisons: all sides have the same board and get the same updates, in turns.
 *
 * Ranks of the same players are asked of every side before the first update and after the last one:
 * equal hashes say that all came to the same answers. The sides in memory come last, because their
 * garbage would slow the others down.
 *
 * @module
 */
import { inTurns, relate } from '../measure.js'
import { printTable } from '../report.js'
import { asker, hashOf } from '../workload.js'
import { Bare } from './bare.js'
import { MemoryTree } from './memory-tree.js'
import { Ours } from './ours.js'
import { Redis } from './redis.js'
import { SORTED_PLAYERS_MAX, Sorting } from './sorting.js'
import { Sqlite } from './sqlite.js'

const COMPARED_PLAYERS = 200
// Updates of a turn.
const ONES = 200
const MANY = 10_000
// Most updates of one transaction when a side catches up.
const APPLIED_AT_ONCE = 10_000

/** Compares look-ups and updates on a board where all scores are different. */
export async function compareUniform(context) {
  const ours = await Ours.open(context)
  const sides = [ours]
  if (context.hasRedis) {
    sides.push(await Redis.open(context, { durable: false }))
    sides.push(await Redis.open(context, { durable: true }))
  }
  sides.push(await Sqlite.open(context), await Bare.open(context))
  const before = await rankHashes(sides, context)
  await compare('rank of a player', sides, { context, cases: 'rankCases' })
  await compare('top 100', sides, { context, cases: 'topCases' })
  await compare('one update, awaited', sides, { context, cases: 'oneCases', updates: ONES })
  await compare('updates together', sides, { context, cases: 'manyCases', updates: MANY })

  const inMemory = [await MemoryTree.open(context)]
  if (context.players <= SORTED_PLAYERS_MAX) inMemory.push(await Sorting.open(context))
  before.push(...(await rankHashes(inMemory, context)))
  const beside = [ours, ...inMemory]
  await compare('rank of a player, in memory', beside, { context, cases: 'rankCases' })
  await compare('top 100, in memory', beside, { context, cases: 'topCases' })
  await compare('updates, in memory', beside, { context, cases: 'manyCases', updates: MANY })

  sides.push(...inMemory)
  await catchUp(sides)
  const after = await rankHashes(sides, context)
  const rows = sides.map(({ name, updates }, i) => {
    return { case: name, updates: updates.position, before: before[i], after: after[i] }
  })
  show(`ranks of ${COMPARED_PLAYERS} players, hashed, before and after the updates`, rows, context)
  await closeAll(sides)
}

/** Compares updates of a realistic season, which has many ties. */
export async function compareSeason(context) {
  const kind = 'season'
  const sides = [await Ours.open(context, kind), await Redis.open(context, { durable: true, kind })]
  await compare('updates together, season', sides, { context, cases: 'manyCases', updates: MANY })
  await catchUp(sides)
  const ids = comparedIds(context.players)
  const rows = []
  for (const side of sides) {
    const { position } = side.updates
    rows.push({ case: side.name, updates: position, scores: hashOf(await side.scores(ids)) })
  }
  show(`scores of ${COMPARED_PLAYERS} players, hashed`, rows, context)
  await closeAll(sides)
}

// Runs the cases of all sides in turns; the first one is ours, to which the others are related.
async function compare(title, sides, { context, cases, updates }) {
  const contestants = sides
    .flatMap((side) => side[cases]())
    .map((one) => (updates === undefined ? one : { ...one, calls: updates / (one.batch ?? 1) }))
  // A given number of updates takes what it takes.
  const seconds = updates === undefined ? context.seconds : Infinity
  const rows = await inTurns(contestants, { seconds })
  show(title, relate(rows, contestants), context)
}

function show(title, rows, { players, results }) {
  printTable(`${title}, ${players.toLocaleString('en')} players`, rows)
  results.push({ title, players, rows })
}

// Gives every side the updates that the furthest one has had.
async function catchUp(sides) {
  const last = Math.max(...sides.map(({ updates }) => updates.position))
  for (const side of sides) {
    while (side.updates.position < last)
      await side.apply(Math.min(APPLIED_AT_ONCE, last - side.updates.position))
  }
}

async function rankHashes(sides, { players }) {
  const ids = comparedIds(players)
  const hashes = []
  for (const side of sides) hashes.push(hashOf(await side.ranks(ids)))
  return hashes
}

function comparedIds(players) {
  return Array.from({ length: COMPARED_PLAYERS }, asker(players, COMPARED_PLAYERS))
}

async function closeAll(sides) {
  for (const side of sides) await side.close()
}
