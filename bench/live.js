/**
 * Viewers over WebSocket: how fast they are connected, what each costs the server, and how late each change
 * of the top ten reaches every one of them while submits come in. By hand:
 *
 *     node bench/live.js [--viewers 1000] [--rate 100] [--seconds 10]
 *
 * The server is a process of its own; the viewers and who submits share another one, so a part of the delay is
 * theirs: `idle` says how late a timer of that process is meanwhile.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import WebSocket from 'ws'

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '10' },
  },
})
const [viewers, rate, seconds] = [values.viewers, values.rate, values.seconds].map(Number)
const CONNECTING_MAX = 200
const NS = 1e6

const directory = mkdtempSync(join(tmpdir(), 'ladderdb-live-'))
const bin = resolve(import.meta.dirname, '../bin/ladderdb.js')
const server = spawn(process.execPath, [bin, '--db', directory, '--json', 'serve', '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const [line] = await once(server.stdout, 'data')
  await measure(JSON.parse(String(line)).url)
} finally {
  server.kill('SIGTERM')
  await once(server, 'exit')
  rmSync(directory, { recursive: true, force: true })
}

async function measure(url) {
  await submit(url, 0)
  const before = anonymousBytes()
  const start = performance.now()
  const sockets = await connectAll(url)
  const connectMs = performance.now() - start
  await sleep(2_000)
  const bytes = (anonymousBytes() - before) / viewers
  const delays = await follow(url, sockets)
  console.log(
    `${viewers} viewers connected in ${(connectMs / 1000).toFixed(1)} s, ${Math.round(bytes)} bytes of anonymous memory each`,
  )
  console.log(delays)
  for (const socket of sockets) socket.terminate()
}

async function connectAll(url) {
  const place = `${url.replace('http', 'ws')}/api/v1/boards/default/live?top=10`
  const sockets = []
  let left = viewers
  const connect = async () => {
    while (left-- > 0) {
      const socket = new WebSocket(place, { perMessageDeflate: false })
      await once(socket, 'message')
      sockets.push(socket)
    }
  }
  await Promise.all(Array.from({ length: CONNECTING_MAX }, connect))
  return sockets
}

// Each submit is the new first one, with its number as score: what a viewer sees says which ones it has.
async function follow(url, sockets) {
  const total = rate * seconds
  const sentMs = new Float64Array(total + 1)
  const histogram = createHistogram()
  const seen = new Int32Array(sockets.length)
  let messages = 0
  sockets.forEach((socket, i) => {
    socket.on('message', (data) => {
      messages++
      const now = performance.now()
      const at = data.indexOf('"score":') + 8
      const score = Number.parseInt(data.subarray(at, at + 9).toString('latin1'), 10)
      for (let n = seen[i] + 1; n <= score; n++)
        histogram.record(Math.max(1, Math.round((now - sentMs[n]) * NS)))
      seen[i] = Math.max(seen[i], score)
    })
  })
  const idle = monitorEventLoopDelay({ resolution: 5 })
  idle.enable()
  const submits = createHistogram()
  const begin = performance.now()
  const pending = []
  for (let n = 1; n <= total; n++) {
    await sleep(Math.max(0, begin + (n * 1000) / rate - performance.now()))
    sentMs[n] = performance.now()
    pending.push(
      submit(url, n).then(() =>
        submits.record(Math.max(1, Math.round((performance.now() - sentMs[n]) * NS))),
      ),
    )
  }
  await Promise.all(pending)
  const deadline = performance.now() + 10_000
  while (seen.some((score) => score < total) && performance.now() < deadline) await sleep(10)
  idle.disable()
  const missing = seen.filter((score) => score < total).length
  const ms = (of, share) => `${(of.percentile(share) / NS).toFixed(1)} ms`
  return [
    `each change at each viewer: p50 ${ms(histogram, 50)}, p99 ${ms(histogram, 99)}, max ${(histogram.max / NS).toFixed(1)} ms; ${missing} viewers without the last one`,
    `messages a viewer and second: ${(messages / sockets.length / seconds).toFixed(1)}; submits: p50 ${ms(submits, 50)}, p99 ${ms(submits, 99)}`,
    `idle: a timer of the viewers' process is late by p50 ${ms(idle, 50)}, p99 ${ms(idle, 99)}`,
  ].join('\n')
}

async function submit(url, score) {
  const response = await fetch(`${url}/api/v1/boards/default/scores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ playerId: `p${score % 20}`, score }),
  })
  if (response.status !== 200) throw new Error(await response.text())
  await response.arrayBuffer()
}

function anonymousBytes() {
  const text = readFileSync(`/proc/${server.pid}/smaps_rollup`, 'latin1')
  return Number(/^Anonymous:\s+(\d+) kB/m.exec(text)[1]) * 1024
}
