/**
 * The settings of a board on a server: those of any board, and its partitions.
 *
 * @module
 */

import { checkSettings } from '../../calls/settings.ts'
import { show } from '../../calls/values.ts'
import { askedError, type BoardSpec, newSpec, settingsError } from '../../domain/settings.ts'
import { windowsError } from '../../domain/windows.ts'
import { LadderError } from '../../ground/errors.ts'
import { PARTITIONS_MAX } from '../../ground/limits.ts'
import type { AskedSettings, BoardSettings } from '../../words/index.ts'
import type { RemoteBoardSettings } from '../words.ts'
import { unsupported } from './refused-calls.ts'

/** All settings of a board on a server. */
export interface RemoteSpec extends BoardSpec {
  partitions: number
  /** The numbers of windows, once they were altered; before that they are their places, from 1. */
  numbered?: WindowNumbers
}

/** The numbers of the windows of a board, and the one of the next that is added: none is given twice. */
export interface WindowNumbers {
  numbers: readonly number[]
  next: number
}

/** Returns the numbers of the windows of a board. */
export function numbersOf({
  windows = [],
  numbered,
}: Pick<RemoteSpec, 'windows' | 'numbered'>): WindowNumbers {
  return numbered ?? { numbers: windows.map((_, i) => i + 1), next: windows.length + 1 }
}

/** Such settings as a caller gave them, checked; undefined if not given. */
export interface AskedOfServer extends AskedSettings {
  partitions: number | undefined
}

/** Returns the settings that a call was given for a board. @throws {LadderError} `UNSUPPORTED`. */
export function checkRemoteSettings(
  call: 'board' | 'openBoard' | 'createBoard',
  name: string,
  settings: RemoteBoardSettings | undefined,
): AskedOfServer {
  const { partitions, rest } = withoutPartitions(settings)
  const asked = checkSettings(call, [name], rest)
  if (partitions !== undefined) checkPartitions(partitions)
  if (asked.log !== undefined && asked.log !== 'none')
    throw unsupported('keep a log', 'boards on a server keep no log')
  return { ...asked, partitions }
}

/** Returns the settings of a new board. @throws {LadderError} `UNSUPPORTED`. */
export function newRemoteSpec(name: string, asked: AskedOfServer): RemoteSpec {
  return besidePartitions(specOf(name, asked))
}

/** Returns whether a new board with settings that were asked for has those that are asked for now, too. */
export function isAskedAlike(name: string, before: AskedOfServer, asked: AskedOfServer): boolean {
  return remoteAskedError(specOf(name, before), asked) === undefined
}

/** Returns settings that may stand beside one another. @throws {LadderError} `UNSUPPORTED`. */
export function besidePartitions(spec: RemoteSpec): RemoteSpec {
  const { partitions, keep, windows = [] } = spec
  if (partitions > 1 && keep !== undefined)
    throw unsupported('use keep beside partitions', 'no partition knows the last of all entries')
  if (partitions > 1 && windows.some((window) => window.keep !== undefined))
    throw unsupported(
      'use keep of a window beside partitions',
      'no partition knows the last of all entries',
    )
  return spec
}

/** Returns an error that names stored and asked settings, or undefined where they agree. */
export function remoteAskedError(
  stored: RemoteSpec,
  asked: AskedOfServer,
): LadderError | undefined {
  const { partitions = stored.partitions } = asked
  return (
    askedError(withoutLog(stored), { ...asked, log: undefined }) ??
    partitionsError(stored, partitions) ??
    windowsError(stored.name, stored.windows ?? [], asked.windows ?? [])
  )
}

/** The same for all settings but windows, which may have been altered. */
export function specError(stored: RemoteSpec, asked: RemoteSpec): LadderError | undefined {
  return (
    settingsError(withoutLog(stored), withoutLog(asked)) ??
    partitionsError(stored, asked.partitions)
  )
}

/** Returns settings as they are told: no board on a server has a log, so nothing is said of it. */
export function withoutLog(spec: RemoteSpec): RemoteSpec {
  return { ...spec, log: 'all' }
}

function partitionsError(stored: RemoteSpec, asked: number): LadderError | undefined {
  if (stored.partitions === asked) return undefined
  return new LadderError(
    'SETTINGS_DIFFER',
    `Cannot open board "${stored.name}": it was created with ${stored.partitions} partitions, asked for ${asked}; settings are fixed at creation`,
  )
}

function withoutPartitions(settings: RemoteBoardSettings | undefined): {
  partitions: unknown
  rest: BoardSettings | undefined
} {
  if (typeof settings !== 'object' || settings === null || !('partitions' in settings))
    return { partitions: undefined, rest: settings }
  const { partitions, ...rest } = settings
  return { partitions, rest }
}

function checkPartitions(value: unknown): asserts value is number {
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${show(value)} as partitions: it must be a number`)
  const isPower = Number.isInteger(Math.log2(value))
  if (!isPower || value < 1 || value > PARTITIONS_MAX)
    throw new RangeError(
      `Cannot use ${value} as partitions: it must be a power of two, 1 to ${PARTITIONS_MAX}`,
    )
}

function specOf(name: string, asked: AskedOfServer): RemoteSpec {
  const { partitions = 1 } = asked
  return { ...newSpec(name, asked), log: 'none', partitions }
}
