/**
 * What can be completed: the commands, options and values of the program itself, so that a new one
 * is known to every shell without a word here.
 *
 * @module
 */

import type { Argument, Command, Option } from 'commander'

/** What a value is. `any` is what no shell can guess. */
export type Values =
  | { kind: 'any' | 'file' | 'directory' | 'board' }
  | { kind: 'words'; words: readonly string[] }

export interface CompletedOption {
  /** With its two dashes. */
  long: string
  /** With its dash. */
  short: string | undefined
  description: string
  /** Undefined if it takes no value. */
  values: Values | undefined
}

export interface CompletedArgument {
  name: string
  isVariadic: boolean
  values: Values
}

export interface CompletedCommand {
  name: string
  description: string
  options: readonly CompletedOption[]
  arguments: readonly CompletedArgument[]
}

export interface CompletedProgram {
  name: string
  /** Those that stand before and behind a command. */
  options: readonly CompletedOption[]
  commands: readonly CompletedCommand[]
}

/** The command that lists the names of boards for the scripts, one a line. */
export const BOARD_NAMES_COMMAND = '__boards'

// A value is told by the word that stands for it in the help.
const KINDS: Readonly<Record<string, 'file' | 'directory' | 'board'>> = {
  file: 'file',
  dir: 'directory',
  dest: 'directory',
  src: 'directory',
  board: 'board',
}

/** Returns what can be completed of a program. */
export function wordsOf(program: Command): CompletedProgram {
  const help = program.createHelp()
  const commands = help.visibleCommands(program)
  const names = commands.map((command) => command.name())
  const options = optionsOf(program)
  const globals = new Set(options.map(({ long }) => long))
  return {
    name: program.name(),
    options,
    commands: commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      options: optionsOf(command).filter(({ long }) => !globals.has(long)),
      arguments: command.registeredArguments.map((argument) => ({
        name: argument.name(),
        isVariadic: argument.variadic,
        values: argumentValues(argument, { command: command.name(), names }),
      })),
    })),
  }
}

function optionsOf(command: Command): CompletedOption[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => {
      const { long, short, description } = option
      if (typeof long !== 'string') return []
      const takesValue = option.required || option.optional
      const values = takesValue ? optionValues(option) : undefined
      return [{ long, short, description, values }]
    })
}

function optionValues({ argChoices, long, flags }: Option): Values {
  if (argChoices !== undefined) return { kind: 'words', words: argChoices }
  if (long === '--board') return { kind: 'board' }
  const [, name = ''] = /[<[]([\w-]+)/.exec(flags) ?? []
  return { kind: KINDS[name] ?? 'any' }
}

function argumentValues(
  argument: Argument,
  { command, names }: { command: string; names: readonly string[] },
): Values {
  if (argument.argChoices !== undefined) return { kind: 'words', words: argument.argChoices }
  if (command === 'help') return { kind: 'words', words: names }
  // The name of a board to make is not that of one that is there.
  return { kind: command === 'create' ? 'any' : (KINDS[argument.name()] ?? 'any') }
}
