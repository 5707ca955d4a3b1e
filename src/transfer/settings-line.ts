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
import { findBoard } from '../embedded/catalog.ts'
import { NamedBoard } from '../embedded/named-board.ts'
import type { OpenStore } from '../embedded/open-store.ts'
import { fullWindow } from '../format/window-settings.ts'
import { LadderError } from '../ground/errors.ts'
import type { AskedSettings, AskedWindow, BoardSettings, ImportOptions } from '../words/index.ts'
import { SETTINGS_START } from './rows/rows-objects.ts'
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
 * Returns the board as the file wants it, a source that yields the whole file, and whether the file has
 * the settings of its board: then it says all of it, even without a row.
 *
 * @throws {LadderError} `SETTINGS_DIFFER` if the file contradicts the board or what was asked for.
 */
export async function openFile(
  context: OpenStore,
  file: { board: NamedBoard; source: RowSource; options: ImportOptions },
): Promise<{ board: NamedBoard; source: RowSource; isWhole: boolean }> {
  const { board, options } = file
  if (options.format === 'csv') return { ...file, isWhole: false }
  const chunks = sourceBytes(file.source, options)
  const { head, taken } = await headOf(chunks)
  const source = rejoined(taken, chunks)
  try {
    const settings = settingsIn(head)
    return {
      board: settings === undefined ? board : boardOf(context, { ...file, settings }),
      source,
      isWhole: settings !== undefined,
    }
  } catch (error) {
    await chunks.return(undefined)
    throw error
  }
}

function boardOf(
  context: OpenStore,
  file: { board: NamedBoard; options: ImportOptions; settings: BoardSettings },
): NamedBoard {
  const { board, options, settings } = file
  const found = findBoard(context.store.current(), board.name)
  const inFile = newSpec(board.name, checkedSettings(settings))
  // Who names the mode of the rows knows that of the board.
  const keepsMode = found !== undefined && options.mode !== undefined
  const spec = keepsMode ? { ...inFile, mode: found.mode } : inFile
  const { asked } = board
  // An import in mode best asks for a board of mode best, but the file knows better.
  const mode = asked?.mode === options.mode ? undefined : asked?.mode
  const wanted = found === undefined ? withWindows(spec, asked?.windows) : spec
  const error =
    found === undefined
      ? asked &&
        (askedError(spec, { ...asked, mode }) ??
          windowsError(board.name, wanted.windows ?? [], asked.windows ?? []))
      : settingsError(found, spec)
  if (error !== undefined)
    throw new LadderError(
      'SETTINGS_DIFFER',
      `Cannot import the file into board "${board.name}": ${found === undefined ? 'the file is of a board' : 'the board'} ` +
        `${error.message.replace(/^.*?: it was /, '')}; import it into another board, or remove the first line of the file`,
      { cause: error },
    )
  return found === undefined ? new NamedBoard(wanted, { wasThere: board.wasThere }) : board
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
