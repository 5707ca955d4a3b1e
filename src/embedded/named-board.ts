/**
 * A board by its name and the settings that a caller takes it for, whether it exists yet or not.
 *
 * A board exists from its first accepted change. Until then a handle answers like one of an empty board,
 * and its first change makes the board. Once the board was there, its absence means that it was dropped:
 * nothing may bring it back but a new handle.
 *
 * @module
 */

import type { BoardSpec } from '../domain/settings.ts'
import type { Table } from '../format/keys.ts'
import type { Writer } from '../store/store.ts'
import type { AskedSettings } from '../words/index.ts'

/** What a handle of a board knows of it. */
export class NamedBoard {
  readonly spec: BoardSpec
  /** The settings that the caller named, of a board that did not exist. */
  readonly asked: AskedSettings | undefined
  #wasThere: boolean

  constructor(spec: BoardSpec, options: { wasThere: boolean; asked?: AskedSettings }) {
    this.spec = spec
    this.asked = options.asked
    this.#wasThere = options.wasThere
  }

  get name(): string {
    return this.spec.name
  }

  /** Whether the board was ever seen by this handle. */
  get wasThere(): boolean {
    return this.#wasThere
  }

  /** Takes note that a read found the board. */
  noteThere(): void {
    this.#wasThere = true
  }

  /** Whether it was seen before, or earlier in this transaction. */
  wasThereIn(writer: Writer<Table>): boolean {
    return this.#wasThere || this.#stateIn(writer).wasThere
  }

  /** Takes note that it is there in a transaction, which may yet fail. */
  noteThereIn(writer: Writer<Table>): void {
    if (this.#wasThere) return
    this.#stateIn(writer).wasThere = true
    writer.afterCommit(() => this.noteThere())
  }

  #stateIn(writer: Writer<Table>): { wasThere: boolean } {
    return writer.local(this, () => ({ wasThere: false }))
  }
}
