/**
 * The windows and seasons of a damaged store, and finals of seasons that were taken away.
 *
 * Their records are few, and pages of earlier commits often still hold those that are damaged: a season that has
 * entries is looked for there, and its window with it.
 *
 * @module
 */

import { commitOf } from '../board/commit.ts'
import { makeTree } from '../embedded/catalog.ts'
import { putCarried } from '../embedded/seasons/carry-windows.ts'
import { seasonEntry } from '../embedded/seasons/season-boards.ts'
import type { StoredSeason } from '../embedded/seasons/season-records.ts'
import type { TurnPlace } from '../embedded/seasons/turn.ts'
import type { BoardWindow } from '../embedded/seasons/windows.ts'
import { joinBytes } from '../format/bytes.ts'
import { BoardKeys } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { orphanIdOf } from '../format/meta/orphan.ts'
import { decodeSeason, hasBoard, seasonPlaceOf } from '../format/meta/season.ts'
import { decodeWindow, type WindowPlace, windowPlaceOf } from '../format/meta/window.ts'
import { decodeFinal, encodeFinal, finalKey, finalPlaceOf } from '../format/people/final.ts'
import { decodePlayerRecord } from '../format/player-record.ts'
import { META_KIND, PEOPLE_KIND, type Table } from '../format/tables.ts'
import { FILL_CHUNK_KEYS } from '../ground/limits.ts'
import type { Pair, Writer } from '../store/store.ts'

/** What is read of the damaged file. */
export interface SeasonWreck {
  problems: string[]
  pairs(table: string): Iterable<Pair>
  allPairs(): Iterable<Pair & { transaction: number }>
}

/** A season that is to get its entries. */
export interface SavedSeason {
  /** Its number in the damaged store. */
  fromId: number
  board: CatalogEntry
  parent: CatalogEntry
  /** Whether it has ended: bans since may pass it by. */
  isOver: boolean
  /** Whether it may have players whom the board has lost. */
  isFinal: boolean
}

type BoardOfId = (id: number) => CatalogEntry | undefined

/** Windows and seasons under the numbers of the damaged store. */
interface Records {
  windows: Map<string, BoardWindow>
  seasons: Map<string, StoredSeason>
}

/**
 * Gives boards that are saved their windows, and the seasons of these numbers of their own. `hasRows` says
 * whether there are entries under a number.
 */
export function saveWindows(
  place: TurnPlace,
  wreck: SeasonWreck,
  boards: { boardOfId: BoardOfId; hasRows: (id: number) => boolean },
): SavedSeason[] {
  const { boardOfId } = boards
  const records = recordsIn(wreck, boards.hasRows)
  const byWindow = new Map<string, StoredSeason[]>()
  for (const season of records.seasons.values()) {
    const list = byWindow.get(nameOf(season))
    if (list === undefined) byWindow.set(nameOf(season), [season])
    else list.push(season)
  }
  const saved = [...records.windows.values()].flatMap((window) => {
    const parent = boardOfId(window.boardId)
    const seasons = byWindow.get(nameOf(window)) ?? []
    return parent === undefined ? [] : saveWindow(place, { parent, window, seasons })
  })
  wreck.problems.push(...lostIn(records, boardOfId))
  return saved
}

function saveWindow(
  place: TurnPlace,
  from: { parent: CatalogEntry; window: BoardWindow; seasons: readonly StoredSeason[] },
): SavedSeason[] {
  const { writer } = place
  const { parent, window } = from
  const saved: SavedSeason[] = []
  const seasons = inOrder(from.seasons).map((season) => {
    if (!hasBoard(season)) return season
    commitOf(writer).willChange()
    const seasonBoardId = commitOf(writer).newBoardId()
    makeTree(writer, { id: seasonBoardId, shape: parent.shape })
    const numbered = { ...season, seasonBoardId }
    const board = seasonEntry(parent, window, numbered)
    const isOver = window.isGone || season.state === 'closed' || season.state === 'sealed'
    const isFinal = window.isGone || season.state === 'sealed' || parent.keep !== undefined
    saved.push({ fromId: season.seasonBoardId, board, parent, isOver, isFinal })
    return numbered
  })
  putCarried(place, parent.id, { window, seasons })
  return saved
}

// What an earlier commit said of a season may not be so any more: one that others follow is over.
function inOrder(seasons: readonly StoredSeason[]): StoredSeason[] {
  const sorted = [...seasons].sort((a, b) => a.startMicros - b.startMicros)
  return sorted.map((season, i) => {
    const next = sorted[i + 1]
    if (next === undefined) return season
    const endMicros = Math.min(season.endMicros ?? next.startMicros, next.startMicros)
    const isOver = season.state === 'open' && next.state !== 'coming'
    return { ...season, endMicros, state: isOver ? ('closed' as const) : season.state }
  })
}

function recordsIn(wreck: SeasonWreck, hasRows: (id: number) => boolean): Records {
  const records: Records = { windows: new Map(), seasons: new Map() }
  const orphans = new Set<number>()
  for (const { key, value } of wreck.pairs('meta')) {
    if (key[0] === META_KIND.ORPHAN) orphans.add(orphanIdOf(key) ?? 0)
    const damaged = take(records, { key, value })
    if (damaged !== undefined) wreck.problems.push(`${damaged} is damaged`)
  }
  if (wreck.problems.length > 0) addEarlier(records, wreck, (id) => !orphans.has(id) && hasRows(id))
  return records
}

// Returns in words what cannot be read.
function take({ windows, seasons }: Records, { key, value }: Pair): string | undefined {
  const at = windowPlaceOf(key)
  if (at !== undefined) {
    const window = decodeWindow(key, value)
    if (window === undefined) return `window ${at.windowId} of board ${at.boardId}`
    windows.set(nameOf(at), { ...at, ...window })
  }
  const season = seasonPlaceOf(key)
  if (season === undefined) return undefined
  const record = decodeSeason(key, value)
  if (record === undefined)
    return `a season of window ${season.windowId} of board ${season.boardId}`
  seasons.set(key.toString('hex'), { ...season, ...record })
  return undefined
}

// Of what earlier commits say the newest counts, where the last one says nothing.
function addEarlier(records: Records, wreck: SeasonWreck, hasRows: (id: number) => boolean): void {
  const earlier: Records = { windows: new Map(), seasons: new Map() }
  const kinds: readonly unknown[] = [META_KIND.WINDOW, META_KIND.SEASON]
  const pairs = [...wreck.allPairs()].filter(({ key }) => kinds.includes(key[0]))
  for (const pair of pairs.sort((a, b) => a.transaction - b.transaction)) take(earlier, pair)
  const known = new Set([...records.seasons.values()].map(({ seasonBoardId: id }) => id))
  for (const [key, season] of earlier.seasons) {
    const { seasonBoardId: id } = season
    if (records.seasons.has(key) || known.has(id) || !hasBoard(season) || !hasRows(id)) continue
    known.add(id)
    records.seasons.set(key, season)
  }
  const needed = new Set([...records.seasons.values()].map(nameOf))
  for (const [name, window] of earlier.windows)
    if (needed.has(name) && !records.windows.has(name)) records.windows.set(name, window)
}

// Seasons of which nothing says when they end and what counts in them.
function lostIn({ windows, seasons }: Records, boardOfId: BoardOfId): string[] {
  const lost = new Map<string, WindowPlace>()
  for (const season of seasons.values())
    if (!windows.has(nameOf(season))) lost.set(nameOf(season), season)
  return [...lost.values()].flatMap(({ boardId, windowId }) => {
    const board = boardOfId(boardId)
    const problem = 'its settings are lost, so its seasons are not saved'
    return board === undefined ? [] : [`window ${windowId} of board "${board.name}": ${problem}`]
  })
}

function nameOf({ boardId, windowId }: WindowPlace): string {
  return `${boardId} ${windowId}`
}

/** Takes those out of a season that goes on whom its board has lost, and returns how many there were. */
export function leaveStrays(
  writer: Writer<Table>,
  { board, parent }: { board: CatalogEntry; parent: CatalogEntry },
): number {
  const keys = new BoardKeys(board.id)
  const onBoard = new BoardKeys(parent.id)
  const { headBytes } = board.shape
  let left = 0
  for (const { key, value } of [...writer.pairs('players', keys.all())]) {
    const id = key.subarray(keys.prefix.length)
    if (writer.get('players', Buffer.concat([onBoard.prefix, id])) !== undefined) continue
    const record = decodePlayerRecord(key, value, headBytes)
    commitOf(writer).willChange()
    writer.remove('players', key)
    if (record !== undefined) writer.remove('entries', keys.entry(joinBytes(record.head, id)))
    left++
  }
  return left
}

/** Yields finals in chunks, each as a job of a transaction that stores them for the boards that are saved. */
export function* finalsIn(
  wreck: SeasonWreck,
  boardOfId: BoardOfId,
): Generator<(writer: Writer<Table>) => void> {
  let chunk: Pair[] = []
  for (const { key, value } of wreck.pairs('people')) {
    if (key[0] !== PEOPLE_KIND.FINAL) continue
    const place = finalPlaceOf(key)
    const board = place && boardOfId(place.boardId)
    const final = board && decodeFinal(key, value, board.shape.headBytes)
    if (place === undefined || (board !== undefined && final === undefined))
      wreck.problems.push('table "people": a final is damaged')
    if (place === undefined || board === undefined || final === undefined) continue
    const to = finalKey({ ...place, boardId: board.id })
    chunk.push({ key: to, value: encodeFinal(to, final) })
    if (chunk.length < FILL_CHUNK_KEYS) continue
    yield putFinals(chunk)
    chunk = []
  }
  if (chunk.length > 0) yield putFinals(chunk)
}

function putFinals(finals: readonly Pair[]): (writer: Writer<Table>) => void {
  return (writer) => {
    commitOf(writer).willChange()
    for (const { key, value } of finals) writer.put('people', key, value)
  }
}
