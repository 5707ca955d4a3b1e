/**
 * Closes a store in the middle of long work, some times over, and tells its parent each time what came
 * of the work. LMDB may end a process by a signal that reads what was closed.
 *
 *     node close-amid.js PATH PLAYERS ROUNDS (importFrom|check|exportTo|entries|dropBoard)…
 *
 * @module
 */

import { Readable, Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openLeaderboards } from '../../dist/index.js'

const [, , path, players, rounds, ...asked] = process.argv
const rows = Array.from({ length: Number(players) }, (_, i) => `player-${i},${i}\n`)
const csv = Buffer.from(`playerId,score\n${rows.join('')}`)
const works = { check, exportTo, entries, importFrom, dropBoard }

for (const work of asked)
  for (let round = 0; round < Number(rounds); round++)
    process.send({ work, outcome: await closeAmid(work) })
// Not disconnect(), which drops the messages that a busy parent has not read yet.
process.channel.unref()

async function closeAmid(work) {
  const store = openLeaderboards(path)
  const board = await store.createBoard('game')
  if (work !== 'importFrom' && board.size === 0) await importFrom({ board })
  const outcome = works[work]({ store, board }).then(
    () => 'done',
    (error) => error.code ?? String(error),
  )
  for (let i = 0; i < 3; i++) await nextTurn()
  await store.close()
  return outcome
}

function check({ store }) {
  return store.check()
}

function exportTo({ board }) {
  const write = (_chunk, _encoding, done) => setImmediate(done)
  return board.exportTo(new Writable({ highWaterMark: 1, write }), { format: 'csv' })
}

// Several at once: one alone is mostly lucky.
async function entries({ board }) {
  const walks = Array.from({ length: 10 }, async () => {
    for (const { rank } of board.entries()) if (rank % 1_000 === 0) await nextTurn()
  })
  await Promise.all(walks)
}

function importFrom({ board }) {
  return board.importFrom(Readable.from([csv]), { format: 'csv' })
}

function dropBoard({ store }) {
  return store.dropBoard('game')
}
