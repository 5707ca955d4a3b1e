/**
 * Windows of a board on a server by their names, and why a submit is not for a season.
 *
 * @module
 */

import { BY_ALTER, noWindow, seasonOver, windowLeftOut } from '../../domain/windows.ts'
import type { LadderError } from '../../ground/errors.ts'
import type { SubmitRequest, WindowSpec } from '../../words/index.ts'
import type { RemoteSpec } from './remote-settings.ts'

/** Whether a board has windows of these names as far as is known. Then nothing is waited for: changes stay in order. */
export function knowsWindows({ windows = [] }: WindowedSpec, names: readonly string[]): boolean {
  return names.every((one) => windows.some(({ name }) => name === one))
}

/** Returns a window by its name. @throws {LadderError} `NO_WINDOW`. */
export function windowNamedIn(spec: WindowedSpec, name: string): WindowSpec {
  const found = (spec.windows ?? []).find((window) => window.name === name)
  if (found !== undefined) return found
  throw missingWindow(spec, name)
}

/** Returns the error of a window that a board does not have. */
export function missingWindow(spec: WindowedSpec, name: string): LadderError {
  const { name: board, windows = [] } = spec
  return noWindow(board, name, namesOf(windows), remediesOf(spec))
}

/** Returns the error of a call that names no window, with those of the board; `action` says what it is to do. */
export function leftOutError(action: string, spec: WindowedSpec): TypeError {
  const { name: board, windows = [] } = spec
  return windowLeftOut(action, { board, known: namesOf(windows) }, remediesOf(spec))
}

/** Returns the error of a submit that is meant for another season, from what a function found. */
export function seasonOverError(
  spec: RemoteSpec,
  submit: SubmitRequest,
  [window, id, problem, other]: readonly [Buffer, Buffer, Buffer, Buffer],
): LadderError {
  const its = submit.atMicros === undefined ? 'is on' : 'is the one that its time lies in'
  const words: Readonly<Record<string, string>> = {
    none: 'none has been started',
    other: `"${other}" ${its}`,
    coming: 'it has not begun',
    sealed: 'it is sealed',
  }
  const place = { board: spec.name, window: String(window), season: String(id) }
  return seasonOver(place, words[String(problem)] ?? '')
}

// Each partition goes by the settings that it was made with.
function remediesOf({ partitions }: WindowedSpec): { missing: string } {
  return partitions > 1 ? { missing: 'windows of a board in partitions are fixed' } : BY_ALTER
}

type WindowedSpec = Pick<RemoteSpec, 'name' | 'windows' | 'partitions'>

function namesOf(windows: readonly WindowSpec[]): string[] {
  return windows.map(({ name }) => name)
}
