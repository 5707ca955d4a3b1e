/**
 * The windows of a board, as they are stored.
 *
 * What is read is decoded once for each value: the same bytes give the same object, with which its calendar
 * keeps what it has worked out.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import { noWindow, windowsError } from '../../domain/windows.ts'
import { ownBytes } from '../../format/bytes.ts'
import { NO_BOARD_ID } from '../../format/keys.ts'
import {
  decodeWindow,
  encodeWindow,
  type WindowPlace,
  type WindowRecord,
  windowKey,
  windowPlaceOf,
  windowsOfBoard,
} from '../../format/meta/window.ts'
import type { Table } from '../../format/tables.ts'
import { LadderError } from '../../ground/errors.ts'
import { KNOWN_WINDOWS_MAX } from '../../ground/limits.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { AskedSettings, WindowSpec } from '../../words/index.ts'

/** A window with its place. It is shared: nobody changes it. */
export interface BoardWindow extends WindowPlace, Readonly<WindowRecord> {}

const NONE: readonly BoardWindow[] = []

/**
 * Returns the windows of a board in the order in which they were added. Cost: a look at one range, and one at
 * each.
 *
 * @throws {LadderError} `CORRUPT` if one is damaged.
 */
export function windowsOf(reader: Reader<Table>, boardId: number): readonly BoardWindow[] {
  const all = allWindowsOf(reader, boardId)
  return all.some(({ isGone }) => isGone) ? all.filter(({ isGone }) => !isGone) : all
}

/** The same, with those that were taken away and whose seasons are still going. */
export function allWindowsOf(reader: Reader<Table>, boardId: number): readonly BoardWindow[] {
  if (boardId === NO_BOARD_ID) return NONE
  let windows: BoardWindow[] | undefined
  for (const { key, value } of reader.pairs('meta', windowsOfBoard(boardId))) {
    windows ??= []
    windows.push(known(key, value))
  }
  return windows ?? NONE
}

/** Returns where the windows of a board are stored, also of those that are going; nothing of them is decoded. */
export function windowPlacesOf(reader: Reader<Table>, boardId: number): WindowPlace[] {
  if (boardId === NO_BOARD_ID) return []
  return [...reader.keys('meta', windowsOfBoard(boardId))].flatMap(
    (key) => windowPlaceOf(key) ?? [],
  )
}

/** Returns the windows of a board in a transaction, read once for all of its jobs. */
export function windowsIn(writer: Writer<Table>, boardId: number): readonly BoardWindow[] {
  if (!commitOf(writer).uses('windows')) return NONE
  const boards = knownIn(writer)
  let windows = boards.get(boardId)
  if (windows === undefined) {
    windows = windowsOf(writer, boardId)
    boards.set(boardId, windows)
  }
  return windows
}

/**
 * Returns the window of a name.
 *
 * @throws {LadderError} `NO_WINDOW`.
 */
export function windowNamed(
  windows: readonly BoardWindow[],
  name: string,
  board: string,
): BoardWindow {
  const found = windows.find(({ spec }) => spec.name === name)
  if (found !== undefined) return found
  const names = windows.map(({ spec }) => spec.name)
  throw noWindow(board, name, names)
}

/** Returns the settings of the windows of a board. */
export function windowSpecs(reader: Reader<Table>, boardId: number): WindowSpec[] {
  return windowsOf(reader, boardId).map(({ spec }) => spec)
}

/** Returns an error that names what of the windows that a caller asked for a board has not; undefined if nothing. */
export function askedWindowsError(
  reader: Reader<Table>,
  board: { id: number; name: string },
  asked: AskedSettings | undefined,
): LadderError | undefined {
  if (asked?.windows === undefined) return undefined
  return windowsError(board.name, windowSpecs(reader, board.id), asked.windows)
}

/** Returns a window by its number, also one that was taken away; undefined if nothing is left of it. */
export function readWindow(reader: Reader<Table>, place: WindowPlace): BoardWindow | undefined {
  const key = windowKey(place)
  const value = reader.get('meta', key)
  return value && known(key, ownBytes(value))
}

/** Puts a window and returns it. */
export function putWindow(
  writer: Writer<Table>,
  place: WindowPlace,
  record: WindowRecord,
): BoardWindow {
  const commit = commitOf(writer)
  commit.willChange()
  commit.use('windows')
  const { boardId, windowId } = place
  const key = windowKey(place)
  writer.put('meta', key, encodeWindow(key, record))
  knownIn(writer).delete(boardId)
  return { boardId, windowId, ...record }
}

/** Removes what says that there was a window. */
export function removeWindow(writer: Writer<Table>, place: WindowPlace): void {
  commitOf(writer).willChange()
  writer.remove('meta', windowKey(place))
  knownIn(writer).delete(place.boardId)
}

const decodedWindows = new Map<string, BoardWindow>()

function known(key: Buffer, value: Buffer): BoardWindow {
  // The checksum covers the key too: no two windows have the same bytes.
  const bytes = value.toString('latin1')
  const found = decodedWindows.get(bytes)
  if (found !== undefined) return found
  const place = windowPlaceOf(key)
  const record = decodeWindow(key, value)
  if (place === undefined || record === undefined) throw damaged(key)
  if (decodedWindows.size >= KNOWN_WINDOWS_MAX) decodedWindows.clear()
  const window = { ...place, ...record }
  decodedWindows.set(bytes, window)
  return window
}

const OWNER = {}

function knownIn(writer: Writer<Table>): Map<number, readonly BoardWindow[]> {
  return writer.local(OWNER, noWindows)
}

function noWindows(): Map<number, readonly BoardWindow[]> {
  return new Map()
}

function damaged(key: Buffer): LadderError {
  return new LadderError(
    'CORRUPT',
    `Cannot read the window under key ${key.toString('hex')}: it is damaged; run check, then restore a backup`,
  )
}
