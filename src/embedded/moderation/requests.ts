/**
 * Retries that count once: a submit under an id of its caller is made the first time, and answered again
 * as it was at first each time after.
 *
 *     submit ──► repeatedAnswer ── known, the same arguments ──► the first answer, repeated: true
 *                     │        └── known, others ──► REQUEST_REUSED
 *                  not known ──► rules, bans, BoardWriter ──► answer ──► rememberRequest, same commit
 *
 * What is kept is the answer itself, so a retry needs neither the log nor the entry. An id is forgotten
 * by its age or by the number of those after it, at that moment, whether its record is still there or
 * not. Records go a little later: each commit that keeps some looks at a few more, from a hand that goes
 * round all of them in the order of their keys, and removes those that are forgotten. So nothing is ever
 * searched, there is no second index to write, and the records that it looks at lie side by side.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { listReusedError, requestIdOf, reusedError } from '../../calls/request-ids.ts'
import { ownBytes } from '../../format/bytes.ts'
import { BoardKeys, NO_BOARD_ID, type Table } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import {
  decodeRequest,
  decodeRequestAge,
  decodeRequestsState,
  digestOf,
  encodeRequest,
  encodeRequestsState,
  REQUESTS_START,
  REQUESTS_STATE_KEY,
  type RequestRecord,
  type RequestsState,
  requestKey,
} from '../../format/request-record.ts'
import type { ScoreShape } from '../../format/score-shape.ts'
import { toMs } from '../../format/time.ts'
import { decodeVarint } from '../../format/varint.ts'
import { LadderError } from '../../ground/errors.ts'
import { REQUEST_LOOKS } from '../../ground/limits.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { Score, SubmitAnswer, SubmitRequest } from '../../words/index.ts'
import { listBoards } from '../catalog.ts'
import { Mentions } from './redact.ts'
import { settingsIn } from './store-settings.ts'

const DAY_MS = 86_400_000

/** A submit with an id. */
type Identified = SubmitRequest & { requestId: string }

/** Whether a submit has an id. */
export function isIdentified(submit: SubmitRequest): submit is Identified {
  return submit.requestId !== undefined
}

/**
 * Returns the first answer of a submit whose id is known, or undefined. Cost: one look-up.
 *
 * @throws {LadderError} `REQUEST_REUSED` if it came with other arguments, `CORRUPT`; nothing is changed.
 */
export function repeatedAnswer(
  writer: Writer<Table>,
  board: CatalogEntry,
  submit: Identified,
): SubmitAnswer<Score> | undefined {
  const found = bookOf(writer).find(board, submit)
  if (found === undefined) return undefined
  if (!found.digest.equals(digestOf(submit, board.shape))) throw reusedError(submit.requestId)
  return { ...found.answer, repeated: true }
}

/**
 * Checks that a list of submits under one id is the one that was made under it, or that none was: neither
 * another one, nor a part of it, nor more. Cost: a look-up for each submit, and one more.
 *
 * @throws {LadderError} `REQUEST_REUSED`, `CORRUPT`; nothing is changed.
 */
export function checkSameList(
  writer: Writer<Table>,
  board: CatalogEntry,
  { requestId, submits }: { requestId: string; submits: readonly SubmitRequest[] },
): void {
  const book = bookOf(writer)
  const identified = submits.filter(isIdentified)
  const found = identified.map((submit) => {
    const record = book.find(board, submit)
    if (record === undefined || record.digest.equals(digestOf(submit, board.shape))) return record
    throw listReusedError(requestId)
  })
  const known = found.filter((record) => record !== undefined).length
  const last = identified.at(-1)
  if (known === 0 || last === undefined) return
  const next = { ...last, requestId: requestIdOf(requestId, submits.length) }
  if (known < submits.length || book.find(board, next) !== undefined)
    throw listReusedError(requestId)
}

/** Keeps the answer of a submit that was just made, in its transaction. */
export function rememberRequest(
  writer: Writer<Table>,
  board: CatalogEntry,
  made: { submit: Identified; answer: SubmitAnswer<Score> },
): void {
  bookOf(writer).keep(board, made)
}

/** The same for a submit that is made again and whose id was not looked up. */
export function rememberAgain(
  writer: Writer<Table>,
  board: CatalogEntry,
  made: { submit: Identified; answer: SubmitAnswer<Score> },
): void {
  bookOf(writer).keep(board, { ...made, isLookedUp: false })
}

/** Takes note that records of a board were removed, which is being swept. */
export function forgetSwept(writer: Writer<Table>, count: number): void {
  if (count > 0) bookOf(writer).takeOff(count)
}

/** Puts requests of another store, which keep their age. */
export function adoptRequests(
  writer: Writer<Table>,
  requests: readonly { board: CatalogEntry; requestId: string; record: RequestRecord }[],
): void {
  for (const request of requests) bookOf(writer).adopt(request)
}

/** Takes a player out of the answers that are kept; returns how many told of the player. Cost: O(requests). */
export function forgetPlayer(writer: Writer<Table>, playerId: string): number {
  if (!commitOf(writer).uses('requests')) return 0
  const shapes = new Map(listBoards(writer).map(({ id, shape }) => [id, shape]))
  return bookOf(writer).forgetPlayer(playerId, shapes)
}

/** Whether any id is kept for a board, forgotten or not. */
export function hasRequests(reader: Reader<Table>, boardId: number): boolean {
  if (boardId === NO_BOARD_ID) return false
  for (const _key of reader.keys('requests', { ...new BoardKeys(boardId).all(), limit: 1 }))
    return true
  return false
}

/** Where a request is kept. */
interface Place {
  boardId: number
  requestId: string
  key: Buffer
  /** The bytes of the key as text. */
  name: string
}

/** A request of a transaction. */
interface Kept {
  key: Buffer
  value: Buffer
  /** Whether nothing is stored under its key. Undefined: that is not known. */
  isNew?: boolean | undefined
}

/** What one transaction knows and keeps of requests. */
class RequestBook {
  readonly #writer: Writer<Table>
  readonly #state: RequestsState
  /** Those of this transaction by their keys, put at its end: an old store gets the table only then. */
  readonly #kept = new Map<string, Kept>()
  /** Keys of forgotten requests that were looked up. */
  readonly #forgotten = new Set<string>()
  #last: Place | undefined
  #nowMs = 0
  #isChanged = false

  constructor(writer: Writer<Table>) {
    this.#writer = writer
    // Its end comes first: with it the store gets what it lacks.
    commitOf(writer)
    this.#state = readState(writer)
    writer.beforeCommit(() => this.#finish())
  }

  find(board: CatalogEntry, { requestId, nowMicros }: Identified): RequestRecord | undefined {
    const { key, name } = this.#placeOf(board, requestId)
    const value = this.#kept.get(name)?.value ?? this.#writer.get('requests', key)
    if (value === undefined) return undefined
    const record = decodeRequest(key, value, board.shape)
    if (record === undefined) throw damaged(board.name, requestId)
    this.#nowMs = Math.floor(toMs(nowMicros))
    if (!this.#isForgotten(record)) return record
    this.#forgotten.add(name)
    return undefined
  }

  keep(
    board: CatalogEntry,
    made: { submit: Identified; answer: SubmitAnswer<Score>; isLookedUp?: boolean },
  ): void {
    const { submit, answer, isLookedUp = true } = made
    const place = this.#placeOf(board, submit.requestId)
    const ms = Math.floor(toMs(submit.nowMicros))
    const digest = digestOf(submit, board.shape)
    this.#nowMs = ms
    const record = { number: this.#state.next, ms, digest, answer }
    // The look-up before has seen what there is.
    const isNew = isLookedUp ? !this.#forgotten.has(place.name) : undefined
    this.#put(board, place, { record, isNew })
  }

  adopt(request: { board: CatalogEntry; requestId: string; record: RequestRecord }): void {
    const { board, requestId, record } = request
    this.#put(board, this.#placeOf(board, requestId), { record })
  }

  #put(
    board: CatalogEntry,
    { key, name }: Place,
    { record, isNew }: { record: RequestRecord; isNew?: boolean | undefined },
  ): void {
    this.#change()
    this.#state.next = Math.max(this.#state.next, record.number + 1)
    const value = encodeRequest(key, record, board.shape)
    this.#kept.set(name, { key, value, isNew })
  }

  // What is kept was looked up just before.
  #placeOf(board: CatalogEntry, requestId: string): Place {
    const { id: boardId } = board
    if (this.#last?.requestId === requestId && this.#last.boardId === boardId) return this.#last
    const key = requestKey(boardId, requestId)
    this.#last = { boardId, requestId, key, name: nameOf(key) }
    return this.#last
  }

  forgetPlayer(playerId: string, shapes: ReadonlyMap<number, ScoreShape>): number {
    const mentions = new Mentions(playerId)
    const found: { key: Buffer; value: Buffer }[] = []
    this.#writer.visit('requests', { start: REQUESTS_START }, (key, value) => {
      if (!this.#kept.has(nameOf(key)) && mentions.mayBeIn(value))
        found.push({ key: Buffer.from(key), value: ownBytes(value) })
    })
    for (const kept of this.#kept.values()) if (mentions.mayBeIn(kept.value)) found.push(kept)
    return found.filter((pair) => this.#leaveOut(playerId, pair, shapes)).length
  }

  // An answer to somebody else may tell of the player as one who was passed.
  #leaveOut(
    playerId: string,
    { key, value }: { key: Buffer; value: Buffer },
    shapes: ReadonlyMap<number, ScoreShape>,
  ): boolean {
    const shape = shapes.get(decodeVarint(key)?.value ?? NO_BOARD_ID)
    const record = shape && decodeRequest(key, value, shape)
    const passed = record?.answer.passed
    const isPassed = passed?.entries.some((entry) => entry.playerId === playerId) === true
    if (record !== undefined && record.answer.playerId !== playerId) {
      if (!isPassed || passed === undefined || shape === undefined) return false
      const entries = passed.entries.filter((entry) => entry.playerId !== playerId)
      const answer = { ...record.answer, passed: { ...passed, entries } }
      this.#change()
      this.#kept.set(nameOf(key), { key, value: encodeRequest(key, { ...record, answer }, shape) })
      return true
    }
    this.#kept.delete(nameOf(key))
    if (this.#writer.remove('requests', key)) this.takeOff(1)
    return true
  }

  takeOff(count: number): void {
    this.#change()
    this.#state.count -= count
  }

  #change(): void {
    if (!this.#isChanged) commitOf(this.#writer).use('requests')
    commitOf(this.#writer).willChange()
    this.#isChanged = true
  }

  #isForgotten({ number, ms }: Pick<RequestRecord, 'number' | 'ms'>): boolean {
    // A job of this transaction may have altered them.
    const { days, count } = settingsIn(this.#writer).requests
    return this.#nowMs - ms >= days * DAY_MS || number < this.#state.next - count
  }

  #finish(): void {
    if (!this.#isChanged) return
    for (const { key, value, isNew } of this.#kept.values()) {
      if (isNew === true || this.#writer.get('requests', key) === undefined) this.#state.count++
      this.#writer.put('requests', key, value)
    }
    if (this.#kept.size > 0) this.#removeOld(REQUEST_LOOKS * this.#kept.size)
    this.#writer.put('requests', REQUESTS_STATE_KEY, encodeRequestsState(this.#state))
  }

  // Looks at the next records from the hand on, and removes those that are forgotten.
  #removeOld(limit: number): void {
    const old: Buffer[] = []
    let last = NOWHERE
    let looks = 0
    const { hand } = this.#state
    const start = hand.length === 0 ? REQUESTS_START : Buffer.concat([hand, AFTER])
    this.#writer.visit('requests', { start, limit }, (key, value) => {
      looks++
      if (looks === limit) last = Buffer.from(key)
      const age = decodeRequestAge(key, value)
      if (age !== undefined && this.#isForgotten(age)) old.push(Buffer.from(key))
    })
    this.#state.hand = last
    for (const key of old) this.#writer.remove('requests', key)
    this.#state.count -= old.length
  }
}

const OWNER = {}

const NOWHERE: Buffer = Buffer.alloc(0)

// What follows a key in the next one possible.
const AFTER: Buffer = Buffer.from([0])

function bookOf(writer: Writer<Table>): RequestBook {
  return writer.local(OWNER, () => new RequestBook(writer))
}

function readState(reader: Reader<Table>): RequestsState {
  const value = reader.get('requests', REQUESTS_STATE_KEY)
  if (value === undefined) return { next: 1, count: 0, hand: NOWHERE }
  const state = decodeRequestsState(value)
  if (state !== undefined) return state
  throw new LadderError(
    'CORRUPT',
    'Cannot read the state of the requests: it is damaged; salvage the store, or restore a backup',
  )
}

function nameOf(key: Buffer): string {
  return key.toString('latin1')
}

function damaged(board: string, requestId: string): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot read request ${JSON.stringify(requestId)} of board "${board}": its checksum or form is wrong; run check, then restore a backup`,
  )
}
