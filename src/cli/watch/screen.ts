/**
 * The screen of a terminal: taken whole, drawn when something is different, and given back.
 *
 * Whatever ends the watching, close() comes: the main screen, the cursor, line wrap and the mode of
 * the keyboard are what they were. Control sequences are those of ECMA-48 and xterm, which every
 * terminal of today knows; a terminal that says it is `dumb` does not count as one.
 *
 * @module
 */

import type { Score, WatchUpdate } from '../../index.ts'
import type { Io } from '../io.ts'
import { paint } from '../text.ts'
import { render, type Subject } from './render.ts'
import { fade, nextFade, nextState, type WatchState } from './state.ts'

const ESC = '\u001b['
// The other screen, without cursor and line wrap: a width that a terminal sees otherwise cuts a line
// instead of breaking the picture.
const TAKE = `${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}H${ESC}J`
const GIVE_BACK = `${ESC}?7h${ESC}?25h${ESC}?1049l`
const HOME = `${ESC}H`
const CLEAR_LINE = `${ESC}2K`
const CLEAR_BELOW = `\r\n${ESC}J`

const COLUMNS_DEFAULT = 80
const ROWS_DEFAULT = 24
const FOOTER = 'q leaves'

// Without signals: raw mode passes Ctrl-C on as a byte.
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'

/** Says whether standard output is a terminal whose screen can be taken. */
export function hasScreen(io: Io): boolean {
  return io.stdout.isTTY === true && io.env['TERM'] !== 'dumb'
}

/** A screen that shows one update after another. */
export class Screen {
  readonly #io: Io
  readonly #options: { color: boolean; subject: Subject }
  readonly #left = new AbortController()
  readonly #hasKeys: boolean
  #state: WatchState | undefined
  #drawn = ''
  #timer: NodeJS.Timeout | undefined
  #failure: unknown
  #isOpen = false

  constructor(io: Io, options: { color: boolean; subject: Subject }) {
    this.#io = io
    this.#options = options
    this.#hasKeys = io.stdin.isTTY === true
  }

  /** Aborted when the person leaves, or the terminal is gone. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.#left.signal, this.#io.closed])
  }

  /** Shows an update. */
  async show(update: WatchUpdate<Score>): Promise<void> {
    if (!this.#isOpen) await this.#take()
    this.#state = nextState(this.#state, update, Date.now())
    await this.#draw()
  }

  /** Gives the screen back. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#isOpen) {
      this.#isOpen = false
      this.#io.stdout.off('resize', this.#redraw)
      if (this.#hasKeys) this.#releaseKeys()
      await this.#io.print(GIVE_BACK)
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  async #take(): Promise<void> {
    // Before the first byte: from here on close() has something to give back.
    this.#isOpen = true
    if (this.#hasKeys) this.#takeKeys()
    this.#io.stdout.on('resize', this.#redraw)
    await this.#io.print(TAKE)
  }

  #takeKeys(): void {
    const { stdin } = this.#io
    stdin.setRawMode?.(true)
    stdin.on('data', this.#onKeys)
    stdin.on('end', this.#leave)
    stdin.on('error', this.#leave)
    stdin.resume()
  }

  #releaseKeys(): void {
    const { stdin } = this.#io
    stdin.pause()
    stdin.off('data', this.#onKeys)
    stdin.off('end', this.#leave)
    stdin.setRawMode?.(false)
  }

  readonly #onKeys = (keys: Buffer | string): void => {
    const text = String(keys)
    if (text.includes(CTRL_C)) this.#io.interrupt()
    else if (text === 'q' || text === 'Q' || text === CTRL_D) this.#leave()
  }

  readonly #leave = (): void => this.#left.abort()

  // Nobody waits for what a timer or a resize draws: a failure ends the watching and is told then.
  readonly #redraw = (): void => {
    this.#draw().catch((error: unknown) => {
      this.#failure ??= error
      this.#leave()
    })
  }

  async #draw(): Promise<void> {
    if (!this.#isOpen || this.#state === undefined) return
    const now = Date.now()
    this.#state = fade(this.#state, now)
    this.#schedule(this.#state, now)
    // A terminal that does not know its size says 0.
    const columns = this.#io.stdout.columns || COLUMNS_DEFAULT
    const rows = this.#io.stdout.rows || ROWS_DEFAULT
    const lines = render(this.#state, this.#options.subject, {
      columns,
      rows,
      footer: FOOTER,
      paint: (text, style) => paint(text, { io: this.#io, color: this.#options.color, style }),
    })
    const picture = `${columns}x${rows}\n${lines.join('\n')}`
    if (picture === this.#drawn) return
    this.#drawn = picture
    // Cleared before, not behind: there the cursor stands on the last character of a full line.
    const body = lines.map((line) => CLEAR_LINE + line).join('\r\n')
    await this.#io.print(HOME + body + (lines.length < rows ? CLEAR_BELOW : ''))
  }

  #schedule(state: WatchState, now: number): void {
    clearTimeout(this.#timer)
    const next = nextFade(state)
    if (next !== undefined) this.#timer = setTimeout(this.#redraw, next - now)
  }
}
