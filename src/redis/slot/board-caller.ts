/**
 * One board of a server: calls of the functions for it, and what their replies say of its existence.
 *
 * A board exists from its first accepted change. Once the board was seen, its absence means that it was
 * dropped: nothing may bring it back but a new handle.
 *
 * @module
 */

import { noBoard } from '../../calls/no-board.ts'
import { requestIdOf } from '../../calls/request-ids.ts'
import { closedBoard, closedStore } from '../../domain/rules.ts'
import { windowsError } from '../../domain/windows.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { assert } from '../../ground/assert.ts'
import { LadderError } from '../../ground/errors.ts'
import { publishedCommit } from '../../measures/published-calls.ts'
import type { SubmitRequest } from '../../words/index.ts'
import type { ServerArgument, ServerCall } from '../client/connection.ts'
import { numberOf } from '../client/replies.ts'
import type { SlotCalls, SlotReplied, SubmitList, WriteOptions } from './board-calls.ts'
import { keysOfBoard, readSpec, shapeLetters, writeSpec } from './board-keys.ts'
import type { RulesChange } from './board-rules.ts'
import { learnFirst } from './change-slot.ts'
import {
  type AboutSeasons,
  fencedIn,
  GivenSeasons,
  missingIn,
  noBorders,
  SEASON_ATTEMPTS,
  type SeasonSupply,
} from './given-seasons.ts'
import { decidingGains } from './judged-gains.ts'
import type { RemoteContext } from './remote-context.ts'
import { type AskedOfServer, type RemoteSpec, specError } from './remote-settings.ts'
import {
  askedArguments,
  type ListPart,
  type SubmitReply,
  submitArguments,
} from './submit-arguments.ts'
import { withNames } from './submit-names.ts'
import { missingWindow, windowNamedIn } from './window-words.ts'

/** Why a function refused, with what it had found. */
export class RefusedByServer extends Error {
  readonly code: string
  readonly found: readonly unknown[]

  constructor(code: string, found: readonly unknown[]) {
    super(code)
    this.code = code
    this.found = found
  }
}

/** How often a call is made again because windows were altered under it. */
const ALTERATIONS_FOLLOWED = 20

// Changes that make no board.
const OF_PLAYERS: ReadonlySet<string> = new Set(['remove'])

/** Which board it is; `id` is that of a board that exists. */
export interface CallerParts {
  spec: RemoteSpec
  id?: string | undefined
  /** What was asked for of one that does not exist. */
  asked?: AskedOfServer | undefined
  /** Takes note that it was seen. */
  noteThere?: (() => void) | undefined
}

/** Calls of one board in one slot, or of one partition. */
export class BoardCaller implements SlotCalls {
  readonly context: RemoteContext
  readonly keys: readonly string[]
  readonly asked: AskedOfServer | undefined
  #spec: RemoteSpec
  #settings: string
  #seasons: SeasonSupply
  readonly #home: SeasonSupply | undefined
  #id: string
  readonly #noteThere: (() => void) | undefined
  #listing: Promise<void> | undefined

  /** `home` is where a partition has its seasons from. */
  constructor(
    context: RemoteContext,
    parts: CallerParts & { keys?: readonly string[]; home?: SeasonSupply | undefined },
  ) {
    const { spec, id, keys, asked, home, noteThere } = parts
    this.context = context
    this.asked = asked
    this.#spec = spec
    this.keys = keys ?? keysOfBoard(context.prefix, spec.name)
    this.#settings = writeSpec(spec)
    this.#home = home
    this.#seasons = home ?? new GivenSeasons(spec)
    this.#id = id ?? ''
    this.#noteThere = noteThere
  }

  get spec(): RemoteSpec {
    return this.#spec
  }

  get shape(): ScoreShape {
    return this.#spec.shape
  }

  adopt(spec: RemoteSpec): void {
    assert(this.#id === '', 'settings are fixed at creation')
    this.#follow(spec)
  }

  get slots(): readonly BoardCaller[] {
    return [this]
  }

  async read(question: string, args: readonly ServerArgument[]): Promise<SlotReplied> {
    return this.#following(() => this.context.call(this.readCall(question, args)))
  }

  async readNow(question: string, args: readonly ServerArgument[]): Promise<SlotReplied> {
    // A replica takes reads alone.
    return this.#following(() =>
      this.context.call({
        ...this.readCall(question, args),
        ...{ isRead: false, isRepeatable: true },
      }),
    )
  }

  /** Returns a question as data. */
  readCall(question: string, args: readonly ServerArgument[]): ServerCall {
    const known = [this.#settings, this.#id, this.shape.bytes, question]
    return { name: 'read', keys: this.keys, args: [...known, ...args], isRead: true }
  }

  async readSeasons(
    question: string,
    args: readonly ServerArgument[],
    named?: AboutSeasons['named'],
  ): Promise<SlotReplied> {
    const { context } = this
    return this.#givingSeasons({ micros: [], named }, (given) => {
      const clock = [context.givenMicros() ?? '', context.seenMicros]
      return context.call(this.readCall(question, [given, ...clock, ...args]))
    })
  }

  async knowWindows(names: readonly string[]): Promise<void> {
    // Any answer tells what another process has altered.
    await this.readNow('rows', [0, 0, 'ordinal'])
    for (const name of names) windowNamedIn(this.#spec, name)
  }

  /** Gives the board other rules; their version is above `version`. */
  async alterRules(change: RulesChange, version = 0): Promise<void> {
    await this.write('alter_rules', [...rulesArguments(change), version])
  }

  async alter(after: RemoteSpec, rules?: RulesChange): Promise<SlotReplied> {
    const seasons = new GivenSeasons(after)
    const settings = writeSpec(after)
    for (let i = 1; ; i++) {
      const about = { micros: [this.context.presentMicros] }
      const given = await this.#seasons.textFor(about)
      const args = [settings, seasons.textFor(about), ...rulesArguments(rules)]
      const reply = await this.context.call(this.#writeCall('alter', args, { given }))
      const missing = missingIn(reply)
      if (missing === undefined) {
        const replied = this.#take(reply)
        this.#follow(after)
        return replied
      }
      if (i === SEASON_ATTEMPTS) throw noBorders(this.spec, missing)
      await this.#seasons.resolve(missing)
      seasons.resolve(missing)
    }
  }

  async write(
    change: string,
    args: readonly ServerArgument[],
    { isRepeatable = false, micros = [], changes = 1 }: WriteOptions = {},
  ): Promise<SlotReplied> {
    if (this.#id === '') await this.#listed(change)
    return publishedCommit(this.context.label, changes, () =>
      this.#givingSeasons({ micros }, (given) =>
        this.context.call({ ...this.#writeCall(change, args, { given }), isRepeatable }),
      ),
    )
  }

  #writeCall(
    change: string,
    args: readonly ServerArgument[],
    { given }: { given: string },
  ): ServerCall {
    const { context, keys, shape } = this
    const clock = [context.givenMicros() ?? '', context.seenMicros]
    const known = [this.#settings, this.#id, context.newId(), change, ...clock]
    const settings = [shapeLetters(shape), this.#spec.keep ?? 0, given]
    return { name: 'write', keys, isRead: false, args: [...known, ...settings, ...args] }
  }

  submit(submits: readonly SubmitRequest[], list?: SubmitList): Promise<SubmitReply[]> {
    const listId = list?.requestId
    const beyondId = listId && requestIdOf(listId, submits.length)
    return this.submitPart(submits, { isList: list !== undefined, beyondId })
  }

  /** Makes submits that may be a part of those of a board. */
  async submitPart(submits: readonly SubmitRequest[], part: ListPart): Promise<SubmitReply[]> {
    const args = submits.flatMap((submit) => submitArguments(submit, this.shape, part.digest))
    const asked = askedArguments(submits[0], part)
    // A call that is made again repeats all of its submits: that is harmless only if each of them has an id.
    const isRepeatable = submits.every(({ requestId }) => requestId !== undefined)
    const micros = submits.flatMap(({ atMicros }) => atMicros ?? [])
    const options = { isRepeatable, micros, changes: submits.length }
    const { name } = this.spec
    const refusal = (i: number, owner: string): Error =>
      new RefusedByServer('NAME_TAKEN', [i, owner])
    const naming = { board: name, submits, areRows: false, refusal }
    return withNames(this.context, naming, (words) =>
      decidingGains(name, async (found) => {
        const { value } = await this.write('submit', [...asked, words, found, ...args], options)
        return value as SubmitReply[]
      }),
    )
  }

  // Who comes meanwhile waits too: changes are made in the order in which they were asked for.
  #listed(change: string): Promise<void> | undefined {
    if (!OF_PLAYERS.has(change)) this.#listing ??= this.#list()
    return this.#listing
  }

  async #list(): Promise<void> {
    try {
      const { context, spec } = this
      const told = await context.claim(spec.name)
      await learnFirst(context, { board: spec.name, keys: this.keys }, told)
    } finally {
      this.#listing = undefined
    }
  }

  // A call that was not given a season changed nothing: it is made again with that season.
  async #givingSeasons(
    { micros, named }: AboutSeasons,
    make: (given: string) => Promise<unknown>,
  ): Promise<SlotReplied> {
    return this.#following(async () => {
      for (let i = 1; ; i++) {
        const about = { micros: [this.context.presentMicros, ...micros], named }
        const given = this.#seasons.textFor(about)
        // What is known is not waited for: calls go out in the order in which they were made.
        const reply = await make(typeof given === 'string' ? given : await given)
        const missing = missingIn(reply)
        const fenced = fencedIn(reply)
        if (missing === undefined && fenced === undefined) return reply
        if (i === SEASON_ATTEMPTS)
          throw missing ? noBorders(this.spec, missing) : restless(this.spec)
        if (missing !== undefined) await this.#seasons.resolve(missing)
        if (fenced !== undefined) await this.#seasons.pass?.(fenced)
      }
    })
  }

  // A call that goes by old settings changes nothing: it is made again by those that hold. Settings are compared as text on
  // the server, which cannot say how they differ.
  async #following(make: () => Promise<unknown>): Promise<SlotReplied> {
    for (let i = 1; ; i++) {
      const reply = await make()
      const settings = otherSettingsIn(reply)
      if (settings === undefined) return this.#take(reply)
      const stored = readSpec(this.spec.name, settings)
      const error = specError(stored, this.spec) ?? this.#askedError(stored)
      if (error !== undefined) throw error
      if (i === ALTERATIONS_FOLLOWED) throw alteredAgain(this.spec.name)
      this.#follow(stored)
    }
  }

  // Windows of a board that was seen may be altered. A board that another process makes must have those asked for here.
  #askedError(stored: RemoteSpec): LadderError | undefined {
    if (this.#id !== '') return undefined
    return windowsError(stored.name, stored.windows ?? [], this.asked?.windows ?? [])
  }

  #follow(spec: RemoteSpec): void {
    this.#spec = spec
    this.#settings = writeSpec(spec)
    this.#seasons = this.#home ?? new GivenSeasons(spec)
  }

  // Each reply begins with the id of the board, empty if there is none, or "!" if the call was refused; then comes the
  // latest time that the board gave, so that later calls of this process are later, on every board.
  #take(reply: unknown): SlotReplied {
    const [first, second, value, writes] = reply as [Buffer, Buffer, unknown, Buffer | number]
    const id = first.toString()
    if (id === '!') throw this.#refused(reply as unknown[])
    if (this.#id === '' && id !== '') this.#noteThere?.()
    this.#id = id
    this.context.noteSeen(numberOf(second))
    return { id, value, writes: Number(String(writes)) }
  }

  #refused([, code, ...found]: unknown[]): Error {
    const word = String(code)
    const { name } = this.spec
    if (word === 'NO_BOARD') return noBoard(name)
    if (word === 'CLOSED_FOR_WRITES' && found.length === 0) return closedStore()
    if (word === 'CLOSED_BOARD' && found.length === 0) return closedBoard(name)
    if (word === 'NO_WINDOW') return missingWindow(this.spec, String(found[0]))
    return new RefusedByServer(word, found)
  }
}

// As rules.altered() takes them.
function rulesArguments(rules: RulesChange | undefined): ServerArgument[] {
  if (rules === undefined) return ['', '', '', '']
  return ['1', rules.before, rules.after, rules.judge]
}

function restless({ name }: RemoteSpec): LadderError {
  return new LadderError(
    'UNAVAILABLE',
    `Cannot use board "${name}": seasons of it were started ${SEASON_ATTEMPTS} times during the call; nothing was changed, call again`,
  )
}

function otherSettingsIn(reply: unknown): string | undefined {
  const [sign, code, settings] = reply as [unknown, unknown, unknown]
  const isRefused = String(sign) === '!' && String(code) === 'SETTINGS_DIFFER'
  return isRefused ? String(settings) : undefined
}

function alteredAgain(board: string): LadderError {
  return new LadderError(
    'BUSY',
    `Cannot use board "${board}": its windows were altered ${ALTERATIONS_FOLLOWED} times during the call; nothing was changed, call again`,
  )
}
