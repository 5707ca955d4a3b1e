/**
 * Child processes that may hang, or be ended by a signal.
 *
 * @module
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryRoot } from '../support/memory.ts'

/** How a child ended. */
export interface Ending {
  status: number | null
  signal: NodeJS.Signals | null
  /** Whether it was ended because its time was over. */
  hung: boolean
  stdout: string
  stderr: string
}

/** Path of a program of this folder. */
export function program(name: string): string {
  return join(import.meta.dirname, name)
}

/** Runs `node` with these arguments to its end, or for `limitMs` at most. */
export async function runNode(
  args: readonly string[],
  options: { env?: Record<string, string>; limitMs: number; wrap?: readonly string[] },
): Promise<Ending> {
  const [command, ...rest] = [...(options.wrap ?? []), process.execPath, ...args]
  const child = spawn(command as string, rest, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let hung = false
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const timer = setTimeout(() => {
    hung = true
    child.kill('SIGKILL')
  }, options.limitMs)
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timer)
  return { status, signal, hung, stdout, stderr }
}

/** What a long-lived child made of a job. */
export type Verdict<Answer> = Answer | { signal: string }

/** A child that answers one job after another; another one takes over where it was ended. */
export class Worker<Job extends object, Answer extends object> {
  readonly #args: readonly string[]
  readonly #options: { env?: Record<string, string>; limitMs: number }
  #child: ChildProcess | undefined

  constructor(args: readonly string[], options: { env?: Record<string, string>; limitMs: number }) {
    this.#args = args
    this.#options = options
  }

  async ask(job: Job): Promise<Verdict<Answer>> {
    const child = this.#child ?? (await this.#start())
    const limit = new AbortController()
    const timer = setTimeout(() => child.kill('SIGKILL'), this.#options.limitMs)
    const ended = endingOf(child, limit.signal).then(({ status, signal }) => {
      this.#child = undefined
      return { signal: String(signal ?? `exit ${status}`) }
    })
    const answered = once(child, 'message', { signal: limit.signal }).then(
      ([answer]) => answer as Answer,
    )
    ended.catch(() => undefined)
    answered.catch(() => undefined)
    try {
      // To one that has just ended nothing can be sent: that it did is the answer.
      child.send(job, () => undefined)
      return await Promise.race([answered, ended])
    } finally {
      clearTimeout(timer)
      limit.abort()
    }
  }

  /** Lets the child end; returns by what it had ended by itself, behind its last answer. */
  async end(): Promise<string | undefined> {
    const child = this.#child
    if (child === undefined) return undefined
    this.#child = undefined
    const ending = endingOf(child)
    if (child.connected) child.disconnect()
    const { status, signal } = await ending
    return status === 0 ? undefined : String(signal ?? `exit ${status}`)
  }

  async #start(): Promise<ChildProcess> {
    const child = spawn(process.execPath, this.#args, {
      env: { ...process.env, ...this.#options.env },
      stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
    })
    await once(child, 'message')
    this.#child = child
    return child
  }
}

/** Ends children; returns by what any of them had ended by themselves. */
export async function endAll(
  workers: Iterable<{ end(): Promise<string | undefined> }>,
): Promise<string[]> {
  const endings: string[] = []
  for (const worker of workers) {
    const ending = await worker.end()
    if (ending !== undefined) endings.push(ending)
  }
  return endings
}

async function endingOf(
  child: ChildProcess,
  signal?: AbortSignal,
): Promise<Pick<Ending, 'status' | 'signal'>> {
  if (child.exitCode === null && child.signalCode === null)
    await once(child, 'exit', signal === undefined ? {} : { signal })
  return { status: child.exitCode, signal: child.signalCode }
}

/** Runs `job` for every item, as many at once as there are workers. */
export async function share<Item, W>(
  items: Iterable<Item>,
  workers: readonly W[],
  job: (item: Item, worker: W, place: number) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  await Promise.all(
    workers.map(async (worker, place) => {
      for (let next = iterator.next(); !next.done; next = iterator.next())
        await job(next.value, worker, place)
    }),
  )
}

/** Runs `body` with a fresh directory in memory, where the machine has one. */
export async function withFastDirectory<T>(body: (path: string) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(memoryRoot() ?? tmpdir(), 'ladderdb-crash-'))
  try {
    return await body(path)
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}
