/**
 * Simulated players who go on playing when the season is loaded, so that there is something to watch.
 *
 * Each run follows from the standings and from a seed: half of them are played by the best, most are no better
 * than what the player has, and one that is goes past some of those above. So rows move, and scores stay in
 * bounds for days.
 *
 * @module
 */

import type { Leaderboard } from '../../index.ts'

/** A run that somebody finished. */
export interface SimulatedRun {
  playerId: string
  score: number
  name?: string
}

const SEED = 20_260_901
const BEST = 30
const SHARE_OF_BEST = 0.5
const SHARE_OF_NEWCOMERS = 0.03
const SHARE_OF_BETTER_RUNS = 0.4
const PLACES_PASSED_MAX = 5
const STEP = 10
const STEPS_MAX = 20
const NEWCOMER_SCORE_MAX = 3_000

const FIRST_WORDS = ['Nova', 'Pixel', 'Turbo', 'Lucky', 'Cosmic', 'Neon', 'Rapid', 'Retro', 'Tiny']
const SECOND_WORDS = ['Fox', 'Otter', 'Panda', 'Raven', 'Comet', 'Lynx', 'Moose', 'Yeti', 'Toad']

/** Players of one board. */
export class SimulatedPlayers {
  readonly #board: Leaderboard
  readonly #random: () => number
  #newcomers = 0

  constructor(board: Leaderboard, seed: number = SEED) {
    this.#board = board
    this.#random = randomOf(seed)
  }

  /** Returns the next run. */
  next(): SimulatedRun {
    const { size } = this.#board
    if (size === 0 || this.#random() < SHARE_OF_NEWCOMERS) return this.#newcomer()
    const place = this.#placeOf(size)
    const entry = this.#board.entryAt(place)
    if (entry === undefined) return this.#newcomer()
    const { playerId, score } = entry
    if (this.#random() >= SHARE_OF_BETTER_RUNS)
      return { playerId, score: rounded(score * (0.3 + 0.7 * this.#random())) }
    const passed = Math.max(1, place - 1 - this.#below(PLACES_PASSED_MAX))
    const goal = this.#board.entryAt(passed)?.score ?? score
    return { playerId, score: Math.max(goal, score) + STEP * (1 + this.#below(STEPS_MAX)) }
  }

  #placeOf(size: number): number {
    const isBest = this.#random() < SHARE_OF_BEST
    return 1 + this.#below(isBest ? Math.min(BEST, size) : size)
  }

  #newcomer(): SimulatedRun {
    this.#newcomers++
    const words = [FIRST_WORDS, SECOND_WORDS].map((of) => of[this.#below(of.length)])
    const name = `${words.join('')}${this.#below(1_000)}`
    const playerId = `guest-${this.#newcomers}`
    return { playerId, name, score: STEP * this.#below(NEWCOMER_SCORE_MAX / STEP) }
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count)
  }
}

function rounded(score: number): number {
  return STEP * Math.round(score / STEP)
}

// Mulberry32 of Tommy Ettinger: 32 bits of state are plenty for a show.
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
