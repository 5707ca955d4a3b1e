/**
 * Viewers over WebSocket: how fast they are connected, what each costs the server, and how late each change
 * of the top ten reaches every one of them while submits come in. By hand:
 *
 *     node bench/live.js [--viewers 1000] [--rate 100] [--seconds 10]
 *
 * The viewers and who submits share a process and the machine, so a part of the delay is theirs. How much is told
 * by a second run, in which a process that only writes tells them the same: no requests, no commits, no looks
 * (`bare`). `idle` says how late a timer of the viewers' process is meanwhile.
 *
 * @module
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { cpuSecondsOf } from './processes.js'
import { connectAll, Times, withDirectory, withServed } from './served.js'

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '10' },
  },
})
const [viewers, rate, seconds] = [values.viewers, values.rate, values.seconds].map(Number)
const BOARD = 'default'
const NS = 1e6
const LAST_MS = 10_000

const messageBytes = await withDirectory((directory) => withServed(directory, measureServed))
await measureBare()

async function measureServed(served) {
  await submit(served, 0)
  const before = served.anonymousBytes()
  const start = performance.now()
  const watchers = await served.connect(BOARD, viewers)
  const connectMs = performance.now() - start
  await sleep(2_000)
  const bytes = (served.anonymousBytes() - before) / viewers
  console.log(
    `${viewers} viewers connected in ${(connectMs / 1000).toFixed(1)} s, ${Math.round(bytes)} bytes of anonymous memory each`,
  )
  await served.warm((score) => submit(served, score))
  const run = await follow({
    ...{ name: 'served', watchers, pid: served.pid },
    submit: (n) => submit(served, n),
  })
  for (const watcher of watchers) watcher.terminate()
  return run.messageBytes
}

async function measureBare() {
  const child = fork(`${import.meta.dirname}/teller.js`, [`${messageBytes}`])
  try {
    const [port] = await once(child, 'message')
    const watchers = await connectAll(`ws://127.0.0.1:${port}/`, viewers)
    const submitTo = async (n) => child.send(n) && 200
    await follow({ name: 'bare', watchers, pid: child.pid, submit: submitTo })
    for (const watcher of watchers) watcher.terminate()
  } finally {
    const ended = once(child, 'exit')
    child.disconnect()
    await ended
  }
}

// Each submit is the new first one, with its number as score: what a viewer sees says which ones it has.
async function follow({ name, watchers, pid, submit: submitNumber }) {
  const total = rate * seconds
  const sentMs = new Float64Array(total + 1)
  const changes = new Times()
  const seen = new Int32Array(watchers.length)
  let messages = 0
  watchers.forEach((watcher, i) => {
    watcher.bytes = 0
    watcher.onMessage = (data) => {
      messages++
      const at = data.indexOf('"score":') + 8
      const score = Number.parseInt(data.latin1Slice(at, at + 9), 10)
      for (let n = seen[i] + 1; n <= score; n++) changes.since(sentMs[n])
      seen[i] = Math.max(seen[i], score)
    }
  })
  const idle = monitorEventLoopDelay({ resolution: 5 })
  idle.enable()
  const submits = new Times()
  const [cpu, ownCpu] = [cpuSecondsOf(pid), process.cpuUsage()]
  const begin = performance.now()
  const pending = []
  let [refused, last] = [0, 0]
  for (let n = 1; n <= total; n++) {
    await sleep(Math.max(0, begin + (n * 1000) / rate - performance.now()))
    sentMs[n] = performance.now()
    pending.push(
      submitNumber(n).then((status) => {
        if (status !== 200) refused++
        else {
          submits.since(sentMs[n])
          last = Math.max(last, n)
        }
      }),
    )
  }
  await Promise.all(pending)
  const deadline = performance.now() + LAST_MS
  while (seen.some((score) => score < last) && performance.now() < deadline) await sleep(10)
  idle.disable()
  const missing = seen.filter((score) => score < last).length
  const own = process.cpuUsage(ownCpu)
  const perMessage = (cpuS) => ((1e6 * cpuS) / messages).toFixed(1)
  const messageBytes = Math.round(watchers.reduce((sum, { bytes }) => sum + bytes, 0) / messages)
  console.log(
    [
      `${name}: each change at each viewer: p50 ${changes.ms(50)} ms, p99 ${changes.ms(99)} ms, max ${changes.ms(100)} ms; ${missing} viewers without the last one`,
      `  messages a viewer and second: ${(messages / watchers.length / seconds).toFixed(1)} of ${messageBytes} bytes; submits: p50 ${submits.ms(50)} ms, p99 ${submits.ms(99)} ms, ${refused} refused`,
      `  processor time a message: ${perMessage(cpuSecondsOf(pid) - cpu)} µs of the server, ${perMessage((own.user + own.system) / 1e6)} µs of the viewers`,
      `  idle: a timer of the viewers' process is late by p50 ${late(idle, 50)} ms, p99 ${late(idle, 99)} ms`,
    ].join('\n'),
  )
  return { messageBytes }
}

function late(delays, share) {
  return (delays.percentile(share) / NS).toFixed(1)
}

function submit(served, score) {
  return served.ask(`/boards/${BOARD}/scores`, { playerId: `p${Math.abs(score % 20)}`, score })
}
