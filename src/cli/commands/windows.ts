/**
 * `windows`: the windows of a board, and which season of each is on.
 *
 *     { board, windows: [{ window, season, from, to, remainingMs, every, … }] }
 *
 * Before the first season of a manual window, season, from, to and remainingMs are null.
 *
 * @module
 */

import type { WindowInfo } from '../../index.ts'
import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import { formatAge, formatTime, printJson, printLine, printTable } from '../output.ts'
import { printable } from '../text.ts'
import { describeWindow } from '../window-text.ts'
import type { CommonOptions } from '../with-store.ts'

const COLUMNS = [
  { title: 'window' },
  { title: 'season' },
  { title: 'from' },
  { title: 'to' },
  { title: 'left', align: 'right' },
  { title: 'settings', whole: true },
] as const

/** Declares `windows`. */
export function windowsCommand(cli: Cli): void {
  addCommand(cli, 'windows', {
    summary: 'the windows of the board, and what is on',
    example: '--board default windows',
  }).action(runner(cli, runWindows))
}

export async function runWindows(io: Io, options: CommonOptions): Promise<number> {
  const { board } = options
  const windows = await withAnyStore({ ...options, access: 'read' }, async (store) =>
    (await store.openBoard(board)).windows(),
  )
  if (options.json) await printJson(io, { board, windows })
  else if (windows.length === 0)
    await printLine(io, `${printable(board)} has no windows${nextOf(options)}`)
  else await printTable(io, { columns: COLUMNS, rows: windows.map(cellsOf) }, options)
  return 0
}

function nextOf({ board }: CommonOptions): string {
  return ` · next: ladderdb alter ${printable(board)} --window month`
}

function cellsOf(info: WindowInfo): string[] {
  const { window, season, from, to, remainingMs } = info
  return [
    printable(window),
    season === undefined ? 'none yet' : printable(season),
    from === undefined ? '' : formatTime(from),
    to === undefined ? '' : formatTime(to),
    remainingMs === undefined ? '' : formatAge(remainingMs),
    describeWindow(info),
  ]
}
