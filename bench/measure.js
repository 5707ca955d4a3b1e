/**
 * Timing: contestants in turns, and a histogram of their calls.
 *
 * Turns (A B A B …) give every contestant its share of whatever else the machine does meanwhile.
 *
 *     medianUs    of single calls, from the call to its answer; p99Us and p999Us as well
 *     eachUs      for a piece of work: wall time of a turn over the work done; the median of turns
 *     cpuUs       for a piece of work, on all threads of this process; a server's is not in it
 *     writtenBytes  for a piece of work, to the disk or to pages that will go there; on Linux
 *     timesFirst  what a piece of work costs in units of the first contestant's
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs'
import { createHistogram } from 'node:perf_hooks'
import { Bench } from 'tinybench'
import { hashOf } from './workload.js'

// The part of a turn's limits that is run first without being counted.
const WARM_UP = 0.2
const HASHED_ANSWERS = 1_000
const IO_FILE = '/proc/self/io'

/**
 * What is timed.
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {() => unknown} call one call; a promise is awaited
 * @property {number} [batch] pieces of work in a call, default 1
 * @property {number} [outstanding] calls under way at any time, default 1
 * @property {number} [calls] most calls of a turn, default as many as there is time for
 * @property {string} [note] printed with the figures
 */

/** Runs contestants in turns and returns a row of figures for each. */
export async function inTurns(contestants, { seconds, rounds = 5 }) {
  const results = contestants.map((contestant) => {
    return { contestant, calls: createHistogram(), turns: [] }
  })
  for (const { contestant } of results)
    await turn(contestant, { seconds: seconds / rounds, share: WARM_UP, calls: createHistogram() })
  for (let round = 0; round < rounds; round++) {
    for (const { contestant, calls, turns } of results)
      turns.push(await turn(contestant, { seconds: seconds / rounds, share: 1, calls }))
  }
  return results.map(({ contestant: { name, note }, calls, turns }) => {
    const figure = (key) => median(turns.map((one) => one[key]))
    const work = { cpuUs: figure('cpuUs'), writtenBytes: figure('writtenBytes') }
    return { ...rowOf(name, { calls, eachUs: figure('eachUs') }), ...work, note }
  })
}

/**
 * Adds `timesFirst` to rows of `inTurns`: by the medians of the calls, which tell least about the
 * machine's other work, but where calls are outstanding together by `eachUs`.
 */
export function relate(rows, contestants) {
  const together = contestants.some(({ outstanding = 1 }) => outstanding > 1)
  const costs = rows.map(({ eachUs, medianUs }, i) => {
    return together ? eachUs : medianUs / (contestants[i].batch ?? 1)
  })
  return rows.map(({ note, ...row }, i) => ({ ...row, timesFirst: costs[i] / costs[0], note }))
}

/** Runs one contestant alone. */
export async function alone(contestant, { seconds }) {
  const [row] = await inTurns([contestant], { seconds, rounds: 1 })
  return row
}

/** Times questions that are answered at once, again and again, and hashes the first answers of each. */
export async function warmRows(cases, seconds) {
  const bench = new Bench({ time: seconds * 1000, warmupTime: seconds * 500 })
  const answers = Object.entries(cases).map(([name, call]) => {
    bench.add(name, call)
    return hashOf(Array.from({ length: HASHED_ANSWERS }, call))
  })
  await bench.run()
  return bench.tasks.map(({ name, result }, i) => {
    const { p50, p99, p999, mean } = result.latency
    const [medianUs, p99Us, p999Us, eachUs] = [p50, p99, p999, mean].map((ms) => ms * 1000)
    return { case: name, medianUs, p99Us, p999Us, eachUs, answers: answers[i] }
  })
}

/** Returns a row of figures from a histogram of nanoseconds. */
export function rowOf(name, { calls, eachUs, note }) {
  const figures = { case: name, medianUs: us(calls, 50), p99Us: us(calls, 99) }
  return { ...figures, p999Us: us(calls, 99.9), eachUs: eachUs ?? calls.mean / 1000, note }
}

/** Counts the time since `start`, milliseconds, in a histogram of nanoseconds. */
export function record(calls, start) {
  calls.record(Math.max(1, Math.round((performance.now() - start) * 1e6)))
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

// Runs one contestant for a turn; returns what a piece of work took.
async function turn({ call, batch = 1, outstanding = 1, calls: most = Infinity }, limits) {
  const cpu = process.cpuUsage()
  const written = bytesWritten()
  const start = performance.now()
  const end = start + limits.seconds * limits.share * 1000
  let left = Math.ceil(most * limits.share)
  let done = 0
  async function caller() {
    while (left-- > 0) {
      const began = performance.now()
      if (began > end) break
      const answer = call()
      if (typeof answer?.then === 'function') await answer
      record(limits.calls, began)
      done++
    }
  }
  await Promise.all(Array.from({ length: outstanding }, caller))
  const eachUs = ((performance.now() - start) * 1000) / (done * batch)
  const { user, system } = process.cpuUsage(cpu)
  const writtenBytes = (bytesWritten() - written) / (done * batch)
  // Nothing is written by questions, and unknown on systems without that file.
  return {
    eachUs,
    cpuUs: (user + system) / (done * batch),
    writtenBytes: writtenBytes || undefined,
  }
}

function bytesWritten() {
  if (!existsSync(IO_FILE)) return Number.NaN
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync(IO_FILE, 'utf8'))[1])
}

function us(calls, percentile) {
  return calls.percentile(percentile) / 1000
}
