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
import { cpuSecondsOf } from './processes.js'
import { Watcher } from './watcher.js'

const BIN = resolve(import.meta.dirname, '../bin/ladderdb.js')
const CONNECTING_MAX = 200
const WARM_CALLS = 4_000
const WARM_OUTSTANDING = 16
const NS = 1e6
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
  const served = await startServed(directory)
  try {
    return await body(served)
  } finally {
    await served.end()
  }
}

/** Starts `ladderdb serve` for a store; end it. */
export function startServed(directory) {
  return startServer([BIN, '--db', directory, '--json', 'serve', '--port', '0'])
}

/** Starts a server that prints where it listens as the first line, by the arguments of Node; end it. */
export async function startServer(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  // However this process ends, the server does not outlive it.
  const kill = () => child.kill()
  process.on('exit', kill)
  process.once('SIGTERM', () => process.exit(1))
  child.once('exit', () => process.off('exit', kill))
  const [line] = await Promise.race([once(child.stdout, 'data'), ended])
  if (child.exitCode !== null) throw new Error(`Cannot start: ${args[0]} ended`)
  return new Served(JSON.parse(String(line)).url, { child, ended })
}

/** A server under measurement. */
class Served {
  #agent = new Agent({ keepAlive: true, maxSockets: 64 })
  #child
  #ended

  constructor(url, { child, ended }) {
    this.url = url
    this.#child = child
    this.#ended = ended
  }

  get pid() {
    return this.#child.pid
  }

  async end() {
    this.#agent.destroy()
    this.#child.kill('SIGTERM')
    await this.#ended
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

  /** Asks until the engine has made of the source what it will, or a submit costs three times as much. */
  async warm(ask) {
    let left = WARM_CALLS
    const askSome = async () => {
      while (left > 0) await ask(-left--)
    }
    await Promise.all(Array.from({ length: WARM_OUTSTANDING }, askSome))
  }

  /** Over how many connections it is asked at once; 64 by default. */
  set connections(count) {
    this.#agent.maxSockets = count
  }

  /** Connects viewers of the top ten of a board; resolves with them when each has seen it. */
  connect(board, viewers) {
    const place = `${this.url.replace('http', 'ws')}/api/v1/boards/${board}/live?top=10`
    return connectAll(place, viewers)
  }

  /** Memory of its own that the server has, bytes. */
  anonymousBytes() {
    const text = readFileSync(`/proc/${this.pid}/smaps_rollup`, 'latin1')
    return Number(/^Anonymous:\s+(\d+) kB/m.exec(text)[1]) * KIB
  }

  /** User and system time of all threads of the server, seconds. */
  cpuSeconds() {
    return cpuSecondsOf(this.pid)
  }
}

/** Connects so many who watch at an address; resolves with them when each was told something. */
export async function connectAll(address, count) {
  const watchers = []
  let left = count
  const connectSome = async () => {
    while (left-- > 0) watchers.push(await Watcher.open(address))
  }
  await Promise.all(Array.from({ length: CONNECTING_MAX }, connectSome))
  return watchers
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
