/**
 * What a hole costs: seasons that passed while nothing ran, and of which nobody has written. It is counted in
 * reads of the store, not in time.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { findBoard } from '../../src/embedded/catalog.ts'
import { seasonAt, staysFrom } from '../../src/embedded/seasons/season-at.ts'
import { presentOf } from '../../src/embedded/seasons/season-boards.ts'
import { tellFinals, tellSeasons } from '../../src/embedded/seasons/season-lists.ts'
import type { WindowedBoard } from '../../src/embedded/seasons/windowed-board.ts'
import { windowsOf } from '../../src/embedded/seasons/windows.ts'
import type { CatalogEntry } from '../../src/format/meta/board.ts'
import type { Table } from '../../src/format/tables.ts'
import type { Range, Reader } from '../../src/store/store.ts'
import { type SeasonEngine, withSeasons } from './engine.ts'

const HOUR_MS = 3_600_000
const HOLE = 1_000
const START = Date.UTC(2081, 10, 28)

/** Counts what is read: each value, and each pair or key of a range. */
class CountedReads {
  reads = 0
  readonly reader: Reader<Table>

  constructor(reader: Reader<Table>) {
    const counted = <T>(items: Iterable<T>): Iterable<T> => this.#counted(items)
    this.reader = new Proxy(reader, {
      get: (target, name) => {
        if (name === 'pairs' || name === 'keys')
          return (table: Table, range: Range) => counted<unknown>(target[name](table, range))
        const found: unknown = Reflect.get(target, name)
        if (name === 'get') this.reads++
        return typeof found === 'function' ? found.bind(target) : found
      },
    })
  }

  *#counted<T>(items: Iterable<T>): Generator<T> {
    this.reads++
    for (const item of items) {
      this.reads++
      yield item
    }
  }
}

interface Scene {
  from: WindowedBoard
  counted: CountedReads
  engine: SeasonEngine
}

/** A board with two seasons that are stored, a hole of 1,000 behind them, and nothing of the one that is on. */
function withHole(body: (scene: Scene) => void): Promise<void> {
  return withSeasons(async ({ temporary, engine }) => {
    const { clock } = temporary
    clock.now = START
    const every = { hours: 1, from: START }
    const board = await temporary.store.createBoard('arena', {
      windows: [
        { name: 'all', every },
        { name: 'some', every, retain: HOLE / 2 },
      ],
    })
    await board.submit('ada', 1)
    clock.advance(HOUR_MS)
    await board.submit('ada', 2)
    // Nothing does meanwhile what is due.
    await temporary.reopen({ readOnly: true })
    clock.advance((HOLE + 1) * HOUR_MS)
    const counted = new CountedReads(engine.context.store.current())
    const { reader } = counted
    const entry = findBoard(reader, 'arena') as CatalogEntry
    const presentMicros = presentOf(reader, engine.context.nowMicros())
    const windows = windowsOf(reader, entry.id)
    body({ from: { reader, board: entry, presentMicros, windows }, counted, engine })
  })
}

function readsOf<T>({ counted }: Scene, read: () => T): { reads: number; found: T } {
  const before = counted.reads
  const found = read()
  return { reads: counted.reads - before, found }
}

// Each season of a hole had its neighbours looked up in the store, and a page began with all in front of it:
// whoever read 1,000 of them in pages of 50 waited for seconds.
test.each(['all', 'some'])('a page of seasons in a hole reads little: window "%s"', (window) =>
  withHole((scene) => {
    const list = (asked: { after?: string; before?: string; limit?: number }) =>
      readsOf(scene, () => tellSeasons(scene.engine.context, scene.from, { window, ...asked }))
    const whole = list({ limit: 10 * HOLE })
    expect(whole.found).toHaveLength(window === 'all' ? HOLE + 3 : HOLE / 2 + 1)
    expect(whole.reads).toBeLessThan(60)
    const ids = whole.found.map(({ season }) => season)
    for (const at of [0, 1, 49, 300, ids.length - 2]) {
      const after = list({ after: ids[at] as string })
      expect(after.found.map(({ season }) => season)).toEqual(ids.slice(at + 1, at + 51))
      const before = list({ before: ids[at] as string })
      expect(before.found.map(({ season }) => season)).toEqual(ids.slice(Math.max(0, at - 50), at))
      expect(Math.max(after.reads, before.reads)).toBeLessThan(60)
    }
  }),
)

test('finals and what a window keeps pass by a hole', () =>
  withHole((scene) => {
    const { from, engine } = scene
    const asked = { window: 'all', playerId: 'ada' }
    const finals = readsOf(scene, () => tellFinals(engine.context, from, asked))
    expect(finals.found).toMatchObject([{ score: 2 }, { score: 1 }])
    expect(finals.reads).toBeLessThan(60)
    const window = from.windows[1] as WindowedBoard['windows'][number]
    const kept = readsOf(scene, () =>
      staysFrom(from.reader, window, seasonAt(from.reader, window, from.presentMicros)),
    )
    expect(kept.found).toBe((START + (HOLE / 2 + 2) * HOUR_MS) * 1000)
    expect(kept.reads).toBeLessThan(20)
  }))
