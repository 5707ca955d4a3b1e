/**
 * `profile`: shows what is known of a player whatever the board, or sets it.
 *
 *     { playerId, name, avatar?, metadata? }
 *
 * @module
 */

import { parseJson } from '../../calls/index.ts'
import type { Metadata, Profile, ProfileOptions } from '../../index.ts'
import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface ProfileCommandOptions extends CommonOptions {
  playerId: string
  /** False takes a field away. */
  name?: string | false
  avatar?: string | false
  /** JSON text. */
  metadata?: string | false
}

/** Declares `profile`. */
export function profileCommand(cli: Cli): void {
  addCommand(cli, 'profile', {
    summary: 'what is known of a player on all boards; sets it too',
    example: [
      'profile alice --name "Alice" --avatar https://example.com/alice.png',
      'profile alice',
    ],
  })
    .argument('<player>', 'id of the player')
    .option('--name <text>', 'the name that every board shows')
    .option('--no-name', 'show the id')
    .option('--avatar <url>', 'an https address')
    .option('--no-avatar', 'take it away')
    .option('--metadata <json>', 'a JSON object; takes the place of the old one')
    .option('--no-metadata', 'take it away')
    .action(runner(cli, runProfile, ['playerId']))
}

export async function runProfile(io: Io, options: ProfileCommandOptions): Promise<number> {
  const { playerId } = options
  const asked = profileOf(options)
  const isChange = Object.keys(asked).length > 0
  const access = isChange ? 'create' : 'read'
  const profile = await withAnyStore({ ...options, access }, (store) =>
    isChange ? store.setProfile(playerId, asked) : store.profile(playerId),
  )
  if (profile === undefined)
    throw new CliError('NO_PLAYER', `Cannot find player "${playerId}": there is no profile`)
  if (options.json) await printJson(io, profile)
  else await io.print(`${linesOf(profile).join('\n')}\n`)
  return 0
}

function profileOf({ name, avatar, metadata }: ProfileCommandOptions): ProfileOptions {
  return {
    ...(name !== undefined && { name: name === false ? null : name }),
    ...(avatar !== undefined && { avatar: avatar === false ? null : avatar }),
    ...(metadata !== undefined && {
      metadata: metadata === false ? null : parseMetadata(metadata),
    }),
  }
}

function parseMetadata(text: string): Metadata {
  try {
    return parseJson(text) as Metadata
  } catch (cause) {
    const problem = `Cannot read the metadata: ${(cause as Error).message}`
    throw new CliError('USAGE', `${problem}; write a JSON object like '{"team":"red"}'`, { cause })
  }
}

function linesOf({ playerId, name, avatar, metadata }: Profile): string[] {
  return [
    printable(playerId),
    `  name      ${printable(name)}`,
    ...(avatar === undefined ? [] : [`  avatar    ${printable(avatar)}`]),
    ...(metadata === undefined ? [] : [`  metadata  ${printable(JSON.stringify(metadata))}`]),
  ]
}
