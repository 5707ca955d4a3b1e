/**
 * `exec`: the library as a stream, one operation a line in, one answer a line out, in order.
 *
 *     {"op":"submit","playerId":"ann","score":10}     {"ok":true,"result":{"playerId":"ann",…}}
 *     {"op":"rank","playerId":"bob"}                  {"ok":true,"result":null}
 *     {"op":"rank"}                                   {"ok":false,"error":{"code":…,"message":…}}
 *
 * Consecutive writes go out without waiting and share commits; anything else waits for the writes
 * above it. Every line is answered, errors too, so the status is 0 when all were; empty lines are
 * passed over. The store is made by the first change that is accepted, not by reads.
 *
 * @module
 */

import { Answers } from '../exec/answers.ts'
import { ExecStore } from '../exec/exec-store.ts'
import { linesOf } from '../exec/lines.ts'
import { runOperation } from '../exec/operations.ts'
import { answerLine, errorLine, isBlank, parseRequest, type Request } from '../exec/request.ts'
import { CliError } from '../failures.ts'
import { STANDARD, withSource } from '../files.ts'
import type { Io } from '../io.ts'
import type { CommonOptions } from '../with-store.ts'

export interface ExecOptions extends CommonOptions {
  /** Undefined is standard input. */
  file: string | undefined
}

export async function runExec(io: Io, options: ExecOptions): Promise<number> {
  const { file = STANDARD } = options
  if (file === STANDARD && io.stdin.isTTY === true)
    io.report('one operation a line, like {"op":"top","n":3} · Ctrl-D ends')
  // Before the store: a wrong path must not make one.
  await withSource({ io, file }, async ({ stream }) => {
    const target = new ExecStore(options)
    try {
      await new Execution(io, { target, board: options.board }).run(stream)
    } finally {
      await target.close()
    }
  })
  if (io.signal.aborted) throw new CliError('ABORTED', 'Interrupted: what was answered is stored')
  return 0
}

class Execution {
  readonly #io: Io
  readonly #target: ExecStore
  readonly #board: string
  readonly #answers: Answers

  constructor(io: Io, options: { target: ExecStore; board: string }) {
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

  #call({ operation, board = this.#board, given }: Request): unknown {
    return this.#target.use(operation, (store) =>
      runOperation({ store, board, signal: this.#io.signal }, operation, given),
    )
  }
}
