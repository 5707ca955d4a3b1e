/**
 * What a server of some size takes: disk, memory and processor time, for the sizing table. By hand:
 *
 *     node bench/sizing.js [--players 100000] [--updates 100] [--viewers 1000] [--seconds 20]
 *
 * The store has one board with its log; ids have 12 bytes, names 15. Updates are submits of players at random over
 * HTTP, each followed by the read of that player's card; viewers watch the top ten over WebSocket. The server is a
 * process of its own; the viewers and who submits share another one.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import WebSocket from 'ws'
import { compactStore, openLeaderboards } from '../dist/index.js'

const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '100000' },
    updates: { type: 'string', default: '100' },
    viewers: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
  },
})
const [players, updates, viewers, seconds] = [
  values.players,
  values.updates,
  values.viewers,
  values.seconds,
].map(Number)

const BOARD = 'arena'
const BATCH = 10_000
const CONNECTING_MAX = 100
const NS = 1e6
const TICKS = 100
const LOG_SUBMITS = 100_000

const directory = mkdtempSync(join(tmpdir(), 'ladderdb-sizing-'))
const bin = resolve(import.meta.dirname, '../bin/ladderdb.js')
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
try {
  const disk = await fill()
  const server = spawn(
    process.execPath,
    [bin, '--db', directory, '--json', 'serve', '--port', '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [line] = await once(server.stdout, 'data')
  const run = await measure(JSON.parse(String(line)).url, server)
  server.kill('SIGTERM')
  await once(server, 'exit')
  console.log(JSON.stringify({ players, updates, viewers, ...disk, ...run }, undefined, 1))
} finally {
  rmSync(directory, { recursive: true, force: true })
}

// First as an import would, then as players play, which the log tells.
async function fill() {
  const store = openLeaderboards(directory, { durability: 'relaxed' })
  const board = await store.createBoard(BOARD)
  for (let from = 0; from < players; from += BATCH)
    await board.submitMany(
      Array.from({ length: Math.min(BATCH, players - from) }, (_, i) => ({
        ...{ playerId: idOf(from + i), name: `Player ${idOf(from + i).slice(4)}` },
        score: Math.floor(Math.random() * 1e9),
      })),
      { ranks: false },
    )
  const filled = store.stats().usedBytes
  for (let from = 0; from < LOG_SUBMITS; from += BATCH)
    await board.submitMany(
      Array.from({ length: BATCH }, () => ({ playerId: someone(), score: randomScore() })),
      { ranks: false },
    )
  const { usedBytes } = store.stats()
  await store.close()
  // What was filled in large batches leaves LMDB a long list of free pages, with which commits are slow for a while.
  await compactStore(directory)
  return {
    playerBytes: Math.round(filled / players),
    storeMb: Math.round(usedBytes / 1e6),
    submitLogBytes: Math.round((usedBytes - filled) / LOG_SUBMITS),
  }
}

async function measure(url, server) {
  await sleep(1_000)
  const sockets = await connectAll(url)
  const start = cpuSeconds(server.pid)
  const begin = performance.now()
  const submits = createHistogram()
  const cards = createHistogram()
  const total = updates * seconds
  const pending = []
  for (let n = 1; n <= total; n++) {
    const wait = begin + (n * 1000) / updates - performance.now()
    if (wait > 1) await sleep(wait)
    pending.push(playOnce(url, { submits, cards }))
  }
  const refused = (await Promise.all(pending)).filter((isTaken) => !isTaken).length
  const elapsed = (performance.now() - begin) / 1000
  const answer = {
    serverCpuPercent: Math.round((100 * (cpuSeconds(server.pid) - start)) / elapsed),
    anonymousMb: Math.round(anonymousBytes(server.pid) / 1e6),
    submitP50Ms: msOf(submits, 50),
    submitP99Ms: msOf(submits, 99),
    cardP99Ms: msOf(cards, 99),
    updatesASecond: Math.round(total / elapsed),
    refused,
  }
  for (const socket of sockets) socket.terminate()
  agent.destroy()
  return answer
}

async function connectAll(url) {
  const place = `${url.replace('http', 'ws')}/api/v1/boards/${BOARD}/live?top=10`
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

async function playOnce(url, { submits, cards }) {
  const playerId = someone()
  const place = `${url}/api/v1/boards/${BOARD}`
  const body = JSON.stringify({ playerId, score: randomScore() })
  const start = performance.now()
  const status = await ask(`${place}/scores`, body)
  if (status !== 200) return false
  const between = performance.now()
  submits.record(Math.max(1, Math.round((between - start) * NS)))
  await ask(`${place}/players/${playerId}`)
  cards.record(Math.max(1, Math.round((performance.now() - between) * NS)))
  return true
}

async function ask(url, body) {
  const method = body === undefined ? 'GET' : 'POST'
  const asked = request(url, { agent, method, headers: { 'content-type': 'application/json' } })
  asked.end(body)
  const [response] = await once(asked, 'response')
  response.resume()
  await once(response, 'end')
  return response.statusCode
}

function idOf(n) {
  return `play${String(n).padStart(8, '0')}`
}

function someone() {
  return idOf(Math.floor(Math.random() * players))
}

function randomScore() {
  return Math.floor(Math.random() * 1e9)
}

function msOf(histogram, share) {
  return Math.round((histogram.percentile(share) / NS) * 10) / 10
}

function anonymousBytes(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  return Number(/^Anonymous:\s+(\d+) kB/m.exec(text)[1]) * 1024
}

// User and system time of all threads.
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}
