/**
 * Reads rows of NDJSON: one object a line.
 *
 * @module
 */

import type { Row, RowParser, RowRules } from './rows.ts'
import { encodingOf, toText } from './rows-fields.ts'
import { ObjectReader } from './rows-objects.ts'

/** Parses NDJSON. */
export class NdjsonParser implements RowParser {
  line = 1
  readonly #objects: ObjectReader

  constructor(rules: RowRules) {
    this.#objects = new ObjectReader(rules)
  }

  *parse(block: Buffer): Generator<() => Row | undefined> {
    const encoding = encodingOf(block)
    for (const line of block.toString(encoding).split('\n').slice(0, -1)) {
      if (line.trim() !== '') yield () => this.#objects.rowOf(toText(line, encoding), this.line)
      this.line++
    }
  }

  end(): void {}
}
