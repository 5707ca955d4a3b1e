/**
 * What the groups of commands are made with.
 *
 * @module
 */

import { type Command, Option } from 'commander'
import { parseWhole } from './arguments.ts'
import { parseColumn } from './board-settings.ts'
import type { Io } from './io.ts'
import type { CommonOptions } from './with-store.ts'

/** How a run went, and what commander wrote meanwhile. */
export interface Outcome {
  status: number
  written: Promise<void>[]
}

/** A command's own function. */
export type RunCommand = (io: Io, options: never) => Promise<number>

/** What the commands are added to. */
export interface Cli {
  program: Command
  io: Io
  outcome: Outcome
}

export const DB_DEFAULT = './leaderboards'
export const BOARD_DEFAULT = 'default'
export const MODES: readonly string[] = ['set', 'best', 'increment']
export const AT_UNITS: readonly string[] = ['s', 'ms', 'us']

const ORDERS = ['descending', 'ascending']
const SCORE_TYPES = ['number', 'int64']
const RANK_MODES = ['ordinal', 'competition', 'dense']

/** Begins a group in the help. */
export function group({ program }: Cli, title: string): void {
  program.commandsGroup(title)
}

/** Adds a command with its words; a test runs the examples. */
export function addCommand(
  { program }: Cli,
  name: string,
  words: { summary: string; example: string | readonly string[] },
): Command {
  const examples = [words.example].flat()
  const title = examples.length === 1 ? 'Example' : 'Examples'
  const lines = examples.map((example) => `\n  $ ladderdb ${example}`)
  return program
    .command(name)
    .description(words.summary)
    .showHelpAfterError(`see: ladderdb ${name} --help`)
    .addHelpText('after', `\n${title}:${lines.join('')}`)
}

/** Returns an option that takes one of some words. */
export function choice(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words)
}

/** Returns the option of every command that shows ranks. */
export function rankMode(): Option {
  const description = 'which number equal scores carry'
  return choice('--rank-mode <mode>', description, RANK_MODES).default('ordinal')
}

/** Returns the action of a command: `names` are those of its arguments, as options of `load`'s. */
export function runner(
  tree: Cli,
  names: readonly string[],
  load: () => Promise<RunCommand>,
): (...words: unknown[]) => Promise<void> {
  return async (...words) => {
    const command = words.at(-1) as Command
    const given = Object.fromEntries(names.map((name, i) => [name, words[i]]))
    const run = await load()
    const options = { ...command.opts(), ...given, ...commonOptions(tree) }
    tree.outcome.status = await run(tree.io, options as never)
  }
}

function commonOptions({ program, io }: Cli): CommonOptions {
  const { db, board, json = false, color, allowNetworkFileSystem = false } = program.opts()
  return {
    db: db ?? (io.env['LADDERDB_DB'] || DB_DEFAULT),
    board: board ?? (io.env['LADDERDB_BOARD'] || BOARD_DEFAULT),
    isBoardNamed: board !== undefined,
    json,
    color,
    allowNetworkFileSystem,
  }
}

/** Adds the settings of a new board but its mode; `when` says in the help when they count. */
export function addSettings(command: Command, when: string): Command {
  return command
    .addOption(
      choice('--order <order>', `which scores are better${when}; default: descending`, ORDERS),
    )
    .addOption(
      choice('--score-type <type>', `what scores are${when}; default: number`, SCORE_TYPES),
    )
    .option('--column <name:order>', `a column of the scores${when}, up to four times`, parseColumn)
    .option('--keep <n>', `keep only this many entries, the best${when}`, parseWhole)
}
