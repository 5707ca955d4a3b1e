/**
 * A run of submits during which the disk fails. Each goes to the seasons of four windows too, some of them over a
 * border, behind which past ones leave.
 *
 *     node faults-driver.js STORE NOTES
 *
 * Each attempt and its outcome is a line of JSON in the file NOTES: { attempt: [[player, score] ...] },
 * then { stored: true } or { code }. What the process itself sees to be wrong is { wrong }. It ends by
 * itself with status 7, or with 8 where the store did not open; any other ending is a failure.
 *
 * @module
 */

import { openSync, writeSync } from 'node:fs'
import { openLeaderboards } from '../../dist/index.js'

const STATUS_DONE = 7
const STATUS_NOT_OPENED = 8

const [, , path, notesFile] = process.argv
const notes = openSync(notesFile, 'a')
const known = new Map()
const DAY_MS = 86_400_000
const WINDOWS = [
  ...['day', 'year'],
  { name: 'six', every: { hours: 6, from: 0 }, graceMs: 0 },
  { name: 'gained', every: 'day', value: 'gain', retain: 0, finals: true },
]
let now = Date.UTC(2026, 5, 10, 12)
let attempts = 0
let stopped = false

try {
  const store = openLeaderboards(path, { clock: () => now++ })
  note({ opened: true })
  await run(store)
  process.exitCode = STATUS_DONE
} catch (error) {
  note({ opening: error.code, name: error.name, message: error.message })
  process.exitCode = STATUS_NOT_OPENED
}

async function run(store) {
  const board = store.board('arena', { windows: WINDOWS })
  for (let i = 0; i < 6; i++) await submit(board, `p${i % 4}`)
  look(board)
  now += DAY_MS
  await Promise.all(Array.from({ length: 8 }, (_, i) => submit(board, `q${i}`)))
  await attempt(
    [0, 1, 2, 3].map((i) => `p${i}`),
    (scores) => {
      return board.submitMany(scores.map(([playerId, score]) => ({ playerId, score })))
    },
  )
  now += DAY_MS
  for (let i = 0; i < 3; i++) await submit(board, `p${i}`)
  look(board)
  await store.close()
  note({ closed: true })
}

function submit(board, playerId) {
  return attempt([playerId], ([[, score]]) => {
    return board.submit(playerId, score, { name: `${score}`, requestId: `request ${score}` })
  })
}

async function attempt(players, call) {
  const number = ++attempts
  const scores = players.map((playerId, i) => [playerId, number * 10 + i])
  note({ number, attempt: scores })
  const wasStopped = stopped
  try {
    await call(scores)
    if (wasStopped) note({ wrong: `attempt ${number} was stored after writes had stopped` })
    for (const [playerId, score] of scores) known.set(playerId, score)
    note({ number, stored: true })
  } catch (error) {
    if (error.code === 'IO') stopped = true
    else if (wasStopped) note({ wrong: `after writes had stopped the code is ${error.code}` })
    note({ number, code: error.code, name: error.name, message: error.message })
  }
}

// Reads go on whatever happened to writes. What was refused for want of room is not to be seen.
function look(board) {
  try {
    const shown = new Map(board.top(100).map(({ playerId, score }) => [playerId, score]))
    for (const [playerId, score] of known) {
      if (stopped ? shown.get(playerId) < score : shown.get(playerId) !== score)
        note({ wrong: `${playerId} shows ${shown.get(playerId)}, stored was ${score}` })
    }
    if (!stopped && shown.size !== known.size)
      note({ wrong: `${shown.size} players are shown, ${known.size} were stored` })
  } catch (error) {
    // After a failed write of its header LMDB lets nobody begin to read: that must have a name too.
    if (error.code === 'IO' && /MDB_PANIC/.test(error.cause?.message)) note({ refusedToRead: true })
    // A board whose creation failed is not there.
    else if (error.code !== 'NO_BOARD' || known.size > 0)
      note({ wrong: `reading fails: ${error.name} ${error.code} ${error.message}` })
  }
}

function note(line) {
  writeSync(notes, `${JSON.stringify(line)}\n`)
}
