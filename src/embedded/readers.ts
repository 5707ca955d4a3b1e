/**
 * Readers of boards: on one snapshot, or on the newest one.
 *
 * @module
 */

import { BoardReader, missingTree } from '../board/board-reader.ts'
import { noBoard } from '../calls/no-board.ts'
import { askedError, type BoardSpec, settingsError, settingsInfo } from '../domain/settings.ts'
import { NO_BOARD_ID, type Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { LadderError } from '../ground/errors.ts'
import type { Reader } from '../store/store.ts'
import type { AskedSettings, BoardInfo } from '../words/index.ts'
import { findBoard, listBoards } from './catalog.ts'
import { NamedBoard } from './named-board.ts'
import type { OpenStore } from './open-store.ts'
import { askedWindowsError, windowSpecs } from './seasons/windows.ts'

/** @throws {LadderError} `CORRUPT` if the rank tree is missing. */
export function readerOf(
  context: OpenStore,
  reader: Reader<Table>,
  board: CatalogEntry,
): BoardReader {
  const boardReader = new BoardReader(reader, {
    boardId: board.id,
    shape: board.shape,
    cache: context.cacheOf(board.id),
  })
  if (boardReader.refresh()) return boardReader
  throw missingTree('read', board.name)
}

/** Returns all boards, ordered by the bytes of their names. */
export function infosOf(context: OpenStore, reader: Reader<Table>): BoardInfo[] {
  return listBoards(reader).map((board) => {
    const settings = settingsInfo(withWindows(reader, board, board.id))
    return { ...settings, size: readerOf(context, reader, board).size }
  })
}

/** Returns the settings of a board with the windows that it has, not those that a handle asked for. */
export function withWindows<T extends BoardSpec>(
  reader: Reader<Table>,
  board: T,
  boardId: number,
): T {
  if (boardId === NO_BOARD_ID) return board
  return { ...board, windows: windowSpecs(reader, boardId) }
}

/** The newest snapshot of a board, which is looked up again by its name after it was dropped. */
export class CurrentReader {
  readonly #context: OpenStore
  #board: NamedBoard
  #generation = 0
  #reader: BoardReader | undefined

  constructor(context: OpenStore, board: NamedBoard) {
    this.#context = context
    this.#board = board
  }

  /** @throws {LadderError} `NO_BOARD`, `SETTINGS_DIFFER`, `CORRUPT`, `CLOSED`. */
  read(): BoardReader {
    const current = this.#context.store.current()
    if (this.#reader === undefined || current.generation !== this.#generation) {
      if (!this.#reader?.refresh()) {
        // Another process may have dropped the board: its number never comes back.
        if (this.#reader !== undefined) this.#context.forget(this.#reader.boardId)
        this.#reader = undefined
        this.#reader = this.#find(current)
      }
      this.#generation = current.generation
    }
    return this.#reader
  }

  /**
   * The board as it is taken for now: one that is made with other settings than it was expected to
   * have, but with all that were asked for, is taken for what it is. Changes that were begun before
   * keep what they took it for, and are refused.
   */
  get board(): NamedBoard {
    if (!this.#board.wasThere) this.#meet()
    return this.#board
  }

  /** The settings with the windows that the board has now; those that it was asked for with if it cannot be read. */
  shownSpec(): BoardSpec {
    const boardId = unlessRefused(() => this.read().boardId) ?? NO_BOARD_ID
    const { spec } = this.board
    if (boardId === NO_BOARD_ID) return spec
    return unlessRefused(() => withWindows(this.#context.store.current(), spec, boardId)) ?? spec
  }

  // What is wrong is told by the call that reads or writes.
  #meet(): void {
    unlessRefused(() => this.read())
  }

  #find(current: Reader<Table>): BoardReader {
    const { spec, asked, wasThere } = this.#board
    const found = findBoard(current, spec.name)
    if (found === undefined) return this.#emptyReader(current)
    const error = settingsError(found, spec)
    if (error !== undefined) {
      const isAsked = wasThere || asked === undefined || askedError(found, asked) !== undefined
      if (isAsked) throw error
      this.#board = new NamedBoard(found, { wasThere: true })
    }
    if (!wasThere) checkAsked(current, found, asked)
    this.#board.noteThere()
    return readerOf(this.#context, current, found)
  }

  // Number 0 has no keys: who reads it finds an empty board.
  #emptyReader(current: Reader<Table>): BoardReader {
    const { spec, wasThere } = this.#board
    if (wasThere) throw noBoard(spec.name)
    const reader = new BoardReader(current, {
      boardId: NO_BOARD_ID,
      shape: spec.shape,
      cache: this.#context.cacheOf(NO_BOARD_ID),
    })
    reader.refresh()
    return reader
  }
}

function checkAsked(
  reader: Reader<Table>,
  board: CatalogEntry,
  asked: AskedSettings | undefined,
): void {
  const error = askedWindowsError(reader, board, asked)
  if (error !== undefined) throw error
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof LadderError) return undefined
    throw error
  }
}
