/**
 * Servers of Redis of the tests' own: each on a free port of the loopback, in a directory of its own, ended by
 * the number of its process, at the latest when the process of the tests ends.
 *
 * A test has a server to itself, though not always a new one: to start one takes as long as a short test.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { endWithUs, type Watch } from './end-with-us.ts'

const PROGRAMS = ['redis-server', 'valkey-server']

/** The program that is installed; undefined: none. */
export const REDIS_PROGRAM: string | undefined = PROGRAMS.find(
  (program) => spawnSync(program, ['--version']).status === 0,
)

/** Set by `npm run test:redis`: tests have their whole size, and a machine without a server fails. */
const isWhole = process.env['TEST_REDIS'] !== undefined

/** A size of a test: the variable where it is set, else for `npm test` or for `npm run test:redis`. */
export function redisSizeOf(variable: string, size: { test: number; whole: number }): number {
  return Number(process.env[variable] ?? (isWhole ? size.whole : size.test))
}

/** Tests that need a server. On a machine without one they are left out, which is said. */
export function describeOnRedis(name: string, body: () => void): void {
  describe.skipIf(REDIS_PROGRAM === undefined)(name, body)
  test.runIf(REDIS_PROGRAM === undefined)(`${name}: left out, no server is installed`, () => {
    const message = `${name}: left out, as neither ${PROGRAMS.join(' nor ')} is installed`
    if (!isWhole) console.info(message)
    expect(isWhole, message).toBe(false)
  })
}

/** A server that runs. */
export class TestServer {
  readonly url: string
  /** Whether it was ever killed, though it may run again. */
  wasKilled = false
  readonly #port: number
  readonly #directory: string
  readonly #settings: readonly string[]
  #process: ChildProcess | undefined
  #watch: Watch | undefined

  constructor(port: number, directory: string, settings: readonly string[]) {
    this.#port = port
    this.#directory = directory
    this.#settings = settings
    this.url = `redis://127.0.0.1:${port}`
  }

  /** Starts it, again after {@link kill} with what was on its disk. */
  async start(): Promise<void> {
    const place = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#directory]
    const args = [...place, '--save', '', ...this.#settings]
    const child = spawn(REDIS_PROGRAM as string, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.unref()
    this.#process = child
    this.#watch = endWithUs(child.pid as number, this.#directory)
    let told = ''
    for await (const chunk of child.stdout) {
      told += chunk
      if (told.includes('Ready to accept connections')) break
    }
    if (!told.includes('Ready to accept connections')) throw new Error(told)
  }

  /** Stops it, so that it hears nothing, and lets it go on. */
  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    this.wasKilled = true
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.ref()
      child.kill('SIGKILL')
      await ended
    }
    this.#watch?.stop()
  }

  /** Removes all keys. The functions stay: the same for all, and slow to load. */
  async empty(): Promise<void> {
    const answer = await this.ask('FLUSHALL SYNC')
    if (!answer.startsWith('+OK')) throw new Error(answer)
  }

  /** Returns what it replies to a command; nothing if it cannot be reached. Costs a tenth of what a client does. */
  async ask(command: string): Promise<string> {
    const socket = connect(this.#port, '127.0.0.1')
    socket.write(`${command}\r\n`)
    try {
      for await (const reply of socket) return String(reply)
    } catch {
      // A server that is being started, or was killed.
    }
    return ''
  }
}

/** A server, and how whoever has it gives it back. */
interface OpenServer {
  server: TestServer
  end: () => Promise<void>
}

/** Those without settings that nobody has at the moment. */
const idle: OpenServer[] = []

/** Returns an empty server: a new one if it has settings, or if none is idle. */
export async function openServer(settings: readonly string[] = []): Promise<OpenServer> {
  if (settings.length > 0) return startServer(settings)
  const found = idle.pop()
  await found?.server.empty()
  const opened = found ?? (await startServer([]))
  const { server } = opened
  const giveBack = async (): Promise<void> => {
    if (server.wasKilled) await opened.end()
    else idle.push(opened)
  }
  return { server, end: giveBack }
}

/** Starts a server; `end` ends it and removes what it wrote. */
async function startServer(settings: readonly string[]): Promise<OpenServer> {
  const directory = await mkdtemp(join(tmpdir(), 'ladderdb-redis-'))
  const server = new TestServer(await freePort(), directory, settings)
  const end = async (): Promise<void> => {
    await server.kill()
    await rm(directory, { recursive: true, force: true })
  }
  await server.start()
  return { server, end }
}

/** Runs `body` with a server that is empty, and nobody else's. */
export async function withRedis(
  body: (server: TestServer) => Promise<void>,
  settings: readonly string[] = [],
): Promise<void> {
  const { server, end } = await openServer(settings)
  try {
    await body(server)
  } finally {
    await end()
  }
}

/** Returns a port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as { port: number }
  listener.close()
  await once(listener, 'close')
  return port
}
