/**
 * `log`: the changes of a store, the newest first, or behind a seq; with `--follow` also those to come.
 *
 * With `--json`, and with `--follow` into a file or a pipe, it prints a line for each record, behind one that says
 * whose they are: see log-lines.ts.
 *
 * @module
 */

import { outcomeOf, parseTime } from '../../calls/index.ts'
import type { Leaderboards, LogKind, LogOptions, LogRecord } from '../../index.ts'
import { parseCount, parseWhole, TIMES } from '../arguments.ts'
import { addCommand, type Cli, choice, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { headLine, printRecords, recordLine } from '../log-lines.ts'
import { jsonLine } from '../output.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface LogCommandOptions extends CommonOptions {
  after?: number
  before?: number
  limit?: number
  player?: string
  kind?: LogKind[]
  from?: string
  to?: string
  flagged?: boolean
  follow?: boolean
}

const LIMIT = 100
const PAGE = 1_000

const KINDS: readonly LogKind[] = [
  ...(['submit', 'remove', 'rename', 'create', 'drop', 'import', 'ban', 'unban', 'undo'] as const),
  ...(['move', 'erase', 'profile', 'resolve', 'rebuild', 'restore', 'season-open'] as const),
  ...(['season-close', 'season-seal', 'alter'] as const),
]

const HELP = `
Without --after the newest come first. With --board, only what is about that board.
${TIMES}
With --json, and with --follow into a file, each record is a line of JSON, and the first line
says of which store they are. --follow goes on behind --after, or with the next change, until
Ctrl-C; the last seq of a file is where it resumes.`

/** Declares `log`. */
export function logCommand(cli: Cli): void {
  addCommand(cli, 'log', {
    summary: 'the changes of the store; with --follow also those to come',
    example: ['log --limit 20', 'log --player ann --kind submit', 'log --after 0 --json'],
  })
    .option('--after <seq>', 'those behind this one, in their order', parseWhole)
    .option('--before <seq>', 'those in front of this one', parseWhole)
    .option('--limit <n>', `at most this many; default: ${LIMIT}, all with --follow`, parseCount)
    .option('--player <id>', 'only those about this player')
    .addOption(choice('--kind <kind...>', 'only those of this kind', KINDS))
    .option('--from <time>', 'only those committed then or later')
    .option('--to <time>', 'only those committed before')
    .option('--flagged', 'only runs that a rule took for review and that are open')
    .option('--follow', 'go on with what is committed, by any process')
    .addHelpText('after', HELP)
    .action(runner(cli, runLog))
}

export async function runLog(io: Io, options: LogCommandOptions): Promise<number> {
  if (options.follow === true) return follow(io, options)
  await withStore({ ...options, access: 'read' }, async (store) => {
    const records = recordsOf(store, options)
    if (!options.json) return printRecords(io, [...records], options)
    await io.print(headLine(store))
    for (const record of records) await io.print(jsonLine(record))
  })
  return 0
}

// Pages are put together: one that looked at much may be short, or empty, and leads on.
function* recordsOf(store: Leaderboards, options: LogCommandOptions): Generator<LogRecord> {
  const { after, before = Number.MAX_SAFE_INTEGER, from, to, limit = LIMIT } = options
  const asked: LogOptions = {
    ...filtersOf(options),
    ...(options.flagged === true && { flagged: true }),
    ...(from !== undefined && { from: parseTime(from, 'from') }),
    ...(to !== undefined && { to: parseTime(to, 'to') }),
  }
  let place: LogOptions = after === undefined ? { before } : { after, before }
  for (let left = limit; left > 0; ) {
    const page = store.log({ ...asked, ...place, limit: Math.min(left, PAGE) })
    yield* page.records
    left -= page.records.length
    if (page.next === undefined) return
    place = after === undefined ? { before: page.next } : { after: page.next, before }
  }
}

async function follow(io: Io, options: LogCommandOptions): Promise<number> {
  const { after, limit = Number.POSITIVE_INFINITY } = options
  for (const name of ['before', 'from', 'to'] as const)
    if (options[name] !== undefined)
      throw new CliError(
        'USAGE',
        `Cannot follow the log with --${name}: following has no end; leave it out`,
      )
  if (options.flagged === true)
    throw new CliError(
      'USAGE',
      'Cannot follow the log with --flagged: flags open and close later; follow with --kind submit resolve',
    )
  const isJson = options.json || io.stdout.isTTY !== true
  await withStore({ ...options, access: 'read' }, async (store) => {
    const stop = io.watchReader()
    const signal = AbortSignal.any([io.signal, io.closed])
    try {
      const asked = { ...filtersOf(options), ...(after !== undefined && { after }), signal }
      const records = store.follow(asked)
      if (isJson) await io.print(headLine(store))
      let count = 0
      for await (const record of records) {
        await io.print(isJson ? jsonLine(record) : `${recordLine(record)}\n`)
        if (++count >= limit) break
      }
    } finally {
      stop()
    }
  })
  // The end that it is meant to have: nothing but records goes into the file.
  return io.signal.aborted ? outcomeOf('ABORTED').exit : 0
}

function filtersOf(options: LogCommandOptions): Pick<LogOptions, 'board' | 'playerId' | 'kinds'> {
  const { board, isBoardNamed, player, kind } = options
  return {
    ...(isBoardNamed && { board }),
    ...(player !== undefined && { playerId: player }),
    ...(kind !== undefined && { kinds: kind }),
  }
}
