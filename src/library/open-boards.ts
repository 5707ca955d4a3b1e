/**
 * The boards that were asked for: the same object for the same name, until its settings change.
 *
 * @module
 */

import { noBoard } from '../calls/no-board.ts'
import { NOTHING_ASKED } from '../calls/settings.ts'
import {
  askedError,
  type BoardSpec,
  bothAsked,
  newSpec,
  settingsError,
} from '../domain/settings.ts'
import { windowsError } from '../domain/windows.ts'
import { findBoard } from '../embedded/catalog.ts'
import { NamedBoard } from '../embedded/named-board.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { askedWindowsError } from '../embedded/seasons/windows.ts'
import { SnapshotMemo } from '../embedded/snapshot-memo.ts'
import type { Table } from '../format/keys.ts'
import type { CatalogEntry } from '../format/meta/board.ts'
import { UNBORN_BOARDS_MAX } from '../ground/limits.ts'
import type { Reader } from '../store/store.ts'
import type { AskedSettings } from '../words/index.ts'
import { Leaderboard, namedOf } from './leaderboard.ts'

/** The boards of an open store. */
export class OpenBoards {
  readonly #context: OpenStore
  readonly #open = new Map<string, Leaderboard>()
  readonly #named = new SnapshotMemo((reader, name) => this.#existing(reader, name, NOTHING_ASKED))
  #unbornMax = UNBORN_BOARDS_MAX

  constructor(context: OpenStore) {
    this.#context = context
  }

  /**
   * Returns a board by its name, whether it exists or not.
   *
   * @throws {LadderError} `SETTINGS_DIFFER`; `NO_BOARD` in a store that is read-only.
   */
  open(name: string, asked: AskedSettings): Leaderboard {
    const found = findBoard(this.#context.store.current(), name)
    return found === undefined ? this.#unborn(name, asked) : this.#found(found, asked)
  }

  /**
   * Returns a board that exists.
   *
   * @throws {LadderError} `NO_BOARD`, `SETTINGS_DIFFER`.
   */
  existing(name: string, asked: AskedSettings): Leaderboard {
    return this.#existing(this.#context.store.current(), name, asked)
  }

  /**
   * Returns a board that exists, whatever its settings are.
   *
   * @throws {LadderError} `NO_BOARD`.
   */
  named(name: string): Leaderboard {
    return this.#named.get(this.#context.store.current(), name)
  }

  /** Forgets a board, which was dropped. */
  forget(name: string): void {
    this.#open.delete(name)
  }

  #existing(current: Reader<Table>, name: string, asked: AskedSettings): Leaderboard {
    const found = findBoard(current, name)
    if (found === undefined) throw noBoard(name)
    return this.#found(found, asked)
  }

  #found(found: CatalogEntry, asked: AskedSettings): Leaderboard {
    const current = this.#context.store.current()
    const error = askedError(found, asked) ?? askedWindowsError(current, found, asked)
    if (error !== undefined) throw error
    const opened = this.#open.get(found.name)
    if (opened === undefined || settingsError(found, namedOf(opened).spec) !== undefined)
      return this.#remember(new NamedBoard(found, { wasThere: true }))
    namedOf(opened).noteThere()
    return opened
  }

  // The settings that it was asked for with hold also if it is asked for by name alone.
  #unborn(name: string, asked: AskedSettings): Leaderboard {
    if (this.#context.store.readOnly) throw noBoard(name)
    const opened = this.#open.get(name)
    const before = opened && namedOf(opened)
    const isAgreed = before?.wasThere === false && isAskedAlike(before.spec, asked)
    // More that is asked for is held against the board by a handle of its own.
    const { all, isMore } = bothAsked(isAgreed ? before.asked : undefined, asked)
    if (opened !== undefined && isAgreed && !isMore) return opened
    const named = new NamedBoard(newSpec(name, all), { wasThere: false, asked: all })
    this.#forgetUnborn()
    return this.#remember(named)
  }

  #remember(named: NamedBoard): Leaderboard {
    const opened = new Leaderboard(this.#context, named)
    // The youngest stands last.
    this.#open.delete(named.name)
    this.#open.set(named.name, opened)
    return opened
  }

  // Names that come from outside and are only read would fill the memory.
  #forgetUnborn(): void {
    if (this.#open.size <= this.#unbornMax) return
    for (const [name, board] of this.#open) if (!namedOf(board).wasThere) this.#open.delete(name)
    this.#unbornMax = this.#open.size + UNBORN_BOARDS_MAX
  }
}

function isAskedAlike(spec: BoardSpec, asked: AskedSettings): boolean {
  const error =
    askedError(spec, asked) ?? windowsError(spec.name, spec.windows ?? [], asked.windows ?? [])
  return error === undefined
}
