/**
 * The seeded workload: players, the scores they start with, and an endless list of updates.
 *
 * Everything is a function of an index, so that each side of a comparison can be asked for update
 * 4,711 on its own and sees the same one.
 *
 *     kind       scores at the start             an update
 *     uniform    all different, at random        any player, a new random score, never seen before
 *     season     exponential, in tens: ties      Zipf's law picks the player, 10 to 200 points more
 *     ties       50 different ones               any player, one of the 50
 *     ascending  as uniform                      any player, a score above all so far
 *
 * @module
 */
import { createHash } from 'node:crypto'

export const KINDS = ['uniform', 'season', 'ties', 'ascending']

/** How many players are asked for in turn: enough to touch every part of a board. */
export const ASKED = 2 ** 18

const TWO_32 = 2 ** 32
const TIED_SCORES = 50
const SEASON_MEAN = 200
// 2026-09-01: times are given, so that a store made again is the same store.
const FIRST_AT = 1788220800000
const ROWS_A_CHUNK = 2_000
const FEW_PLAYERS = 5_000
// Prime and larger than any board: spreads the most active players over all ids.
const SPREAD = 15_485_863

/** Returns the id of player i: 12 bytes. */
export function playerIdOf(i) {
  return `p${String(i).padStart(11, '0')}`
}

/** Returns the name of player i: 15 bytes. */
export function nameOf(i) {
  return `Player ${String(i).padStart(8, '0')}`
}

/** Returns the score with which player i starts. */
export function firstScoreOf(kind, i) {
  if (kind === 'season') return 10 * Math.floor(-SEASON_MEAN * Math.log(1 - random('score', i)))
  if (kind === 'ties') return 100 * Math.floor(TIED_SCORES * random('score', i))
  return mix(i)
}

/** Returns update j on a board of that many players; on a season the score is an increment. */
export function updateOf(kind, players, j) {
  if (kind === 'season') return { playerId: playerIdOf(activePlayer(players, j)), score: gain(j) }
  const playerId = playerIdOf(Math.floor(players * random('player', j)))
  if (kind === 'ties') return { playerId, score: firstScoreOf('ties', players + j) }
  // As mix never answers the same for two indexes, no score comes twice.
  return { playerId, score: kind === 'ascending' ? TWO_32 + j : mix(players + j) }
}

/** The updates of a board in order, each taken once. */
export class Updates {
  #kind
  #players
  position = 0

  constructor(kind, players) {
    this.#kind = kind
    this.#players = players
  }

  next() {
    return updateOf(this.#kind, this.#players, this.position++)
  }

  take(count) {
    return Array.from({ length: count }, () => this.next())
  }
}

/** Returns ids of players at random, over and over from a list of `count`. */
export function asker(players, count = ASKED) {
  const ids = Array.from({ length: count }, (_, i) =>
    playerIdOf(Math.floor(players * random('asked', i))),
  )
  let i = 0
  return () => ids[i++ % count]
}

/** Yields the board as text, in chunks: `csv` with a header, or `ndjson`. */
export function* rowsOf(kind, players, format) {
  const line = format === 'csv' ? csvLine : JSON.stringify
  if (format === 'csv') yield Buffer.from('playerId,score,name,at\n')
  yield* chunksOf(
    players,
    (i) =>
      `${line({ playerId: playerIdOf(i), score: firstScoreOf(kind, i), name: nameOf(i), at: FIRST_AT + i })}\n`,
  )
}

/** Yields a CSV of the same players in no order, without names and times. */
export function* mixedRows(players) {
  yield Buffer.from('playerId,score\n')
  yield* chunksOf(players, (i) => {
    const player = (i * SPREAD) % players
    return `${playerIdOf(player)},${firstScoreOf('uniform', player)}\n`
  })
}

/** Yields a CSV of increments, all of a few players. */
export function* incrementRows(count) {
  yield Buffer.from('playerId,score\n')
  yield* chunksOf(count, (i) => {
    const player = Math.floor(FEW_PLAYERS * random('player', i))
    return `${playerIdOf(player)},${gain(i)}\n`
  })
}

/** Returns a short hash of answers, to be compared between runs and between sides. */
export function hashOf(answers) {
  return createHash('sha256').update(JSON.stringify(answers)).digest('hex').slice(0, 12)
}

/** Returns a number in [0, 1) that belongs to an index of a named list. */
export function random(list, i) {
  let salt = 0
  for (let j = 0; j < list.length; j++) salt = mix(salt ^ list.charCodeAt(j))
  return mix(mix(i) ^ salt) / TWO_32
}

/** Returns the player of update j by Zipf's law with exponent 1: the inverse of its distribution, ln x / ln n. */
export function activePlayer(players, j) {
  const place = Math.floor(players ** random('player', j))
  return (place * SPREAD) % players
}

function* chunksOf(count, lineOf) {
  for (let start = 0; start < count; start += ROWS_A_CHUNK) {
    let text = ''
    for (let i = start; i < Math.min(count, start + ROWS_A_CHUNK); i++) text += lineOf(i)
    yield Buffer.from(text)
  }
}

function gain(j) {
  return 10 * (1 + Math.floor(20 * random('gain', j) ** 2))
}

function csvLine({ playerId, score, name, at }) {
  return `${playerId},${score},${name},${at}`
}

// A bijection of 32-bit integers: lowbias32 by Chris Wellons ("Prospecting for Hash Functions").
function mix(i) {
  let x = i | 0
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return (x ^ (x >>> 15)) >>> 0
}
