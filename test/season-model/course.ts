/**
 * A random course of a store beside its model: each step makes a change on both, or moves the clock, and
 * compares what both answer.
 *
 * @module
 */

import { expect } from 'vitest'
import { outcomeOf, outcomeOfPromise } from '../model/calls.ts'
import type { Random } from '../support/random.ts'
import type { TemporaryStore } from '../support/temporary-store.ts'
import { Comparison, seasonRecords } from './comparison.ts'
import { randomBoard, randomStart, randomWindow } from './random-boards.ts'
import { HOUR_MS, PLAYERS, SeasonScene, show } from './scene.ts'
import { SeasonSubmits } from './submits.ts'

export class Course {
  readonly #scene: SeasonScene
  readonly #submits: SeasonSubmits
  readonly #comparison: Comparison
  readonly #endMs: number
  #step = 0
  #added = 0
  #started = 0

  constructor(random: Random, temporary: TemporaryStore) {
    const { clock } = temporary
    clock.now = randomStart(random)
    this.#endMs = clock.now + 300 * 24 * HOUR_MS
    this.#scene = new SeasonScene(random, temporary)
    this.#submits = new SeasonSubmits(this.#scene)
    this.#comparison = new Comparison(this.#scene)
  }

  async begin(): Promise<void> {
    const { store } = this.#scene.temporary
    this.#scene.lookAtClock()
    await store.alter({ retention: { days: 10_000 } })
    for (const name of ['one', 'two', 'tick']) {
      const settings = name === 'tick' ? {} : randomBoard(this.#scene.random)
      await store.createBoard(name, settings)
      this.#scene.model.create(name, settings)
    }
    await this.#submits.tick()
  }

  async run(steps: number): Promise<void> {
    try {
      for (; this.#step < steps; this.#step++) {
        await this.#change()
        this.#comparison.sample()
        if (this.#step % 40 === 39) await this.#comparison.compareAll()
      }
      this.#scene.what = 'the end'
      await this.finish()
    } catch (error) {
      if (error instanceof Error) error.message = `${this.#where()}: ${error.message}`
      throw error
    }
  }

  async finish(): Promise<void> {
    await this.#tellAll()
    await this.#comparison.compareAll()
    this.#comparison.compareLog()
    await this.#scene.second.close()
  }

  #where(): string {
    const { clock } = this.#scene.temporary
    return `SEED=${this.#scene.random.seed}, step ${this.#step}, ${this.#scene.what}, at ${new Date(clock.now).toISOString()}`
  }

  async #change(): Promise<void> {
    const random = this.#scene.random
    const kind = random.below(100)
    if (kind < 22) await this.#moveClock()
    else if (kind < 23) await this.#scene.temporary.reopen()
    else if (kind < 26) await this.#remove()
    else if (kind < 29) await this.#rename()
    else if (kind < 32) await this.#banOrUnban()
    else if (kind < 35) await this.#alter()
    else if (kind < 41) await this.#startSeason()
    else if (kind < 45) await this.#submits.repeat()
    else await this.#submits.submit()
  }

  // Mostly a little; at times to a border or the end of a grace and about it, over many, and back.
  async #moveClock(): Promise<void> {
    const random = this.#scene.random
    const { clock } = this.#scene.temporary
    const kind = random.below(12)
    const nowMs = this.#scene.model.time.now / 1000
    const times = this.#scene.windows().flatMap(({ window }) => {
      const { to } = window.current() ?? {}
      const graceMs = window.settings.graceMs ?? 600_000
      const last = window.spans()[1]
      const ends = last === undefined ? [] : [last.to / 1000 + graceMs]
      return to === undefined ? ends : [to / 1000, to / 1000 + graceMs, ...ends]
    })
    const ahead = times.filter((time) => time > nowMs && time < nowMs + 400 * 24 * HOUR_MS)
    let next = clock.now + random.below(2 * HOUR_MS)
    if (kind < 5 && ahead.length > 0)
      next =
        random.pick(ahead.sort((a, b) => a - b).slice(0, 3)) +
        random.pick([-1, 0, 0.001, -1000, 1000])
    else if (kind === 5) next = clock.now + random.below(20 * 24) * HOUR_MS
    else if (kind === 6) next = clock.now + random.below(60_000)
    else if (kind === 7) next = clock.now - random.below(60 * HOUR_MS)
    // What was the time before is known to the store by a time that it gave.
    if (next < clock.now) await this.#submits.tick()
    if (next > this.#endMs) next = clock.now
    clock.now = Math.round(next * 1000) / 1000
    this.#scene.what = `clock to ${clock.now}`
    this.#scene.lookAtClock()
  }

  async #remove(): Promise<void> {
    const playerId = this.#scene.random.pick(PLAYERS)
    const sealed = this.#scene.random.chance(0.4)
    const board = this.#scene.random.pick(['one', 'two'])
    this.#scene.what = `remove ${show([board, playerId, sealed])}`
    if (this.#scene.random.chance(0.3)) {
      await this.#scene.store.removePlayer(playerId, { sealed })
      this.#scene.model.removePlayer(playerId, sealed)
    } else {
      const removed = await this.#scene.board(board).remove(playerId, { sealed })
      expect(removed).toBe(this.#scene.model.board(board).remove(playerId, sealed))
    }
    this.#scene.model.commit()
  }

  async #rename(): Promise<void> {
    const playerId = this.#scene.random.pick(PLAYERS)
    const name = `renamed ${this.#scene.random.below(9)}`
    this.#scene.what = `rename ${show([playerId, name])}`
    await this.#scene.store.rename(playerId, name)
    this.#scene.model.rename(playerId, name)
    this.#scene.model.commit()
  }

  async #banOrUnban(): Promise<void> {
    const random = this.#scene.random
    const { bans } = this.#scene.model
    const sealed = random.chance(0.3)
    if (bans.size > 0 && random.chance(0.3 + bans.size * 0.2)) {
      const playerId = random.pick([...bans.keys()])
      this.#scene.what = `unban ${show([playerId, sealed])}`
      await this.#scene.store.unban(playerId, { sealed })
      this.#scene.model.unban(playerId, sealed)
    } else {
      const playerId = random.pick(PLAYERS)
      const submits = random.pick(['refuse', 'keep'] as const)
      this.#scene.what = `ban ${show([playerId, submits, sealed])}`
      await this.#scene.store.ban(playerId, { submits, sealed })
      this.#scene.model.ban(playerId, { submits, isSealedToo: sealed })
    }
    this.#scene.model.commit()
  }

  async #alter(): Promise<void> {
    const random = this.#scene.random
    const name = random.pick(['one', 'two'])
    const board = this.#scene.model.board(name)
    const windows = [...board.windows.values()]
    const kind = random.below(6)
    if (kind === 0 && windows.length < 4) {
      const window = randomWindow(random, { name: `added${this.#added++}`, board: board.settings })
      this.#scene.what = `alter adds ${show([name, window])}`
      await this.#scene.store.alter(name, { windows: [window] })
      board.add(window)
    } else if (kind === 1 && windows.length > 1) {
      const window = random.pick(windows)
      this.#scene.what = `alter takes ${show([name, window.name])}`
      await this.#scene.store.alter(name, { windows: { [window.name]: null } })
      board.windows.delete(window.name)
    } else if (windows.length > 0) {
      const window = random.pick(windows)
      const alteration = {
        ...(random.chance(0.5) && { graceMs: random.pick([null, 0, 1000, 2 * HOUR_MS]) }),
        ...(random.chance(0.4) && { retain: random.pick([null, 1, 2, 5]) }),
      }
      this.#scene.what = `alter ${show([name, window.name, alteration])}`
      if (Object.keys(alteration).length === 0) return
      await this.#scene.store.alter(name, { windows: { [window.name]: alteration } })
      window.alter(alteration)
    }
    this.#scene.model.commit()
  }

  async #startSeason(): Promise<void> {
    const manual = this.#scene.windows().filter(({ window }) => window.isManual)
    if (manual.length === 0) return
    const { board, window } = this.#scene.random.pick(manual)
    const id = this.#scene.random.chance(0.2)
      ? `season ${this.#scene.random.below(this.#started + 1)}`
      : `season ${++this.#started}`
    this.#scene.what = `startSeason ${show([board, window.name, id])}`
    const outcome = await outcomeOfPromise(this.#scene.board(board).startSeason(window.name, id))
    const expected = outcomeOf(() => window.start(id))
    if ('error' in outcome) {
      expect(outcome).toEqual(expected)
      return
    }
    expect(expected).toEqual({ value: undefined })
    const { season, from } = outcome.value as { season: string; from: number }
    expect(season).toBe(id)
    expect(Math.round(from * 1000)).toBeGreaterThanOrEqual(this.#scene.model.time.now)
    expect(Math.round(from * 1000)).toBeLessThan(this.#scene.model.time.now + 10_000)
    window.started(id, Math.round(from * 1000))
    this.#scene.model.time.give(Math.round(from * 1000))
    this.#scene.model.commit()
  }

  // Each change tells some of what passed.
  async #tellAll(): Promise<void> {
    const told = (): number => seasonRecords(this.#scene.temporary.store).length
    for (let before = -1, same = 0; same < 3; ) {
      await this.#submits.tick()
      const now = told()
      same = now === before ? same + 1 : 0
      before = now
    }
  }
}
