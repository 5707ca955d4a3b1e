/**
 * `remove`: takes a player off a board, or off all boards at once, and tells what it took, so that it can
 * be put back.
 *
 *     { playerId, removed, entry: { rank, playerId, name, score, at, metadata? }, seasons? }
 *     --all-boards    { playerId, removed, boards, entries: [{ board, entry }], seasons? }
 *
 * `boards` is how many boards had an entry; `seasons` are those that showed one. `removed` is false, and the status 3, if there was no entry:
 * nothing had to be done.
 *
 * @module
 */

import type { Entry, Score } from '../../index.ts'
import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import { type CliError, failureOf, noPlayer } from '../failures.ts'
import type { Io } from '../io.ts'
import { formatNumber, formatScore, formatTime, printJson } from '../output.ts'
import { SEALED_OPTION, type SeasonWith, sealedOf, seasonsWith } from '../sealed.ts'
import { printable, shellWord } from '../text.ts'
import { type CommonOptions, storeFlags } from '../with-store.ts'
import { noEntry } from './rename.ts'
import { titleOf } from './show.ts'

export interface RemoveOptions extends CommonOptions {
  playerId: string
  allBoards?: boolean
  sealed?: boolean
}

/** Declares `remove`. */
export function removeCommand(cli: Cli): void {
  addCommand(cli, 'remove', {
    summary: 'take a player off the board',
    example: 'remove cheater --all-boards',
  })
    .argument('<player>', 'id of the player')
    .option('--all-boards', 'off every board, at once')
    .option(...SEALED_OPTION)
    .action(runner(cli, runRemove, ['playerId']))
}

export async function runRemove(io: Io, options: RemoveOptions): Promise<number> {
  const { playerId, board } = options
  if (options.allBoards === true) return removeEverywhere(io, options)
  const { entry, seasons } = await withAnyStore({ ...options, access: 'write' }, async (store) => {
    const target = await store.openBoard(board)
    const seasons = await seasonsWith(target, playerId, options)
    return { seasons, entry: await target.take(playerId, sealedOf(options)) }
  })
  const removed = entry !== undefined || seasons.length > 0
  const more = seasons.length === 0 ? {} : { seasons }
  if (options.json) await printJson(io, { playerId, removed, entry, ...more })
  else await io.print(linesOf(options, entry === undefined ? [] : [{ board, entry }], seasons))
  return removed ? 0 : reportNone(io, noPlayer(playerId, { board }))
}

async function removeEverywhere(io: Io, options: RemoveOptions): Promise<number> {
  const { playerId } = options
  const { entries, seasons } = await withAnyStore(
    { ...options, access: 'write' },
    async (store) => {
      const infos = await store.boards()
      const boards = await Promise.all(infos.map(({ name }) => store.openBoard(name)))
      const seasons = await Promise.all(
        boards.map((board) => seasonsWith(board, playerId, options)),
      )
      return {
        seasons: seasons.flat(),
        entries: await store.takePlayer(playerId, sealedOf(options)),
      }
    },
  )
  const removed = entries.length + seasons.length > 0
  const boards = new Set([...entries, ...seasons].map(({ board }) => board)).size
  const more = seasons.length === 0 ? {} : { seasons }
  if (options.json) await printJson(io, { playerId, removed, boards, entries, ...more })
  else await io.print(linesOf(options, entries, seasons))
  return removed ? 0 : reportNone(io, noEntry(playerId))
}

function reportNone(io: Io, error: CliError): number {
  const { message, status } = failureOf(error)
  io.report(`ladderdb: ${printable(message)}`)
  return status
}

function linesOf(
  options: RemoveOptions,
  removed: readonly { board: string; entry: Entry<Score> }[],
  seasons: readonly SeasonWith[],
): string {
  const { playerId } = options
  const lines = removed.flatMap(({ board, entry }) => {
    const facts = `score ${formatScore(entry.score)}, rank ${formatNumber(entry.rank)}, since ${formatTime(entry.at)}`
    return [
      `removed ${titleOf(entry)} from '${printable(board)}': ${facts}`,
      `to put it back: ${commandOf(entry, storeFlags(options), board)}`,
    ]
  })
  const ofSeasons = seasons.map(({ board, window, season }) => {
    const place = `${printable(window)} ${printable(season)}`
    return `removed ${printable(playerId)} from season ${place} of '${printable(board)}'`
  })
  return [...lines, ...ofSeasons].map((line) => `${line}\n`).join('')
}

// As it was: the mode must not refuse it or add it to anything, and the time keeps the place among equals.
function commandOf(entry: Entry<Score>, store: string, board: string): string {
  const { playerId, name, score, at, metadata } = entry
  const cells = typeof score === 'object' ? Object.values(score).join(',') : String(score)
  return [
    ...['ladderdb', store, '--board', shellWord(board), 'submit'],
    ...['--mode', 'set', '--at', String(at)],
    ...(name === playerId ? [] : ['--name', shellWord(name)]),
    ...(metadata === undefined ? [] : ['--metadata', shellWord(JSON.stringify(metadata))]),
    ...(/^-/.test(playerId + cells) || cells.startsWith('-') ? ['--'] : []),
    ...[shellWord(playerId), shellWord(cells)],
  ].join(' ')
}
