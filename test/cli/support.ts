/**
 * Runs commands in process, as a person or a script would type them.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import { Io } from '../../src/cli/io.ts'
import { runCli } from '../../src/cli/main.ts'
import { openLeaderboards } from '../../src/index.ts'
import { withDirectory } from '../support/temporary-store.ts'

export const BIN = resolve(import.meta.dirname, '../../bin/ladderdb.js')

/** 2025-03-01T18:30:00Z, and so many milliseconds later: times that tables show. */
export const AT = Date.UTC(2025, 2, 1, 18, 30)

/** What a command left behind. */
export interface Ran {
  status: number
  stdout: string
  stderr: string
}

/** What surrounds a command; by default nothing is a terminal and the environment is empty. */
export interface World {
  stdin?: string | Readable
  env?: Record<string, string>
  terminal?: boolean
  signal?: AbortSignal
}

/** Runs a command line. */
export async function run(args: string[], world: World = {}): Promise<Ran> {
  const { stdin = '', terminal = false } = world
  const source = typeof stdin === 'string' ? Readable.from([Buffer.from(stdin)]) : stdin
  const stdout = Object.assign(new PassThrough(), { isTTY: terminal })
  const stderr = Object.assign(new PassThrough(), { isTTY: terminal })
  const io = new Io({
    stdin: Object.assign(source, { isTTY: terminal }),
    stdout,
    stderr,
    env: world.env ?? {},
    signal: world.signal ?? new AbortController().signal,
  })
  const shown = Promise.all([text(stdout), text(stderr)])
  const status = await runCli(args, io)
  stdout.end()
  stderr.end()
  const [out, err] = await shown
  return { status, stdout: out, stderr: err }
}

/** Runs a command that serves with --json until `use` is done; resolves with its status and what it said. */
export async function runServing(
  args: string[],
  use: (url: string) => Promise<void>,
  { env = {} }: Pick<World, 'env'> = {},
): Promise<Ran> {
  const stop = new AbortController()
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const { signal } = stop
  const io = new Io({ stdin: Readable.from([]), stdout, stderr, env, signal })
  const ended = runCli(args, io)
  let said = ''
  stdout.on('data', (chunk) => {
    said += String(chunk)
  })
  let isEnded = false
  const end = ended.finally(() => {
    isEnded = true
  })
  while (!said.includes('\n') && !isEnded) await Promise.race([once(stdout, 'data'), end])
  try {
    if (!isEnded) await use((JSON.parse(said.split('\n')[0] ?? '') as { url: string }).url)
  } finally {
    stop.abort()
  }
  const status = await ended
  stderr.end()
  return { status, stdout: said, stderr: await text(stderr) }
}

/** The commands of one store in a fresh directory. */
export class Cli {
  readonly directory: string
  readonly db: string

  constructor(directory: string) {
    this.directory = directory
    this.db = join(directory, 'store')
  }

  /** Returns the path of a file beside the store. */
  file(name: string): string {
    return join(this.directory, name)
  }

  run(args: string[], world?: World): Promise<Ran> {
    return run(['--db', this.db, ...args], world)
  }

  /** Runs a command that must work; returns what it prints. */
  async ok(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(args)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return stdout
  }

  /** Runs a command that must work with --json; returns the document. */
  // biome-ignore lint/suspicious/noExplicitAny: what it is, the test says
  async json(...args: string[]): Promise<any> {
    const printed = await this.ok('--json', ...args)
    expect(printed).toMatch(/^[^\n]+\n$/)
    return JSON.parse(printed)
  }

  /** Runs the built command line with a file for standard output. */
  async spawnTo(path: string, args: string[]): Promise<{ status: number | null; stderr: string }> {
    const file = await open(path, 'w')
    const child = spawn(process.execPath, [BIN, '--db', this.db, ...args], {
      stdio: ['ignore', file.fd, 'pipe'],
    })
    const stderr = text(child.stderr as Readable)
    const [status] = await once(child, 'close')
    await file.close()
    return { status, stderr: await stderr }
  }

  /** Starts the built command line as a process. */
  spawn(args: string[], env: Record<string, string> = {}): Process {
    return new Process([BIN, '--db', this.db, ...args], env)
  }
}

/** Runs `body` with a store of its own, whose findings must be none at the end. */
export function withCli(body: (cli: Cli) => Promise<void>): Promise<void> {
  return withDirectory(async (directory) => {
    const cli = new Cli(directory)
    await body(cli)
    // Without a store there is nothing to find. Here and not by `check`, which starts a process each time.
    if (!existsSync(join(cli.db, 'data.mdb'))) return
    const store = openLeaderboards(cli.db, { readOnly: true })
    try {
      expect((await store.check()).findings).toEqual([])
    } finally {
      await store.close()
    }
  })
}

/** Submits the five players of the textbooks, ten milliseconds apart, with two names. */
export async function submitFive(cli: Cli): Promise<void> {
  const players: [string, number, string?][] = [
    ['alice', 1500, 'Alice'],
    ['bob', 2000],
    ['charlie', 1200],
    ['dave', 1800],
    ['eve', 2000, 'Eve'],
  ]
  const store = openLeaderboards(cli.db)
  const board = store.board('default')
  for (const [i, [player, score, name]] of players.entries())
    await board.submit(player, score, { at: AT + 10 * i, ...(name !== undefined && { name }) })
  await store.close()
}

/** Writes a CSV file of events of `players` players, three each, with ties; returns its path. */
export async function writeSeason(cli: Cli, players: number): Promise<string> {
  const lines = ['playerId,score,name,at']
  for (let i = 0; i < 3 * players; i++) {
    const player = i % players
    lines.push(`p${player},${(player * 7 + i * 13) % 5000},Player ${player},${AT + i}`)
  }
  await writeFile(cli.file('season.csv'), `${lines.join('\n')}\n`)
  return cli.file('season.csv')
}

/** A command line in a process of its own. */
export class Process {
  readonly #child
  #stderr = ''
  readonly #lines: AsyncIterator<string>
  readonly #exited: Promise<[code: number | null, signal: string | null]>

  constructor(args: string[], env: Record<string, string>) {
    this.#child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'] ?? '', ...env },
    })
    this.#child.stdin.on('error', () => undefined)
    this.#child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr += chunk
    })
    this.#lines = linesOf(this.#child.stdout)[Symbol.asyncIterator]()
    this.#exited = once(this.#child, 'close') as Promise<[number | null, string | null]>
  }

  write(line: string): void {
    this.#child.stdin.write(line)
  }

  endInput(): void {
    this.#child.stdin.end()
  }

  /** Waits for the next line that it prints. */
  async nextLine(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next()
    return done === true ? undefined : value
  }

  /** Waits until it has told something on standard error. */
  async errorLine(): Promise<void> {
    while (!this.#stderr.includes('\n')) await once(this.#child.stderr, 'data')
  }

  /** Stops reading what it prints, as `head` does. */
  closeOutput(): void {
    this.#child.stdout.destroy()
  }

  interrupt(signal: 'SIGINT' | 'SIGTERM'): void {
    this.#child.kill(signal)
  }

  /** Waits for its end. */
  async end(): Promise<{ status: number | null; stderr: string }> {
    const [status] = await this.#exited
    return { status, stderr: this.#stderr }
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
