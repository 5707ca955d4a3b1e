/**
 * How long does a durable change take, and what does the rank tree add to it?
 *
 * Every answer carries ranks. The floor is LMDB writing the same two records (bare.js), in turns with
 * ours; a commit of 1,000 of ours is `submitMany`. Each case works on a new copy of the board.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { BareLmdb } from './bare.js'
import { alone, inTurns, relate } from './measure.js'
import { openBoard } from './stores.js'
import { asker, hashOf, KINDS, Updates } from './workload.js'

const COMMIT = 1_000
// Disk syncs vary so much that ratios want more time than other cases.
const TURNS_SHARE = 2

export async function submits(context) {
  const rows = await floorRows(context)
  rows.push(await submitRow('submit, awaited, another process reads', context, { reads: true }))
  rows.push(await submitRow('50 outstanding', context, { outstanding: 50 }))
  for (const kind of KINDS)
    rows.push(await submitRow(`1,000 outstanding, ${kind}`, context, { kind, outstanding: COMMIT }))
  return rows
}

async function submitRow(name, context, { kind = 'uniform', outstanding = 1, reads = false }) {
  const { players, seconds, stores } = context
  return stores.withCopy(kind, players, async (path) => {
    const { store, board } = openBoard(path, kind)
    // Counted work comes first, so that its answers do not hang on the speed of the machine.
    const updates = new Updates(kind, players)
    const answers = hashOf(await board.submitMany(updates.take(COMMIT)))
    const reader = reads ? await startReader(path, players) : undefined
    const row = await alone({ name, call: submitter(board, updates), outstanding }, { seconds })
    reader?.kill()
    await store.close()
    return { ...row, perSecond: 1e6 / row.eachUs, answers }
  })
}

async function floorRows({ players, seconds, stores }) {
  return stores.withCopy('uniform', players, (path) => {
    return stores.withCopy('uniform', players, async (barePath) => {
      const { store, board } = openBoard(path, 'uniform')
      const bare = new BareLmdb(barePath)
      const rows = []
      for (const contestants of [onesOf(board, bare, players), thousandsOf(board, bare, players)]) {
        const figures = await inTurns(contestants, { seconds: TURNS_SHARE * seconds })
        rows.push(...relate(figures, contestants))
      }
      await store.close()
      await bare.close()
      return rows
    })
  })
}

// The floor comes first: the others are related to it.
function onesOf(board, bare, players) {
  const [ours, theirs] = [new Updates('uniform', players), new Updates('uniform', players)]
  const next = asker(players)
  return [
    { name: 'bare LMDB, commit of 1', call: () => bare.commit(theirs.take(1)) },
    { name: 'bare LMDB, one put awaited', call: () => bare.put(next()) },
    { name: 'submit, awaited', call: submitter(board, ours) },
  ]
}

function thousandsOf(board, bare, players) {
  const [ours, theirs] = [new Updates('uniform', players), new Updates('uniform', players)]
  const [batch, outstanding] = [COMMIT, COMMIT]
  return [
    { name: 'bare LMDB, commit of 1,000', call: () => bare.commit(theirs.take(COMMIT)), batch },
    { name: 'submitMany of 1,000', call: () => board.submitMany(ours.take(COMMIT)), batch },
    { name: '1,000 outstanding', call: submitter(board, ours), outstanding },
  ]
}

function submitter(board, updates) {
  return () => {
    const { playerId, score } = updates.next()
    return board.submit(playerId, score)
  }
}

async function startReader(path, players) {
  const child = new URL('child.js', import.meta.url).pathname
  const stdio = ['ignore', 'pipe', 'inherit']
  const reader = spawn(process.execPath, [child, 'read', path, players], { stdio })
  await once(reader.stdout, 'data')
  return reader
}
