/**
 * Submits at full speed until it is killed, and says of each answer that it came.
 *
 *     node kill-writer.js STORE ANSWERS CYCLE
 *
 * Each of 64 players has one submit under way all the time, with a score 64 higher than the last; the
 * name says which score it came with. Beside them a team of five gets the same score in one
 * submitMany, and a guest comes and goes. Each answer is a line "WHO WHAT" in the file ANSWERS, written
 * before the next call is made; the first one of all is also told on standard output.
 *
 * @module
 */

import { openSync, writeSync } from 'node:fs'
import { openLeaderboards } from '../../dist/index.js'

const PLAYERS = 64
const TEAM = ['ann', 'bob', 'cid', 'dot', 'eve']

const [, , path, answersFile, cycle] = process.argv
const answers = openSync(answersFile, 'a')
const store = openLeaderboards(path)
const arena = store.board('arena', { mode: 'best' })
const teams = store.board('teams')
// Above all scores of the cycles before.
const start = Number(cycle) * 10_000_000
let isFirst = true

for (let i = 0; i < PLAYERS; i++) play(i)
playTogether()
comeAndGo()

async function play(i) {
  for (let score = start + i; ; score += PLAYERS) {
    await arena.submit(`p${i}`, score, { name: `p${i} with ${score}` })
    answered(`p${i} ${score}`)
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
  if (isFirst) writeSync(1, 'answered\n')
  isFirst = false
}
