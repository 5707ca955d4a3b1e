/**
 * What this process changed last under the keys of each board, so that nothing older is shown to it.
 *
 * @module
 */

import type { ServerCall } from '../client/connection.ts'

/** The last change of this process to a board, or to one of its partitions. */
export interface OwnWrite {
  /** When its answer was there. What a primary is asked later, it answers with this change. */
  ms: number
  /** Which board was there then, and the number of writes to it; undefined if the answer does not say so. */
  state?: BoardState | undefined
  /** The connection that answered. */
  by?: object | undefined
}

/** What answers say of their board. */
export interface BoardState {
  id: string
  writes: number
}

/** From this number on, those are let go that every replica has which may be asked. */
const KEPT_MAX = 1_000

/** The last changes of this process. */
export class OwnWrites {
  readonly #keptMs: number
  readonly #last = new Map<string, OwnWrite>()
  #sweptSize = KEPT_MAX

  /** Changes are kept for so long at least. */
  constructor(keptMs: number) {
    this.#keptMs = keptMs
  }

  of(call: ServerCall): OwnWrite | undefined {
    return this.#last.get(tagOf(call))
  }

  /** Notes the answer to a change; undefined: it failed, and may have been made all the same. */
  note(call: ServerCall, { answer, ms, by }: { answer: unknown; ms: number; by?: object }): void {
    const tag = tagOf(call)
    const state = stateIn(answer)
    const last = this.#last.get(tag)
    // Answers may come in another order than changes were made.
    const isEarlier =
      state !== undefined &&
      last?.by === by &&
      last?.state?.id === state.id &&
      last.state.writes > state.writes
    this.#last.set(tag, { ms, state: isEarlier ? last?.state : state, by })
    if (this.#last.size > this.#sweptSize) this.#sweep(ms)
  }

  #sweep(ms: number): void {
    for (const [tag, last] of this.#last) if (last.ms < ms - this.#keptMs) this.#last.delete(tag)
    this.#sweptSize = Math.max(KEPT_MAX, 2 * this.#last.size)
  }
}

/** Returns what the answer of a function says of the board: see read() and write() in ladderdb_1.lua. */
export function stateIn(answer: unknown): BoardState | undefined {
  if (!Array.isArray(answer) || answer.length < 4) return undefined
  const [id, , , writes] = answer as [Buffer, Buffer, unknown, Buffer]
  const text = String(id)
  return text === '!' ? undefined : { id: text, writes: Number(String(writes)) }
}

// What the keys of a board, of its home or of one partition begin with.
function tagOf({ keys }: ServerCall): string {
  const [first = ''] = keys
  return first.slice(0, first.indexOf('}') + 1)
}
