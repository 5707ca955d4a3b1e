/**
 * Where `watch` shows what it sees: a screen of its own on a terminal, blocks of lines elsewhere, a
 * document a line with `--json`.
 *
 * @module
 */

import type { Score, WatchUpdate } from '../../index.ts'
import type { Io } from '../io.ts'
import { formatTime, printJson } from '../output.ts'
import { paint } from '../text.ts'
import { render, type Subject } from './render.ts'
import { hasScreen, Screen } from './screen.ts'
import { nextState } from './state.ts'

/** What updates are shown on. */
export interface Display {
  show(update: WatchUpdate<Score>): Promise<void>
  /** Aborted when there is nobody to show anything to. */
  signal: AbortSignal
  close(): Promise<void>
}

/** Returns what suits the stream and the options. */
export function openDisplay(
  io: Io,
  options: { json: boolean; color: boolean },
  subject: Subject,
): Display {
  const { json, color } = options
  if (json) return streamOf(io, (update) => printJson(io, update))
  if (hasScreen(io)) return new Screen(io, { color, subject })
  return streamOf(io, (update) => printBlock(io, { update, subject, color }))
}

function streamOf(io: Io, show: Display['show']): Display {
  return { show, signal: io.closed, close: async () => undefined }
}

async function printBlock(
  io: Io,
  block: { update: WatchUpdate<Score>; subject: Subject; color: boolean },
): Promise<void> {
  const { update, subject, color } = block
  const now = Date.now()
  const lines = render(nextState(undefined, update, now), subject, {
    columns: Number.POSITIVE_INFINITY,
    rows: Number.POSITIVE_INFINITY,
    paint: (text, style) => paint(text, { io, color, style }),
  })
  await io.print([`--- ${formatTime(now)}`, ...lines, ''].join('\n'))
}
