/**
 * Waiting for replicas: all changes of one turn share one WAIT, which covers what its connection wrote before.
 *
 * @module
 */

/** WAITs of one connection. */
export class SharedWait {
  readonly #send: (args: readonly [replicas: number, timeoutMs: number]) => Promise<unknown>
  #waiting: Promise<number> | undefined

  constructor(send: (args: readonly [replicas: number, timeoutMs: number]) => Promise<unknown>) {
    this.#send = send
  }

  /** Returns how many replicas have all that was answered before, as soon as they are as many as asked for. */
  wait({ replicas, timeoutMs }: { replicas: number; timeoutMs: number }): Promise<number> {
    this.#waiting ??= Promise.resolve().then(() => {
      this.#waiting = undefined
      return this.#send([replicas, timeoutMs]) as Promise<number>
    })
    return this.#waiting
  }
}
