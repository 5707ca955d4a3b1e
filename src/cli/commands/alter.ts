/**
 * `alter`: changes the rules of a board, or the settings of the store; without options it shows them.
 *
 *     alter BOARD   { board, rules: { min?, max?, maxGain?, perMinute?, players?, tiers?, writes? }, windows? }
 *     alter         { settings: { retention, requests, names, writes } }
 *
 * @module
 */

import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseBound, parseJson } from '../../calls/index.ts'
import type {
  BoardAlteration,
  BoardRules,
  GainAction,
  Leaderboards,
  MaxGain,
  StoreAlteration,
  StoreSettings,
  Tier,
  WindowInfo,
  Writes,
} from '../../index.ts'
import { type AnyBoard, withAnyStore } from '../any-store.ts'
import { parseCount, parseDays, parseWhole } from '../arguments.ts'
import { addCommand, type Cli, choice, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatBytes, formatCount, formatNumber, formatScore, printJson } from '../output.ts'
import { printable } from '../text.ts'
import {
  addChange,
  addRemoval,
  alterationsOf,
  describeWindow,
  WINDOW_HELP,
  type WrittenWindow,
} from '../window-text.ts'
import type { CommonOptions } from '../with-store.ts'

/** What takes a rule away; `--no-min` does too. */
const NONE = 'none'

/** A rule as it was written; false for one that is taken away. */
type Written = string | false

export interface AlterOptions extends CommonOptions {
  name?: string
  min?: Written
  max?: Written
  maxGain?: Written
  maxGainAction?: GainAction
  perMinute?: number | false
  players?: Written
  tiers?: Written
  writes?: Writes
  window?: WrittenWindow[]
  yes?: boolean
  retentionDays?: number
  retentionBytes?: number
  retention?: false
  requestDays?: number
  requestCount?: number
  requests?: false
  names?: StoreSettings['names']
}

/** Declares `alter`. */
export function alterCommand(cli: Cli): void {
  const command = addCommand(cli, 'alter', {
    summary: 'alter the rules of a board, or the settings of the store',
    example: [
      'alter default --min 0 --max 100000 --per-minute 60',
      'alter default --max-gain 5000 --max-gain-action flag',
      `alter default --tiers '[{"name":"gold","topPercent":1},{"name":"rest"}]'`,
      'alter default --max none --writes open',
      'alter default --window day --window month',
      `alter default --window '{"name":"cup","every":"manual"}'`,
      'alter default --no-window day --yes',
      'alter --names unique --retention-days 90',
    ],
  }).argument('[board]', 'name of the board; without it, the whole store')
  addRules(command)
  addSettings(command)
  command.addHelpText('after', WORDS + WINDOW_HELP).action(runner(cli, runAlter, ['name']))
}

const WORDS = `
The word none, or --no- in front of its name, takes a rule away. What is not
named stays. Without options, the rules or the settings are shown. A setting of
the store has no none: --no-retention and --no-requests bring defaults back.
On a server there is no flag, --max-gain-action refuse, and no --retention-….`

function addRules(command: Command): void {
  const rules: [flags: string, words: string, parse?: (text: string) => unknown][] = [
    ['--min <score>', 'refuse less; of an increment the sum counts'],
    ['--max <score>', 'refuse more'],
    ['--max-gain <amount>', 'look at what gains more in one submit'],
    [
      '--per-minute <n>',
      'take at most this many submits of a player in any 60 seconds',
      countOrNone,
    ],
    ['--players <which>', 'known: take those with a profile only'],
    ['--tiers <json>', 'best first, with rank, topPercent or score; the last without'],
  ]
  for (const [flags, words, parse] of rules) {
    const [name = ''] = flags.split(' ')
    const option = new Option(flags, words)
    if (parse !== undefined) option.argParser(parse)
    command.addOption(option).addOption(new Option(name.replace('--', '--no-')).hideHelp())
  }
  const window = 'add or alter a window: its word, or JSON; may be given again'
  command
    .addOption(new Option('--window <what>', window).argParser(addChange))
    .addOption(
      new Option('--no-window <name>', 'remove a window, with --yes').argParser(addRemoval),
    )
    .option('--yes', 'confirm that all seasons of a window go')
  const action = '--max-gain-action <action>'
  command
    .addOption(
      choice(action, 'what to do with it: take it for review, or refuse it; default: flag', [
        'flag',
        'refuse',
      ]),
    )
    .addOption(choice('--writes <state>', 'closed: take no changes', ['open', 'closed']))
}

function addSettings(command: Command): void {
  command
    .addOption(choice('--names <how>', 'store: unique: one player each', ['unique', 'free']))
    .option(
      '--retention-days <days>',
      'store: keep the log for this long',
      orAgain(parseDays, RETENTION),
    )
    .option(
      '--retention-bytes <bytes>',
      'store: keep this much of the log',
      orAgain(parseWhole, RETENTION),
    )
    .option(RETENTION, 'store: the default again')
    .option(
      '--request-days <days>',
      'store: remember request ids for this long',
      orAgain(parseDays, REQUESTS),
    )
    .option(
      '--request-count <n>',
      'store: remember this many request ids',
      orAgain(parseWhole, REQUESTS),
    )
    .option(REQUESTS, 'store: the default again')
}

const RETENTION = '--no-retention'
const REQUESTS = '--no-requests'

// Rules are taken away by none; the log and request ids cannot be kept for ever.
function orAgain(parse: (text: string) => number, flag: string): (text: string) => number {
  return (text) => {
    try {
      return parse(text)
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error
      throw new InvalidArgumentError(`${error.message} ${flag} brings the default back.`)
    }
  }
}

export async function runAlter(io: Io, options: AlterOptions): Promise<number> {
  const { isBoardNamed, board: namedBoard } = options
  const name = options.name ?? (isBoardNamed ? namedBoard : undefined)
  if (name === undefined) return runOfStore(io, options)
  if (isGiven(settingsOf(options)))
    throw usage(`settings of the store take no board; leave "${name}" away`)
  const isChange = isGiven(writtenRules(options))
  confirmRemovals(options)
  const access = isChange ? 'write' : 'read'
  const { rules, windows } = await withAnyStore({ ...options, access }, async (store) => {
    const board = await store.openBoard(name)
    const before = await board.rules()
    if (isChange) await store.alter(name, rulesOf(options, { board, before }))
    const after = isChange ? await board.rules() : before
    return { rules: after, windows: await board.windows() }
  })
  if (options.json)
    await printJson(io, { board: name, rules, ...(windows.length > 0 && { windows }) })
  else {
    const lines = [...linesOfRules(rules), ...windows.map(windowLine)]
    await io.print(`${printable(name)}\n${lines.join('\n')}\n`)
  }
  return 0
}

async function runOfStore(io: Io, options: AlterOptions): Promise<number> {
  const { writes, ...rules } = writtenRules(options)
  if (isGiven(rules)) throw usage('it is a rule of a board; name the board')
  const asked = { ...settingsOf(options), ...(writes !== undefined && { writes }) }
  const isChange = isGiven(asked)
  const access = isChange ? 'write' : 'read'
  const settings = await withAnyStore({ ...options, access }, (store) =>
    isChange ? (store as unknown as Leaderboards).alter(asked) : store.settings(),
  )
  if (options.json) await printJson(io, { settings })
  else await io.print(`${linesOfSettings(settings).join('\n')}\n`)
  return 0
}

// What a window has taken is nowhere else.
function confirmRemovals({ window = [], yes }: AlterOptions): void {
  const removed = window.flatMap((change) => ('remove' in change ? [`"${change.remove}"`] : []))
  if (removed.length > 0 && yes !== true)
    throw usage(`all seasons of window ${removed.join(', ')} would be lost; say --yes`)
}

function windowLine(info: WindowInfo): string {
  const { window, season = 'no season yet' } = info
  return `  window      ${printable(window)}: ${describeWindow(info)}, now ${printable(season)}`
}

function usage(problem: string): CliError {
  return new CliError('USAGE', `Cannot alter: ${problem}`)
}

function isGiven(fields: object): boolean {
  return Object.values(fields).some((value) => value !== undefined)
}

function writtenRules(options: AlterOptions) {
  const { min, max, maxGain, maxGainAction, perMinute, players, tiers, writes, window } = options
  return { min, max, maxGain, maxGainAction, perMinute, players, tiers, writes, window }
}

/** The board, and the rules that it has. */
interface Ruled {
  board: AnyBoard
  before: BoardRules
}

function rulesOf(options: AlterOptions, { board, before }: Ruled): BoardAlteration {
  const { min, max, perMinute, players, tiers, writes, window } = options
  return {
    min: orNone(min, (text) => parseBound(text, board, '--min')),
    max: orNone(max, (text) => parseBound(text, board, '--max')),
    maxGain: maxGainOf(options, { board, before }),
    perMinute: perMinute === false ? null : perMinute,
    players: orNone(players, (text) => text as 'known'),
    tiers: orNone(tiers, parseTiers),
    writes,
    ...(window !== undefined && { windows: alterationsOf(window) }),
  }
}

function countOrNone(text: string): number | false {
  return text === NONE ? false : parseCount(text)
}

function orNone<T>(written: Written | undefined, parse: (text: string) => T): T | null | undefined {
  if (written === undefined) return undefined
  return written === false || written === NONE ? null : parse(written)
}

function maxGainOf(
  { maxGain, maxGainAction }: AlterOptions,
  { board, before: { maxGain: before } }: Ruled,
): MaxGain | null | undefined {
  const by = orNone(maxGain, (text) => parseBound(text, board, '--max-gain'))
  if (by === null) return null
  if (by === undefined && maxGainAction === undefined) return undefined
  const amount = by ?? before?.by
  if (amount === undefined) throw usage('--max-gain-action goes with --max-gain; give the amount')
  return { by: amount, action: maxGainAction ?? before?.action ?? 'flag' }
}

function parseTiers(text: string): Tier[] {
  try {
    return parseJson(text) as Tier[]
  } catch (cause) {
    const like = `[{"name":"gold","rank":10},{"name":"rest"}]`
    const problem = `Cannot read the tiers: ${(cause as Error).message}; write JSON like '${like}'`
    throw new CliError('USAGE', problem, { cause })
  }
}

function settingsOf(options: AlterOptions): StoreAlteration {
  const { retentionDays, retentionBytes, retention, requestDays, requestCount } = options
  const { requests, names } = options
  const log = { days: retentionDays, bytes: retentionBytes }
  const ids = { days: requestDays, count: requestCount }
  return {
    retention: orDefault(retention, partOf(log), 'retention'),
    requests: orDefault(requests, partOf(ids), 'request'),
    names,
  }
}

function orDefault<T>(written: false | undefined, part: T | undefined, what: string) {
  if (written !== false) return part
  if (part === undefined) return null
  throw usage(`the default again, or what --${what}-… say; give one of them`)
}

function partOf<T extends object>(
  part: T,
): { [Name in keyof T]?: NonNullable<T[Name]> } | undefined {
  const given = Object.entries(part).filter(([, value]) => value !== undefined)
  return given.length === 0 ? undefined : (Object.fromEntries(given) as never)
}

function linesOfRules(rules: BoardRules): string[] {
  const { min, max, maxGain, perMinute, players, tiers, writes } = rules
  const lines = [
    ...(min === undefined ? [] : [`  min         ${formatScore(min)}`]),
    ...(max === undefined ? [] : [`  max         ${formatScore(max)}`]),
    ...(maxGain === undefined
      ? []
      : [`  max gain    ${formatScore(maxGain.by)}, ${maxGain.action}`]),
    ...(perMinute === undefined ? [] : [`  per minute  ${formatNumber(perMinute)}`]),
    ...(players === undefined ? [] : [`  players     ${players}`]),
    ...(tiers === undefined ? [] : [`  tiers       ${tiers.map(tierText).join(', ')}`]),
    ...(writes === undefined ? [] : [`  writes      ${writes}`]),
  ]
  return lines.length === 0 ? ['  no rules'] : lines
}

function tierText({ name, rank, topPercent, score }: Tier): string {
  if (rank !== undefined) return `${printable(name)} to rank ${formatNumber(rank)}`
  if (topPercent !== undefined) return `${printable(name)} to ${topPercent} %`
  return score === undefined ? printable(name) : `${printable(name)} to ${formatScore(score)}`
}

// On a server there is no log, and so no retention.
function linesOfSettings(
  settings: Omit<StoreSettings, 'retention'> & Partial<StoreSettings>,
): string[] {
  const { retention, requests, names, writes } = settings
  return [
    ...(retention === undefined
      ? []
      : [
          `  retention  ${formatCount(retention.days, 'day')}, ${formatBytes(retention.bytes)} of the log`,
        ]),
    `  requests   ${formatCount(requests.days, 'day')}, ${formatCount(requests.count, 'id')}`,
    `  names      ${names}`,
    `  writes     ${writes}`,
  ]
}
