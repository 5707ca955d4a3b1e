/**
 * `completion`: a script that completes the words of this program in a shell; and the names of
 * boards, which the scripts ask for.
 *
 * @module
 */

import { Argument, type Command } from 'commander'
import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { BOARD_NAMES_COMMAND, type CompletedProgram, wordsOf } from '../completion/words.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface CompletionOptions extends CommonOptions {
  shell: Shell
}

type Shell = 'bash' | 'zsh' | 'fish'
type Script = (program: CompletedProgram) => string

const SCRIPTS: Readonly<Record<Shell, () => Promise<Script>>> = {
  bash: async () => (await import('../completion/bash.ts')).bashScript,
  zsh: async () => (await import('../completion/zsh.ts')).zshScript,
  fish: async () => (await import('../completion/fish.ts')).fishScript,
}

const HELP = `
To have it in every shell:
  bash  echo 'source <(ladderdb completion bash)' >> ~/.bashrc
  zsh   echo 'source <(ladderdb completion zsh)' >> ~/.zshrc    behind compinit
  fish  ladderdb completion fish > ~/.config/fish/completions/ladderdb.fish`

/** Declares `completion`, which tells of all commands of its program. */
export function completionCommand(cli: Cli): void {
  const run = (io: Io, options: CompletionOptions) => runCompletion(io, options, cli.program)
  addCommand(cli, 'completion', {
    summary: 'a script that lets a shell complete these words',
    example: 'completion bash',
  })
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', HELP)
    .action(runner(cli, run, ['shell']))
}

/** Declares the hidden command that the scripts ask for the names of boards. */
export function boardNamesCommand(cli: Cli): void {
  cli.program.command(BOARD_NAMES_COMMAND, { hidden: true }).action(runner(cli, runBoardNames))
}

export async function runCompletion(
  io: Io,
  options: CompletionOptions,
  program: Command,
): Promise<number> {
  const { shell, json } = options
  const write = await SCRIPTS[shell]()
  const script = write(wordsOf(program))
  if (json) await printJson(io, { shell, script })
  else await io.print(script)
  return 0
}

/** Prints the names of the boards, one a line; those that are not safe to show are left out. */
export async function runBoardNames(io: Io, options: CommonOptions): Promise<number> {
  const boards = await withAnyStore({ ...options, access: 'read' }, (store) => store.boards())
  const names = boards.map(({ name }) => name).filter((name) => printable(name) === name)
  await io.print(names.map((name) => `${name}\n`).join(''))
  return 0
}
