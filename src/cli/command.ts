/**
 * What every command file is written with.
 *
 * The words that options take are those of the library's own table of calls. To read them loads
 * neither the library nor lmdb, so `--help`, `--version` and completion need neither.
 *
 * @module
 */

import { type Command, Option } from 'commander'
import { CALLS, type CallName } from '../calls/index.ts'
import { BOARD_DEFAULT, DB_DEFAULT } from './defaults.ts'
import { CliError } from './failures.ts'
import type { Io } from './io.ts'
import { refuseOnServer, worksOnServer } from './on-server.ts'
import { isServer } from './server-place.ts'
import type { CommonOptions } from './with-store.ts'

/** How a run went, and what commander wrote meanwhile. */
export interface Outcome {
  status: number
  written: Promise<void>[]
}

/** What a command declares itself to. */
export interface Cli {
  program: Command
  io: Io
  outcome: Outcome
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

/** Returns the words that the library takes as an option of a call. */
export function wordsFor(call: CallName, option: string): readonly string[] {
  const words = CALLS[call].options?.[option]?.choices
  if (words === undefined)
    throw new Error(`${call} has no option ${option} that is one of some words`)
  return words
}

/** Returns the option of every command that shows ranks. */
export function rankMode(): Option {
  const description = 'which number equal scores carry'
  return choice('--rank-mode <mode>', description, wordsFor('top', 'rankMode')).default('ordinal')
}

/** Returns the action of a command: `names` are those of its arguments among the options of `run`. */
export function runner<T extends CommonOptions>(
  cli: Cli,
  run: (io: Io, options: T) => Promise<number>,
  names: readonly (keyof T & string)[] = [],
): (...words: unknown[]) => Promise<void> {
  return async (...words) => {
    const command = words.at(-1) as Command
    const given = Object.fromEntries(names.map((name, i) => [name, words[i]]))
    const options = { ...command.opts<T>(), ...given, ...commonOptions(cli) }
    if (options.redis !== undefined && !worksOnServer(command.name()))
      await refuseOnServer(command.name())
    cli.outcome.status = await run(cli.io, options)
  }
}

function commonOptions({ program, io }: Cli): CommonOptions {
  const { db, redis, board, json = false, color, allowNetworkFileSystem = false } = program.opts()
  if (db !== undefined && redis !== undefined)
    throw new CliError('USAGE', 'Cannot use --db and --redis at once: name one store')
  if (db !== undefined && isServer(db))
    throw new CliError('USAGE', 'Cannot use a server as --db: say --redis with its address')
  return {
    redis: redis ?? (db === undefined ? io.env['LADDERDB_REDIS'] || undefined : undefined),
    db: db ?? (io.env['LADDERDB_DB'] || DB_DEFAULT),
    board: board ?? (io.env['LADDERDB_BOARD'] || BOARD_DEFAULT),
    isBoardNamed: board !== undefined,
    json,
    color,
    allowNetworkFileSystem,
  }
}
