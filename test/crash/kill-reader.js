/**
 * Reads a store without end while writers come and are killed, and ends with status 1 at the first thing
 * that cannot be: a team whose members differ, a name that belongs to another score, ranks that
 * contradict each other, or a score lower than one that was seen before.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { openLeaderboards } from '../../dist/index.js'

const store = openLeaderboards(process.argv[2], { readOnly: true })
const seen = new Map()
process.stdout.write('reading\n')
for (;;) {
  store.snapshot(read)
  // The writer shall have the processor most of the time.
  await sleep(1)
}

function read(view) {
  const arena = view.board('arena')
  const top = arena.top(80)
  const ranks = arena.ranks(top.map(({ playerId }) => playerId))
  top.forEach(({ playerId, name, score, rank }, i) => {
    assert(
      rank === i + 1 && ranks[i] === rank,
      `${playerId} at place ${i + 1} has rank ${ranks[i]}`,
    )
    assert(i === 0 || top[i - 1].score >= score, `${playerId} stands below a lower score`)
    assert(
      !playerId.startsWith('p') || name === `${playerId} with ${score}`,
      `${name} has ${score}`,
    )
    neverLower(playerId, score)
  })
  // The writer makes the boards one after the other.
  if (!view.boards().some(({ name }) => name === 'teams')) return
  const team = view
    .board('teams')
    .top(10)
    .filter(({ playerId }) => playerId !== 'guest')
  assert(
    new Set(team.map(({ score }) => score)).size <= 1,
    `the team differs: ${JSON.stringify(team)}`,
  )
  if (team.length > 0) neverLower('the team', team[0].score)
}

function neverLower(who, score) {
  assert(score >= (seen.get(who) ?? score), `${who} had ${seen.get(who)} and now has ${score}`)
  seen.set(who, score)
}

function assert(condition, problem) {
  if (condition) return
  console.error(problem)
  process.exit(1)
}
