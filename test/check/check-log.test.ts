/**
 * What check() finds in the log.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { ownBytes } from '../../src/format/bytes.ts'
import { BoardKeys, type Table } from '../../src/format/keys.ts'
import { logKey } from '../../src/format/log-key.ts'
import { encodeHistory } from '../../src/format/run-chain.ts'
import { decodeRun, encodeRun, RUN_TAG, type RunRecord } from '../../src/format/run-record.ts'
import { NO_FIELDS } from '../../src/format/tail.ts'
import { openLeaderboards } from '../../src/index.ts'
import type { Writer } from '../../src/store/store.ts'
import { changeRaw, flipped, pairsOf } from '../support/raw-store.ts'
import { withDirectory } from '../support/temporary-store.ts'

function rewrite(writer: Writer<Table>, seq: number, change: (run: RunRecord) => RunRecord): void {
  const key = logKey(seq)
  const run = decodeRun(key, ownBytes(writer.get('log', key) as Buffer)) as RunRecord
  writer.put('log', key, encodeRun(key, change(run)))
}

const undoneBy = (run: RunRecord, undo: number): RunRecord => {
  return { ...run, tail: new Map([[RUN_TAG.UNDONE, logKey(undo)]]) }
}

function putChain(writer: Writer<Table>, playerId: string, last: number): void {
  const key = new BoardKeys(1).player(playerId)
  const chain = { last, isRelative: false, plays: 1, wins: 0 }
  writer.put('history', key, encodeHistory(key, { chain, tail: NO_FIELDS }))
}

type Damage = (writer: Writer<Table>) => void
const DAMAGES: [string, Damage, string[]][] = [
  ['nothing', () => undefined, []],
  ['a trimmed beginning', (writer) => void writer.remove('log', logKey(1)), []],
  ['a gap', (writer) => void writer.remove('log', logKey(3)), ['18 record 4']],
  [
    'a lost end',
    (writer) => void writer.remove('log', logKey(7)),
    ['18 end of the log', '19 record 2'],
  ],
  [
    'a damaged record',
    (writer) => {
      const value = ownBytes(writer.get('log', logKey(2)) as Buffer)
      writer.put('log', logKey(2), flipped(value, 9))
    },
    ['10 record 2'],
  ],
  [
    'a time that falls',
    (writer) => rewrite(writer, 4, (run) => ({ ...run, committedMicros: 5 })),
    ['18 record 4'],
  ],
  [
    'a board that nobody knows',
    (writer) => rewrite(writer, 3, (run) => ({ ...run, boardId: 77 })),
    ['18 record 3', '21 record 4'],
  ],
  [
    'an undo that is none',
    (writer) => rewrite(writer, 4, (run) => undoneBy(run, 3)),
    ['19 record 4'],
  ],
  [
    'an undo that lists others',
    (writer) => rewrite(writer, 4, (run) => undoneBy(run, 6)),
    ['19 record 4'],
  ],
  [
    'two undos that hold',
    (writer) =>
      rewrite(writer, 2, (run) => ({
        ...run,
        tail: new Map([...undoneBy(run, 6).tail, ...run.tail]),
      })),
    ['19 record 2'],
  ],
  [
    'a run before that is none',
    (writer) => rewrite(writer, 4, (run) => ({ ...run, runBack: 3 })),
    ['21 record 4'],
  ],
  [
    'a run before that is of somebody else',
    (writer) => rewrite(writer, 3, (run) => ({ ...run, playerId: 'bob', runBack: 0 })),
    ['21 record 4'],
  ],
  [
    'a chain to runs of somebody else',
    (writer) => putChain(writer, 'bob', 3),
    ['21 history of board 1, player "bob"'],
  ],
  [
    'a chain behind the end',
    (writer) => putChain(writer, 'bob', 8),
    ['21 history of board 1, player "bob"'],
  ],
  [
    'a damaged history',
    (writer) => {
      for (const { key, value } of pairsOf(writer, 'history'))
        writer.put('history', key, flipped(value, 0))
    },
    ['10 history of board 1, player "ada"'],
  ],
]

test.each(DAMAGES)('check() of the log: %s', (_, damage, expected) =>
  withDirectory(async (path) => {
    const store = openLeaderboards(path)
    const board = store.board('arena', { mode: 'increment' })
    for (const score of [1, 2, 4, 8]) await board.submit('ada', score)
    const { seq } = await store.undo({ seqs: [2] })
    await store.undo({ seqs: [seq as number] })
    await store.close()
    await changeRaw(path, damage)
    const damaged = openLeaderboards(path)
    const { findings } = await damaged.check()
    expect(findings.map(({ invariant, place }) => `${invariant} ${place}`)).toEqual(expected)
    await damaged.close()
  }),
)
