/**
 * `restore`: makes a backup the store of `--db`. A store that was there stays aside.
 *
 *     { path, source, manifest: { product, formatVersion, storeId, sequence,
 *       boards: [{ name, size }], createdAt, bytes, sha256, checksum }, dryRun, previous, ms }
 *
 * `previous` is where the old data file stays, null where there was none.
 *
 * @module
 */

import { join } from 'node:path'
import { type RestoreOptions, type RestoreReport, restoreBackup } from '../../index.ts'
import { CliError } from '../failures.ts'
import { STANDARD, withSource } from '../files.ts'
import type { Io } from '../io.ts'
import { formatDuration, printable, printJson, shellWord } from '../output.ts'
import type { CommonOptions } from '../with-store.ts'
import { sizeOf } from './backup.ts'

export interface RestoreCommandOptions extends CommonOptions {
  src: string
  force?: boolean
  dryRun?: boolean
}

export async function runRestore(io: Io, options: RestoreCommandOptions): Promise<number> {
  const { src, db, force = false, dryRun = false } = options
  const chosen = { force, dryRun, signal: io.signal }
  const report =
    src === STANDARD ? await restoreStream(io, db, chosen) : await restoreBackup(src, db, chosen)
  if (options.json) await printJson(io, report)
  else await io.print(linesOf(report))
  return 0
}

async function restoreStream(io: Io, db: string, options: RestoreOptions): Promise<RestoreReport> {
  if (io.stdin.isTTY === true)
    throw new CliError(
      'USAGE',
      'Cannot restore from the terminal: pipe a backup in, like  zstd -dc game.zst | ladderdb restore -',
    )
  return withSource({ io, file: STANDARD }, ({ stream }) => restoreBackup(stream, db, options))
}

function linesOf(report: RestoreReport): string {
  const { path, source, manifest, dryRun, previous, ms } = report
  const from = source === STANDARD ? 'standard input' : printable(source)
  const facts = `${sizeOf(manifest)}, of ${manifest.createdAt}, in ${formatDuration(ms)}`
  if (dryRun)
    return `would restore ${printable(path)} from ${from}: ${facts}; nothing was changed\n`
  const first = `restored ${printable(path)} from ${from}: ${facts}\n`
  if (previous === undefined) return first
  const target = join(path, 'data.mdb')
  return `${first}the old store stays aside; to undo, stop the game first, then: mv ${shellWord(previous)} ${shellWord(target)}\n`
}
