/**
 * A progress bar on standard error for long work, on a terminal only.
 *
 * @module
 */

import type { Io } from './io.ts'
import { formatBytes, formatNumber } from './output.ts'

/** What is shown of a step. */
export interface ProgressStep {
  label: string
  done: number
  /** Undefined if it is not known: then the amount alone is shown. */
  total: number | undefined
  unit?: 'bytes'
}

/** A bar, or nothing at all if there is no terminal. */
export interface ProgressBar {
  update(step: ProgressStep): void
  /** Removes the bar. */
  stop(): void
}

const BAR_CHARACTERS = 30

/** Runs long work with a bar, which is gone when the work has ended, in whichever way. */
export async function withProgress<T>(io: Io, work: (bar: ProgressBar) => Promise<T>): Promise<T> {
  const bar = await startProgress(io)
  try {
    return await work(bar)
  } finally {
    bar.stop()
  }
}

async function startProgress(io: Io): Promise<ProgressBar> {
  if (io.stderr.isTTY !== true) return { update: ignore, stop: ignore }
  const { default: cliProgress } = await import('cli-progress')
  const bar = new cliProgress.SingleBar({
    stream: io.stderr as NodeJS.WritableStream,
    format: (_options, _parameters, payload: { step: ProgressStep }) => describe(payload.step),
    clearOnComplete: true,
    // A second Ctrl-C kills without a word: the terminal must be left as it was.
    hideCursor: false,
    linewrap: true,
    // It would end the process on Ctrl-C; here the work ends in its own order.
    gracefulExit: false,
  })
  bar.start(1, 0, { step: { label: '', done: 0, total: undefined } })
  return {
    update: (step) => bar.update(0, { step }),
    stop: () => bar.stop(),
  }
}

function describe(step: ProgressStep): string {
  const { label, done, total } = step
  const format = step.unit === 'bytes' ? formatBytes : formatNumber
  if (total === undefined) return `${label} ${format(done)}`
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const full = Math.round(share * BAR_CHARACTERS)
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CHARACTERS - full)
  return `${label} ${bar} ${Math.floor(share * 100)} % of ${format(total)}`
}

function ignore(): void {}
