import { expect, test } from 'vitest'
import { commitOf } from '../../src/board/commit.ts'
import { applyChange } from '../../src/embedded/apply.ts'
import { findBoard } from '../../src/embedded/catalog.ts'
import type { NamedBoard } from '../../src/embedded/named-board.ts'
import type { OpenStore } from '../../src/embedded/open-store.ts'
import { readerOf } from '../../src/embedded/readers.ts'
import { NO_ANSWER, submitOf } from '../../src/embedded/submits.ts'
import type { Entry, Score } from '../../src/words/index.ts'
import { unborn, withEngine } from '../embedded/open-engine.ts'

test('hide() takes a player out of sight and show() gives the same place back', () =>
  withEngine(async ({ context }) => {
    const board = unborn('arena')
    await submit(context, board, [
      ['ada', 30, 'Ada'],
      ['bob', 20],
      ['cyd', 10],
    ])
    const before = entriesOf(context, board)
    expect(await change(context, board, (hidden) => hidden.hide('bob'))).toBe(true)
    expect(await change(context, board, (hidden) => hidden.hide('bob'))).toBe(false)
    expect(entriesOf(context, board).map(({ playerId, rank }) => [playerId, rank])).toEqual([
      ['ada', 1],
      ['cyd', 2],
    ])
    expect(readerOfBoard(context, board).rank('bob', 'ordinal')).toBeUndefined()
    expect(readerOfBoard(context, board).get('bob', 'dense')).toBeUndefined()
    expect(await change(context, board, (hidden) => hidden.show('bob'))).toMatchObject({
      hasPlace: true,
    })
    expect(await change(context, board, (hidden) => hidden.show('bob'))).toBeUndefined()
    expect(entriesOf(context, board)).toEqual(before)
  }))

test('submit() of a hidden player counts, and shows nowhere until show()', () =>
  withEngine(async ({ context }) => {
    const board = unborn('arena', { mode: 'increment' })
    await submit(context, board, [
      ['ada', 30],
      ['bob', 20],
    ])
    await change(context, board, (hidden) => hidden.hide('bob'))
    const request = requestOf(context, board, ['bob', 15])
    const answer = await change(context, board, (hidden) => hidden.submit(request))
    expect(answer).toEqual({
      ...{ playerId: 'bob', score: 35, previousScore: 20, changed: true, created: false },
      ...{ rank: undefined, previousRank: undefined },
    })
    expect(entriesOf(context, board)).toHaveLength(1)
    await change(context, board, (hidden) => hidden.show('bob'))
    expect(entriesOf(context, board)[0]).toMatchObject({ playerId: 'bob', score: 35, rank: 1 })
  }))

test('show() pushes out the last of a full board, and one who is worse than all stays out', () =>
  withEngine(async ({ context }) => {
    const board = unborn('best', { keep: 2 })
    await submit(context, board, [
      ['ada', 30],
      ['bob', 20],
    ])
    await change(context, board, (hidden) => hidden.hide('ada'))
    await submit(context, board, [['cyd', 10]])
    expect(await change(context, board, (hidden) => hidden.show('ada'))).toMatchObject({
      hasPlace: true,
    })
    expect(idsOf(context, board)).toEqual(['ada', 'bob'])
    await change(context, board, (hidden) => hidden.hide('bob'))
    await submit(context, board, [['dan', 25]])
    expect(await change(context, board, (hidden) => hidden.show('bob'))).toMatchObject({
      hasPlace: false,
      pushedOut: [{ playerId: 'bob', score: 20 }],
    })
    expect(idsOf(context, board)).toEqual(['ada', 'dan'])
  }))

test('remove and rename act on the hidden, and the entry comes back with the new name', () =>
  withEngine(async ({ context }) => {
    const board = unborn('arena')
    await submit(context, board, [
      ['ada', 30],
      ['bob', 20],
    ])
    await change(context, board, (hidden) => hidden.hide('ada'))
    await context.store.write((writer) =>
      applyChange(context, writer, { kind: 'rename', playerId: 'ada', name: 'Ada' }),
    )
    await change(context, board, (hidden) => hidden.show('ada'))
    expect(entriesOf(context, board)[0]).toMatchObject({ playerId: 'ada', name: 'Ada', rank: 1 })
    await change(context, board, (hidden) => hidden.hide('ada'))
    const taken = await context.store.write((writer) =>
      applyChange(context, writer, { kind: 'remove', board, playerId: 'ada' }),
    )
    expect(taken.entry).toMatchObject({ playerId: 'ada', name: 'Ada', score: 30, rank: 1 })
    expect(await change(context, board, (hidden) => hidden.show('ada'))).toBeUndefined()
  }))

test('the header says from the first hidden player on that hidden players are used', () =>
  withEngine(async ({ context }) => {
    const board = unborn('arena')
    await submit(context, board, [['ada', 30]])
    const uses = (): Promise<boolean> =>
      context.store.write((writer) => commitOf(writer).uses('hidden players'))
    expect(await uses()).toBe(false)
    await change(context, board, (hidden) => hidden.hide('ada'))
    expect(await uses()).toBe(true)
    // No ban says that she is hidden.
    await change(context, board, (hidden) => hidden.show('ada'))
  }))

type Row = readonly [playerId: string, score: number, name?: string]

function requestOf(context: OpenStore, board: NamedBoard, [playerId, score, name]: Row) {
  const options = { board: board.spec, asked: NO_ANSWER }
  return submitOf(context, { playerId, score, ...(name !== undefined && { name }) }, options)
}

async function submit(context: OpenStore, board: NamedBoard, rows: readonly Row[]): Promise<void> {
  const submits = rows.map((row) => requestOf(context, board, row))
  await context.store.write((writer) =>
    applyChange(context, writer, { kind: 'submitMany', board, submits }),
  )
}

function change<T>(
  context: OpenStore,
  board: NamedBoard,
  make: (hidden: NonNullable<ReturnType<OpenStore['writerOf']>>['hidden']) => T,
): Promise<T> {
  return context.store.write((writer) => {
    const target = context.writerOf(writer, board)
    if (target === undefined) throw new Error('the board is there')
    return make(target.hidden)
  })
}

function readerOfBoard(context: OpenStore, board: NamedBoard) {
  const reader = context.store.current()
  const found = findBoard(reader, board.name)
  if (found === undefined) throw new Error('the board is there')
  return readerOf(context, reader, found)
}

function entriesOf(context: OpenStore, board: NamedBoard): Entry<Score>[] {
  return readerOfBoard(context, board).rows(0, 100, 'ordinal')
}

function idsOf(context: OpenStore, board: NamedBoard): string[] {
  return entriesOf(context, board).map(({ playerId }) => playerId)
}
