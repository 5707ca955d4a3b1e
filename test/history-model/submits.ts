/**
 * Submits, as the contract says: retries first, then closed boards, bans, rules and conditions.
 *
 * @module
 */

import type { Metadata, Mode, Profile, SubmitAnswer } from '../../src/index.ts'
import { KINDS } from './kinds.ts'
import {
  type Board,
  type Cell,
  compareCells,
  decide,
  type Expected,
  enter,
  type Held,
  happen,
  type Kind,
  ModelError,
  notePast,
  type Run,
  runsOf,
  scoreOf,
  sorted,
  storedOf,
  sumOf,
  type World,
} from './world.ts'

/** A submit as data. */
export interface Sent {
  playerId: string
  cells: Cell[]
  mode?: Mode
  atMs?: number
  name?: string
  metadata?: Metadata
  won?: boolean
  only?: 'new' | 'existing'
  expected?: Cell[] | null
  requestId?: string
  /** Whether it is a row of a file: no rule judges it, and it is stored unseen if its player is banned. */
  isRow?: true
}

/** Says that a change begins: the records that follow belong together. */
export function beginChange(world: World): void {
  world.first = world.log.length + 1
}

function presentMicros({ nowMs, lastMicros }: World): number {
  return Math.max(nowMs * 1000, lastMicros)
}

/** Says when a record is committed that comes next. */
export function commitTime(world: World): number {
  world.lastCommitted = Math.max(presentMicros(world), world.lastCommitted)
  return world.lastCommitted
}

/** Appends a note; fields that are undefined are left out. */
export function note(world: World, kind: string, fields: Record<string, unknown>): number {
  const seq = world.log.length + 1
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  const at = commitTime(world) / 1000
  world.log.push({ seq, at, kind, commit: world.first, ...Object.fromEntries(given) })
  return seq
}

export function boardNamed(world: World, name: string): Board {
  const board = world.boards.get(name)
  if (board === undefined) throw new ModelError('NO_BOARD')
  return board
}

export function refuseClosed(world: World, board: Board | undefined): void {
  if (world.isClosed || board?.rules.writes === 'closed') throw new ModelError('CLOSED_FOR_WRITES')
}

/** Creates a board if there is none; says whether it did. */
export function create(world: World, name: string): boolean {
  if (world.boards.has(name)) return false
  const kind = KINDS[name] as Kind
  world.boards.set(name, {
    ...{
      name,
      kind,
      events: [],
      pasts: [],
      isThinned: false,
      visible: new Map(),
      hidden: new Map(),
      names: new Map(),
    },
    ...{ shown: new Map(), returned: new Set() },
    ...{ rules: {}, requests: new Map(), times: new Map() },
  })
  note(world, 'create', { board: name })
  return true
}

/** The living boards in the order of their names. */
export function boardsOf(world: World): Board[] {
  return [...world.boards.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

export function bansOn(world: World, playerId: string, board: string): World['bans'] {
  return world.bans.filter(
    (ban) => ban.playerId === playerId && (ban.board === undefined || ban.board === board),
  )
}

/** Gives a player a name on a board. */
export function setName(board: Board, playerId: string, name: string): void {
  // Whatever the player came back with, this is the name now.
  board.returned.delete(playerId)
  if (name === playerId) board.names.delete(playerId)
  else board.names.set(playerId, name)
  showName(board, playerId, name)
}

export function showName(board: Board, playerId: string, name: string): void {
  const names = board.shown.get(playerId) ?? new Set([playerId])
  board.shown.set(playerId, names.add(name))
}

/** Forgets the names of those who have no entry. */
export function pruneNames(board: Board): void {
  for (const playerId of [...board.names.keys()])
    if (storedOf(board, playerId) === undefined) board.names.delete(playerId)
}

export function refuseTaken(world: World, name: string, playerId: string): void {
  if (!world.isUnique || name === playerId) return
  const folded = name.toUpperCase()
  const isShown = (id: string, shown: string | undefined): boolean =>
    id !== playerId && shown !== undefined && shown !== id && shown.toUpperCase() === folded
  const ofProfiles = [...world.profiles.values()].some((own) => isShown(own.playerId, own.name))
  const ofBoards = boardsOf(world).some((board) =>
    [...board.names].some(([id, shown]) => isShown(id, shown)),
  )
  if (ofProfiles || ofBoards) throw new ModelError('NAME_TAKEN')
}

/** Gives a profile a name, and every board with it. */
export function nameEverywhere(world: World, profile: Profile, name: string): void {
  profile.name = name
  for (const board of boardsOf(world))
    if (storedOf(board, profile.playerId) !== undefined) setName(board, profile.playerId, name)
}

function micros(atMs: number): number {
  return Math.round(atMs * 1000)
}

function digestOf(sent: Sent, mode: Mode): string {
  const { playerId, cells, atMs, name, metadata, won = false, only, expected } = sent
  const counted = [playerId, cells, atMs, name, metadata, won, only, mode, expected === null]
  return JSON.stringify([...counted, expected], (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
}

const DAY_MS = 86_400_000

/** Makes a submit. */
export function submit(
  world: World,
  name: string,
  sent: Sent,
  hasRanks: boolean,
): SubmitAnswer<never> {
  const board = world.boards.get(name)
  const kind = KINDS[name] as Kind
  const { playerId, requestId } = sent
  const mode = sent.mode ?? kind.mode
  const known = requestId === undefined ? undefined : board?.requests.get(requestId)
  const digest = digestOf(sent, mode)
  if (known !== undefined && world.nowMs - known.ms < DAY_MS) {
    if (known.digest !== digest) throw new ModelError('REQUEST_REUSED')
    return { ...known.answer, repeated: true }
  }
  refuseClosed(world, board)
  const bans = bansOn(world, playerId, name)
  const isRefused = bans.some(({ submits }) => submits === 'refuse')
  if (isRefused && sent.isRow !== true) throw new ModelError('BANNED')
  const hasRules = board !== undefined && Object.keys(board.rules).length > 0
  const isJudged = hasRules && sent.isRow !== true
  const flags = isJudged ? judge(world, board, { ...sent, mode }) : []
  if (sent.name !== undefined) refuseTaken(world, sent.name, playerId)
  checkConditions(kind, sent, storedOf(board, playerId))
  if (mode === 'increment') sumOf(storedOf(board, playerId)?.cells, sent.cells)
  if (create(world, name)) beginChange(world)
  const target = boardNamed(world, name)
  const answer = make(world, target, { ...sent, mode, hasRanks, flags, isHidden: bans.length > 0 })
  if (target.rules.perMinute !== undefined && sent.isRow !== true) {
    const times = target.times.get(playerId) ?? []
    target.times.set(playerId, [...times, rateMicros(world)])
  }
  if (requestId !== undefined)
    target.requests.set(requestId, { digest, answer, ms: Math.floor(world.nowMs) })
  return answer
}

function checkConditions(kind: Kind, { only, expected }: Sent, held: Held | undefined): void {
  const isRightOne = only === undefined || (only === 'new') === (held === undefined)
  const isExpected =
    expected === undefined ||
    (expected === null
      ? held === undefined
      : held !== undefined && compareCells(kind, expected, held.cells) === 0)
  if (!isRightOne || !isExpected) throw new ModelError('CONDITION_FAILED')
}

// The store's clock: the wall clock, or the last time that was given if that is a little later.
function rateMicros({ nowMs, lastMicros }: World): number {
  const now = nowMs * 1000
  return lastMicros > now && lastMicros - now < 60_000_000 ? lastMicros : now
}

function judge(world: World, board: Board, sent: Sent & { mode: Mode }): string[] {
  const { rules, kind } = board
  const { playerId, mode, cells } = sent
  if (rules.players === 'known' && !world.profiles.has(playerId))
    throw new ModelError('UNKNOWN_PLAYER')
  const held = storedOf(board, playerId)
  const [cell] = (mode === 'increment' ? sumOf(held?.cells, cells) : cells) as [Cell]
  if (
    (rules.min !== undefined && cell < rules.min) ||
    (rules.max !== undefined && cell > rules.max)
  )
    throw new ModelError('OUT_OF_RANGE')
  if (rules.perMinute !== undefined) {
    const now = rateMicros(world)
    const recent = (board.times.get(playerId) ?? []).filter((time) => time > now - 60_000_000)
    if (recent.length >= rules.perMinute) throw new ModelError('RATE_LIMITED')
  }
  const { maxGain } = rules
  if (maxGain === undefined || (mode !== 'increment' && held === undefined)) return []
  const from = mode === 'increment' ? 0n : BigInt(held?.cells[0] as Cell)
  const rise = BigInt(cells[0] as Cell) - from
  const gain = kind.columns[0]?.order === 'descending' ? rise : -rise
  if (gain <= BigInt(maxGain.by)) return []
  if (maxGain.action === 'refuse') throw new ModelError('SUSPICIOUS')
  return ['maxGain']
}

type Made = Sent & { mode: Mode; hasRanks: boolean; flags: string[]; isHidden: boolean }

function make(world: World, board: Board, sent: Made): SubmitAnswer<never> {
  const { kind } = board
  const { playerId, isHidden, hasRanks } = sent
  const side = isHidden ? board.hidden : board.visible
  const held = side.get(playerId)
  const profile = world.profiles.get(playerId)
  const ofProfile =
    held === undefined && profile !== undefined && profile.name !== playerId
      ? profile.name
      : undefined
  const name = sent.name ?? ofProfile
  const isEmpty = sent.metadata !== undefined && Object.keys(sent.metadata).length === 0
  const run: Run = {
    ...{ kind: 'run', seq: 0, committed: 0, playerId, owner: playerId, cells: sent.cells },
    ...{ mode: sent.mode, micros: 0, isAtGiven: sent.atMs !== undefined, isHidden, name },
    ...{ metadata: isEmpty ? null : sent.metadata, won: sent.won === true },
    ...{ isUndone: false, turned: undefined },
  }
  const next = Math.max(world.nowMs * 1000, world.lastMicros + 1)
  run.micros = sent.atMs === undefined ? next : micros(sent.atMs)
  const { moves } = decide(kind, run, held)
  const isIn = held !== undefined || isHidden || hasPlaceFor(board, run)
  if (moves && isIn && !run.isAtGiven) world.lastMicros = next
  const rankBefore = rankOf(board, playerId)
  const metadataBefore = JSON.stringify(held?.metadata)
  const nameBefore = board.names.get(playerId) ?? playerId
  const without = sortedWith(board, run)
  notePast(board, world.log.length + 1)
  const done = happen(board, run)
  const after = side.get(playerId)
  if (name !== undefined) showName(board, playerId, name)
  if (isIn && name !== undefined) setName(board, playerId, name)
  pruneNames(board)
  const isOther =
    (name !== undefined && name !== nameBefore) ||
    JSON.stringify(after?.metadata) !== metadataBefore
  const isChange = isIn && (moves || isOther)
  const isLogged = kind.log === 'all' || (kind.log === 'changes' && isChange)
  const isSeen = isIn && !isHidden
  const rank = isSeen && hasRanks ? without : undefined
  if (isLogged) {
    if (!run.isAtGiven) world.lastMicros = next
    run.seq = world.log.length + 1
    run.committed = commitTime(world)
    const own = runsOf(board).filter((one) => one.owner === playerId && !one.isUndone)
    world.log.push({
      ...{ seq: run.seq, at: run.micros / 1000 },
      ...(run.committed !== run.micros && { committedAt: run.committed / 1000 }),
      ...(run.isAtGiven && { atGiven: true }),
      ...{ kind: 'submit', commit: world.first, board: board.name, playerId },
      ...{ submitted: scoreOf(kind, sent.cells), mode: sent.mode },
      ...(isIn && { score: scoreOf(kind, (after as Held).cells) }),
      ...(held !== undefined && { previousScore: scoreOf(kind, held.cells) }),
      ...(rank !== undefined && { rank }),
      ...(rank !== undefined && rankBefore !== undefined && { previousRank: rankBefore }),
      ...{ changed: isIn && moves, plays: own.length + 1 },
      ...{ wins: own.filter(({ won }) => won).length + (run.won ? 1 : 0) },
      ...(run.won && { won: true }),
      ...(sent.name !== undefined && { name: sent.name }),
      ...(run.metadata !== undefined && { metadata: run.metadata }),
      ...(isHidden && { hidden: true }),
      ...(done.pushedOut.length > 0 && {
        pushedOut: done.pushedOut.map(({ playerId: id, held: out }) => {
          return { playerId: id, score: scoreOf(kind, out.cells), at: out.micros / 1000 }
        }),
      }),
      ...(sent.requestId !== undefined && { requestId: sent.requestId }),
      ...(sent.flags.length > 0 && { flags: sent.flags }),
    } satisfies Expected)
    if (sent.flags.length > 0) world.flags.add(run.seq)
  }
  if (isLogged || kind.log === 'none') board.events.push(run)
  if (sent.name !== undefined && profile !== undefined && isIn)
    nameEverywhere(world, profile, sent.name)
  if (!isIn)
    return {
      ...{ playerId, score: undefined, previousScore: undefined, rank: undefined },
      ...{ previousRank: undefined, changed: false, created: false },
      submitted: scoreOf(kind, sent.cells) as never,
    }
  return {
    playerId,
    score: scoreOf(kind, (after as Held).cells) as never,
    previousScore: (held && scoreOf(kind, held.cells)) as never,
    rank,
    previousRank: rank === undefined ? undefined : rankBefore,
    ...{ changed: moves, created: held === undefined },
  }
}

function hasPlaceFor(board: Board, run: Run): boolean {
  const copy = structuredClone(board)
  return enter(copy, run.playerId, { ...run, metadata: undefined }).hasPlace
}

// The rank inside the change: before anybody leaves a full board.
function sortedWith(board: Board, run: Run): number | undefined {
  const copy = structuredClone(board)
  copy.kind.keep = Number.POSITIVE_INFINITY
  happen(copy, run)
  return rankOf(copy, run.playerId)
}

function rankOf(board: Board, playerId: string): number | undefined {
  const index = sorted(board).findIndex(([id]) => id === playerId)
  return index < 0 ? undefined : index + 1
}

/** Makes many, or none. */
export function submitMany(
  world: World,
  name: string,
  options: { sent: readonly Sent[]; hasRanks: boolean },
): SubmitAnswer<never>[] {
  return options.sent.map((one) => submit(world, name, one, options.hasRanks))
}

/** Imports rows, all or none; returns how many changed an entry. */
export function importRows(world: World, name: string, rows: readonly Sent[]): number {
  const answers = rows.map((row) => submit(world, name, { ...row, isRow: true }, false))
  const changed = answers.filter((answer) => answer.changed).length
  const isLogged = world.log.at(-1)?.kind === 'submit' && world.log.length >= world.first
  const counts = { imported: rows.length, changed, skipped: 0 }
  if (isLogged) note(world, 'import', { board: name, rows: counts })
  return changed
}
