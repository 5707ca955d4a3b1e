/**
 * Answers of the commit of now, for those who ask the same: one look at the boards for all.
 *
 * Never stale: an answer is given again only as long as no commit of any process came after it, and the
 * number of the last commit is read for every request.
 *
 * Answers are kept in two generations. Those that are asked for again move to the younger one; if that is full, the
 * elder one goes as a whole. So what nobody asks again keeps out nothing, and nothing is sought or sorted.
 *
 * @module
 */

import { LOOKS_BYTES_MAX, LOOKS_KEPT } from './limits.ts'

const GENERATIONS = 2

/** The answers of one commit, by what was asked. */
export class LookCache {
  #young = new Map<string, string>()
  #old = new Map<string, string>()
  #sequence = -1
  /** Of the younger generation. */
  #bytes = 0

  /** Returns the answer to the same question in the same commit, or undefined. */
  get(question: string, sequence: number): string | undefined {
    if (sequence !== this.#sequence) this.#begin(sequence)
    const young = this.#young.get(question)
    if (young !== undefined) return young
    const old = this.#old.get(question)
    if (old !== undefined) this.set(question, old, sequence)
    return old
  }

  /** Keeps an answer that was read after its `sequence` was. */
  set(question: string, answer: string, sequence: number): void {
    // Latin letters take one byte each, all others two.
    const bytes = 2 * (question.length + answer.length)
    if (sequence !== this.#sequence || bytes > LOOKS_BYTES_MAX / GENERATIONS) return
    const isFull = this.#young.size >= LOOKS_KEPT / GENERATIONS
    if (isFull || this.#bytes + bytes > LOOKS_BYTES_MAX / GENERATIONS) this.#age()
    this.#bytes += bytes
    this.#young.set(question, answer)
  }

  #age(): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#bytes = 0
  }

  #begin(sequence: number): void {
    this.#sequence = sequence
    if (this.#young.size === 0 && this.#old.size === 0) return
    this.#age()
    this.#old = new Map()
  }
}
