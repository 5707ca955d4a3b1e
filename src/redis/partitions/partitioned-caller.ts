/**
 * One board in several partitions, by player: answers what a board in one slot answers, from counts and rows of
 * all of them.
 *
 * Each player is in exactly one partition, whose answer is of one instant: nobody is counted twice or left out, and
 * each is counted at a place held during the call. No instant covers all partitions. A partition that does not
 * answer makes the call fail: there are no sums without a part.
 *
 * @module
 */

import { noBoard } from '../../calls/no-board.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { assert } from '../../ground/assert.ts'
import type { LadderError } from '../../ground/errors.ts'
import type { SubmitRequest } from '../../words/index.ts'
import type { ServerArgument } from '../client/connection.ts'
import { BoardCaller, type CallerParts, RefusedByServer } from '../slot/board-caller.ts'
import type { BoardCalls, Replied, SlotReplied, SubmitList } from '../slot/board-calls.ts'
import type { RulesChange } from '../slot/board-rules.ts'
import type { AboutSeasons } from '../slot/given-seasons.ts'
import { HomeSeasons } from '../slot/home-seasons.ts'
import { keysOfPartitions } from '../slot/partitions.ts'
import { refusalOfNewcomer } from '../slot/refused-submits.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import type { AskedOfServer, RemoteSpec } from '../slot/remote-settings.ts'
import { SeasonStarts } from '../slot/season-starts.ts'
import type { SubmitReply } from '../slot/submit-arguments.ts'
import { windowNamedIn } from '../slot/window-words.ts'
import { ImportFills } from './import-fills.ts'
import { type AskedMaking, homeId, makePartitions } from './partition-life.ts'
import { homeOfRules, tellRules } from './partition-rules.ts'
import { PartitionSeasons } from './partition-seasons.ts'
import { BoardReplaced, PartitionSlots } from './partition-slots.ts'
import { countedMode, PartitionedAnswers } from './partitioned-answers.ts'
import { PartitionedSubmits } from './partitioned-submits.ts'

const ATTEMPTS = 10

/** Calls of one board in partitions. */
export class PartitionedCaller implements BoardCalls {
  readonly context: RemoteContext
  readonly asked: AskedOfServer | undefined
  #spec: RemoteSpec
  readonly #keys: readonly string[][]
  readonly #noteThere: (() => void) | undefined
  #id = ''
  #parts: Parts
  #making: Promise<void> | undefined

  constructor(context: RemoteContext, { spec, id, asked, noteThere }: CallerParts) {
    this.context = context
    this.#noteThere = noteThere
    this.asked = asked
    this.#spec = spec
    this.#keys = keysOfPartitions(context.prefix, spec.name, spec.partitions)
    this.#parts = partsOf(context, { spec, id: '', keys: [] })
    if (id !== undefined) this.#open(id)
  }

  get spec(): RemoteSpec {
    return this.#spec
  }

  get shape(): ScoreShape {
    return this.#spec.shape
  }

  adopt(spec: RemoteSpec): void {
    assert(this.#id === '', 'settings are fixed at creation')
    this.#spec = spec
    this.#parts = partsOf(this.context, { spec, id: '', keys: [] })
  }

  get slots(): readonly BoardCaller[] {
    return this.#parts.slots.all
  }

  /** If the board is dropped and made again meanwhile, its new incarnation is asked. */
  read(question: string, args: readonly ServerArgument[]): Promise<Replied> {
    if (question === 'rules') return this.#rules()
    return this.#untilSame(async (id) => {
      return { id, value: await this.#parts.answers.answer(question, args) }
    })
  }

  readSeasons(
    question: string,
    args: readonly ServerArgument[],
    named?: AboutSeasons['named'],
  ): Promise<SlotReplied> {
    return this.#untilSame(() => this.#parts.seasons.answer(question, args, named))
  }

  async knowWindows(names: readonly string[]): Promise<void> {
    // Its windows are fixed, but it may be gone.
    await this.read('rows', [0, 0, 'ordinal'])
    for (const name of names) windowNamedIn(this.#spec, name)
  }

  async alterRules(change: RulesChange): Promise<void> {
    if (this.#id === '') await this.#look()
    const { context, spec } = this
    const board = { spec, id: this.#id }
    await homeOfRules(context, board).alterRules(change)
    await tellRules(context, board)
  }

  alter(): Promise<never> {
    throw new Error('The windows of a board in partitions are fixed')
  }

  async write(change: string, args: readonly ServerArgument[]): Promise<Replied> {
    if (change === 'create') {
      await this.#make({ isForWrites: args.length > 0 })
      return { id: this.#id, value: 1 }
    }
    if (change === 'start_season') return this.#startSeason(args as [string, string])
    if (this.#id === '') await this.#look()
    const [playerId, asked] = args as [string, string]
    const partition = this.#partitionOf(playerId)
    if (partition === undefined) return { id: '', value: [null, 0] }
    const { value } = await partition.write(change, args)
    if (change !== 'remove' || asked === 'alone') return { id: this.#id, value }
    const removed = value as RemovedReply
    const ranked = await this.#orLookAgain(() => this.#parts.submits.rankRemoved(playerId, removed))
    return { id: this.#id, value: ranked }
  }

  fillsOf(run: string): ImportFills {
    return new ImportFills(run, this.#parts.home, this.slots)
  }

  async submit(submits: readonly SubmitRequest[], list?: SubmitList): Promise<SubmitReply[]> {
    for (const { rankMode, passedMax, passedMode } of submits)
      countedMode(passedMax > 0 ? passedMode : rankMode)
    if (this.#id === '') await this.#look()
    if (this.#id === '') await this.#makeFor(submits)
    return this.#orLookAgain(() => this.#parts.submits.submit(submits, list?.requestId))
  }

  async #rules(): Promise<Replied> {
    const { context, spec } = this
    const { id, value } = await homeOfRules(context, { spec, id: this.#id }).readNow('rules', [])
    return { id, value }
  }

  async #startSeason([window, season]: [string, string]): Promise<Replied> {
    if (this.#id === '') await this.#look()
    if (this.#id === '') await this.#make({ isForWrites: false })
    return { id: this.#id, value: await this.#parts.starts.start(window, season) }
  }

  async #untilSame<T>(work: (id: string) => Promise<T>): Promise<T> {
    for (let i = 1; ; i++) {
      if (this.#id === '' || i > 1) await this.#look()
      try {
        return await work(this.#id)
      } catch (error) {
        if (!(error instanceof BoardReplaced) || i === ATTEMPTS) throw error
      }
    }
  }

  #partitionOf(playerId: string): BoardCaller | undefined {
    const number = this.#parts.slots.numberOf(playerId)
    return number === undefined ? undefined : this.#parts.slots.all[number]
  }

  // If the board was dropped and made again, this call fails and the next one goes to the new incarnation.
  async #orLookAgain<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if ((error as Error).cause instanceof BoardReplaced) await this.#look()
      throw error
    }
  }

  // A board that was seen before and is gone was dropped.
  async #look(): Promise<void> {
    const { context, spec } = this
    const id = await homeId(context, spec)
    if (id === undefined && this.#id !== '') throw noBoard(spec.name)
    if (id !== undefined && id !== this.#id) this.#open(id)
  }

  // Submits that are all refused make no board.
  async #makeFor(submits: readonly SubmitRequest[]): Promise<void> {
    const { presentMicros } = this.context
    const told = await this.context.claim(this.spec.name)
    const refused = submits.map((submit, i) =>
      refusalOfNewcomer(this.spec, { submit, i, presentMicros, bans: told.bans }),
    )
    const [first] = refused
    if (first !== undefined && refused.every((one) => one !== undefined)) throw first
    // It is said of the first submit of a list, as all that is refused.
    await this.#make({ isForWrites: true, told }).catch((error: LadderError) => {
      throw error.code === 'CLOSED_FOR_WRITES' ? new RefusedByServer(error.code, [0]) : error
    })
  }

  #make(asked: AskedMaking): Promise<void> {
    this.#making ??= makePartitions(this.context, this.spec, asked)
      .then((id) => this.#open(id))
      .finally(() => {
        this.#making = undefined
      })
    return this.#making
  }

  #open(id: string): void {
    const { context, spec } = this
    if (id === this.#id) return
    if (this.#id === '') this.#noteThere?.()
    this.#id = id
    this.#parts = partsOf(context, { spec, id, keys: this.#keys })
  }
}

/** What concerns one incarnation of the board. */
interface Parts {
  slots: PartitionSlots
  answers: PartitionedAnswers
  submits: PartitionedSubmits
  seasons: PartitionSeasons
  starts: SeasonStarts
  home: BoardCaller
}

function partsOf(
  context: RemoteContext,
  { spec, id, keys }: { spec: RemoteSpec; id: string; keys: readonly string[][] },
): Parts {
  const home = new BoardCaller(context, { spec, id })
  const starts = new SeasonStarts(id, home, () => slots.all)
  const fixed = new HomeSeasons(home, (fenced) => starts.pass(fenced))
  const callers = keys.map(
    (some) => new BoardCaller(context, { spec, id, keys: some, home: fixed }),
  )
  const slots = new PartitionSlots(id, callers)
  const answers = new PartitionedAnswers(slots, spec.shape)
  return {
    ...{ slots, answers, submits: new PartitionedSubmits(slots, answers) },
    ...{ seasons: new PartitionSeasons(id, home, slots), starts, home },
  }
}

type RemovedReply = [record: Buffer | null, rank: number, seasons?: number]
