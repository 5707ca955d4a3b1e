/**
 * A process that reads in a loop and checks that no answer contradicts itself or what came before.
 * It tells its parent how many rounds it made, and ends when it is told to.
 *
 *     node reader.js PATH ROUNDS-AT-LEAST
 *
 * @module
 */

import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openLeaderboards } from '../../dist/index.js'

const [, , path, roundsLeast] = process.argv
const store = openLeaderboards(path, { readOnly: true })
const last = new Map()
let isEnding = false
let rounds = 0
process.on('message', () => {
  isEnding = true
})
process.send('ready')

while (!isEnding || rounds < Number(roundsLeast)) {
  // In both orders: what was read first must not leave something old to what follows.
  if (rounds % 2 === 0) checkOneByOne(store.board('arena'), store.board('purse'))
  store.snapshot((view) => checkTogether(view.board('arena'), view.boards()))
  if (rounds % 2 === 1) checkOneByOne(store.board('arena'), store.board('purse'))
  rounds++
  await nextTurn()
}
await store.close()
process.send({ rounds })
// Not disconnect(), which drops the messages that a busy parent has not read yet.
process.channel.unref()

// Each call by itself sees one snapshot, whatever is committed between two of them.
function checkOneByOne(arena, purse) {
  const top = arena.top(30)
  checkRows(top, 1)
  for (const { playerId, score } of top) {
    assert.ok(score >= (last.get(playerId) ?? 0), `${playerId} went back to ${score}`)
    last.set(playerId, score)
  }
  checkRows(arena.range(11, 40), 11)
  const around = arena.around('a-7', { above: 3, below: 3 })
  checkRows(around, around[0]?.rank)
  const standing = arena.standing('b-3')
  if (standing !== undefined) checkStanding(standing)
  checkStanding(arena.standingOf(100))
  let sum = 0
  for (const { score } of purse.entries()) sum += score
  assert.equal(sum, 0, 'what one player gives another one gets')
}

function checkTogether(arena, boards) {
  const entries = [...arena.entries()]
  checkRows(entries, 1)
  assert.equal(arena.size, entries.length)
  assert.equal(boards.find(({ name }) => name === 'arena').size, entries.length)
  assert.equal(arena.countBetween(-Infinity, Infinity), entries.length)
  assert.deepEqual(arena.top(entries.length + 1), entries)
  const step = 29
  for (let place = 1 + (rounds % step); place <= entries.length; place += step) {
    const entry = arena.entryAt(place)
    assert.deepEqual(entry, entries[place - 1])
    assert.deepEqual(arena.get(entry.playerId), entry)
    assert.equal(arena.rank(entry.playerId), place)
    const standing = arena.standing(entry.playerId)
    checkStanding(standing)
    assert.equal(standing.ordinal, place)
    assert.equal(standing.total, entries.length)
    assert.equal(standing.equal, arena.countBetween(entry.score, entry.score))
    assert.equal(arena.rank(entry.playerId, { rankMode: 'dense' }), standing.dense)
    assert.equal(standing.dense, new Set(entries.slice(0, place).map((row) => row.score)).size)
    const around = arena.around(entry.playerId, { above: 2, below: 2 })
    assert.deepEqual(around, entries.slice(Math.max(0, place - 3), place + 2))
  }
}

function checkRows(rows, firstRank) {
  rows.forEach((row, i) => {
    assert.equal(row.rank, firstRank + i)
    const before = rows[i - 1]
    if (before === undefined) return
    const isAfter = before.score > row.score || (before.score === row.score && before.at < row.at)
    assert.ok(isAfter, `${JSON.stringify(before)} stands before ${JSON.stringify(row)}`)
  })
}

function checkStanding(standing) {
  const { ordinal, competition, dense, better, equal, worse, total } = standing
  assert.equal(better + equal + worse, total)
  assert.equal(competition, better + 1)
  assert.ok(dense <= competition && competition <= ordinal && ordinal <= better + equal)
}
