/**
 * Rows of a file on their way into one slot: a call is under way while the next one is filled.
 *
 * @module
 */

import { toMicros } from '../../format/time.ts'
import { LadderError, throwIfAborted } from '../../ground/errors.ts'
import { badRowProblem } from '../../rows/bad-rows.ts'
import type { Row } from '../../rows/rows.ts'
import type { ImportOptions, Mode, SubmitRequest } from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import { RefusedByServer } from '../slot/board-caller.ts'
import type { SeasonFills, SlotCalls } from '../slot/board-calls.ts'
import { decidingGains } from '../slot/judged-gains.ts'
import { ruleError } from '../slot/rule-refusals.ts'
import { microsBytes, refusedError, submitArguments } from '../slot/submit-arguments.ts'
import { withNames } from '../slot/submit-names.ts'

/** Some milliseconds of a server, in which it answers nobody else. */
const ROWS_A_CALL = 250

/** What a slot has of an import; `rows` is undefined if it has nothing. */
export interface StoredRows {
  rows: number | undefined
  changed: number
  refused: number
  /** Whether it came to its end there. */
  isEnded: boolean
  /** By the name of each window, how many rows found their season sealed. */
  sealed: ReadonlyMap<string, number>
}

/** What an import is told of. */
interface FeedParts {
  digest: string
  /** Tells this import from another one of the same file that is made at the same time. */
  who: string
  /** Tells it from an earlier one, and stays the same if it is stopped and goes on. */
  run: string
  /** The latest time that a row may have, microseconds: rows that are too late stay so while it goes on. */
  latestMicros: number
  mode: Mode
  options: ImportOptions
  stored: StoredRows
  /** Of a board in partitions with windows. */
  fills: SeasonFills | undefined
  /** Called after each call. */
  onStored: () => void
}

interface TakenRow {
  line: number
  submit: SubmitRequest
  /** The time that it gets if it brings none; undefined: the next one of its slot. */
  givenMicros: number | undefined
}

/** The rows of one slot. */
export class ImportFeed {
  readonly #slot: SlotCalls
  readonly #parts: FeedParts
  /** Rows of the file that are stored, those that were refused among them. */
  rows: number
  changed: number
  refused: number
  readonly sealed: Map<string, number>
  /** How many rows of the file are still to be left out: they are stored already. */
  #before: number
  /** The present when the whole import began, if the partition is to go by it. */
  #held = ''
  #lastMicros = 0
  #waiting: TakenRow[] = []
  #underWay: Promise<void> = Promise.resolve()

  constructor(slot: SlotCalls, parts: FeedParts) {
    const { rows = 0, changed, refused, sealed } = parts.stored
    this.#slot = slot
    this.#parts = parts
    this.rows = rows
    this.changed = changed
    this.refused = refused
    this.sealed = new Map(sealed)
    this.#before = rows
  }

  /** Notes that the import is under way, unless it has ended here; resolves with the present at its beginning. */
  async begin(): Promise<string> {
    const { digest, who, run, latestMicros, options, stored } = this.#parts
    if (stored.isEnded) return ''
    const goesOn = options.resume === true ? 1 : 0
    return String(await this.#made('begin_import', [digest, who, run, latestMicros, goesOn]))
  }

  /** Takes the present at the beginning of the whole for its own: by that seasons are sealed, in all partitions. */
  hold(present: string): void {
    this.#held = present
  }

  /** Takes the next row. Waits if a call is full and another one is under way. */
  async add(row: Row, givenMicros: number | undefined): Promise<void> {
    if (this.#before > 0) {
      this.#before--
      return
    }
    this.#waiting.push({ line: row.line, submit: this.#submitOf(row), givenMicros })
    if (this.#waiting.length >= ROWS_A_CALL) await this.#send()
  }

  /** Stores what is left. */
  async finish(): Promise<void> {
    await this.#send()
    await this.#underWay
  }

  /** The time that the last row may have been given; 0: none. */
  get lastMicros(): number {
    return this.#lastMicros
  }

  /** Ends the import; the board gives only later times than `lastMicros` from then on. */
  async end(lastMicros: number): Promise<void> {
    const { digest, run } = this.#parts
    const args = [digest, lastMicros, this.rows, run]
    await this.#slot.write('end_import', args, { isRepeatable: true, changes: 0 })
  }

  /** Waits for what is under way, whatever comes of it. */
  async settle(): Promise<void> {
    await this.#underWay.catch(() => undefined)
  }

  async #send(): Promise<void> {
    await this.#underWay
    throwIfAborted(this.#parts.options)
    const some = this.#waiting
    this.#waiting = []
    if (some.length === 0) return
    this.#underWay = this.#store(some)
    // If it fails, the next call or the end tells so.
    this.#underWay.catch(() => undefined)
  }

  async #store(some: readonly TakenRow[]): Promise<void> {
    const { digest, who, run, latestMicros, options } = this.#parts
    const { shape, spec } = this.#slot
    const skips = options.skipBad === true
    const goesOn = options.resume === true
    const args: ServerArgument[] = [digest, who, this.rows, skips ? 1 : 0, goesOn ? 1 : 0]
    args.push(run, latestMicros)
    const rows: ServerArgument[] = []
    const isJudged = options.rules === true
    for (const { submit, givenMicros } of some) {
      rows.push(
        ...submitArguments(submit, shape),
        givenMicros === undefined ? '' : microsBytes(givenMicros),
      )
      this.#lastMicros = givenMicros ?? this.#lastMicros
    }
    const micros = some.flatMap(({ submit: { atMicros } }) => atMicros ?? [])
    const counted = { micros, changes: some.length }
    const submits = some.map(({ submit }) => submit)
    const naming = { board: spec.name, submits, areRows: !isJudged, refusal: undefined }
    const made = await withNames(this.#slot.context, naming, (words) =>
      decidingGains(spec.name, (found) =>
        this.#filling((fills) => {
          const told = [words, isJudged ? 1 : 0, found, this.#held, fills]
          return this.#made('import', [...args, ...told, ...rows], counted)
        }),
      ),
    )
    const [taken, changed, refused, sealed] = made as ImportReply
    this.rows += taken
    this.changed += changed
    for (const [window, count] of countsOf(sealed))
      this.sealed.set(window, count + (this.sealed.get(window) ?? 0))
    if (skips) this.refused += refused.length
    this.#parts.onStored()
    for (const [i, code, head, ...rest] of refused) {
      const { line, submit } = some[i] as TakenRow
      const isRule = String(code) === 'RULE'
      const { message: problem } = isRule
        ? ruleError(submit, { head, found: rest }, shape)
        : refusedError(submit, { code: String(code), head, rest }, shape)
      const bad = { line, column: undefined, problem }
      if (!skips) throw badRowProblem(bad)
      options.onBadRow?.(bad)
    }
  }

  // A partition that does not know whether a season is filled changes nothing, and says of which.
  async #filling(make: (fills: string) => Promise<unknown>): Promise<unknown> {
    let lacked: string[] = []
    for (;;) {
      const { fills } = this.#parts
      const text = lacked.length === 0 ? '' : await fills?.textFor(lacked)
      try {
        return await make(text ?? '')
      } catch (error) {
        const isLacked = error instanceof RefusedByServer && error.code === 'FILLS'
        if (!isLacked || fills === undefined) throw error
        const found = error.found.map(String)
        fills.forget(found.filter((season) => lacked.includes(season)))
        lacked = [...new Set([...lacked, ...found])]
      }
    }
  }

  async #made(
    change: string,
    args: readonly ServerArgument[],
    counted: { micros?: readonly number[]; changes: number } = { changes: 0 },
  ): Promise<unknown> {
    try {
      return (await this.#slot.write(change, args, { isRepeatable: true, ...counted })).value
    } catch (error) {
      if (!(error instanceof RefusedByServer) || ['JUDGE', 'FILLS'].includes(error.code))
        throw error
      const { name } = this.#slot.spec
      if (error.code === 'NAMES' || error.code === 'PROFILES') throw error
      if (error.code === 'IMPORT_MOVED')
        throw new LadderError(
          'BUSY',
          `Cannot import into board "${name}": another process imports the same file; wait for it`,
        )
      throw new LadderError(
        'CLOCK',
        `Cannot import into board "${name}": the clock of the server, or the last time that was given, is beyond what can be stored; set the clock right`,
      )
    }
  }

  #submitOf({ playerId, score, at, name, metadata }: Row): SubmitRequest {
    const atMicros = at === undefined ? undefined : toMicros(at)
    return {
      ...{ playerId, score, atMicros, name, metadata, mode: this.#parts.mode },
      ...{ only: undefined, expected: undefined, requestId: undefined },
    } as SubmitRequest
  }
}

type RefusedRow = [i: number, code: Buffer, head: Buffer | null, ...rest: Buffer[]]
type ImportReply = [
  ...[taken: number, changed: number, refused: RefusedRow[]],
  sealed: (Buffer | number)[],
]

/** Returns counts by names; the reply has a name and its count by turns. */
export function countsOf(told: readonly (Buffer | number)[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i < told.length; i += 2) counts.set(String(told[i]), Number(told[i + 1]))
  return counts
}
