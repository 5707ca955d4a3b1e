/**
 * check({ history: true }): the runs of the log come to the boards; what was changed past the log is found.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { decodeRun, encodeRun, type RunRecord } from '../../src/format/run-record.ts'
import { checkStore } from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { changeRaw, pairsOf } from '../support/raw-store.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

checkHere()

async function play({ store, clock }: TemporaryStore): Promise<void> {
  const arena = store.board('arena', { mode: 'best' })
  const sum = store.board('sum', { mode: 'increment' })
  for (const score of [10, 30, 20, 30]) {
    clock.advance(10)
    await arena.submit('ada', score, { metadata: { score } })
    await sum.submit('ada', score)
    await sum.submit('bob', 2 * score)
  }
  await arena.importFrom(['playerId,score\nada,40\ncyd,50\n'], { format: 'csv' })
  const [run] = sum.history('bob').records
  await store.undo({ seqs: [run?.seq as number] })
  await sum.remove('ada')
  await sum.submit('ada', 1)
  const loose = store.board('loose')
  await loose.submit('ada', 1)
  await loose.importFrom(['playerId,score\nada,60\n'], { format: 'csv', log: false })
}

test('check() with history finds nothing wrong with what was done by the log', async () => {
  await withStore(async (temporary) => {
    const { store } = temporary
    await play(temporary)
    expect((await store.check({ history: true })).findings).toEqual([])
    await store.board('arena').submit('ada', 70)
    await store.movePlayer('cyd', 'dan')
    await store.board('arena').submit('dan', 90)
    expect((await store.check({ history: true })).findings).toEqual([])
  })
})

// Each fault is sealed, so that nothing but the runs tells of it.
const FAULTS: [name: string, player: string, change: (run: RunRecord) => Partial<RunRecord>][] = [
  ['another score', 'bob', () => ({ submitted: Buffer.from('bff0000000000000', 'hex') })],
  ['another mode', 'bob', () => ({ mode: 'set' })],
  ['another time', 'cyd', ({ atMicros }) => ({ atMicros: atMicros + 1 })],
  ['other metadata', 'cyd', () => ({ metadata: '{"score":1}' })],
]

test.each(FAULTS)('check() with history finds %s in a run', async (_name, playerId, change) => {
  await withStore(async (temporary) => {
    const { path, store } = temporary
    await play(temporary)
    await store.close()
    const kept = await changeRaw(path, (writer) => {
      const own = pairsOf(writer, 'log').filter(
        ({ key, value }) => decodeRun(key, value)?.playerId === playerId,
      )
      // The last one of bob is undone: it says nothing.
      const { key, value } = (own.at(-2) ?? own.at(-1)) as (typeof own)[number]
      const run = decodeRun(key, value) as RunRecord
      writer.put('log', key, Buffer.from(encodeRun(key, { ...run, ...change(run) })))
      return { key, value }
    })
    expect((await checkStore(path)).findings).toEqual([])
    const { findings } = await checkStore(path, { history: true })
    expect(findings).toMatchObject([{ invariant: '20', place: `runs of player "${playerId}"` }])
    await changeRaw(path, (writer) => writer.put('log', kept.key, kept.value))
  })
})
