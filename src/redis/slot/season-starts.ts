/**
 * How a season is started by hand on a board in partitions: no instant covers them, and no submit may lie in two seasons
 * or in none. See home.lua for the steps. What a process that stops half way leaves, the next one finishes that meets it.
 *
 * @module
 */

import { LadderError } from '../../ground/errors.ts'
import type { FencedSeason } from './given-seasons.ts'
import type { SeasonSlot } from './home-seasons.ts'

/** How often another start is waited for. */
const ATTEMPTS = 20

/** A start that is noted at the home. */
interface NotedStart {
  number: number
  token: string
  season: string
}

type StartReply = [token: Buffer, season: Buffer, from: Buffer]
type FenceReply = [lastMicros: Buffer, isSame: number, from: Buffer]
type FixedStart = [from: Buffer, lastSeasons: Buffer[]]

/** Starts of seasons of one incarnation of a board. */
export class SeasonStarts {
  readonly #id: string
  readonly #home: SeasonSlot
  readonly #slots: () => readonly SeasonSlot[]

  constructor(id: string, home: SeasonSlot, slots: () => readonly SeasonSlot[]) {
    this.#id = id
    this.#home = home
    this.#slots = slots
  }

  /** Starts a season; resolves with when it began. @throws {RefusedByServer} `SEASON_EXISTS`, `CLOCK`. */
  async start(window: string, season: string): Promise<Buffer> {
    for (let i = 0; i < ATTEMPTS; i++) {
      const token = this.#home.context.newId()
      const { value } = await this.#home.write('note_start', [window, season, token])
      const [number, isNoted] = value as [number, number]
      if (isNoted === 1) {
        const from = await this.#finish({ number, token, season })
        if (from !== undefined) return from
      } else await this.#finishNoted(number)
    }
    throw restless(this.#home.spec.name)
  }

  /** Finishes the start that a partition waits for, or takes the fence away if nobody knows of it. */
  async pass([number, token]: FencedSeason): Promise<void> {
    const noted = await this.#finishNoted(number)
    if (noted !== token.toString()) await this.#unfence({ number, token: token.toString() })
  }

  // Returns the token of the start that was noted.
  async #finishNoted(number: number): Promise<string | undefined> {
    const { value } = await this.#home.readNow('season_start', [number])
    if (value === null) return undefined
    const [token, season] = (value as StartReply).map(String) as [string, string]
    await this.#finish({ number, token, season })
    return token
  }

  // Undefined: somebody else gave it up meanwhile.
  async #finish(start: NotedStart): Promise<Buffer | undefined> {
    const { number, token, season } = start
    const fixed = await this.#fixed(start)
    if (fixed === undefined) return undefined
    const [from, lastSeasons] = fixed
    const args = [this.#id, number, token, season, from, ...lastSeasons]
    const told = await Promise.allSettled(
      this.#slots().map((slot) => slot.write('begin_season', args, { isRepeatable: true })),
    )
    // The season has begun. A partition that is not told takes no changes until somebody tells it.
    const isTold = told.every((one) => one.status === 'fulfilled' && one.value.value === 1)
    if (isTold) await this.#home.write('end_start', [number, token, '1'], { isRepeatable: true })
    return from
  }

  async #fixed(start: NotedStart): Promise<FixedStart | undefined> {
    const { number, token } = start
    try {
      const { lastMicros, known } = await this.#fenced(start)
      const args = [number, token, lastMicros, known]
      const { value } = await this.#home.write('fix_start', args, { isRepeatable: true })
      if (value !== null) return value as FixedStart
    } catch (error) {
      await this.#giveUp(start)
      throw error
    }
    await this.#unfence(start)
    return undefined
  }

  // Returns the last time that any partition has given: it gives no other until it knows the season. If the home lost what
  // it had fixed, in a failover, a partition may know when the season began.
  async #fenced({
    number,
    token,
    season,
  }: NotedStart): Promise<{ lastMicros: number; known: string }> {
    const args = [this.#id, number, token, season]
    const replies = await Promise.all(
      this.#slots().map((slot) => slot.write('fence_season', args, { isRepeatable: true })),
    )
    const fenced = replies.map(({ value }) => value as FenceReply)
    if (fenced.some(([, isSame]) => isSame === 0)) throw restless(this.#home.spec.name)
    return {
      lastMicros: Math.max(...fenced.map(([last]) => Number(String(last)))),
      known: fenced.map(([, , from]) => from.toString()).find((from) => from !== '') ?? '',
    }
  }

  // A start that cannot be made leaves the board as it was: nobody else is to wait for a partition that is away.
  async #giveUp({ number, token }: NotedStart): Promise<void> {
    try {
      const args = [number, token, '0']
      const { value } = await this.#home.write('end_start', args, { isRepeatable: true })
      if (value === 1) await this.#unfence({ number, token })
    } catch {
      // The next one who meets it finishes it.
    }
  }

  async #unfence({ number, token }: Omit<NotedStart, 'season'>): Promise<void> {
    const args = [number, token]
    await Promise.allSettled(
      this.#slots().map((slot) => slot.write('unfence_season', args, { isRepeatable: true })),
    )
  }
}

function restless(board: string): LadderError {
  return new LadderError(
    'UNAVAILABLE',
    `Cannot start a season of board "${board}": others start seasons or make the board again all the time; try again`,
  )
}
