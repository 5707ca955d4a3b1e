/**
 * Answers in the order of their lines, though writes are answered later than they begin.
 *
 *     lines in ──> begun writes and ready answers, in a queue ──> the ready ones at its head, out
 *
 * @module
 */

import type { Io } from '../io.ts'

interface Slot {
  /** Undefined until the answer is ready. */
  line: string | undefined
  /** Resolves when it is. */
  ready: Promise<void> | undefined
}

// Enough begun writes to fill any commit, and little memory.
const SLOTS_MAX = 5000

// Answers that nobody has taken yet, in characters: a `top` may answer megabytes.
const CHARACTERS_MAX = 4 * 1024 * 1024

/** The answers of one stream of lines. */
export class Answers {
  readonly #io: Io
  readonly #queue: Slot[] = []
  #unready = 0
  #characters = 0
  #printing: Promise<void> | undefined
  #onPrinted: (() => void) | undefined
  #failure: { error: unknown } | undefined

  constructor(io: Io) {
    this.#io = io
  }

  /** Adds an answer that is ready. */
  add(line: string): void {
    this.#characters += line.length
    this.#push({ line, ready: undefined })
  }

  /** Adds an answer that will be ready later. `answer` must not reject. */
  addLater(answer: Promise<string>): void {
    const slot: Slot = { line: undefined, ready: undefined }
    this.#unready++
    slot.ready = answer.then((line) => {
      slot.line = line
      this.#unready--
      this.#characters += line.length
    })
    this.#push(slot)
  }

  /** Resolves when all answers are ready; undefined if they are already, so that nobody need wait. */
  settled(): Promise<unknown> | undefined {
    if (this.#unready === 0) return undefined
    return Promise.all(this.#queue.map(({ ready }) => ready))
  }

  /** Resolves when there is room for more; undefined if there is room now. */
  room(): Promise<void> | undefined {
    return this.#isFull() ? this.#makeRoom() : undefined
  }

  /**
   * Resolves when every answer is out.
   *
   * @throws what the output threw.
   */
  async end(): Promise<void> {
    await this.#printing
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #push(slot: Slot): void {
    this.#queue.push(slot)
    this.#printing ??= this.#printAll()
  }

  #isFull(): boolean {
    return this.#queue.length >= SLOTS_MAX || this.#characters >= CHARACTERS_MAX
  }

  async #makeRoom(): Promise<void> {
    while (this.#isFull()) {
      if (this.#failure !== undefined) throw this.#failure.error
      await new Promise<void>((resolve) => {
        this.#onPrinted = resolve
      })
    }
  }

  async #printAll(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        await this.#queue[0]?.ready
        await this.#io.print(this.#takeReady())
        this.#onPrinted?.()
      }
      this.#printing = undefined
    } catch (error) {
      // It stays the printing one, so that nothing is tried again; the next to wait is told.
      this.#failure = { error }
      this.#onPrinted?.()
    }
  }

  #takeReady(): string {
    let text = ''
    let count = 0
    for (const { line } of this.#queue) {
      if (line === undefined) break
      text += line
      count++
    }
    this.#queue.splice(0, count)
    this.#characters -= text.length
    return text
  }
}
