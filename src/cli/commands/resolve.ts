/**
 * `resolve`: ends the review of a run that a rule flagged.
 *
 *     { seq, verdict, resolved }
 *
 * @module
 */

import type { Verdict } from '../../index.ts'
import { parseCount } from '../arguments.ts'
import { addCommand, type Cli, choice, runner, wordsFor } from '../command.ts'
import type { Io } from '../io.ts'
import { printJson, printLine } from '../output.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface ResolveCommandOptions extends CommonOptions {
  seq: number
  verdict?: Verdict
  reason?: string
  actor?: string
}

/** Declares `resolve`. */
export function resolveCommand(cli: Cli): void {
  const words = wordsFor('resolve', 'verdict')
  addCommand(cli, 'resolve', {
    summary: 'end the review of a flagged run',
    example: 'resolve 17 --verdict accepted --reason "seen live" --actor kim',
  })
    .argument('<seq>', 'the number that flags shows', parseCount)
    .addOption(choice('--verdict <word>', 'what becomes of the run', words).makeOptionMandatory())
    .option('--reason <text>', 'why')
    .option('--actor <name>', 'who resolves it')
    .action(runner(cli, runResolve, ['seq']))
}

export async function runResolve(io: Io, options: ResolveCommandOptions): Promise<number> {
  const { seq, verdict = 'accepted', reason, actor } = options
  const words = { ...(reason !== undefined && { reason }), ...(actor !== undefined && { actor }) }
  const resolved = await withStore({ ...options, access: 'write' }, (store) =>
    store.resolve(seq, { verdict, ...words }),
  )
  if (options.json) await printJson(io, { seq, verdict, resolved })
  else if (resolved) await printLine(io, `${seq} is ${verdict}`)
  if (resolved) return 0
  io.report(`ladderdb: Cannot resolve ${seq}: it has no open flag; flags lists all that are open`)
  return 3
}
