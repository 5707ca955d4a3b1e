/**
 * Taking runs back.
 *
 * @module
 */

import { checkCall } from '../calls/options.ts'
import { microsOfAt, timeOf } from '../calls/times.ts'
import { makeChange } from '../embedded/apply.ts'
import { dryUndo } from '../embedded/log/undo.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import type { AskedUndo, UndoAnswer, UndoOptions } from '../words/index.ts'
import { StoreLog } from './store-log.ts'

/** A store whose runs can be taken back. */
export class UndoneStore extends StoreLog {
  readonly #context: OpenStore

  /** @internal */
  constructor(context: OpenStore) {
    super(context)
    this.#context = context
  }

  /**
   * Takes runs back as if nobody had played them: each player concerned gets what the other runs give when they
   * are made again in the order of their `seq`, each in its own mode. So the best of what is left comes back
   * with its own time, or the sum, or the last one. Conditions and rules are not judged again; names stay as
   * they are; metadata go with their runs. Runs before a removal of their player have no effect either way.
   * One change; resolves, when it is durable, with who changed from what to what.
   *
   * On a board that keeps the best, everything since the oldest of the runs happens again without them, with
   * the removals, bans and moves of that time: a player who was pushed out comes back, one who found no place
   * may get in, and one who would not have held out leaves. A person who was erased since is as one who was
   * not there at that time. `lost` names those who might be in again if the log knew what they had.
   *
   * All filters that are given hold. A run that is undone already is passed over; with nothing to do `count`
   * is 0, and there is no record. `seqs` may name an undo: the runs that still are as it left them are turned
   * over, so an undo can be undone. With `dryRun` the answer is the same and nothing changes; give its `seq`
   * as `expectedSeq` to refuse an undo that could have become another one. A board created with `log:
   * 'changes'` knows nothing of runs that changed nothing, so none of them can come back: `partial`.
   *
   * Cost: O(runs that are looked at): those of a player by the player's chain, without `playerId` all
   * records between `from` and `to`; then those of each player concerned, from the oldest one that is
   * taken back. On a board that keeps the best, and for a player who was moved, all records since the oldest
   * of the runs, and the entries of the board. It is one transaction, whatever its size: other writers, and the
   * event loop, wait meanwhile, 80 ms for 1,000 runs and 1.6 s for 100,000. Who takes back more at once does so in
   * steps, by times.
   *
   * @throws {TypeError | RangeError} without `seqs`, `playerId`, `board` or `from`.
   * @throws {LadderError} `NO_BOARD`; `LOG_OFF` if the board keeps no log; `LOG_TRIMMED` if runs that are asked
   *   for are not in the log any more; `NOT_UNDOABLE` if a seq names neither a run nor an undo; `INEXACT` if
   *   what is left has no exact sum; `CONDITION_FAILED` if `expectedSeq` is not the next seq; and those of
   *   writes. Nothing is changed then.
   * @example
   * const arena = store.board('arena', { mode: 'best' })
   * await arena.submit('ada', 900)
   * await arena.submit('ada', 9999)
   * const [run] = arena.history('ada').records
   * const undone = await store.undo({ seqs: [run.seq], reason: 'a bot played', actor: 'kim' })
   * undone.changes[0].to.score // 900
   * await store.undo({ seqs: [undone.seq], reason: 'it was not a bot' })
   * arena.get('ada').score // 9999
   */
  async undo(options?: UndoOptions): Promise<UndoAnswer> {
    const undo = askedUndo(checkCall('undo', arguments, options), this.#context.nowMicros())
    const { store } = this.#context
    if (undo.isDry && store.readOnly) return dryUndo(store.current(), undo)
    return makeChange(this.#context, { kind: 'undo', undo })
  }
}

function askedUndo(options: Partial<UndoOptions>, nowMicros: number): AskedUndo {
  const { board, playerId, from, to, seqs, reason, actor, dryRun, expectedSeq, sealed } = options
  if ([seqs, playerId, board, from].every((given) => given === undefined))
    throw new TypeError(
      'Cannot undo all runs of a store: say which, by seqs, playerId, board or from',
    )
  const microsOf = (time: number | undefined, what: string): number | undefined =>
    time === undefined ? undefined : microsOfAt(timeOf(time, what))
  return {
    ...{ board, playerId, reason, actor, expectedSeq, nowMicros },
    seqs: seqs && [...seqs],
    fromMicros: microsOf(from, 'from'),
    toMicros: microsOf(to, 'to'),
    isDry: dryRun === true,
    isSealedToo: sealed === true,
  }
}
