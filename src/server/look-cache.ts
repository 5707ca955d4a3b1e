/**
 * Answers of the commit of now, for those who ask the same: one look at the boards for all.
 *
 * Never stale: an answer is given again only as long as no commit of any process came after it, and the
 * number of the last commit is read for every request.
 *
 * @module
 */

import { LOOKS_BYTES_MAX, LOOKS_KEPT } from './limits.ts'

/** The answers of one commit, by what was asked. */
export class LookCache {
  readonly #answers = new Map<string, string>()
  #sequence = -1
  #bytes = 0

  /** Returns the answer to the same question in the same commit, or undefined. */
  get(question: string, sequence: number): string | undefined {
    if (sequence !== this.#sequence) this.#clear(sequence)
    return this.#answers.get(question)
  }

  /** Keeps an answer that was read after its `sequence` was; the oldest ones make room. */
  set(question: string, answer: string, sequence: number): void {
    const bytes = bytesOf(question, answer)
    if (sequence !== this.#sequence || bytes > LOOKS_BYTES_MAX) return
    for (const [oldest, text] of this.#answers) {
      if (this.#answers.size < LOOKS_KEPT && this.#bytes + bytes <= LOOKS_BYTES_MAX) break
      this.#answers.delete(oldest)
      this.#bytes -= bytesOf(oldest, text)
    }
    this.#bytes += bytes
    this.#answers.set(question, answer)
  }

  #clear(sequence: number): void {
    this.#sequence = sequence
    this.#bytes = 0
    this.#answers.clear()
  }
}

// Latin letters take one byte each, all others two.
function bytesOf(question: string, answer: string): number {
  return 2 * (question.length + answer.length)
}
