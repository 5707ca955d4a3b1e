/**
 * What a command may touch: three streams, the environment and the wish to be interrupted. Nothing
 * in the command line uses `process` but what makes the real one of these, so a test runs any
 * command in process.
 *
 * Data goes to standard output, everything else to standard error. A reader that closes standard
 * output early is not a failure: what is printed from then on vanishes, and `closed` tells long work
 * that it may stop.
 *
 * @module
 */

import type { Readable, Writable } from 'node:stream'
import { watchPipeReader } from './pipe-reader.ts'

/** A stream that may be a terminal; then it knows its size, and input may come key by key. */
export type MaybeTerminal<T> = T & {
  isTTY?: boolean | undefined
  columns?: number
  rows?: number
  setRawMode?: (isRaw: boolean) => unknown
}

/** What an {@link Io} is made of. */
export interface IoParts {
  stdin: MaybeTerminal<Readable>
  stdout: MaybeTerminal<Writable>
  stderr: MaybeTerminal<Writable>
  env: Readonly<Record<string, string | undefined>>
  /** Aborted when the user interrupts, or the system asks to stop. */
  signal: AbortSignal
  /** Tells when nobody reads standard output any more; returns how to stop. */
  watchReader?: (onGone: () => void) => () => void
}

/** The world as a command sees it. */
export class Io {
  readonly #parts: IoParts
  readonly #closed = new AbortController()
  readonly #interrupt = new AbortController()
  readonly #signal: AbortSignal

  constructor(parts: IoParts) {
    this.#parts = parts
    this.#signal = AbortSignal.any([parts.signal, this.#interrupt.signal])
    // The callback of each write hears of errors; without a listener they would end the process.
    parts.stdout.on('error', doNothing)
    parts.stderr.on('error', doNothing)
  }

  /** Looked up at each use: to touch the real one opens it. */
  get stdin(): MaybeTerminal<Readable> {
    return this.#parts.stdin
  }

  get stdout(): MaybeTerminal<Writable> {
    return this.#parts.stdout
  }

  get stderr(): MaybeTerminal<Writable> {
    return this.#parts.stderr
  }

  get env(): Readonly<Record<string, string | undefined>> {
    return this.#parts.env
  }

  /** Aborted when the user interrupts, or the system asks to stop. */
  get signal(): AbortSignal {
    return this.#signal
  }

  /** Interrupts: Ctrl-C where a terminal passes it on as a key. */
  interrupt(): void {
    this.#interrupt.abort()
  }

  /** Aborted when nobody reads standard output any more. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /**
   * Lets {@link closed} tell also while nothing is printed that nobody reads any more; returns how to
   * stop.
   */
  watchReader(): () => void {
    return this.#parts.watchReader?.(() => this.#closed.abort()) ?? doNothing
  }

  /** Writes data to standard output; resolves when the system has taken it. */
  print(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#parts.stdout.write(data, (error) => {
        if (error === null || error === undefined) return resolve()
        if (!isClosedPipe(error)) return reject(error)
        this.#closed.abort()
        resolve()
      })
    })
  }

  /** Writes a line for the person to standard error. */
  report(line: string): void {
    this.#parts.stderr.write(`${line}\n`)
  }
}

/**
 * Returns the world of this process. The first Ctrl-C or SIGTERM asks for an orderly end, the second
 * one kills.
 */
export function processIo(): Io {
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupt.abort())
  return new Io({
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    signal: interrupt.signal,
    watchReader: watchPipeReader,
  })
}

function isClosedPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'
}

function doNothing(): void {}
