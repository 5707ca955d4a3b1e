/**
 * All other changes, as the contract says: removals, names, bans, moves, erasures, rules.
 *
 * @module
 */

import type {
  BoardAlteration,
  BoardRules,
  Metadata,
  MoveAnswer,
  Profile,
  ProfileOptions,
} from '../../src/index.ts'
import {
  bansOn,
  beginChange,
  boardNamed,
  boardsOf,
  nameEverywhere,
  note,
  pruneNames,
  refuseClosed,
  refuseTaken,
  setName,
  showName,
} from './submits.ts'
import {
  type BanRow,
  type Board,
  happen,
  ModelError,
  merged,
  notePast,
  type Run,
  runsOf,
  storedOf,
  type World,
} from './world.ts'

export function isThere(value: unknown): boolean {
  return value !== undefined
}

export function remove(world: World, name: string, playerId: string): boolean {
  const board = world.boards.get(name)
  refuseClosed(world, board)
  if (board === undefined || storedOf(board, playerId) === undefined) return false
  take(world, board, playerId)
  note(world, 'remove', { board: name, playerId })
  return true
}

// Of the record that comes next; what the board is before it is noted.
function nextSeq({ log }: World, board: Board): number {
  notePast(board, log.length + 1)
  return log.length + 1
}

function take(world: World, board: Board, playerId: string): void {
  const event = { kind: 'remove', seq: nextSeq(world, board), playerId } as const
  happen(board, event)
  board.events.push(event)
  pruneNames(board)
}

export function removePlayer(world: World, playerId: string): number {
  const boards = boardsOf(world).filter((board) => isThere(storedOf(board, playerId)))
  for (const board of boards) refuseClosed(world, board)
  for (const board of boards) take(world, board, playerId)
  if (boards.length > 0) note(world, 'remove', { playerId })
  return boards.length
}

export function rename(world: World, playerId: string, name: string): number {
  refuseTaken(world, name, playerId)
  const boards = boardsOf(world).filter((board) => isThere(storedOf(board, playerId)))
  const profile = world.profiles.get(playerId)
  const isOther =
    boards.some((board) => (board.names.get(playerId) ?? playerId) !== name) ||
    (profile !== undefined && profile.name !== name)
  for (const board of boards) setName(board, playerId, name)
  if (profile !== undefined) profile.name = name
  if (isOther) note(world, 'rename', { playerId, name, boards: boards.map((board) => board.name) })
  return boards.length
}

export function drop(world: World, name: string): void {
  boardNamed(world, name)
  world.boards.delete(name)
  world.bans = world.bans.filter(({ board }) => board !== name)
  for (const seq of [...world.flags])
    if (world.log[seq - 1]?.['board'] === name) world.flags.delete(seq)
  note(world, 'drop', { board: name })
}

export function setProfile(world: World, playerId: string, change: ProfileOptions): Profile {
  const before = world.profiles.get(playerId)
  let name = before?.name ?? playerId
  if (change.name !== undefined) name = change.name ?? playerId
  else if (before === undefined) {
    let newest = -1
    for (const board of boardsOf(world)) {
      const held = storedOf(board, playerId)
      if (held === undefined || held.micros < newest) continue
      newest = held.micros
      name = board.names.get(playerId) ?? playerId
    }
  }
  if (change.name !== undefined) refuseTaken(world, name, playerId)
  const after: Profile = { playerId, name }
  const avatar = change.avatar === undefined ? before?.avatar : change.avatar
  const metadata = change.metadata === undefined ? before?.metadata : change.metadata
  if (avatar != null) after.avatar = avatar
  if (metadata != null) after.metadata = metadata as Metadata
  if (JSON.stringify(before) !== JSON.stringify(after)) {
    world.profiles.set(playerId, after)
    nameEverywhere(world, after, name)
    note(world, 'profile', { playerId, name })
  }
  return structuredClone(after)
}

/** Bans a player; returns the boards that the player left. */
export function ban(
  world: World,
  asked: Omit<BanRow, 'since'>,
): BanRow & { boards: string[]; seq: number | undefined } {
  const { playerId, board } = asked
  if (board !== undefined) boardNamed(world, board)
  const before = world.bans.find((one) => one.playerId === playerId && one.board === board)
  const since = before?.since ?? Math.max(world.nowMs * 1000, world.lastMicros) / 1000
  const row = { ...asked, since }
  if (before !== undefined && JSON.stringify(before) === JSON.stringify(row))
    return { ...row, boards: [], seq: undefined }
  world.bans = [...world.bans.filter((one) => one !== before), row]
  const boards: string[] = []
  for (const one of boardsOf(world)) {
    if (board !== undefined && one.name !== board) continue
    if (one.visible.has(playerId)) boards.push(one.name)
    const event = { kind: 'hide', seq: nextSeq(world, one), playerId } as const
    happen(one, event)
    one.events.push(event)
  }
  const { reason, actor, until, submits } = asked
  const seq = note(world, 'ban', { playerId, board, reason, actor, until, submits, boards })
  return { ...row, boards, seq }
}

export function unban(
  world: World,
  playerId: string,
  options: { board?: string | undefined; reason?: string | undefined },
): boolean {
  const { board, reason } = options
  if (board !== undefined) boardNamed(world, board)
  const lifted = world.bans.filter(
    (one) => one.playerId === playerId && (board === undefined || one.board === board),
  )
  if (lifted.length === 0) return false
  note(world, 'unban', { playerId, board, reason, ...lift(world, lifted) })
  return true
}

/** Ends the bans whose time has come. */
export function endDue(world: World): void {
  const due = world.bans
    .filter(({ until }) => until !== undefined && until <= world.nowMs)
    .sort((a, b) => (a.until as number) - (b.until as number))
  for (const one of due) {
    beginChange(world)
    const { playerId, board } = one
    note(world, 'unban', { playerId, board, ...lift(world, [one]) })
  }
}

function lift(world: World, lifted: readonly BanRow[]): Record<string, unknown> {
  world.bans = world.bans.filter((one) => !lifted.includes(one))
  const { playerId } = lifted[0] as BanRow
  const boards: string[] = []
  const noPlace: string[] = []
  for (const board of boardsOf(world)) {
    const isConcerned = lifted.some((one) => one.board === undefined || one.board === board.name)
    if (!isConcerned || bansOn(world, playerId, board.name).length > 0) continue
    const wasHidden = board.hidden.has(playerId)
    const event = { kind: 'show', seq: nextSeq(world, board), playerId } as const
    const { hasPlace } = happen(board, event)
    board.events.push(event)
    pruneNames(board)
    if (wasHidden) (hasPlace ? boards : noPlace).push(board.name)
  }
  return { boards, ...(noPlace.length > 0 && { noPlace }) }
}

/** Gives a player's entries and history to another. */
export function movePlayer(world: World, from: string, to: string): MoveAnswer {
  for (const playerId of [from, to])
    if (world.bans.some((one) => one.playerId === playerId)) throw new ModelError('BANNED')
  const all = boardsOf(world)
  const boards = all.filter(
    (board) =>
      storedOf(board, from) !== undefined ||
      runsOf(board).some((run) => run.owner === from && run.seq > 0),
  )
  for (const { visible, kind } of boards) {
    const [one, other] = [visible.get(from), visible.get(to)]
    if (one !== undefined && other !== undefined) merged(kind, one, other)
  }
  const profile = world.profiles.get(from)
  if (boards.length === 0 && profile === undefined) return { from, to, boards: [] }
  const shown = all.find((board) => storedOf(board, to) !== undefined)
  const own = world.profiles.get(to)?.name ?? (shown && (shown.names.get(to) ?? to))
  for (const board of boards) moveOn(world, board, { from, to, own })
  if (profile !== undefined) {
    world.profiles.delete(from)
    if (!world.profiles.has(to))
      world.profiles.set(to, {
        ...profile,
        playerId: to,
        name: own ?? nameAs(profile.name, from, to),
      })
  }
  const now = world.profiles.get(to)
  if (now !== undefined) nameEverywhere(world, now, now.name)
  const names = boards.map(({ name }) => name)
  const seq = note(world, 'move', { from, to, boards: names })
  return { from, to, seq, boards: names }
}

// Who has no name of his own shows his id, whichever that is.
function nameAs(name: string, from: string, to: string): string {
  return name === from ? to : name
}

function moveOn(
  world: World,
  board: Board,
  { from, to, own }: { from: string; to: string; own: string | undefined },
): void {
  const hadEntry = board.visible.has(to)
  const ofFrom = board.names.get(from)
  const isMoved = board.visible.has(from)
  const event = { kind: 'move', seq: nextSeq(world, board), from, to } as const
  happen(board, event)
  board.events.push(event)
  for (const run of runsOf(board)) if (run.owner === from) run.owner = to
  for (const name of board.shown.get(from) ?? []) showName(board, to, name)
  if (isMoved && !hadEntry) setName(board, to, own ?? ofFrom ?? to)
  pruneNames(board)
}

export function alter(world: World, name: string, asked: BoardAlteration): BoardRules {
  const board = boardNamed(world, name)
  const before = JSON.stringify(Object.entries(board.rules).sort(), big)
  const rules = { ...board.rules } as Record<string, unknown>
  for (const [rule, value] of Object.entries(asked)) {
    if (value === null || value === 'open') delete rules[rule]
    else rules[rule] = value
  }
  board.rules = rules as BoardRules
  if (JSON.stringify(Object.entries(rules).sort(), big) !== before)
    note(world, 'alter', { board: name })
  return board.rules
}

function big(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}

export function alterStore(
  world: World,
  { names, writes }: { names?: 'unique' | 'free'; writes?: 'open' | 'closed' },
): void {
  if (names === 'unique' && !world.isUnique) refuseDuplicates(world)
  const isUnique = names === undefined ? world.isUnique : names === 'unique'
  const isClosed = writes === undefined ? world.isClosed : writes === 'closed'
  const isOther = isUnique !== world.isUnique || isClosed !== world.isClosed
  Object.assign(world, { isUnique, isClosed })
  if (isOther) note(world, 'alter', {})
}

function refuseDuplicates(world: World): void {
  const owners = new Map<string, string>()
  const see = (playerId: string, name: string): void => {
    if (name === playerId) return
    const owner = owners.get(name.toUpperCase()) ?? playerId
    if (owner !== playerId) throw new ModelError('NAME_TAKEN')
    owners.set(name.toUpperCase(), playerId)
  }
  for (const { playerId, name } of world.profiles.values()) see(playerId, name)
  for (const board of boardsOf(world)) for (const [id, name] of board.names) see(id, name)
}

/**
 * Takes a person out. Of the person's runs on a board that keeps the best stays whom they pushed out; of undos
 * what they did to others.
 */
export function erase(
  world: World,
  playerId: string,
): { found: boolean; boards: string[]; records: number } {
  const by = world.log.length + 1
  const ids = idsOf(world, playerId)
  const seqs = world.log.filter((record) => isAbout(record, ids)).map(({ seq }) => seq)
  const boards = boardsOf(world).filter((board) => isThere(storedOf(board, playerId)))
  const left = { boards: boards.map(({ name }) => name), records: seqs.length }
  const living = new Set(boardsOf(world).flatMap((board) => runsOf(board).map((run) => run.seq)))
  for (const board of boardsOf(world)) {
    if (isDisturbed(board, playerId, ids)) world.disturbed.add(board.name)
    forget(board, playerId, ids)
  }
  const isAny = hasTraces(world, playerId) || left.boards.length + seqs.length > 0
  for (const board of boardsOf(world)) forgetRequests(board, playerId)
  world.profiles.delete(playerId)
  world.bans = world.bans.filter((one) => one.playerId !== playerId)
  for (const seq of seqs) {
    world.flags.delete(seq)
    const record = world.log[seq - 1] as unknown as Record<string, never>
    const { at, committedAt, kind, commit, board, pushedOut } = record
    const left = { seq, at: committedAt ?? at, kind: 'erase', commit, of: kind, by }
    world.log[seq - 1] = living.has(seq) && pushedOut ? { ...left, board, pushedOut } : left
    forgetUndo(world, seq, ids)
  }
  const before = JSON.stringify(world.log, big)
  for (const record of world.log) leaveOut(record, ids)
  const isOther = JSON.stringify(world.log, big) !== before
  const news = [...ids].filter(
    ([id, until]) =>
      !world.erased.has(id) && (id === playerId || !isOthers(world, { playerId: id, until })),
  )
  for (const [id] of news) world.erased.add(id)
  // Of one who was erased before, with another id maybe, there is nothing to say.
  const found = isAny || isOther
  if (found || news.length > 0) note(world, 'erase', {})
  return { found, ...left }
}

function hasTraces({ profiles, bans, boards }: World, playerId: string): boolean {
  const isOn = ({ times, requests }: Board): boolean =>
    times.has(playerId) || [...requests.values()].some((one) => one.answer.playerId === playerId)
  const isBanned = bans.some((one) => one.playerId === playerId)
  return profiles.has(playerId) || isBanned || [...boards.values()].some(isOn)
}

// Whether somebody else has an id since it was given up.
function isOthers(world: World, { playerId, until }: { playerId: string; until: number }): boolean {
  const isOn = (board: Board): boolean =>
    storedOf(board, playerId) !== undefined ||
    runsOf(board).some(({ owner, seq }) => owner === playerId && seq > 0) ||
    board.events.some((event) => {
      return event.kind === 'move' && event.from === playerId && event.seq > until
    })
  return world.profiles.has(playerId) || boardsOf(world).some(isOn)
}

function forgetRequests(board: Board, playerId: string): void {
  board.times.delete(playerId)
  for (const [id, { answer }] of board.requests)
    if (answer.playerId === playerId) board.requests.delete(id)
}

// Runs that somebody else has now.
function isDisturbed(board: Board, playerId: string, ids: Map<string, number>): boolean {
  return runsOf(board).some((run) => run.owner !== playerId && isMadeBy(run, ids))
}

// Of an undo stays what it did to others, if it did anything.
function forgetUndo({ undos }: World, seq: number, ids: Map<string, number>): void {
  const undo = undos.get(seq)
  if (undo === undefined) return
  const others = undo.changes.filter(({ playerId }) => seq > (ids.get(playerId) ?? 0))
  undo.boards = new Set(others.map(({ board }) => board))
}

function isMadeBy({ playerId, seq }: Run, ids: Map<string, number>): boolean {
  return seq <= (ids.get(playerId) ?? 0)
}

// Records about others do not tell of the person any more.
function leaveOut(record: World['log'][number], ids: Map<string, number>): void {
  const isErased = (id: unknown): boolean => record.seq <= (ids.get(id as string) ?? 0)
  if (record.kind === 'move' && isErased(record['from'])) delete record['from']
  const pushedOut = record['pushedOut'] as { playerId: string }[] | undefined
  const others = pushedOut?.filter(({ playerId }) => !isErased(playerId))
  if (others?.length === 0) {
    delete record['pushedOut']
    if (record.kind === 'erase') delete record['board']
  } else if (others !== undefined) record['pushedOut'] = others
}

function forget(board: Board, playerId: string, ids: Map<string, number>): void {
  const keepsBest = board.kind.keep < Number.POSITIVE_INFINITY
  board.isThinned ||= keepsBest && runsOf(board).some(({ owner }) => owner === playerId)
  board.events = board.events.filter((event) => {
    if (event.kind === 'run') return event.owner !== playerId && !isMadeBy(event, ids)
    if (event.kind === 'move') return event.to !== playerId
    return event.playerId !== playerId
  })
  for (const past of board.pasts)
    for (const [id, until] of ids) {
      if (past.seq > until) continue
      past.visible.delete(id)
      past.hidden.delete(id)
    }
  board.visible.delete(playerId)
  board.hidden.delete(playerId)
  pruneNames(board)
}

// Who was moved to a person was that person until then.
function idsOf(world: World, playerId: string): Map<string, number> {
  const ids = new Map([[playerId, Number.POSITIVE_INFINITY]])
  for (const { seq, kind, from, to } of [...world.log].reverse()) {
    if (kind !== 'move' || from === undefined || seq >= (ids.get(to as string) ?? 0)) continue
    ids.set(from as string, Math.max(seq, ids.get(from as string) ?? 0))
  }
  return ids
}

function isAbout(
  { seq, kind, ...fields }: World['log'][number],
  ids: Map<string, number>,
): boolean {
  if (kind === 'erase') return false
  const who = kind === 'move' ? fields['to'] : fields['playerId']
  return seq <= (ids.get(who as string) ?? 0)
}
