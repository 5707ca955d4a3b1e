/**
 * `import`: feeds the rows of a file to a board, which is made if it does not exist.
 *
 *     { board, created, imported, changed, skipped, sealed, badRows, ms }
 *     badRows: [{ line, column, problem }], the first 100 of those that were skipped
 *     if it made the board also   settings: { order, mode, … }
 *
 * @module
 */

import { formatOf } from '../../calls/index.ts'
import type {
  AtUnit,
  BadRow,
  BoardInfo,
  BoardSettings,
  FileFormat,
  ImportOptions,
  ImportReport,
  Mode,
  Progress,
} from '../../index.ts'
import { type AnyBoard, type AnyStore, infoOf, withAnyStore } from '../any-store.ts'
import { parseDelimiter, parsePairs, parseScoreFormat, parseSpan } from '../arguments.ts'
import { addSettings, describeOrder, type SettingsOptions, settingsOf } from '../board-settings.ts'
import { addCommand, type Cli, choice, runner, wordsFor } from '../command.ts'
import { CliError } from '../failures.ts'
import { type Source, STANDARD, withSource } from '../files.ts'
import { inFlags } from '../flags.ts'
import type { Io } from '../io.ts'
import { formatCount, formatDuration, formatNumber, printJson, printLine } from '../output.ts'
import { type ProgressBar, withProgress } from '../progress.ts'
import { isCluster, isServer, shownServer } from '../server-place.ts'
import { withSortedSet } from '../sorted-set.ts'
import { printable, shellWord } from '../text.ts'
import { type CommonOptions, storeFlags } from '../with-store.ts'

export interface ImportCommandOptions extends CommonOptions, Omit<SettingsOptions, 'mode'> {
  file: string
  format?: FileFormat
  /** Mode of the rows. */
  mode?: Mode
  /** Of times that are numbers. */
  atUnit?: AtUnit
  /** How far times may lie in the future, milliseconds. */
  futureAllowance?: number
  /** What the file calls a column, by its name here. */
  columns?: Record<string, string>
  ignoreExtra?: boolean
  delimiter?: string
  scoreFormat?: ImportOptions['scoreFormat']
  decimalComma?: boolean
  /** Rows go by the rules of the board. */
  rules?: boolean
  /** False: rows leave no records in the log. */
  log?: boolean
  skipBad?: boolean
  /** Goes on behind the rows of the file that are stored. */
  resume?: boolean
  /** Of a new board, as the other settings. */
  boardMode?: Mode
  /** Key of a sorted set, if the file is a server. */
  zset?: string
  /** Key of a hash of names. */
  names?: string
}

/** An import whose file is open. */
interface Work extends ImportCommandOptions {
  format: FileFormat
  source: Source
}

/** What came of an import. */
interface Outcome extends ImportReport {
  badRows: readonly BadRow[]
  created: boolean
  /** Of the board, if the import made it. */
  settings?: Omit<BoardInfo, 'name' | 'size'>
}

/** What is told of an import. */
interface Report extends Outcome {
  board: string
  ms: number
}

const TIES =
  'equal scores stand as the server showed them, by the bytes of the members: a sorted set keeps no times'

// More are counted but not shown: a wrong file has as many as it has lines.
const BAD_ROWS_SHOWN = 20
const BAD_ROWS_REPORTED = 100

const HELP = `
Columns, in any order, named in the first line of CSV or as keys in JSON:
  playerId   the id of the player
  score      a number; of several columns, each of these by its own name
  name, at, metadata    may be left out; rank and board are ignored
CSV may be separated by , ; | or a tab, lines end in LF, CR LF or CR, rows of
empty fields are skipped. The encoding is UTF-8.

Times (at) are milliseconds since 1970, or ISO 8601 like 2026-11-21T18:30:00Z,
which is UTC if no offset is given. Numbers that look like seconds or
microseconds are refused, unless --at-unit says what they are. Times that are
more than five minutes ahead are refused too: --future-allowance 2d takes those
of a machine whose clock was up to two days ahead.

Rows with times go to the seasons that these lie in, of each window of the
board; past ones that were empty are filled. A season that is sealed and has
entries is a final standing: its rows go to the board alone. The answer counts
them by windows, with --json as "sealed":{"month":12}.

A bad row ends the import with its line, and nothing is imported. With
--skip-bad, --json reports badRows: the line, column and problem of the first
100. skipped counts all.

A sorted set of Redis keeps no times: equal scores stand as it showed them, by
the bytes of the members, from Z to A if the highest comes first. Its rows get
the time of the import. What changes meanwhile comes with a second import.

On a server all rows are read and checked first, then stored 250 at a time. An
import that is stopped there says how many are stored; --resume goes on behind
them, and no row counts twice.

The settings in the first line of an NDJSON export make a board that does not
exist.

Files of other tools, and one board out of a backup:
  import laps.csv --columns playerId=Driver,score=Lap --ignore-extra
  import laps.csv --score-format time --order ascending
  import excel.csv --delimiter ';' --decimal-comma
  import redis://localhost:6379 --zset scores --names names --mode best
  --db BACKUP --board B export - --format ndjson | ladderdb --board B import - \\
    --format ndjson`

/** Declares `import`. */
export function importCommand(cli: Cli): void {
  const command = addCommand(cli, 'import', {
    summary: 'feed the rows of a file to the board',
    example: 'import scores.csv.gz --mode best',
  }).argument(
    '<file>',
    'CSV, NDJSON or JSON, packed with gzip or not; - is standard input; or redis://… with --zset',
  )
  addSettings(command, ' of a new board')
    .addOption(
      choice('--format <format>', 'default: what the name says', wordsFor('importFrom', 'format')),
    )
    .addOption(
      choice('--mode <mode>', "of the rows; default: the board's", wordsFor('importFrom', 'mode')),
    )
    .option(
      '--columns <names>',
      'what the file calls columns: playerId=Player,score=Pts',
      parsePairs,
    )
    .option('--ignore-extra', 'leave out columns that are not known, instead of refusing the file')
    .option('--delimiter <c>', 'what separates fields; default: seen in the header', parseDelimiter)
    .option(
      '--score-format <format>',
      'number, time (h:mm:ss.fff in seconds) or time-ms; of one column: lap=time-ms',
      parseScoreFormat,
    )
    .option('--decimal-comma', 'scores are like 12,5')
    .addOption(
      choice(
        '--at-unit <unit>',
        'of times that are numbers; default: ms',
        wordsFor('importFrom', 'atUnit'),
      ),
    )
    .option(
      '--future-allowance <span>',
      'how far times may lie in the future, like 10m or 2d; default: 5m',
      parseSpan,
    )
    .option('--zset <key>', 'of a server: this sorted set, members being players')
    .option('--names <key>', 'with --zset: a hash of names by members')
    .option('--rules', 'refuse rows that the rules of the board refuse')
    .option('--no-log', 'leave no record of each row in the log; the rows cannot be undone then')
    .option('--skip-bad', 'report bad rows and skip them, instead of importing nothing')
    .option('--resume', 'on a server: go on with an import of this file that was stopped')
    .addOption(
      choice(
        '--board-mode <mode>',
        'of the board if it is new; default: --mode, or set',
        wordsFor('createBoard', 'mode'),
      ),
    )
    .addHelpText('after', HELP)
    .action(runner(cli, runImport, ['file']))
}

export async function runImport(io: Io, options: ImportCommandOptions): Promise<number> {
  const { board, file } = options
  const format = inputFormat(io, options)
  const start = performance.now()
  // Before the store: a wrong path must not make one.
  const outcome = isServer(file)
    ? await importSortedSet(io, options)
    : await withSource({ io, file }, (source) =>
        withAnyStore({ ...options, access: 'create', once: true }, (store) =>
          fillBoard(io, store, { ...options, format, source }),
        ),
      )
  const report = { board, ...outcome, ms: Math.round(performance.now() - start) }
  if (options.json) await printJson(io, report)
  else await printLine(io, describe(report, options))
  return 0
}

function importSortedSet(io: Io, options: ImportCommandOptions): Promise<Outcome> {
  const { board: name, file: server, zset, names } = options
  if (zset === undefined)
    throw new CliError('USAGE', 'Cannot import a server: name a sorted set with --zset KEY')
  if (isCluster(server))
    throw new CliError(
      'USAGE',
      'Cannot import a sorted set of a cluster: name the node that holds it alone',
    )
  return withAnyStore({ ...options, access: 'create', once: true }, async (store) => {
    const isNew = !(await store.hasBoard(name))
    const { order } = await store.board(name, newSettingsOf(options, isNew))
    return withSortedSet({ server, zset, names, signal: io.signal }, order, (source) =>
      fillBoard(io, store, { ...options, file: shownServer(server), format: 'ndjson', source }),
    )
  })
}

async function fillBoard(io: Io, store: AnyStore, work: Work): Promise<Outcome> {
  const isNew = !(await store.hasBoard(work.board))
  const board = await store.board(work.board, newSettingsOf(work, isNew))
  try {
    const badRows = new BadRows(io, work.file)
    const imported = await importInto(io, board, { ...work, badRows })
    const report = { ...imported, badRows: badRows.reported }
    const created = isNew && (await store.hasBoard(work.board))
    if (isNew && !created)
      throw new CliError(
        'BAD_ROW',
        `it has no rows${report.skipped > 0 ? ' that can be used' : ''}, so no board is made and nothing is changed; check the file`,
      )
    if (!created) return { created, ...report }
    const { name: _name, size: _size, ...settings } = await infoOf(board)
    return { created, settings, ...report }
  } catch (error) {
    throw inWords(work, error)
  }
}

function importInto(
  io: Io,
  board: AnyBoard,
  work: Work & { badRows: BadRows },
): Promise<ImportReport> {
  const { format, mode, source, skipBad = false, resume, badRows } = work
  return withProgress(io, async (bar) => {
    const importOptions: ImportOptions = {
      format,
      ...rowRulesOf(work),
      skipBad,
      resume,
      signal: io.signal,
      onProgress: (progress) => showProgress(bar, { progress, bytes: source.bytes }),
      onBadRow: (row) => badRows.take(row),
    }
    if (mode !== undefined) importOptions.mode = mode
    return board.importFrom(fileOf(work), importOptions)
  }).finally(() => badRows.end())
}

// A server reads a file twice: one that has a name needs no copy.
function fileOf({ redis, file, source }: Work): string | Source['stream'] {
  return redis === undefined || file === STANDARD || isServer(file) ? source.stream : file
}

function rowRulesOf(work: Work): Partial<ImportOptions> {
  const { atUnit, columns, ignoreExtra, delimiter, scoreFormat, decimalComma } = work
  const rules = { atUnit, columns, ignoreExtra, delimiter, scoreFormat, decimalComma }
  return { ...rules, futureAllowanceMs: work.futureAllowance, rules: work.rules, log: work.log }
}

// Reading counts bytes of the file, storing what it stores.
function showProgress(
  bar: ProgressBar,
  state: { progress: Progress; bytes: number | undefined },
): void {
  const { progress, bytes } = state
  if (progress.total !== undefined) bar.update({ label: 'storing', ...progress })
  else bar.update({ label: 'reading', done: progress.done, total: bytes, unit: 'bytes' })
}

/** Tells of rows that were left out, line by line at first, then in one sentence. */
class BadRows {
  readonly #io: Io
  readonly #file: string
  #count = 0
  /** The first of them. */
  readonly reported: BadRow[] = []

  constructor(io: Io, file: string) {
    this.#io = io
    this.#file = printable(file)
  }

  take({ line, column, problem: inLibrary }: BadRow): void {
    const problem = inFlags(inLibrary)
    if (this.reported.length < BAD_ROWS_REPORTED) this.reported.push({ line, column, problem })
    if (++this.#count > BAD_ROWS_SHOWN) return
    this.#io.report(`${this.#file}: line ${line}: ${printable(problem)}`)
  }

  end(): void {
    const more = this.#count - BAD_ROWS_SHOWN
    if (more > 0) this.#io.report(`${this.#file}: and ${formatCount(more, 'more bad row')}`)
  }
}

function inputFormat(io: Io, options: ImportCommandOptions): FileFormat {
  const { file } = options
  if (isServer(file)) return 'ndjson'
  if (options.zset !== undefined || options.names !== undefined)
    throw new CliError(
      'USAGE',
      `Cannot read a sorted set of ${file}: name a server, redis://host:6379`,
    )
  if (file === STANDARD && io.stdin.isTTY === true)
    throw new CliError(
      'USAGE',
      'Cannot import from the terminal: pipe a file in, like  zcat scores.csv.gz | ladderdb import - --format csv',
    )
  const format = options.format ?? formatOf(file)?.format
  if (format !== undefined) return format
  throw new CliError(
    'USAGE',
    `Cannot tell the format of ${file === STANDARD ? 'standard input' : file}: say --format csv, ndjson or json`,
  )
}

// A new board takes the mode of the rows: an import of bests wants a board of bests.
function newSettingsOf(options: ImportCommandOptions, created: boolean): BoardSettings {
  const { mode: rowMode, boardMode, ...others } = options
  const mode = boardMode ?? (created ? rowMode : undefined)
  return settingsOf(mode === undefined ? others : { ...others, mode })
}

function inWords({ file }: Work, error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message: string }
  if (code === 'ABORTED') {
    // On a server some rows may be stored.
    const [, far = 'nothing was imported'] = /; (.* rows are stored; .*)$/.exec(message) ?? []
    return new CliError('ABORTED', `Interrupted: ${far}`, { cause: error })
  }
  if (code !== 'BAD_ROW') return error
  const name = file === STANDARD ? 'standard input' : file
  return new CliError('BAD_ROW', `Cannot import ${name}: ${message}`, { cause: error })
}

function describe(report: Report, options: ImportCommandOptions): string {
  const { board, created, imported, changed, skipped, sealed, ms } = report
  const { zset } = options
  const target = `${created ? 'new board ' : ''}'${printable(board)}'`
  const left = skipped === 0 ? '' : `, ${formatNumber(skipped)} skipped`
  const rows = `imported ${formatCount(imported, 'row')} into ${target}`
  const next = `ladderdb ${storeFlags(options)} --board ${shellWord(board)} top`
  const ties = zset === undefined ? '' : `\n${TIES}`
  return `${rows} (${formatNumber(changed)} changed${left}) in ${formatDuration(ms)} · next: ${next}${describeSealed(sealed)}${describeNew(report)}${ties}`
}

function describeSealed(sealed: ImportReport['sealed'] = {}): string {
  const windows = Object.entries(sealed).map(
    ([window, rows]) =>
      `\nwindow "${window}": ${formatCount(rows, 'row')} of seasons that are sealed, so final, went to the board alone`,
  )
  return windows.join('')
}

// Which way is up is told, unless somebody said it: an ascending board that came as a descending one has its last player first.
function describeNew({ settings }: Report): string {
  if (settings === undefined) return ''
  const told = `\ncreated the board: ${describeOrder(settings)}, ${settings.mode}`
  if (settings.order === 'ascending') return told
  return `${told}; if lower is better, drop it and say --order ascending`
}
