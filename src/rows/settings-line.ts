/**
 * The first line of an NDJSON export, which carries the settings of its board:
 *
 *     {"ladderdb":{"format":1,"board":{"name":"golf","order":"ascending","mode":"best"}}}
 *
 * It has no `playerId`, so it cannot be mistaken for a row. An import makes a board that does not exist
 * with these settings, and refuses the file if they contradict those of a board that does, or settings
 * that the caller gave. Files without the line are imported as they always were. The name is told, not
 * obeyed: a file can be imported into a board of any name. The line of a board has its windows, and a new board
 * gets these beside those that the caller names; a board that exists has the windows that it has.
 *
 * @module
 */

import { constants, gunzipSync } from 'node:zlib'
import { checkToldSettings } from '../calls/settings.ts'
import {
  askedError,
  type BoardSpec,
  newSpec,
  settingsError,
  settingsInfo,
} from '../domain/settings.ts'
import { windowsError } from '../domain/windows.ts'
import { fullWindow } from '../format/window-settings.ts'
import { LadderError } from '../ground/errors.ts'
import type {
  AskedSettings,
  AskedWindow,
  BoardSettings,
  ImportOptions,
  Mode,
} from '../words/index.ts'
import { SETTINGS_START } from './rows-objects.ts'
import { type RowSource, sourceBytes } from './source.ts'

const FORMAT = 1
const GZIP_MARK = 0x1f

// More than the longest line has.
const LINE_BYTES_MAX = 16 * 1024

/** Returns the line for a board. */
export function settingsLine(board: BoardSpec): string {
  const { name, ...settings } = settingsInfo(board)
  const { columns, order, ...others } = settings
  const shape = columns === undefined ? { order } : { columns }
  return JSON.stringify({ ladderdb: { format: FORMAT, board: { name, ...shape, ...others } } })
}

/**
 * Returns a source that yields the whole file, and what `boardOf` makes of the settings that the file tells of its
 * board; undefined if it tells none. If that throws, the source is closed.
 *
 * @throws {LadderError} `BAD_ROW` if its first line cannot be read.
 */
export async function openRows<T>(
  file: { source: RowSource; options: ImportOptions },
  boardOf: (settings: AskedSettings) => T,
): Promise<{ board: T | undefined; source: RowSource }> {
  const { options } = file
  if (options.format === 'csv') return { board: undefined, source: file.source }
  const chunks = sourceBytes(file.source, options)
  const { head, taken } = await headOf(chunks)
  const source = rejoined(taken, chunks)
  try {
    const settings = settingsIn(head)
    return { board: settings && boardOf(checkedSettings(settings)), source }
  } catch (error) {
    await chunks.return(undefined)
    throw error
  }
}

/**
 * Returns the settings that a file gives to the board which it is read into. `found` are those of the board if it
 * exists, `asked` those that the caller named for one that does not, `mode` that of the rows.
 *
 * @throws {LadderError} `SETTINGS_DIFFER` if the file contradicts the board or what was asked for.
 */
export function specOfFile(
  settings: AskedSettings,
  board: {
    name: string
    found: BoardSpec | undefined
    asked: AskedSettings | undefined
    mode: Mode | undefined
  },
): BoardSpec {
  const { name, found, asked, mode: rowMode } = board
  const inFile = newSpec(name, settings)
  // Who names the mode of the rows knows that of the board.
  const keepsMode = found !== undefined && rowMode !== undefined
  const spec = keepsMode ? { ...inFile, mode: found.mode } : inFile
  // An import in mode best asks for a board of mode best, but the file knows better.
  const mode = asked?.mode === rowMode ? undefined : asked?.mode
  const wanted = found === undefined ? withWindows(spec, asked?.windows) : spec
  const error =
    found === undefined
      ? asked &&
        (askedError(spec, { ...asked, mode }) ??
          windowsError(name, wanted.windows ?? [], asked.windows ?? []))
      : settingsError(found, spec)
  if (error !== undefined)
    throw new LadderError(
      'SETTINGS_DIFFER',
      `Cannot import the file into board "${name}": ${found === undefined ? 'the file is of a board' : 'the board'} ` +
        `${error.message.replace(/^.*?: it was /, '')}; import it into another board, or remove the first line of the file`,
      { cause: error },
    )
  return found ?? wanted
}

// Those of the file, and what else is asked for.
function withWindows(spec: BoardSpec, asked: readonly AskedWindow[] = []): BoardSpec {
  const { windows = [] } = spec
  const more = asked.filter(({ name }) => windows.every((one) => one.name !== name))
  return more.length === 0 ? spec : { ...spec, windows: [...windows, ...more.map(fullWindow)] }
}

function checkedSettings(settings: BoardSettings): AskedSettings {
  try {
    return checkToldSettings(settings)
  } catch (error) {
    throw badLine((error as Error).message)
  }
}

function settingsIn(head: string): BoardSettings | undefined {
  const text = head.replace(/^\u{FEFF}/u, '').trimStart()
  if (!SETTINGS_START.test(text)) return undefined
  const { ladderdb } = parse(text.split(/[\r\n]/)[0] ?? '')
  const { format, board } = (ladderdb ?? {}) as { format?: unknown; board?: unknown }
  if (format !== FORMAT || typeof board !== 'object' || board === null)
    throw badLine(`its format is ${String(format)}, this release reads ${FORMAT}; upgrade ladderdb`)
  const { name: _name, ...settings } = board as BoardSettings & { name?: string }
  return settings
}

function parse(line: string): { ladderdb?: unknown } {
  try {
    return JSON.parse(line) as { ladderdb?: unknown }
  } catch (error) {
    throw badLine(`it is not JSON: ${(error as Error).message}`)
  }
}

function badLine(problem: string): LadderError {
  return new LadderError('BAD_ROW', `Line 1: the settings cannot be read: ${problem}`)
}

// Takes chunks until the first line is whole.
async function headOf(
  chunks: AsyncGenerator<Uint8Array>,
): Promise<{ head: string; taken: Uint8Array[] }> {
  const taken: Uint8Array[] = []
  let bytes = Buffer.alloc(0)
  let head = ''
  while (!head.trimStart().includes('\n') && bytes.length < LINE_BYTES_MAX) {
    const { value, done } = await chunks.next()
    if (done === true) break
    // A copy, because a source may use its memory again.
    const chunk = Buffer.from(value)
    taken.push(chunk)
    bytes = Buffer.concat([bytes, chunk])
    head = textOf(bytes)
  }
  return { head, taken }
}

function textOf(bytes: Buffer): string {
  if (bytes[0] !== GZIP_MARK) return bytes.toString('utf8')
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString('utf8')
  } catch {
    // Damaged data are told of, with their line, by the reading that follows.
    return ''
  }
}

async function* rejoined(
  taken: Uint8Array[],
  chunks: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* taken
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
      yield next.value
  } finally {
    await chunks.return(undefined)
  }
}
