/**
 * A second process on a store: does what its parent tells it, a batch at a time, and answers.
 *
 * @module
 */

import { Readable } from 'node:stream'
import { openLeaderboards } from '../../dist/index.js'

const WRITES = new Set(['submit', 'submitMany', 'remove', 'rename', 'removePlayer', 'ban', 'unban'])
const CALLS_OF_STORE = new Set(['boardsOf', 'rename', 'removePlayer', 'ban', 'unban'])
const [, , path] = process.argv
let now = 0
const store = openLeaderboards(path, { clock: () => now })

process.on('message', async ({ nowMs, calls }) => {
  now = nowMs
  process.send(await answersOf(calls))
})
process.on('disconnect', () => process.exit())
process.send('ready')

// Writes that follow one another are made at once; a read waits for them.
async function answersOf(calls) {
  const outcomes = []
  for (const call of calls) {
    if (!WRITES.has(call.name)) await Promise.all(outcomes)
    outcomes.push(outcomeOf(call))
    if (call.name.endsWith('Board')) await Promise.all(outcomes)
  }
  return Promise.all(outcomes)
}

async function outcomeOf(call) {
  try {
    return { value: await make(call) }
  } catch (error) {
    const { name, code, message, stack } = error
    return { error: { name, code, message, stack } }
  }
}

async function make({ board, name, args }) {
  if (name === 'dropBoard') return store.dropBoard(board)
  if (name === 'createBoard') return void (await store.createBoard(board, ...args))
  const target = CALLS_OF_STORE.has(name) ? store : store.board(board)
  if (name === 'importRows')
    return target.importFrom(Readable.from([Buffer.from(args[0])]), { format: 'csv' })
  const member = target[name]
  if (typeof member !== 'function') return member
  const answer = member.apply(target, args)
  if (name === 'ban') return (await answer).boards
  return name === 'entries' ? [...answer] : answer
}
