/**
 * Metadata of entries.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { Metadata } from '../../src/index.ts'
import { withStore } from '../support/temporary-store.ts'

test('metadata is in every answer that shows entries, and kept over reopening', async () => {
  await withStore(async (temporary) => {
    const metadata = { level: 3, nested: { list: [1, null, 'x', { deep: true }] }, empty: {} }
    const before = temporary.store.board('game')
    await before.submit('ann', 5, { metadata })
    await before.submit('bob', 5)
    const board = (await temporary.reopen()).board('game')
    const ann = {
      rank: 1,
      playerId: 'ann',
      name: 'ann',
      score: 5,
      at: expect.any(Number),
      metadata,
    }
    expect(board.get('ann')).toEqual(ann)
    expect(board.top(1)).toEqual([ann])
    expect(board.page({ limit: 1 }).entries).toEqual([ann])
    expect(board.around('bob')).toEqual([ann, board.get('bob')])
    expect([...board.entries()][0]).toEqual(ann)
    expect(board.among(['ann']).entries).toEqual([{ ...ann, groupRank: 1 }])
    expect(board.gap('bob')?.above?.entry).toEqual(ann)
    expect(board.between(5, 5, { limit: 1 })).toEqual([ann])
    expect(temporary.store.boardsOf('ann')).toEqual([{ board: 'game', entry: ann }])
    expect(board.get('bob')).not.toHaveProperty('metadata')
  })
})

test.each<[string, Metadata]>([
  ['unicode', { '\u{1f3c6}': '\u00e9\u{10ffff}\0', 'e\u0301': '\u00e9' }],
  ['lone surrogates', { '\ud800': 'a\udc00' }],
  ['names of Object', JSON.parse('{"__proto__":{"a":1},"constructor":1,"toString":null,"":0}')],
  ['numbers', { a: 1e300, b: 5e-324, c: -1.5, d: 2 ** 53 }],
  ['depth', { a: JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`) }],
])('metadata comes back as it was given: %s', async (_name, metadata) => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('ann', 5, { metadata })
    const stored = board.get('ann')?.metadata as Metadata
    expect(JSON.stringify(stored)).toBe(JSON.stringify(metadata))
    expect(Object.keys(stored)).toEqual(Object.keys(metadata))
    expect(Object.getPrototypeOf(stored)).toBe(Object.prototype)
    expect(board.top()[0]?.metadata).toEqual(stored)
  })
})

test('metadata is what JSON says of the object when it is submitted', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const metadata: Metadata = {
      when: { toJSON: () => '1970' },
      none: undefined,
      list: [null],
    }
    const done = board.submit('ann', 5, { metadata })
    metadata['late'] = true
    await done
    const expected = { when: '1970', list: [null] }
    expect(board.get('ann')?.metadata).toEqual(expected)
    // What a caller does to an answer is the caller's affair.
    Object.assign(board.get('ann')?.metadata as Metadata, { mine: 1 })
    expect(board.get('ann')?.metadata).toEqual(expected)
  })
})

test('metadata may have 1,024 bytes of JSON in UTF-8, and the message says so', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const ofBytes = (bytes: number, filler: string): Metadata => {
      const size = Buffer.byteLength(filler)
      return { a: filler.repeat((bytes - 8) / size) }
    }
    for (const filler of ['x', '\u00e9', '\u{1f3c6}']) {
      await board.submit('ann', 5, { metadata: ofBytes(1024, filler) })
      expect(board.get('ann')?.metadata).toEqual(ofBytes(1024, filler))
    }
    const before = board.get('ann')
    const large = { metadata: { a: 'x'.repeat(1017) } }
    await expect(board.submit('ann', 6, large)).rejects.toThrow(RangeError)
    await expect(board.submit('ann', 6, large)).rejects.toThrow(
      'metadata of 1025 bytes of JSON: at most 1024 are allowed',
    )
    await expect(
      board.submitMany([
        { playerId: 'bob', score: 1 },
        { playerId: 'eve', score: 1, ...large },
      ]),
    ).rejects.toThrow(/^Submission 1: .*1025 bytes/)
    expect(board.top()).toEqual([before])
  })
})

test('submit() refuses metadata that is no object of JSON', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const cycle: Metadata = {}
    cycle['self'] = cycle
    const wrong = [
      ...[null, 1, 'text', true, [], [1], () => 1, Symbol('a')],
      ...[
        cycle,
        { a: 1n },
        new Date(0),
        new Map([['a', 1]]),
        new Set(['a']),
        { toJSON: () => 'text' },
        { toJSON: () => [1] },
      ],
      {
        get a(): never {
          throw new Error('no')
        },
      },
    ]
    for (const metadata of wrong)
      await expect(board.submit('ann', 5, { metadata: metadata as never })).rejects.toThrow(
        TypeError,
      )
    expect(board.size).toBe(0)
  })
})

test('metadata is replaced where the mode accepts the score, and only there', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    const metadataAfter = async (
      score: number,
      mode: 'set' | 'best' | 'increment',
      metadata?: Metadata,
    ): Promise<unknown> => {
      await board.submit('ann', score, metadata === undefined ? { mode } : { mode, metadata })
      return board.get('ann')?.metadata
    }
    expect(await metadataAfter(5, 'best', { run: 1 })).toEqual({ run: 1 })
    expect(await metadataAfter(4, 'best', { run: 2 })).toEqual({ run: 1 })
    expect(await metadataAfter(5, 'best', { run: 3 })).toEqual({ run: 1 })
    expect(await metadataAfter(6, 'best', { run: 4 })).toEqual({ run: 4 })
    expect(await metadataAfter(7, 'best')).toEqual({ run: 4 })
    expect(await metadataAfter(5, 'best', {})).toEqual({ run: 4 })
    const { at } = board.get('ann') as { at: number }
    // The same score is accepted by the other modes: the details are new, time and rank are not.
    expect(await metadataAfter(7, 'set', { run: 5 })).toEqual({ run: 5 })
    expect(await metadataAfter(0, 'increment', { run: 6 })).toEqual({ run: 6 })
    expect(board.get('ann')?.at).toBe(at)
    expect(await metadataAfter(1, 'increment', { other: 7 })).toEqual({ other: 7 })
    await board.submit('ann', 1, { mode: 'best', name: 'Ann', metadata: { run: 8 } })
    expect(board.get('ann')).toMatchObject({ name: 'Ann', metadata: { other: 7 } })
  })
})

test('an empty object, or one that JSON leaves nothing of, removes the metadata', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    for (const empty of [{}, { a: undefined }, { toJSON: () => ({}) }]) {
      await board.submit('ann', 5, { name: 'Ann', metadata: { a: 1 } })
      await board.submit('ann', 5, { metadata: empty })
      expect(board.get('ann')).toEqual({
        ...{ rank: 1, playerId: 'ann', name: 'Ann', score: 5, at: expect.any(Number) },
      })
      expect(board.get('ann')).not.toHaveProperty('metadata')
    }
    await board.submit('bob', 5, { metadata: {} })
    expect(board.get('bob')).not.toHaveProperty('metadata')
  })
})

test('metadata goes with the entry, and stays with it when it moves or is renamed', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game')
    await board.submit('ann', 5, { metadata: { a: 1 } })
    await board.submit('ann', 9)
    await store.rename('ann', 'Ann')
    expect(board.get('ann')).toMatchObject({ score: 9, name: 'Ann', metadata: { a: 1 } })
    await store.rebuild('game', { from: 'players' })
    expect(board.top()).toMatchObject([{ metadata: { a: 1 } }])
    await board.remove('ann')
    await board.submit('ann', 5)
    expect(board.get('ann')).not.toHaveProperty('metadata')
  })
})

// What JSON has no word for was stored as null, as {} or not at all, and nobody was told.
test.each([
  ['metadata.n', { n: Number.NaN }, 'NaN'],
  ['metadata.n', { n: Number.NEGATIVE_INFINITY }, '-Infinity'],
  ['metadata.a.f', { a: { f: () => 1 } }, 'a function'],
  ['metadata.s', { s: Symbol('s') }, 'a symbol'],
  ['metadata.list[1]', { list: [1, undefined] }, 'undefined'],
  ['metadata.map', { map: new Map([['a', 1]]) }, 'a Map'],
  ['metadata.list[0].bytes', { list: [{ bytes: new Uint8Array(1) }] }, 'a Uint8Array'],
  ['metadata.when', { when: new Date(0) }, 'a Date'],
])('metadata refuses what JSON would change: %s', async (field, metadata, what) => {
  await withStore(async ({ store }) => {
    const board = await store.createBoard('game')
    await expect(board.submit('ann', 5, { metadata })).rejects.toThrow(
      `Cannot use ${what} as ${field}: `,
    )
    expect(board.size).toBe(0)
  })
})
