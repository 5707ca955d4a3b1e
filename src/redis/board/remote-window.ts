/**
 * A season of a window on a server, as a board to read.
 *
 * @module
 */

import { toMs } from '../../format/time.ts'
import type { Score } from '../../words/index.ts'
import { refuseCalls } from '../slot/refused-calls.ts'
import type { SeasonCalls } from '../slot/season-calls.ts'
import { RemoteLive } from './remote-live.ts'

/**
 * A season of a window of a board on a server, whose scores are of type `S`. Get it from `RemoteBoard.window`. If no
 * season was named, it is the one that is on at each read: at a border it goes on with the next one. `season`, `from`,
 * `to` and `sealed` are those of the last read that was answered.
 */
export class RemoteWindow<S extends Score = number> extends RemoteLive<S> {
  readonly #seasons: SeasonCalls

  static {
    refuseCalls(RemoteWindow.prototype, ['history'])
  }

  /** @internal */
  constructor(seasons: SeasonCalls) {
    super(seasons)
    this.#seasons = seasons
  }

  /** The name of the window. */
  get window(): string {
    return this.#seasons.wanted.window
  }

  /** The id of the season; undefined before the first one of a manual window, which reads as empty. */
  get season(): string | undefined {
    return this.#seasons.told?.season
  }

  /** When it began, milliseconds since 1970 UTC. */
  get from(): number | undefined {
    return msOf(this.#seasons.told?.fromMicros)
  }

  /** When it ends, the first instant of the next one; undefined until that is started. */
  get to(): number | undefined {
    return msOf(this.#seasons.told?.toMicros)
  }

  /** Whether it takes no more submits: its standing is final. */
  get sealed(): boolean {
    return this.#seasons.told?.sealed === true
  }
}

function msOf(micros: number | undefined): number | undefined {
  return micros === undefined ? undefined : toMs(micros)
}
