import { expect, test } from 'vitest'
import type { Table } from '../../src/format/keys.ts'
import { type Leaderboards, openLeaderboards } from '../../src/index.ts'
import type { Writer } from '../../src/store/store.ts'
import { Random, runSeed } from '../support/random.ts'
import { changeRaw, flipped, pairsOf } from '../support/raw-store.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

const PLAYERS = sizeOf('REBUILD_PLAYERS', { test: 700, torture: 2_000 })

/** Fills two boards, damages one, and opens the store again. */
async function damagedBy(
  temporary: TemporaryStore,
  damage: (writer: Writer<Table>) => void,
): Promise<{ store: Leaderboards; before: unknown }> {
  const arena = await temporary.store.createBoard('arena', { mode: 'best' })
  const golf = await temporary.store.createBoard('golf', { order: 'ascending' })
  const submits = Array.from({ length: PLAYERS }, (_, i) => {
    return { playerId: `p${i}`, score: (i * 7919) % 500, ...(i % 3 === 0 && { name: `N${i}` }) }
  })
  await arena.submitMany(submits)
  await golf.submitMany(submits.slice(0, 10))
  const before = contentOf(temporary.store)
  await temporary.store.close()
  await changeRaw(temporary.path, damage)
  const store = await temporary.reopen()
  return { store, before }
}

const DAMAGED = new RegExp(`: ${PLAYERS / 10} are damaged, the first .*p0.*; restore a backup`)

function contentOf(store: Leaderboards): unknown {
  return store.boards().map(({ name, size }) => {
    const board = store.board(name)
    const ids = [...board.entries()].map(({ playerId }) => playerId)
    return [name, size, [...board.entries()], board.ranks(ids)]
  })
}

// The first board's keys come first, and its number is 1.
function everyTenth<T>(items: readonly T[]): T[] {
  return items.slice(0, PLAYERS).filter((_, i) => i % 10 === 0)
}

const DAMAGES: [name: string, damage: (writer: Writer<Table>) => void][] = [
  ['the tree gone', (writer) => removeAll(writer, 'ranks')],
  [
    'every node of the tree damaged',
    (writer) => {
      for (const { key, value } of pairsOf(writer, 'ranks'))
        if (key[0] === 1) writer.put('ranks', key, flipped(value, value.length - 1))
    },
  ],
  [
    'entries gone',
    (writer) => {
      for (const { key } of everyTenth(pairsOf(writer, 'entries'))) writer.remove('entries', key)
    },
  ],
  ['all entries gone', (writer) => removeAll(writer, 'entries')],
  [
    'entries damaged',
    (writer) => {
      for (const { key, value } of everyTenth(pairsOf(writer, 'entries')))
        writer.put('entries', key, flipped(value, 0))
    },
  ],
  [
    'entries that no record leads to',
    (writer) => {
      for (const { key, value } of everyTenth(pairsOf(writer, 'entries')))
        writer.put('entries', flipped(key, 5), value)
    },
  ],
  [
    'keys that are no entries',
    (writer) => {
      writer.put('entries', Buffer.from([1, 0]), Buffer.from('x'))
      writer.put('entries', Buffer.from([1, ...Buffer.alloc(16)]), Buffer.alloc(0))
    },
  ],
]

function removeAll(writer: Writer<Table>, table: Table): void {
  for (const { key } of pairsOf(writer, table)) if (key[0] === 1) writer.remove(table, key)
}

test.each(DAMAGES)('rebuild() from players mends %s', (_, damage) =>
  withStore(async (temporary) => {
    const { store, before } = await damagedBy(temporary, damage)
    expect((await store.check()).ok).toBe(false)
    const report = await store.rebuild('arena', { from: 'players' })
    expect(report).toMatchObject({ board: 'arena', entries: PLAYERS })
    expect((await store.check()).findings).toEqual([])
    expect(contentOf(store)).toEqual(before)
    expect(await store.rebuild('arena', { from: 'players' })).toMatchObject({
      added: 0,
      removed: 0,
    })
    await store.board('arena').submit('p1', 10_000)
    expect(store.board('arena').rank('p1')).toBe(1)
  }),
)

test('rebuild() from players says what it changed', () =>
  withStore(async (temporary) => {
    const { store } = await damagedBy(temporary, (writer) => {
      const [first, second, third, fourth] = pairsOf(writer, 'entries') as [Pair, Pair, Pair, Pair]
      writer.remove('entries', first.key)
      writer.put('entries', second.key, flipped(second.value, 4))
      writer.put('entries', flipped(third.key, 12), third.value)
      writer.put('entries', flipped(fourth.key, 12), fourth.value)
    })
    expect(await store.rebuild('arena', { from: 'players' })).toMatchObject({
      added: 2,
      removed: 2,
    })
  }))

type Pair = { key: Buffer; value: Buffer }

test('rebuild() from entries makes the tree and refuses damaged entries', () =>
  withStore(async (temporary) => {
    const tree = await damagedBy(temporary, (writer) => removeAll(writer, 'ranks'))
    expect(await tree.store.rebuild('arena')).toEqual({
      board: 'arena',
      entries: PLAYERS,
      nodes: expect.any(Number),
    })
    expect(contentOf(tree.store)).toEqual(tree.before)
    await tree.store.close()
    await changeRaw(temporary.path, (writer) => {
      const { key, value } = pairsOf(writer, 'entries')[0] as Pair
      writer.put('entries', key, flipped(value, 0))
    })
    const store = await temporary.reopen()
    await expect(store.rebuild('arena')).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(/from its entries: one is damaged, .*rebuild from players$/),
    })
    await store.rebuild('arena', { from: 'players' })
  }))

test('rebuild() from players refuses damaged records, says how many, and changes nothing', () =>
  withStore(async (temporary) => {
    let sound: Pair[] = []
    const { store } = await damagedBy(temporary, (writer) => {
      sound = everyTenth(pairsOf(writer, 'players'))
      for (const { key, value } of sound) writer.put('players', key, flipped(value, 7))
      for (const { key } of everyTenth(pairsOf(writer, 'entries'))) writer.remove('entries', key)
    })
    const findings = (await store.check()).findings
    await expect(store.rebuild('arena', { from: 'players' })).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(DAMAGED),
    })
    expect((await store.check()).findings).toEqual(findings)
    await store.close()
    await changeRaw(temporary.path, (writer) => {
      for (const { key, value } of sound) writer.put('players', key, value)
    })
    await (await temporary.reopen()).rebuild('arena', { from: 'players' })
  }))

test('rebuild() beside submits ends with a sound board', () =>
  withStore(async (temporary) => {
    const { store } = await damagedBy(temporary, (writer) => removeAll(writer, 'entries'))
    const golf = store.board('golf')
    // The walk on the snapshot is too old by the time of the transaction, which walks again.
    const busy = Array.from({ length: 20 }, (_, i) => golf.submit(`p${i}`, i))
    await Promise.all([store.rebuild('arena', { from: 'players' }), ...busy])
    expect((await store.check()).findings).toEqual([])
    expect(store.board('arena').size).toBe(PLAYERS)
  }))

test('rebuild() tells progress, and an abort leaves all as it was', () =>
  withStore(async ({ store }) => {
    const arena = await store.createBoard('arena')
    for (let start = 0; start < 12_000; start += 4_000)
      await arena.submitMany(
        Array.from({ length: 4_000 }, (_, i) => ({ playerId: `p${start + i}`, score: i })),
      )
    const sequence = store.stats().sequence
    const control = new AbortController()
    const aborted = store.rebuild('arena', {
      from: 'players',
      signal: control.signal,
      onProgress: () => control.abort(),
    })
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    const signal = AbortSignal.abort()
    await expect(store.rebuild('arena', { signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(store.stats().sequence).toBe(sequence)
    const seen: number[] = []
    await store.rebuild('arena', { from: 'players', onProgress: ({ done }) => seen.push(done) })
    expect(seen).toEqual([10_000, 20_000])
    const from = 'elsewhere' as 'players'
    await expect(store.rebuild('arena', { from })).rejects.toThrow(RangeError)
  }))

test('rebuild() from players mends any mixture of damage to tree and entries', () =>
  withStore(async (temporary) => {
    const random = new Random(runSeed('rebuild'))
    const { store, before } = await damagedBy(temporary, (writer) => damageAnything(writer, random))
    await store.rebuild('arena', { from: 'players' })
    expect((await store.check()).findings).toEqual([])
    expect(contentOf(store)).toEqual(before)
  }))

function damageAnything(writer: Writer<Table>, random: Random): void {
  for (const table of ['entries', 'ranks'] as const) {
    for (const { key, value } of pairsOf(writer, table).filter((pair) => pair.key[0] === 1)) {
      const kind = random.below(10)
      if (kind === 0) writer.remove(table, key)
      if (kind === 1) writer.put(table, key, flipped(value, random.below(5)))
      if (kind === 2) writer.put(table, flipped(key, 1 + random.below(key.length - 1)), value)
    }
  }
}

test('rebuild() is seen by a reader that had the store open', () =>
  withStore(async (temporary) => {
    const { store } = await damagedBy(temporary, (writer) => removeAll(writer, 'ranks'))
    const reader = openLeaderboards(temporary.path, { readOnly: true })
    expect((await reader.check()).ok).toBe(false)
    await store.rebuild('arena', { from: 'players' })
    expect((await reader.check()).findings).toEqual([])
    await reader.close()
  }))
