/**
 * Requests that are being answered, for an end that waits for them.
 *
 * @module
 */

import { STOP_MS } from './limits.ts'

/** Counts requests, and tells when the last one is answered. */
export class InFlight {
  #count = 0
  #onNone: (() => void) | undefined
  /** Whether no further ones are taken. */
  isStopping = false

  /** Counts `answer` as one of them until it is there. */
  async track<T>(answer: Promise<T>): Promise<T> {
    this.#count++
    try {
      return await answer
    } finally {
      this.#count--
      if (this.#count === 0) this.#onNone?.()
    }
  }

  /** Resolves when none is left, or after a while. */
  async none(): Promise<void> {
    if (this.#count === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, STOP_MS)
      this.#onNone = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
