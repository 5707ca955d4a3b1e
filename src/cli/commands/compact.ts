/**
 * `compact`: makes the file of the store as small as what it holds.
 *
 *     { path, bytesBefore, bytes, previous, ms }
 *
 * `previous` is null, unless somebody opened the store at the last instant: then the old file is kept
 * there.
 *
 * @module
 */

import type { CompactReport } from '../../index.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { formatBytes, formatDuration, printJson } from '../output.ts'
import { printable, shellWord } from '../text.ts'
import type { CommonOptions } from '../with-store.ts'

/** Declares `compact`. */
export function compactCommand(cli: Cli): void {
  addCommand(cli, 'compact', {
    summary: 'make the file as small as what it holds; nobody may have the store open',
    example: 'compact',
  }).action(runner(cli, runCompact))
}

export async function runCompact(io: Io, options: CommonOptions): Promise<number> {
  const { compactStore } = await import('../../index.ts')
  const { db, allowNetworkFileSystem } = options
  const report = await compactStore(db, { allowNetworkFileSystem, signal: io.signal })
  if (options.json) await printJson(io, report)
  else await io.print(linesOf(report))
  return 0
}

function linesOf({ path, bytesBefore, bytes, previous, ms }: CompactReport): string {
  const sizes = `${formatBytes(bytesBefore)} → ${formatBytes(bytes)}`
  const first = `compacted ${printable(path)}: ${sizes}, in ${formatDuration(ms)}\n`
  if (previous === undefined) return first
  return `${first}somebody opened it meanwhile, so the old file stays: ${shellWord(previous)}\n`
}
