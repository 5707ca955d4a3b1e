/**
 * Windows of a board on a server by their names, and why a submit is not for a season.
 *
 * @module
 */

import { noWindow, seasonOver, WINDOWS_FIXED, windowLeftOut } from '../domain/windows.ts'
import type { LadderError } from '../ground/errors.ts'
import type { SubmitRequest, WindowSpec } from '../words/index.ts'
import type { RemoteSpec } from './remote-settings.ts'

/** Returns the number of a window, from 1, as the functions know it. @throws {LadderError} `NO_WINDOW`. */
export function windowNumber(
  { name: board, windows = [] }: Pick<RemoteSpec, 'name' | 'windows'>,
  name: string,
): number {
  const i = windows.findIndex((window) => window.name === name)
  if (i >= 0) return i + 1
  throw noWindow(board, name, namesOf(windows), WINDOWS_FIXED)
}

/** @throws {TypeError} that names the windows of the board if a call names none; `action` says what it is to do. */
export function checkNamed(action: string, window: unknown, spec: RemoteSpec): void {
  if (window !== undefined) return
  const { name: board, windows = [] } = spec
  throw windowLeftOut(action, { board, known: namesOf(windows) }, WINDOWS_FIXED)
}

/** Returns the error of a submit that is meant for another season, from what a function found. */
export function seasonOverError(
  spec: RemoteSpec,
  submit: SubmitRequest,
  [number, id, problem, other]: readonly [number, Buffer, Buffer, Buffer],
): LadderError {
  const its = submit.atMicros === undefined ? 'is on' : 'is the one that its time lies in'
  const words: Readonly<Record<string, string>> = {
    none: 'none has been started',
    other: `"${other}" ${its}`,
    coming: 'it has not begun',
    sealed: 'it is sealed',
  }
  const window = namesOf(spec.windows ?? [])[number - 1] as string
  return seasonOver({ board: spec.name, window, season: String(id) }, words[String(problem)] ?? '')
}

function namesOf(windows: readonly WindowSpec[]): string[] {
  return windows.map(({ name }) => name)
}
