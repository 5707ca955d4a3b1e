/**
 * The scripted run that is recorded: one of everything that writes, some of it many at once.
 *
 *     node record-driver.js DIRECTORY NOTES SEED [seasons]
 *
 * After each answer, and after each commit of an import, it appends a line with the hash of what the
 * store then shows to the file NOTES, which the shim puts into its log among the writes. Beside the
 * store it keeps a map of who has which score, and ends with status 1 where the two differ.
 *
 * @module
 */

import { openSync, writeSync } from 'node:fs'
import { Readable } from 'node:stream'
import { openLeaderboards } from '../../dist/index.js'
import { contentOf, hashOf } from './content.js'

const [, , directory, notesFile, seedText, part] = process.argv
const DAY_MS = 86_400_000
const notes = openSync(notesFile, 'a')
const random = generator(Number(seedText))
const expected = new Map()
let now = 1_760_000_000_000
let requests = 0
let store

function open() {
  store = openLeaderboards(directory, { clock: () => now })
  note('open')
}

function note(what) {
  now += below(3)
  writeSync(notes, `${hashOf(store)} ${what}\n`)
}

async function acknowledged(what, promise) {
  await promise
  note(what)
}

async function createBoard(name, settings) {
  expected.set(name, new Map())
  await acknowledged('create', store.createBoard(name, settings))
}

function submit(name, { playerId, score, ...options }) {
  const scores = expected.get(name)
  scores.set(playerId, options.mode === 'increment' ? (scores.get(playerId) ?? 0) + score : score)
  return acknowledged('submit', store.board(name).submit(playerId, score, options))
}

async function submits(name, count) {
  for (let i = 0; i < count; i++) await submit(name, submission())
}

// Some share a commit, which ones the disk decides.
async function submitsAtOnce(name, count) {
  await Promise.all(Array.from({ length: count }, () => submit(name, submission())))
}

async function submitMany(name, count) {
  const submissions = Array.from({ length: count }, submission)
  for (const { playerId, score } of submissions) expected.get(name).set(playerId, score)
  await acknowledged('submitMany', store.board(name).submitMany(submissions))
}

async function remove(name, count) {
  for (let i = 0; i < count; i++) {
    const playerId = player()
    expected.get(name).delete(playerId)
    await acknowledged('remove', store.board(name).remove(playerId))
  }
}

async function rename(name) {
  for (const [playerId, score] of [...expected.get(name)].slice(0, 3))
    await submit(name, { playerId, score, name: `${playerId} the ${below(1000)}th` })
}

// Rules that refuse some, count for a minute and flag; names on several boards in one commit.
async function underRules(name, other) {
  await acknowledged('alter', store.alter(name, { max: 90, perMinute: 2 }))
  await acknowledged('alter', store.alter(other, { maxGain: { by: 0, action: 'flag' } }))
  for (let i = 0; i < 3; i++) {
    const playerId = `ruled-${i}`
    for (const score of [50, 91, 60, 70]) await attempt(name, { playerId, score })
    // Where less is better, that is a gain.
    await attempt(other, { playerId, score: -5, mode: 'increment' })
    const profile = { name: `Ruled ${i}`, metadata: { i } }
    await acknowledged('profile', store.setProfile(playerId, profile))
  }
  const [flagged] = store.log({ flagged: true }).records
  await acknowledged('resolve', store.resolve(flagged.seq, { verdict: 'accepted' }))
  await acknowledged('alter', store.alter(name, { max: null, perMinute: null }))
  await acknowledged(
    'alter',
    store.alter({ names: 'unique' }).catch(() => undefined),
  )
  await acknowledged('rename', store.rename('ruled-0', 'Ruler'))
  await acknowledged('alter', store.alter({ names: 'free', retention: { days: 60 } }))
  await acknowledged('alter', store.alter(other, { maxGain: null }))
}

// A submit goes to four seasons in the commit of the board; the first one behind a border closes them and
// opens the next. In the background those that passed meanwhile are told, and past ones leave.
async function overBorders(name) {
  await createBoard(name, {
    mode: 'set',
    windows: [
      ...['day', 'month'],
      { name: 'gained', every: 'day', value: 'gain', retain: 1, finals: true },
      { name: 'six', every: { hours: 6, from: 0 }, retain: 2, finals: true },
    ],
  })
  await submits(name, 4)
  for (let border = 0; border < 3; border++) {
    now += DAY_MS
    await submits(name, 2)
    await submitsAtOnce(name, 5)
  }
  await reopen()
  await submits(name, 3)
  await remove(name, 2)
  await acknowledged('alter', store.alter(name, { windows: { six: null } }))
  await submits(name, 3)
  expected.delete(name)
  await acknowledged('drop', store.dropBoard(name))
}

async function attempt(name, submission) {
  const { playerId, score, ...options } = submission
  const taken = await store.board(name).submit(playerId, score, options).catch(refused)
  if (taken !== undefined) expected.get(name).set(playerId, taken.score)
  note(taken === undefined ? 'refusal' : 'submit')
}

function refused(error) {
  if (error.code !== 'OUT_OF_RANGE' && error.code !== 'RATE_LIMITED') throw error
}

async function importRows(name, count) {
  const rows = Array.from({ length: count }, (_, i) => [`row-${below(10)}-${i}`, below(500)])
  for (const [playerId, score] of rows) expected.get(name).set(playerId, score)
  const lines = [['playerId', 'score'], ...rows].map((row) => `${row.join(',')}\n`)
  const source = Readable.from([Buffer.from(lines.join(''))])
  const onProgress = () => note('part of an import')
  await acknowledged('import', store.board(name).importFrom(source, { format: 'csv', onProgress }))
}

async function reopen() {
  await store.close()
  open()
}

function submission() {
  const name = below(4) === 0 ? { name: `Player ${below(1e6)}` } : {}
  // Every other one counts once.
  const request = ++requests % 2 === 0 ? { requestId: `request ${requests}` } : {}
  return { playerId: player(), score: below(200) / 2, ...name, ...request }
}

function player() {
  return `p${below(150)}`
}

function verify() {
  const shown = contentOf(store)
  const scores = shown.map(({ name, entries }) => [
    name,
    new Map(entries.map(({ playerId, score }) => [playerId, score])),
  ])
  for (const [name, actual] of scores) {
    const wanted = expected.get(name) ?? new Map()
    const wrong = [...wanted].find(([playerId, score]) => actual.get(playerId) !== score)
    if (wrong !== undefined || wanted.size !== actual.size)
      throw new Error(`Board ${name} has ${actual.size} of ${wanted.size} entries, wrong: ${wrong}`)
  }
  if (scores.length !== expected.size) throw new Error('There are other boards than expected')
}

function below(n) {
  return Math.floor(random() * n)
}

// mulberry32 (Tommy Ettinger, public domain), as in test/support/random.ts.
function generator(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

async function all() {
  await createBoard('arena', { order: 'descending', mode: 'set' })
  await submits('arena', 4 + below(8))
  await submitsAtOnce('arena', 40)
  await createBoard('golf', { order: 'ascending', mode: 'set' })
  await importRows('golf', 60 + below(60))
  await submits('golf', 3)
  for (let i = 0; i < 3; i++)
    await submit('arena', { playerId: player(), score: 1 + below(9), mode: 'increment' })
  await submitMany('arena', 30 + below(60))
  await rename('arena')
  await remove('arena', 6)
  await underRules('arena', 'golf')
  await importRows('arena', 200 + below(100))
  verify()
  await reopen()
  await submits('arena', 4)
  await createBoard('season', { mode: 'set' })
  await importRows('season', 100)
  expected.delete('golf')
  await acknowledged('drop', store.dropBoard('golf'))
  await submitsAtOnce('season', 25)
  await acknowledged('rebuild', store.rebuild('season'))
  await submits('season', 4)
  expected.delete('season')
  // A close in the middle of the sweeping: the next opening goes on with it.
  const dropping = store.dropBoard('season')
  await createBoard('late', { order: 'ascending' })
  await Promise.all([dropping, store.close()])
  open()
  await submits('arena', 6)
  await remove('arena', 3)
  await submitMany('late', 20)
  verify()
}

open()
if (part === 'seasons') await overBorders('cups')
else await all()
verify()
await store.close()
