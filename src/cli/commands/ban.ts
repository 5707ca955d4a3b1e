/**
 * `ban`: takes a player out of every board at once, or out of one, until `unban`.
 *
 *     { playerId, board?, reason?, actor?, since, until?, submits, seq?, boards }   `boards`: those that
 *                                                                                 the player left by it
 * `sealed`: true if it took the player out of sealed seasons too.
 * `seasons`: those of boards that the player left by it, if there are any
 *
 * @module
 */

import { parseTime } from '../../calls/index.ts'
import type { Ban, BanAnswer } from '../../index.ts'
import { withAnyStore } from '../any-store.ts'
import { TIMES } from '../arguments.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { formatCount, formatTime, printJson, printLine } from '../output.ts'
import { inSeasons, SEALED_OPTION, sealedOf } from '../sealed.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface BanCommandOptions extends CommonOptions {
  playerId: string
  reason?: string
  actor?: string
  until?: string
  keepSubmits?: boolean
  sealed?: boolean
}

/** Declares `ban`. */
export function banCommand(cli: Cli): void {
  addCommand(cli, 'ban', {
    summary: 'take a player out of sight, on every board',
    example: [
      'ban mallory --reason "plays with a bot"',
      '--board default ban mallory --until 2100-01-01 --keep-submits',
    ],
  })
    .argument('<player>', 'id of the player, known or not')
    .option('--reason <text>', 'why')
    .option('--actor <name>', 'who bans')
    .option('--until <time>', 'when it ends by itself')
    .option('--keep-submits', 'take submits unseen, instead of refusing them')
    .option(...SEALED_OPTION)
    .addHelpText('after', `\nWith --board, the ban is of that board alone.\n${TIMES}`)
    .action(runner(cli, runBan, ['playerId']))
}

export async function runBan(io: Io, options: BanCommandOptions): Promise<number> {
  const { playerId, board, isBoardNamed, reason, actor, until, keepSubmits } = options
  const asked = {
    ...(isBoardNamed && { board }),
    ...(reason !== undefined && { reason }),
    ...(actor !== undefined && { actor }),
    ...(until !== undefined && { until: parseTime(until, 'until') }),
    ...sealedOf(options),
    submits: keepSubmits === true ? ('keep' as const) : ('refuse' as const),
  }
  const ban = await withAnyStore({ ...options, access: 'write' }, (store) =>
    store.ban(playerId, asked),
  )
  if (options.json) await printJson(io, ban)
  else await printLine(io, lineOf(ban))
  return 0
}

function lineOf(ban: BanAnswer): string {
  const left = formatCount(ban.boards.length, 'entry', 'entries')
  const more = inSeasons(ban.seasons)
  const also = more === '' ? '' : `, and ${more}`
  return `banned ${printable(ban.playerId)} ${termsOf(ban)}; ${left} hidden${also}`
}

/** Returns where a ban holds and until when, in words. */
export function termsOf({ board, until, submits, sealed }: Ban): string {
  const where = board === undefined ? 'on all boards' : `on board '${printable(board)}'`
  const end = until === undefined ? 'until unban' : `until ${formatTime(until)}`
  const seasons = sealed === true ? ', sealed seasons too' : ''
  return `${where}, ${end}, submits ${submits === 'keep' ? 'taken unseen' : 'refused'}${seasons}`
}
