/**
 * Submits at full speed until it is killed, and says of each answer that it came.
 *
 *     node kill-writer.js STORE ANSWERS CYCLE
 *
 * Each of 64 players has one submit under way all the time, with a score 64 higher than the last; the
 * name says which score it came with. Beside them a team of five gets the same score in one
 * submitMany, and a guest comes and goes. Eight others play for cups: each of their submits goes to the seasons of
 * four windows, whose borders pass all the time. Each answer is a line "WHO WHAT" in the file ANSWERS, written
 * before the next call is made; the first one of all is also told on standard output.
 *
 * @module
 */

import { openSync, writeSync } from 'node:fs'
import { openLeaderboards } from '../../dist/index.js'

const PLAYERS = 64
const CUP_PLAYERS = 8
const TEAM = ['ann', 'bob', 'cid', 'dot', 'eve']

const [, , path, answersFile, cycle] = process.argv
const answers = openSync(answersFile, 'a')
const HOUR_MS = 3_600_000
// A season of an hour lasts as long as that number of answers.
const ANSWERS_PER_HOUR = 300
let now = Date.UTC(2027, 0, 1) + Number(cycle) * 6 * HOUR_MS
let told = 0
const store = openLeaderboards(path, { clock: () => now })
const arena = store.board('arena', { mode: 'best' })
const cups = store.board('cups', {
  mode: 'best',
  windows: [
    { name: 'hour', every: { hours: 1, from: 0 }, retain: 2, finals: true },
    { name: 'six', every: { hours: 6, from: 0 }, graceMs: 0, retain: 2 },
    { name: 'day', every: 'day', retain: 3 },
    { name: 'gained', every: 'week', value: 'gain', retain: 1, finals: true },
  ],
})
const teams = store.board('teams')
// Above all scores of the cycles before.
const start = Number(cycle) * 10_000_000
let isFirst = true

for (let i = 0; i < PLAYERS; i++) play(arena, `p${i}`, i)
for (let i = 0; i < CUP_PLAYERS; i++) play(cups, `c${i}`, i)
playTogether()
comeAndGo()

async function play(board, playerId, first) {
  for (let score = start + first; ; score += PLAYERS) {
    await board.submit(playerId, score, { name: `${playerId} with ${score}` })
    answered(`${playerId} ${score}`)
  }
}

async function playTogether() {
  for (let score = start; ; score++) {
    await teams.submitMany(TEAM.map((playerId) => ({ playerId, score })))
    answered(`team ${score}`)
  }
}

async function comeAndGo() {
  for (let visit = start; ; visit++) {
    await teams.submit('guest', visit)
    answered(`guest ${visit}`)
    await teams.remove('guest')
    answered('guest gone')
  }
}

function answered(line) {
  writeSync(answers, `${line}\n`)
  if (++told % ANSWERS_PER_HOUR === 0) now += HOUR_MS
  if (isFirst) writeSync(1, 'answered\n')
  isFirst = false
}
