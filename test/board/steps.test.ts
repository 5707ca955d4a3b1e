/**
 * Steps on a board that would break an invariant and are stopped, with its number; nothing of them is stored.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type { BoardWriter } from '../../src/board/board-writer.ts'
import { type Commit, commitOf } from '../../src/board/commit.ts'
import { applyChange } from '../../src/embedded/apply.ts'
import { NO_ANSWER, submitOf } from '../../src/embedded/submits.ts'
import { encodeEntryKey } from '../../src/format/entry-key.ts'
import type { Table } from '../../src/format/tables.ts'
import type { Writer } from '../../src/store/store.ts'
import { unborn, withEngine } from '../embedded/open-engine.ts'

interface Place {
  writer: Writer<Table>
  board: BoardWriter
  commit: Commit
}

const ADA = { score: 30, atMicros: 1, name: undefined, metadata: undefined, moves: true }

test.each<[string, string, (place: Place) => unknown]>([
  ['an entry after settle()', '(4)', ({ board }) => afterSettle(board)],
  ['settle() twice', '(4)', ({ board }) => twice(() => board.settle())],
  [
    'a hidden record over one that is seen',
    '(1)',
    ({ board }) => board.hidden.put('ada', { ...ADA, score: 40 }),
  ],
  [
    'rows of a hidden player as an entry',
    '(2)',
    ({ board }) => {
      board.hidden.hide('ada')
      board.putRecord('ada', ADA, board.hidden.stored('ada'))
    },
  ],
  ['a seq that is none', '(18)', ({ commit }) => commit.leaveOutUntil(0)],
  [
    'a record in front of its change',
    '(18)',
    ({ commit }) => {
      commit.repeatRecord({ commit: commit.lastSeq + 2, committedMicros: 1 })
      commit.nextRecord(1)
    },
  ],
])('%s is stopped by %s', (_, number, step) =>
  withEngine(async ({ context }) => {
    const board = unborn('arena')
    const submit = submitOf(
      context,
      { playerId: 'ada', score: 30 },
      { board: board.spec, asked: NO_ANSWER },
    )
    await context.store.write((writer) =>
      applyChange(context, writer, { kind: 'submit', board, submit }),
    )
    const work = context.store.write((writer) => {
      const target = context.writerOfName(writer, 'arena') as BoardWriter
      writer.willChange()
      step({ writer, board: target, commit: commitOf(writer) })
    })
    await expect(work).rejects.toThrow(`please report this: ${number} `)
  }),
)

function twice(step: () => void): void {
  step()
  step()
}

function afterSettle(board: BoardWriter): void {
  board.settle()
  const treeKey = encodeEntryKey({ score: 1, atMicros: 1, playerId: 'bob' }, board.board.shape)
  board.putEntry(treeKey, Buffer.alloc(0))
}
