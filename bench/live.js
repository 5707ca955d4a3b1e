/**
 * Viewers over WebSocket: how fast they are connected, what each costs the server, and how late each change
 * of the top ten reaches every one of them while submits come in. By hand:
 *
 *     node bench/live.js [--viewers 1000] [--rate 100] [--seconds 10]
 *
 * The viewers and who submits share a process, so a part of the delay is theirs: `idle` says how late a timer of
 * that process is meanwhile.
 *
 * @module
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Times, withDirectory, withServed } from './served.js'

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

await withDirectory((directory) => withServed(directory, measure))

async function measure(served) {
  await submit(served, 0)
  const before = served.anonymousBytes()
  const start = performance.now()
  const sockets = await served.connect(BOARD, viewers)
  const connectMs = performance.now() - start
  await sleep(2_000)
  const bytes = (served.anonymousBytes() - before) / viewers
  const delays = await follow(served, sockets)
  console.log(
    `${viewers} viewers connected in ${(connectMs / 1000).toFixed(1)} s, ${Math.round(bytes)} bytes of anonymous memory each`,
  )
  console.log(delays)
  for (const socket of sockets) socket.terminate()
}

// Each submit is the new first one, with its number as score: what a viewer sees says which ones it has.
async function follow(served, sockets) {
  const total = rate * seconds
  const sentMs = new Float64Array(total + 1)
  const changes = new Times()
  const seen = new Int32Array(sockets.length)
  let messages = 0
  sockets.forEach((socket, i) => {
    socket.on('message', (data) => {
      messages++
      const at = data.indexOf('"score":') + 8
      const score = Number.parseInt(data.subarray(at, at + 9).toString('latin1'), 10)
      for (let n = seen[i] + 1; n <= score; n++) changes.since(sentMs[n])
      seen[i] = Math.max(seen[i], score)
    })
  })
  const idle = monitorEventLoopDelay({ resolution: 5 })
  idle.enable()
  const submits = new Times()
  const begin = performance.now()
  const pending = []
  let refused = 0
  for (let n = 1; n <= total; n++) {
    await sleep(Math.max(0, begin + (n * 1000) / rate - performance.now()))
    sentMs[n] = performance.now()
    pending.push(
      submit(served, n).then((status) => {
        if (status === 200) submits.since(sentMs[n])
        else refused++
      }),
    )
  }
  await Promise.all(pending)
  const deadline = performance.now() + LAST_MS
  while (seen.some((score) => score < total) && performance.now() < deadline) await sleep(10)
  idle.disable()
  const missing = seen.filter((score) => score < total).length
  return [
    `each change at each viewer: p50 ${changes.ms(50)} ms, p99 ${changes.ms(99)} ms, max ${changes.ms(100)} ms; ${missing} viewers without the last one`,
    `messages a viewer and second: ${(messages / sockets.length / seconds).toFixed(1)}; submits: p50 ${submits.ms(50)} ms, p99 ${submits.ms(99)} ms, ${refused} refused`,
    `idle: a timer of the viewers' process is late by p50 ${late(idle, 50)} ms, p99 ${late(idle, 99)} ms`,
  ].join('\n')
}

function late(delays, share) {
  return (delays.percentile(share) / NS).toFixed(1)
}

function submit(served, score) {
  return served.ask(`/boards/${BOARD}/scores`, { playerId: `p${score % 20}`, score })
}
