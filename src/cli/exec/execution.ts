/**
 * Runs the lines of `exec`: writes that stand together go out without waiting, everything else waits
 * for the writes above it.
 *
 * @module
 */

import type { Io } from '../io.ts'
import type { CommonOptions } from '../with-store.ts'
import { Answers } from './answers.ts'
import { ExecServer } from './exec-server.ts'
import { ExecStore } from './exec-store.ts'
import { linesOf } from './lines.ts'
import { runOperation } from './operations.ts'
import { answerLine, errorLine, isBlank, parseRequest, type Request } from './request.ts'

/** Answers every line of a stream. */
export async function execute(
  io: Io,
  options: CommonOptions & { stream: AsyncIterable<Uint8Array> },
): Promise<void> {
  const { redis } = options
  const target = redis === undefined ? new ExecStore(options) : await ExecServer.open(redis)
  try {
    await new Execution(io, { target, board: options.board }).run(options.stream)
  } finally {
    await target.close()
  }
}

class Execution {
  readonly #io: Io
  readonly #target: ExecStore | ExecServer
  readonly #board: string
  readonly #answers: Answers

  constructor(io: Io, options: { target: ExecStore | ExecServer; board: string }) {
    this.#io = io
    this.#target = options.target
    this.#board = options.board
    this.#answers = new Answers(io)
  }

  async run(source: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const lines of linesOf(source)) {
        for (const line of lines) {
          const wait = this.#take(line) ?? this.#answers.room()
          if (wait !== undefined) await wait
          if (this.#isOver()) return
        }
      }
    } catch (error) {
      // An interruption, or a reader that is gone, ends the source with an error.
      if (!this.#isOver()) throw error
    } finally {
      await this.#answers.end()
    }
  }

  #isOver(): boolean {
    return this.#io.signal.aborted || this.#io.closed.aborted
  }

  // Returns nothing where the next line may be taken at once.
  #take(line: Buffer | undefined): Promise<void> | undefined {
    if (isBlank(line)) return undefined
    try {
      const request = parseRequest(line)
      if (!request.operation.isWrite || !this.#target.isOpen) return this.#runAlone(request)
      this.#answers.addLater(this.#start(request).then(answerLine, errorLine))
    } catch (error) {
      this.#answers.add(errorLine(error))
    }
    return undefined
  }

  // A read that need not wait is answered in the same turn: a promise would cost more than it does.
  #runAlone(request: Request): Promise<void> | undefined {
    const settled = this.#answers.settled()
    if (settled !== undefined) return settled.then(() => this.#runAlone(request))
    try {
      const result = this.#call(request)
      if (result instanceof Promise)
        return result.then(answerLine, errorLine).then((answer) => this.#answers.add(answer))
      this.#answers.add(answerLine(result))
    } catch (error) {
      this.#answers.add(errorLine(error))
    }
    return undefined
  }

  // What a call throws before it returns a promise rejects it.
  async #start(request: Request): Promise<unknown> {
    return this.#call(request)
  }

  #call({ operation, board: named, given: asked }: Request): unknown {
    const { mayTakeBoard } = operation
    const given = mayTakeBoard && named !== undefined ? { ...asked, board: named } : asked
    const board = named ?? this.#board
    return this.#target.use(operation, (target) =>
      runOperation({ target, board, signal: this.#io.signal }, operation, given),
    )
  }
}
