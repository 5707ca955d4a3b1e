/**
 * A server with twice as much to do as `live.js` gives it, for a minute, and what comes after. By hand:
 *
 *     node bench/overload.js [--viewers 10000] [--rate 200] [--seconds 60]
 *
 * At the rate come submits, each of which alters the top ten that all viewers watch, and reads. What is refused with
 * 503 is counted and not sent again. Then one submit after the other is sent until ten in a row are answered in time.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Times, withDirectory, withServed } from './served.js'

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
  },
})
const [viewers, rate, seconds] = [values.viewers, values.rate, values.seconds].map(Number)
const BOARD = 'default'
const PLAYERS = 20
// As many as there are players who wait: no request waits here for another one.
const CONNECTIONS = 1_000
const MB = 1e6
const IN_TIME_MS = 100
const RECOVERED = 10
const RECOVERY_MS_MAX = 30_000

await withDirectory((directory) => withServed(directory, measure))

async function measure(served) {
  served.connections = CONNECTIONS
  await submit(served, 0)
  const watchers = await served.connect(BOARD, viewers)
  await served.warm((score) => submit(served, score))
  await sleep(2_000)
  const memory = [served.anonymousBytes()]
  const sample = setInterval(() => memory.push(served.anonymousBytes()), 1_000)
  const told = { submits: newTally(), reads: newTally() }
  await load(served, told)
  clearInterval(sample)
  const recovery = await recover(served)
  const lost = watchers.filter(({ isOpen }) => !isOpen).length
  console.log(`${viewers} viewers, ${rate} submits and ${rate} reads a second for ${seconds} s`)
  for (const [name, { taken, refused, failed, count }] of Object.entries(told))
    console.log(
      `${name}: ${count} answered, p50 ${taken.ms(50)} ms, p99 ${taken.ms(99)} ms; ${refused} refused, ${failed} failed`,
    )
  const half = memory.length / 2
  console.log(
    `anonymous memory: ${mb(memory[0])} MB before, at most ${mb(Math.max(...memory.slice(0, half)))} MB in the first half and ${mb(Math.max(...memory.slice(half)))} MB in the second`,
  )
  console.log(`${recovery}; ${lost} viewers were cut off`)
  for (const watcher of watchers) watcher.terminate()
}

function newTally() {
  return { taken: new Times(), count: 0, refused: 0, failed: 0 }
}

async function load(served, { submits, reads }) {
  const pending = []
  const begin = performance.now()
  for (let n = 1; n <= rate * seconds; n++) {
    const wait = begin + (n * 1000) / rate - performance.now()
    if (wait > 1) await sleep(wait)
    pending.push(
      noted(submits, () => submit(served, n)),
      noted(reads, () => served.ask(`/boards/${BOARD}/players/p${n % PLAYERS}`)),
    )
  }
  await Promise.all(pending)
}

async function noted(tally, ask) {
  const start = performance.now()
  const status = await ask().catch(() => 0)
  if (status === 503) tally.refused++
  else if (status !== 200) tally.failed++
  else {
    tally.count++
    tally.taken.since(start)
  }
}

async function recover(served) {
  const begin = performance.now()
  let [inTime, since] = [0, begin]
  for (let n = 1; inTime < RECOVERED; n++) {
    const start = performance.now()
    if (start - begin > RECOVERY_MS_MAX) return `not recovered after ${RECOVERY_MS_MAX / 1000} s`
    const status = await submit(served, rate * seconds + n)
    const isInTime = status === 200 && performance.now() - start < IN_TIME_MS
    inTime = isInTime ? inTime + 1 : 0
    if (inTime === 1) since = start
    if (status !== 200) await sleep(IN_TIME_MS)
  }
  return `recovered after ${((since - begin) / 1000).toFixed(1)} s`
}

function submit(served, score) {
  return served.ask(`/boards/${BOARD}/scores`, {
    playerId: `p${Math.abs(score % PLAYERS)}`,
    score,
  })
}

function mb(bytes) {
  return Math.round(bytes / MB)
}
