import { expect, onTestFinished, test, vi } from 'vitest'
import { type Leaderboards, openLeaderboards } from '../../src/index.ts'
import { LIVE_LOOK_MS } from '../../src/server/limits.ts'
import { Hub } from '../../src/server/live/hub.ts'
import {
  type LiveMessage,
  type LiveSubject,
  lookIn,
  Topic,
  type Viewer,
} from '../../src/server/live/topic.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'
import { withServer } from './support.ts'

const TOP: LiveSubject = {
  ...{ board: 'arena', top: 3, rankMode: 'ordinal', playerId: undefined },
  ...{ window: undefined, season: undefined },
}

// So many are told between two looks at the clock.
const STRIDE = 32
const STEPS = sizeOf('TORTURE_ROUND_STEPS', { test: 800, torture: 20_000 })

/** Keeps what it is told. */
class Listener implements Viewer {
  readonly isOpen = true
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into it as it likes.
  readonly told: any[] = []

  send({ bytes }: LiveMessage): void {
    this.told.push(JSON.parse(String(bytes)))
  }

  end(): void {
    throw new Error('ended')
  }

  get ids(): string[] {
    return this.told.at(-1).entries.map(({ playerId }: { playerId: string }) => playerId)
  }
}

function topicOf(store: Leaderboards): Topic {
  return new Topic(TOP, { lookAt: (...at) => lookIn(store, ...at), boot: 'boot' })
}

function listenersTo(topic: Topic, count: number): Listener[] {
  return Array.from({ length: count }, () => {
    const listener = new Listener()
    topic.add(listener, undefined)
    return listener
  })
}

// Tells in the smallest steps that there are: as if each took longer than its time.
function finish(topic: Topic): void {
  for (let i = 0; topic.isBehind; i++) {
    if (i > 1_000) throw new Error('A round does not end')
    topic.send(0)
  }
}

// Where thousands watch a player each, looks took half of the time, and requests waited.
test('the hub leaves to others twice the time that its looks took', async () => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('arena')
    let now = 1_000
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    const looksAt: number[] = []
    const update = Topic.prototype.update
    vi.spyOn(Topic.prototype, 'update').mockImplementation(function (this: Topic, sequence) {
      looksAt.push(now)
      now++
      return update.call(this, sequence)
    })
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const hub = new Hub(store, 'boot')
    onTestFinished(() => void vi.restoreAllMocks())
    const leave = Array.from({ length: 60 }, (_, i) =>
      hub.add({ ...TOP, top: i + 1 }, new Listener()),
    )
    // Its turns come when the test says so: all of them before a timer can.
    const turn = timers.mock.calls.find(([, ms]) => ms === LIVE_LOOK_MS)?.[0] as () => void
    timers.mockRestore()
    await board.submit('ann', 1)
    for (; looksAt.length < 60 && now < 2_000; now++) turn()
    expect(looksAt).toHaveLength(60)
    const spentMs = (looksAt.at(-1) as number) - (looksAt[0] as number)
    expect(spentMs).toBeGreaterThan(2.5 * 60)
    for (const one of leave) one()
  })
})

// Whoever stood at the end of a round of ten thousand was told what was over, and waited for the next round.
test('a commit amid a round is told to the others at once, and to the first ones in their turn', async () => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('arena')
    const topic = topicOf(store)
    const listeners = listenersTo(topic, 3 * STRIDE)
    await board.submit('ann', 1)
    topic.update(store.sequence)
    topic.send(0)
    await board.submit('bob', 2)
    topic.update(store.sequence)
    finish(topic)
    const kindsOf = ({ told }: Listener): string[][] =>
      told.map(({ changes }) =>
        changes.map(
          ({ playerId, kind }: { playerId: string; kind: string }) => `${playerId} ${kind}`,
        ),
      )
    const [first, late] = [listeners.slice(0, STRIDE), listeners.slice(STRIDE)]
    for (const listener of first)
      expect(kindsOf(listener)).toEqual([[], ['ann entered'], ['bob entered', 'ann moved']])
    for (const listener of late)
      expect(kindsOf(listener)).toEqual([[], ['bob entered', 'ann entered']])
  })
})

test('who comes amid a round is told the state, and nothing twice', async () => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('arena')
    const topic = topicOf(store)
    const listeners = listenersTo(topic, 2 * STRIDE)
    await board.submit('ann', 1)
    topic.update(store.sequence)
    topic.send(0)
    const [late] = listenersTo(topic, 1)
    finish(topic)
    expect(late?.told).toMatchObject([{ changes: [], entries: [{ playerId: 'ann' }] }])
    for (const { told } of listeners) expect(told).toHaveLength(2)
  })
})

test('what was taken back before a round came by is not told', async () => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('arena')
    const topic = topicOf(store)
    const [one] = listenersTo(topic, 1)
    await board.submit('ann', 1)
    topic.update(store.sequence)
    await board.remove('ann')
    topic.update(store.sequence)
    finish(topic)
    expect(one?.told).toHaveLength(1)
  })
})

test('a round ends when its last viewers go amid it', async () => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('arena')
    const topic = topicOf(store)
    const [first, last] = listenersTo(topic, 2) as [Listener, Listener]
    await board.submit('ann', 1)
    topic.update(store.sequence)
    topic.remove(first)
    vi.spyOn(last, 'send').mockImplementation(() => topic.remove(last))
    finish(topic)
    expect(topic.size).toBe(0)
    expect(last.send).toHaveBeenCalledOnce()
  })
})

// Checks of each viewer alone: what it is told follows on what it was told, and ends with what is.
test('however rounds, commits and viewers come and go, each viewer is told all of it', async () => {
  const random = new Random(runSeed('live rounds'))
  await withDirectory(async (directory) => {
    const store = openLeaderboards(directory, { durability: 'relaxed' })
    try {
      const board = await store.createBoard('arena')
      const topic = topicOf(store)
      const listeners = new Set<Listener>()
      const steps = [
        () => {
          for (const one of listenersTo(topic, random.below(STRIDE))) listeners.add(one)
        },
        () => {
          for (const one of [...listeners].filter(() => random.chance(0.3))) {
            listeners.delete(one)
            topic.remove(one)
          }
        },
        () => board.submit(`p${random.below(6)}`, random.below(20)),
        () => board.submit(`p${random.below(6)}`, random.below(20)),
        () => topic.update(store.sequence),
        () => topic.update(store.sequence),
        () => topic.send(0),
        () => topic.send(0),
      ]
      await withSeed(random, async () => {
        for (let i = 0; i < STEPS; i++) {
          await random.pick(steps)()
          if (i % 50 > 0) continue
          topic.update(store.sequence)
          finish(topic)
          const ids = board.top(3).map(({ playerId }) => playerId)
          for (const listener of listeners) checkStory(listener, ids)
        }
      })
    } finally {
      await store.close()
    }
  })
})

function checkStory(listener: Listener, ids: string[]): void {
  expect(listener.ids).toEqual(ids)
  listener.told.reduce((before, now) => {
    expect(now.sequence).toBeGreaterThan(before.sequence)
    for (const { playerId, kind, entry, previous } of now.changes) {
      const find = (entries: { playerId: string }[]) =>
        entries.find((one) => one.playerId === playerId) ?? null
      expect([kind, find(before.entries), find(now.entries)]).toEqual([kind, previous, entry])
    }
    return now
  })
  listener.told.splice(0, listener.told.length - 1)
}

// Where the server makes the commit itself, it does not wait for its next look at the number of the last one.
test('what the server changes is told without a wait', async () => {
  await withServer(async (server) => {
    await server.store.createBoard('arena')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const response = await server.server.fetch(
        new Request('http://localhost/api/v1/boards/arena/live'),
        { address: '127.0.0.1' },
      )
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      const told = async (): Promise<string> =>
        Buffer.from((await reader.read()).value ?? []).toString()
      expect(await told()).toBe('retry: 1000\n\n')
      expect(await told()).toContain('"total":0')
      await server.ask('POST /boards/arena/scores', { body: { playerId: 'ann', score: 1 } })
      expect(await told()).toContain('"total":1')
      await reader.cancel()
    } finally {
      vi.useRealTimers()
    }
  })
})

// Each of many topics had a slice of every turn for itself: requests waited for all of them.
test('however many things are watched, one turn sends for one slice', async () => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('arena')
    const hub = new Hub(store, 'boot')
    let now = 0
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
    const viewer = { end: () => undefined, isOpen: true }
    const send = (): void => {
      now++
    }
    try {
      for (let top = 1; top <= 5; top++)
        for (let i = 0; i < 3 * STRIDE; i++) hub.add({ ...TOP, top }, { ...viewer, send })
      await board.submit('ann', 1)
      now += 1_000
      hub.soon()
      const turns: number[] = []
      for (let i = 0; i < 50; i++) {
        const before = now
        await new Promise(setImmediate)
        turns.push(now - before)
      }
      expect(turns.filter((ms) => ms > 0)).toEqual(Array.from({ length: 15 }, () => STRIDE))
    } finally {
      clock.mockRestore()
      vi.useRealTimers()
      hub.end(new Error('enough'))
    }
  })
})
