/**
 * Reads of several boards at one instant.
 *
 * @module
 */

import type { BoardReader } from '../board/board-reader.ts'
import { noBoard } from '../calls/no-board.ts'
import { checkOneSide } from '../calls/one-side.ts'
import { checkArguments, checkCall, refuseOptions } from '../calls/options.ts'
import { checkBoardName } from '../calls/values.ts'
import type { BoardSpec } from '../domain/settings.ts'
import { findBoard } from '../embedded/catalog.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { infosOf, readerOf, withWindows } from '../embedded/readers.ts'
import { presentOf } from '../embedded/seasons/season-boards.ts'
import { tellFinals, tellSeasons, tellWindows } from '../embedded/seasons/season-lists.ts'
import { FixedSeason, findSeason, type SeasonSource } from '../embedded/seasons/season-source.ts'
import { checkWindowNamed, type WindowedBoard } from '../embedded/seasons/windowed-board.ts'
import { windowsOf } from '../embedded/seasons/windows.ts'
import type { Table } from '../format/keys.ts'
import { LadderError } from '../ground/errors.ts'
import { SNAPSHOT_MS_MAX } from '../ground/limits.ts'
import type { Reader } from '../store/store.ts'
import type {
  BoardInfo,
  Entry,
  FinalsOptions,
  RankOptions,
  Score,
  SeasonFinal,
  SeasonInfo,
  SeasonsOptions,
  WindowInfo,
} from '../words/index.ts'
import { BoardView } from './board-view.ts'
import { type SeasonOfWindow, type SeasonSettings, seasonTimes } from './season-view.ts'
import type { ViewParts } from './standings-view.ts'

/** A board at the instant of a snapshot, whose scores are of type `S`, and its windows. */
export interface SnapshotBoard<S extends Score = number> extends BoardView<S> {
  /** As `Leaderboard.windows`. */
  windows(): WindowInfo[]
  /** As `Leaderboard.window`: the season that is on at that instant, or the one named. */
  window(window: string, season?: string): BoardView<S> & SeasonOfWindow
  /** As `Leaderboard.seasons`. */
  seasons(window: string, options?: SeasonsOptions): SeasonInfo[]
  /** As `Leaderboard.finals`. */
  finals(playerId: string, window: string, options?: FinalsOptions): SeasonFinal<S>[]
}

/** What `Leaderboards.snapshot` reads from: every board at one instant. */
export interface Snapshot {
  /** @throws {LadderError} `NO_BOARD`. */
  board<S extends Score = number>(name: string): SnapshotBoard<S>
  /** All boards, ordered by the bytes of their names. */
  boards(): BoardInfo[]
}

/** Whether the views of a snapshot may still read. */
interface Life {
  isOver: boolean
  /** By `performance.now`. */
  endsMs: number
  /** The store's clock, looked at once, as soon as a window is asked for. */
  presentMicros?: number
}

/**
 * Runs `read` on one snapshot; see `Leaderboards.snapshot`.
 *
 * @internal
 */
export function readSnapshot<T>(context: OpenStore, read: (view: Snapshot) => T): T {
  const life = { isOver: false, endsMs: performance.now() + SNAPSHOT_MS_MAX }
  try {
    return context.store.snapshot((reader) => {
      const answer = read({
        board: <S extends Score>(...given: [string, ...unknown[]]) => {
          const name = checkBoardName(given[0])
          refuseOptions(given[1], 'options of board() of a snapshot')
          return viewOf<S>(context, reader, { name, life })
        },
        boards: (...given: unknown[]) => {
          checkArguments('boards', given)
          checkIsAlive(life, 'list the boards')
          return infosOf(context, reader)
        },
      })
      if (answer instanceof Promise) {
        // Its reads after the end throw, and nobody but us has the promise to hear of that.
        answer.catch(() => undefined)
        throw new TypeError('Cannot hold a snapshot: the function must be synchronous')
      }
      return answer
    })
  } finally {
    life.isOver = true
  }
}

function viewOf<S extends Score>(
  context: OpenStore,
  reader: Reader<Table>,
  view: { name: string; life: Life },
): SnapshotBoard<S> {
  const checkLife = (): void => checkIsAlive(view.life, `read board "${view.name}"`)
  checkLife()
  const board = findBoard(reader, view.name)
  if (board === undefined) throw noBoard(view.name)
  const boardReader = readerOf(context, reader, board)
  return new BoardOfSnapshot<S>(board, {
    checkLife,
    context,
    shownOf: () => withWindows(reader, board, board.id),
    source: () => boardReader,
    windowed: () => {
      // One time for all that is asked of the snapshot, so that its windows agree too.
      view.life.presentMicros ??= presentOf(reader, context.nowMicros())
      const { presentMicros } = view.life
      return { reader, board, presentMicros, windows: windowsOf(reader, board.id) }
    },
  })
}

interface AliveParts extends ViewParts {
  checkLife: () => void
}

// An iteration holds a snapshot of its own: it must not outlive this one.
class SnapshotView<S extends Score> extends BoardView<S> {
  readonly #checkLife: () => void

  constructor(specOf: () => BoardSpec, parts: AliveParts) {
    const source = (): BoardReader => {
      parts.checkLife()
      return parts.source()
    }
    super(specOf, { ...parts, source })
    this.#checkLife = parts.checkLife
  }

  override entries(options?: RankOptions): Generator<Entry<S>> {
    return this.#whileAlive(super.entries(options))
  }

  *#whileAlive(entries: Generator<Entry<S>>): Generator<Entry<S>> {
    for (const entry of entries) {
      this.#checkLife()
      yield entry
    }
  }
}

class BoardOfSnapshot<S extends Score> extends SnapshotView<S> implements SnapshotBoard<S> {
  readonly #parts: AliveParts & { windowed: () => WindowedBoard }

  constructor(spec: BoardSpec, parts: AliveParts & { windowed: () => WindowedBoard }) {
    super(() => spec, parts)
    this.#parts = parts
  }

  windows(): WindowInfo[] {
    checkArguments('windows', arguments)
    return tellWindows(this.#board())
  }

  window(window: string, season?: string): SeasonOfSnapshot<S> {
    checkWindowNamed('read a season', window, () => this.#board())
    checkArguments('window', arguments)
    const { context } = this.#parts
    const found = new FixedSeason(findSeason(context, this.#board(), { window, season }))
    return new SeasonOfSnapshot<S>(found, this.#parts)
  }

  seasons(window: string, options?: SeasonsOptions): SeasonInfo[] {
    checkWindowNamed('list seasons', window, () => this.#board())
    const asked = checkCall('seasons', arguments, options)
    checkOneSide(asked, 'season')
    return tellSeasons(this.#parts.context, this.#board(), { ...asked, window })
  }

  finals(playerId: string, window: string, options?: FinalsOptions): SeasonFinal<S>[] {
    checkWindowNamed('list finals', window, () => this.#board())
    const asked = checkCall('finals', arguments, options)
    checkOneSide(asked, 'season')
    const { context } = this.#parts
    const finals = tellFinals(context, this.#board(), { ...asked, playerId, window })
    return finals as SeasonFinal<Score>[] as SeasonFinal<S>[]
  }

  #board(): WindowedBoard {
    this.#parts.checkLife()
    return this.#parts.windowed()
  }
}

class SeasonOfSnapshot<S extends Score> extends SnapshotView<S> implements SeasonOfWindow {
  readonly #season: SeasonSource

  constructor(season: SeasonSource, parts: AliveParts) {
    super(() => season.look().spec, { ...parts, source: () => season.look().reader, season })
    this.#season = season
  }

  get window(): string {
    return this.#season.window
  }

  get season(): string | undefined {
    return this.#season.look().season?.id
  }

  get from(): number | undefined {
    return seasonTimes(this.#season).from
  }

  get to(): number | undefined {
    return seasonTimes(this.#season).to
  }

  get sealed(): boolean {
    return this.#season.isSealed()
  }

  override toJSON(): SeasonSettings {
    return { ...super.toJSON(), window: this.window, season: this.season }
  }
}

function checkIsAlive(life: Life, action: string): void {
  if (life.isOver) {
    throw new LadderError(
      'CLOSED',
      `Cannot ${action}: the snapshot has ended; read everything inside the function`,
    )
  }
  if (performance.now() < life.endsMs) return
  throw new LadderError(
    'EXPIRED',
    `Cannot ${action}: the snapshot is older than ${SNAPSHOT_MS_MAX} ms, and the file grows while it is held; read less at once`,
  )
}
