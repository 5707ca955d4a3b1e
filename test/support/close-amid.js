/**
 * Closes a store in the middle of long work, and tells its parent what came of the work. LMDB ends a
 * process that reads what was closed by a signal.
 *
 *     node close-amid.js PATH check|exportTo|entries|importFrom|dropBoard
 *
 * @module
 */

import { Readable, Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openLeaderboards } from '../../dist/index.js'

const [, , path, work] = process.argv
const store = openLeaderboards(path)
const board = await store.createBoard('game')
const rows = Array.from({ length: 30_000 }, (_, i) => `player-${i},${i}\n`)
const csv = Buffer.from(`playerId,score\n${rows.join('')}`)
if (work !== 'importFrom') await board.importFrom(Readable.from([csv]), { format: 'csv' })

const works = { check, exportTo, entries, importFrom, dropBoard }
const outcome = works[work]().then(
  () => 'done',
  (error) => error.code ?? String(error),
)
for (let i = 0; i < 3; i++) await nextTurn()
await store.close()
process.send(await outcome)
process.disconnect()

function check() {
  return store.check()
}

function exportTo() {
  const slow = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => setImmediate(done),
  })
  return board.exportTo(slow, { format: 'csv' })
}

async function entries() {
  for (const { rank } of board.entries()) if (rank % 100 === 0) await nextTurn()
}

function importFrom() {
  return board.importFrom(Readable.from([csv]), { format: 'csv' })
}

function dropBoard() {
  return store.dropBoard('game')
}
