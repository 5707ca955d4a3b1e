/**
 * `key`: makes, lists and revokes the keys of a server. A key is printed once; its file has a hash of it.
 *
 *     { id, role, name, key }                         `create`
 *     { keys: [{ id, role, name, createdAt }] }       `list`
 *     { id, revoked }                                 `revoke`
 *
 * @module
 */

import { Argument } from 'commander'
import type { Role } from '../../server/index.ts'
import { addCommand, type Cli, choice, runner } from '../command.ts'
import { CliError } from '../failures.ts'
import type { Io } from '../io.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { printable } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

export interface KeyOptions extends CommonOptions {
  action: 'create' | 'list' | 'revoke'
  id?: string | undefined
  keys?: string
  role?: Role
  name?: string
  signs?: boolean
}

const HELP = `
Roles: read, the standings; write, a game's submits and profiles; admin, all.
With --signs the key signs submits and does nothing else: for clients that submit
themselves.`

/** Declares `key`. */
export function keyCommand(cli: Cli): void {
  addCommand(cli, 'key', {
    summary: 'make, list or revoke the keys of a server',
    example: ['key create --role write --name game --keys keys.json', 'key list --keys keys.json'],
  })
    .addArgument(new Argument('<action>', 'what to do').choices(['create', 'list', 'revoke']))
    .argument('[id]', 'of the key to revoke')
    .requiredOption('--keys <file>', 'file of keys; create makes it')
    .addOption(choice('--role <role>', 'what the key allows', ['read', 'write', 'admin']))
    .option('--name <name>', 'who has it; the log names this one')
    .option('--signs', 'a key that signs submits')
    .addHelpText('after', HELP)
    .action(runner(cli, runKey, ['action', 'id']))
}

export async function runKey(io: Io, options: KeyOptions): Promise<number> {
  const { action, id, role, keys: file = '' } = options
  if (action === 'create') return create(io, options, file)
  if (role !== undefined || options.name !== undefined || options.signs === true)
    throw new CliError('USAGE', `Cannot use --role, --name or --signs with key ${action}`)
  if (action === 'list') return list(io, options, file)
  if (id === undefined)
    throw new CliError('USAGE', 'Cannot revoke a key: name its id, which key list shows')
  return revoke(io, options, { file, id })
}

async function create(io: Io, options: KeyOptions, file: string): Promise<number> {
  const { id, role, name, signs, json } = options
  if (id !== undefined) throw new CliError('USAGE', 'Cannot choose the id of a key: leave it out')
  if (role === undefined)
    throw new CliError('USAGE', 'Cannot make a key: say --role read, write or admin')
  const { createKey } = await import('../../server/index.ts')
  const made = await createKey(file, { role, name, signs })
  if (json) await printJson(io, made)
  else {
    const what = signs === true ? 'signs submits' : `has the role ${role}`
    io.report(`key ${made.id} ${what}; it is shown only now, the file keeps a hash of it`)
    await printLine(io, made.key)
  }
  return 0
}

async function list(io: Io, options: KeyOptions, file: string): Promise<number> {
  const { readKeys } = await import('../../server/index.ts')
  const keys = readKeys(file).map(({ id, role, name, createdAt, secret }) => ({
    ...{ id, role, name, createdAt },
    ...(secret !== undefined && { signs: true }),
  }))
  if (options.json) {
    await printJson(io, { keys })
    return 0
  }
  await printTable(
    io,
    {
      columns: ['id', 'role', 'name', 'created'].map((title) => ({ title })),
      rows: keys.map(({ id, role, name, createdAt, signs }) => [
        ...[id, signs ? `${role}, signs` : role, printable(name), createdAt],
      ]),
    },
    options,
  )
  return 0
}

async function revoke(
  io: Io,
  { json }: KeyOptions,
  asked: { file: string; id: string },
): Promise<number> {
  const { file, id } = asked
  const { revokeKey } = await import('../../server/index.ts')
  if (!(await revokeKey(file, id)))
    throw new CliError(
      'USAGE',
      `Cannot revoke key "${id}": there is no such key; key list shows all`,
    )
  if (json) await printJson(io, { id, revoked: true })
  else await printLine(io, `revoked ${id}; servers refuse it within a second`)
  return 0
}
