/**
 * `remove`: takes a player off a board, or off all boards at once, and tells what it took, so that it can
 * be put back.
 *
 *     { playerId, removed, entry: { rank, playerId, name, score, at, metadata? } }
 *     --all-boards    { playerId, removed, boards, entries: [{ board, entry }] }
 *
 * `boards` is how many boards had an entry. `removed` is false, and the status 3, if there was no entry:
 * nothing had to be done.
 *
 * @module
 */

import type { Entry, Score } from '../../index.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { type CliError, failureOf, noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatNumber, formatScore, formatTime, printJson } from '../output.ts'
import { printable, shellWord } from '../text.ts'
import { type CommonOptions, existingBoard, withStore } from '../with-store.ts'
import { noEntry } from './rename.ts'
import { titleOf } from './show.ts'

export interface RemoveOptions extends CommonOptions {
  playerId: string
  allBoards?: boolean
}

/** Declares `remove`. */
export function removeCommand(cli: Cli): void {
  addCommand(cli, 'remove', {
    summary: 'take a player off the board',
    example: 'remove cheater --all-boards',
  })
    .argument('<player>', 'id of the player')
    .option('--all-boards', 'off every board, at once')
    .action(runner(cli, runRemove, ['playerId']))
}

export async function runRemove(io: Io, options: RemoveOptions): Promise<number> {
  const { playerId, board } = options
  if (options.allBoards === true) return removeEverywhere(io, options)
  const entry = await withStore({ ...options, access: 'write' }, (store) =>
    existingBoard(store, board).take(playerId),
  )
  const removed = entry !== undefined
  if (options.json) await printJson(io, { playerId, removed, entry })
  else if (removed) await io.print(linesOf(options, [{ board, entry }]))
  return removed ? 0 : reportNone(io, noPlayer(playerId, { board }))
}

async function removeEverywhere(io: Io, options: RemoveOptions): Promise<number> {
  const { playerId } = options
  const entries = await withStore({ ...options, access: 'write' }, (store) =>
    store.takePlayer(playerId),
  )
  const [boards, removed] = [entries.length, entries.length > 0]
  if (options.json) await printJson(io, { playerId, removed, boards, entries })
  else await io.print(linesOf(options, entries))
  return removed ? 0 : reportNone(io, noEntry(playerId))
}

function reportNone(io: Io, error: CliError): number {
  const { message, status } = failureOf(error)
  io.report(`ladderdb: ${printable(message)}`)
  return status
}

function linesOf(
  { db }: RemoveOptions,
  removed: readonly { board: string; entry: Entry<Score> }[],
): string {
  const lines = removed.flatMap(({ board, entry }) => {
    const facts = `score ${formatScore(entry.score)}, rank ${formatNumber(entry.rank)}, since ${formatTime(entry.at)}`
    return [
      `removed ${titleOf(entry)} from '${printable(board)}': ${facts}`,
      `to put it back: ${commandOf(entry, { db, board })}`,
    ]
  })
  return lines.map((line) => `${line}\n`).join('')
}

// As it was: the mode must not refuse it or add it to anything, and the time keeps the place among equals.
function commandOf(entry: Entry<Score>, place: { db: string; board: string }): string {
  const { playerId, name, score, at, metadata } = entry
  const cells = typeof score === 'object' ? Object.values(score).join(',') : String(score)
  return [
    ...['ladderdb', '--db', shellWord(place.db), '--board', shellWord(place.board), 'submit'],
    ...['--mode', 'set', '--at', String(at)],
    ...(name === playerId ? [] : ['--name', shellWord(name)]),
    ...(metadata === undefined ? [] : ['--metadata', shellWord(JSON.stringify(metadata))]),
    ...(/^-/.test(playerId + cells) || cells.startsWith('-') ? ['--'] : []),
    ...[shellWord(playerId), shellWord(cells)],
  ].join(' ')
}
