/**
 * A store that a process of its own serves, and those who watch it over WebSocket.
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
import { machineOf, printMachine } from './machine.js'

const BIN = resolve(import.meta.dirname, '../bin/ladderdb.js')
const CONNECTING_MAX = 200
const NS = 1e6
const TICKS = 100
const KIB = 1024

/** Runs `body` with a directory for a store, which goes with it. The machine is printed. */
export async function withDirectory(body) {
  const directory = mkdtempSync(join(tmpdir(), 'ladderdb-served-'))
  try {
    printMachine(machineOf(directory))
    return await body(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Runs `body` with a server of a store, which ends with it, whatever comes. */
export async function withServed(directory, body) {
  const child = spawn(
    process.execPath,
    [BIN, '--db', directory, '--json', 'serve', '--port', '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = once(child, 'exit')
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  try {
    const [line] = await once(child.stdout, 'data')
    return await body(new Served(JSON.parse(String(line)).url, { pid: child.pid, agent }))
  } finally {
    agent.destroy()
    child.kill('SIGTERM')
    await ended
  }
}

/** A server under measurement. */
class Served {
  #agent
  #pid

  constructor(url, { pid, agent }) {
    this.url = url
    this.#pid = pid
    this.#agent = agent
  }

  /** Asks for a path, or posts a body there; resolves with the status. */
  async ask(path, body) {
    const method = body === undefined ? 'GET' : 'POST'
    const headers = { 'content-type': 'application/json' }
    const asked = request(`${this.url}/api/v1${path}`, { agent: this.#agent, method, headers })
    asked.end(body && JSON.stringify(body))
    const [response] = await once(asked, 'response')
    response.resume()
    await once(response, 'end')
    return response.statusCode
  }

  /** Connects viewers of the top ten of a board; resolves with their sockets when each has seen it. */
  async connect(board, viewers) {
    const { default: WebSocket } = await import('ws')
    const place = `${this.url.replace('http', 'ws')}/api/v1/boards/${board}/live?top=10`
    const sockets = []
    let left = viewers
    const connectSome = async () => {
      while (left-- > 0) {
        const socket = new WebSocket(place, { perMessageDeflate: false })
        await once(socket, 'message')
        sockets.push(socket)
      }
    }
    await Promise.all(Array.from({ length: CONNECTING_MAX }, connectSome))
    return sockets
  }

  /** Memory of its own that the server has, bytes. */
  anonymousBytes() {
    const text = readFileSync(`/proc/${this.#pid}/smaps_rollup`, 'latin1')
    return Number(/^Anonymous:\s+(\d+) kB/m.exec(text)[1]) * KIB
  }

  /** User and system time of all threads of the server, seconds. */
  cpuSeconds() {
    const fields = readFileSync(`/proc/${this.#pid}/stat`, 'latin1').split(') ')[1].split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS
  }
}

/** Times of something, told in milliseconds. */
export class Times {
  #histogram = createHistogram()

  /** Notes one that began at a time of `performance.now()`. */
  since(startMs) {
    this.#histogram.record(Math.max(1, Math.round((performance.now() - startMs) * NS)))
  }

  /** Returns the time that a share of them, in percent, stays within. */
  ms(share) {
    return Math.round((this.#histogram.percentile(share) / NS) * 10) / 10
  }
}
