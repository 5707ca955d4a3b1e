/**
 * `rename`: gives a player a name on every board at once.
 *
 *     { playerId, name, boards }   the number of boards that have an entry of the player, or one in a season
 *
 * @module
 */

import { type AnyStore, ifOffered, withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatCount, printJson, printLine } from '../output.ts'
import { SEALED_OPTION, sealedOf } from '../sealed.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface RenameOptions extends CommonOptions {
  playerId: string
  name: string
  sealed?: boolean
}

/** Declares `rename`. */
export function renameCommand(cli: Cli): void {
  addCommand(cli, 'rename', {
    summary: 'give a player a name on every board',
    example: 'rename alice "Alice the Great"',
  })
    .argument('<player>', 'id of the player')
    .argument('<name>', 'name to show; the id itself takes the name away')
    .option(...SEALED_OPTION)
    .action(runner(cli, runRename, ['playerId', 'name']))
}

export async function runRename(io: Io, options: RenameOptions): Promise<number> {
  const { playerId, name } = options
  const { boards, isKnown } = await withAnyStore({ ...options, access: 'write' }, async (store) => {
    const boards = await store.rename(playerId, name, sealedOf(options))
    return { boards, isKnown: boards > 0 || (await profileIn(store, playerId)) !== undefined }
  })
  if (!isKnown) throw noEntry(playerId)
  if (options.json) await printJson(io, { playerId, name, boards })
  else {
    const where = formatCount(boards, 'board')
    await printLine(io, `${printable(playerId)} is now ${printable(name)} on ${where}`)
  }
  return 0
}

function profileIn(store: AnyStore, playerId: string): Promise<unknown> {
  return ifOffered(() => store.profile(playerId), undefined)
}

/** Returns the failure of a player who is on no board. */
export function noEntry(playerId: string): CliError {
  return new CliError('NO_PLAYER', `Cannot find player "${playerId}": no entry on any board`)
}
