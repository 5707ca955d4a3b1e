/**
 * `exec`: the library as a stream, one operation a line in, one answer a line out, in order.
 *
 *     {"op":"submit","playerId":"ann","score":10}     {"ok":true,"result":{"playerId":"ann",…}}
 *     {"op":"rank","playerId":"bob"}                  {"ok":true,"result":null}
 *     {"op":"rank"}                                   {"ok":false,"error":{"code":…,"message":…}}
 *
 * Consecutive writes go out without waiting and share commits; anything else waits for the writes
 * above it. Every line is answered, errors too, so the status is 0 when all were; empty lines are
 * skipped. The store is made by the first change that is accepted, not by reads.
 *
 * @module
 */

import { addCommand, type Cli, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import { STANDARD, withSource } from '../files.ts'
import type { Io } from '../io.ts'
import type { CommonOptions } from '../with-store.ts'

export interface ExecOptions extends CommonOptions {
  /** Undefined is standard input. */
  file: string | undefined
}

const HELP = `
A line is an object with op, the name of a call of the library, and the call's
arguments by their names; board names a board other than that of --board:
  {"op":"submit","playerId":"ann","score":10,"at":"2026-11-21T18:30:00Z"}
  {"op":"top","n":3,"board":"arena"}
  {"op":"around","playerId":"ann","above":2,"below":2}
Each line is answered by one line, in order:
  {"ok":true,"result":…} or {"ok":false,"error":{"code":…,"message":…}}`

/** Declares `exec`. */
export function execCommand(cli: Cli): void {
  addCommand(cli, 'exec', {
    summary: 'run operations, one JSON object a line',
    example: 'exec operations.ndjson',
  })
    .argument('[file]', 'NDJSON; standard input if no file is named')
    .addHelpText('after', HELP)
    .action(runner(cli, runExec, ['file']))
}

export async function runExec(io: Io, options: ExecOptions): Promise<number> {
  const { file = STANDARD } = options
  if (file === STANDARD && io.stdin.isTTY === true)
    io.report('one operation a line, like {"op":"top","n":3} · Ctrl-D ends')
  const { execute } = await import('../exec/execution.ts')
  // Before the store: a wrong path must not make one.
  await withSource({ io, file }, async ({ stream }) => {
    await execute(io, { ...options, stream })
  })
  if (io.signal.aborted) throw new CliError('ABORTED', 'Interrupted: what was answered is stored')
  return 0
}
