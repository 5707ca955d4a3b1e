/**
 * `completion`: a script that completes the words of this program in a shell; and the names of
 * boards, which the scripts ask for.
 *
 * @module
 */

import type { Command } from 'commander'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { type CompletedProgram, wordsOf } from '../completion/words.ts'
import { zshScript } from '../completion/zsh.ts'
import type { Io } from '../io.ts'
import { printable, printJson } from '../output.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface CompletionOptions extends CommonOptions {
  shell: 'bash' | 'zsh' | 'fish'
}

const SCRIPTS: Readonly<Record<CompletionOptions['shell'], (program: CompletedProgram) => string>> =
  { bash: bashScript, zsh: zshScript, fish: fishScript }

export async function runCompletion(
  io: Io,
  options: CompletionOptions,
  program: Command,
): Promise<number> {
  const { shell, json } = options
  const script = SCRIPTS[shell](wordsOf(program))
  if (json) await printJson(io, { shell, script })
  else await io.print(script)
  return 0
}

/** Prints the names of the boards, one a line; those that are not safe to show are left out. */
export async function runBoardNames(io: Io, options: CommonOptions): Promise<number> {
  const boards = await withStore({ ...options, access: 'read' }, (store) => store.boards())
  const names = boards.map(({ name }) => name).filter((name) => printable(name) === name)
  await io.print(names.map((name) => `${name}\n`).join(''))
  return 0
}
