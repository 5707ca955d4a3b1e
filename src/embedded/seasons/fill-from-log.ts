/**
 * Filling the season that is on, of a window that was just added, with the runs of the log.
 *
 * Runs that an undo took back are left out. What the log has trimmed is not there to be filled in.
 *
 * @module
 */

import type { BoardWriter } from '../../board/board-writer.ts'
import { decideScore, type Held } from '../../domain/decide.ts'
import { riseOf } from '../../domain/gain.ts'
import { readMicros } from '../../format/entry-key.ts'
import { BoardKeys } from '../../format/keys.ts'
import type { CatalogEntry } from '../../format/meta/board.ts'
import { decodePlayerRecord, isHiddenRecord } from '../../format/player-record.ts'
import { RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import type { Score, SubmitRequest } from '../../words/index.ts'
import { scoreIn } from '../log/records.ts'
import { runsOf } from '../log/runs.ts'
import { NO_ANSWER } from '../submits.ts'
import { seasonWriter } from './season-boards.ts'
import type { StoredSeason } from './season-records.ts'
import { openSeasonOf, type TurnPlace } from './turn.ts'
import type { BoardWindow } from './windows.ts'

/** A run of the season, and what the score of the player on the board rose by. */
interface CountedRun {
  run: RunRecord
  rise: Score
}

/** Fills the season that is on. Cost: O(players of the board), and a submit for each run of the season. */
export function fillFromLog(place: TurnPlace, board: CatalogEntry, window: BoardWindow): void {
  const { writer } = place
  const season = openSeasonOf(writer, window)
  if (season === undefined) return
  let target: BoardWriter | undefined
  for (const { playerId, name, isHidden } of playersOf(place, board)) {
    for (const counted of runsIn(place, { board, playerId, window }, season)) {
      target ??= seasonWriter(place, board, { window, season })
      const submit = submitOf({ playerId, name }, { board, window, counted })
      if (isHidden) target.hidden.submit(submit)
      else target.submit(submit)
    }
  }
}

/** Who has an entry on the board, hidden or not, and the name that it shows. */
interface KnownPlayer {
  playerId: string
  name: string | undefined
  isHidden: boolean
}

function playersOf({ writer }: TurnPlace, { id, shape }: CatalogEntry): KnownPlayer[] {
  const keys = new BoardKeys(id)
  const players: KnownPlayer[] = []
  writer.visit('players', keys.all(), (key, value) => {
    const playerId = key.toString('utf8', keys.prefix.length)
    const name = decodePlayerRecord(key, value, shape.headBytes)?.name
    players.push({ playerId, name, isHidden: isHiddenRecord(value) })
  })
  return players
}

// In the order in which they were made.
function runsIn(
  { context, writer }: TurnPlace,
  player: { board: CatalogEntry; playerId: string; window: BoardWindow },
  { startMicros, endMicros = Number.POSITIVE_INFINITY }: StoredSeason,
): CountedRun[] {
  const { shape } = player.board
  const allowance = context.futureAllowanceMs * 1000
  const runs: RunRecord[] = []
  const { filledFromSeq = 0 } = player.window
  for (const { seq, run } of runsOf(writer, player)) {
    if (seq < filledFromSeq) break
    if (run.committedMicros + allowance < startMicros) break
    runs.push(run)
  }
  const counted: CountedRun[] = []
  let held: Held | undefined
  for (const [i, run] of runs.reverse().entries()) {
    // Runs that were undone since say of those behind them what is not so any more.
    const isFirst = run.before === undefined && !run.tail.has(RUN_TAG.GOES_ON)
    if (i === 0 || isFirst) held = heldOf(run, player.board)
    // What was there before the player left the board has no effect any more.
    if (isFirst && !run.hasNoPlace) counted.length = 0
    if (run.tail.has(RUN_TAG.UNDONE)) continue
    const score = scoreIn(shape, run.submitted)
    const asked = { mode: run.mode, score, atMicros: run.isAtGiven ? run.atMicros : undefined }
    const { score: after, moves } = decideScore(shape, { ...asked, previous: held })
    const rise = riseOf(shape, held?.score, run.hasNoPlace ? (held?.score ?? zero(after)) : after)
    if (!run.hasNoPlace && moves) held = { score: after, atMicros: run.atMicros }
    if (run.atMicros >= startMicros && run.atMicros < endMicros) counted.push({ run, rise })
  }
  return counted
}

function zero(score: Score): Score {
  return typeof score === 'bigint' ? 0n : 0
}

function heldOf({ before }: RunRecord, { shape }: CatalogEntry): Held | undefined {
  if (before === undefined) return undefined
  return { score: scoreIn(shape, before), atMicros: readMicros(Buffer.from(before), shape.bytes) }
}

// Names do not go back: the season shows that of the board.
function submitOf(
  { playerId, name }: Pick<KnownPlayer, 'playerId' | 'name'>,
  made: { board: CatalogEntry; window: BoardWindow; counted: CountedRun },
): SubmitRequest {
  const { board, window, counted } = made
  const { run, rise } = counted
  const isGain = window.spec.value === 'gain'
  return {
    playerId,
    score: isGain ? rise : scoreIn(board.shape, run.submitted),
    mode: isGain ? 'increment' : (window.spec.mode ?? run.mode),
    ...{ name: name ?? playerId, metadata: run.metadata, atMicros: run.atMicros },
    ...{ only: undefined, expected: undefined, requestId: undefined, won: false },
    ...{ nowMicros: run.committedMicros, ...NO_ANSWER },
  }
}
