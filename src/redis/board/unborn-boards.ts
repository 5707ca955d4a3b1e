/**
 * Boards that were asked for and do not exist: what they were asked for with holds also if they are asked for by name
 * alone. It ends if other settings are asked for, and once any handle has seen the board.
 *
 * @module
 */

import { bothAsked } from '../../domain/settings.ts'
import { UNBORN_BOARDS_MAX } from '../../ground/limits.ts'
import type { CallerParts } from '../slot/board-caller.ts'
import { type AskedOfServer, isAskedAlike, newRemoteSpec } from '../slot/remote-settings.ts'

/** What was noted of a call for a board. */
export interface NotedBoard {
  /** Returns the parts of its calls. @throws {LadderError} `UNSUPPORTED`. */
  parts(): CallerParts
  /** Forgets what the call asked for, as it was refused. */
  takeBack(): void
}

/** Boards that were asked for and do not exist, as far as one store knows. */
export class UnbornBoards {
  // One object each for as long as the same is asked for: by it the handles know what they are to end.
  readonly #asked = new Map<string, { asked: AskedOfServer }>()

  /** Takes note of what a board is asked for with. */
  note(name: string, asked: AskedOfServer): NotedBoard {
    const before = this.#asked.get(name)
    const isAgreed = before !== undefined && isAskedAlike(name, before.asked, asked)
    const all = bothAsked(isAgreed ? before.asked : undefined, asked).all as AskedOfServer
    const noted = isAgreed ? before : { asked: all }
    noted.asked = all
    this.#remember(name, noted)
    const isNoted = (): boolean => this.#asked.get(name) === noted
    return {
      parts: () => ({
        ...{ spec: newRemoteSpec(name, all), asked: all },
        noteThere: () => {
          if (isNoted()) this.forget(name)
        },
      }),
      takeBack: () => {
        if (noted === before || !isNoted()) return
        if (before === undefined) this.forget(name)
        else this.#asked.set(name, before)
      },
    }
  }

  /** Forgets a board that exists, or was dropped. */
  forget(name: string): void {
    this.#asked.delete(name)
  }

  // Names that come from outside and are only read would fill the memory. The youngest stands last.
  #remember(name: string, noted: { asked: AskedOfServer }): void {
    this.#asked.delete(name)
    this.#asked.set(name, noted)
    const [oldest] = this.#asked.keys()
    if (this.#asked.size > UNBORN_BOARDS_MAX && oldest !== undefined) this.forget(oldest)
  }
}
