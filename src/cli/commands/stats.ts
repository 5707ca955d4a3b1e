/**
 * `stats`: sizes and shape of a store.
 *
 *     { path, formatVersion, storeId, createdAt, sequence, lineageId?, clockAheadMs, boards, entries,
 *       seasons, seasonEntries, fileBytes, usedBytes, dropping, readers: [{ pid, lag }],
 *       trees: [{ board, entries, scores, height, nodes, spans, seasons?: { count, entries, nodes } }] }
 *
 * On a server: { prefix, clockAheadMs, boards, entries, seasons, seasonEntries, usedBytes, sizes: [{ board, … }] }
 *
 * The fields are those of the library's `StoreStats` and `RemoteStoreStats` and are documented there.
 *
 * @module
 */

import type { StoreStats, TreeStats } from '../../index.ts'
import type { RemoteBoardSize, RemoteStoreStats } from '../../redis/index.ts'
import { withAnyStore } from '../any-store.ts'
import { addCommand, type Cli, runner } from '../command.ts'
import type { Io } from '../io.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatTime,
  printJson,
  printTable,
  type TextTable,
} from '../output.ts'
import { printable } from '../text.ts'
import { type CommonOptions, storeName, withStore } from '../with-store.ts'

// Busy stores are a little ahead at any time: no two of their times are equal.
const CLOCK_SHOWN_MS = 1000

/** Declares `stats`. */
export function statsCommand(cli: Cli): void {
  addCommand(cli, 'stats', {
    summary: 'sizes and shape of the store',
    example: 'stats --json',
  }).action(runner(cli, runStats))
}

export async function runStats(io: Io, options: CommonOptions): Promise<number> {
  if (options.redis !== undefined) return runRemoteStats(io, options)
  const stats = await withStore({ ...options, access: 'read' }, (store) => store.stats())
  if (options.json) await printJson(io, stats)
  else {
    await io.print(`${storeLines(stats).join('\n')}\n`)
    if (stats.trees.length > 0) await io.print('\n')
    if (stats.trees.length > 0) await printTable(io, tableOf(stats.trees), options)
  }
  return 0
}

async function runRemoteStats(io: Io, options: CommonOptions): Promise<number> {
  const answer = await withAnyStore({ ...options, access: 'read' }, (store) => store.stats())
  const stats = answer as unknown as RemoteStoreStats
  if (options.json) await printJson(io, stats)
  else {
    await io.print(`${remoteLines(stats, options).join('\n')}\n`)
    if (stats.sizes.length > 0) await io.print('\n')
    if (stats.sizes.length > 0) await printTable(io, sizesOf(stats.sizes), options)
  }
  return 0
}

function remoteLines(stats: RemoteStoreStats, options: CommonOptions): string[] {
  return [
    `store       ${printable(storeName(options))}`,
    `prefix      ${printable(stats.prefix)}`,
    `boards      ${formatNumber(stats.boards)}`,
    `entries     ${formatNumber(stats.entries)}`,
    ...seasonsOf(stats),
    `memory      about ${formatBytes(stats.usedBytes)}`,
    ...clockOf(stats.clockAheadMs),
  ]
}

function sizesOf(sizes: readonly RemoteBoardSize[]): TextTable {
  const numbers = ['partitions', 'entries', 'hidden', 'requests', 'seasons', 'memory']
  return {
    columns: [{ title: 'board' }, ...numbers.map((title) => ({ title, align: 'right' as const }))],
    rows: sizes.map(({ board, partitions = 1, entries, hidden, requests, seasons, usedBytes }) => [
      printable(board),
      ...[partitions, entries, hidden, requests, seasons?.count ?? 0].map(formatNumber),
      formatBytes(usedBytes),
    ]),
  }
}

function storeLines(stats: StoreStats): string[] {
  const lags = stats.readers.map(({ lag }) => lag)
  const free = stats.fileBytes - stats.usedBytes
  return [
    `store       ${printable(stats.path)}`,
    `identity    ${stats.storeId}, created ${formatTime(stats.createdAt)}`,
    `format      version ${stats.formatVersion}`,
    `commits     ${formatNumber(stats.sequence)}`,
    `boards      ${formatNumber(stats.boards)}${droppingOf(stats.dropping)}`,
    `entries     ${formatNumber(stats.entries)}`,
    ...seasonsOf(stats),
    `file        ${formatBytes(stats.fileBytes)}, ${formatBytes(stats.usedBytes)} used, ${formatBytes(free)} free to use again`,
    ...clockOf(stats.clockAheadMs),
    `readers     ${formatNumber(lags.length)}, the oldest ${formatNumber(Math.max(0, ...lags))} commits behind`,
  ]
}

function seasonsOf({
  seasons,
  seasonEntries,
}: Pick<StoreStats, 'seasons' | 'seasonEntries'>): string[] {
  if (seasons === 0) return []
  return [
    `seasons     ${formatNumber(seasons)}, with ${formatCount(seasonEntries, 'entry', 'entries')}`,
  ]
}

function clockOf(aheadMs: number): string[] {
  if (aheadMs < CLOCK_SHOWN_MS) return []
  return [`clock       its last time is ${formatDuration(aheadMs)} ahead of this machine's clock`]
}

function droppingOf(dropping: number): string {
  return dropping === 0 ? '' : `, ${formatNumber(dropping)} dropped and not freed yet`
}

function tableOf(trees: readonly TreeStats[]): TextTable {
  const numbers = ['entries', 'scores', 'height', 'nodes', 'spans'] as const
  const hasSeasons = trees.some(({ seasons }) => seasons !== undefined)
  return {
    columns: [
      { title: 'board' },
      ...numbers.map((title) => ({
        title: title === 'scores' ? 'distinct scores' : title,
        align: 'right' as const,
      })),
      ...(hasSeasons ? [{ title: 'seasons', align: 'right' as const }] : []),
    ],
    rows: trees.map((tree) => [
      printable(tree.board),
      ...numbers.map((name) => formatNumber(tree[name])),
      ...(hasSeasons ? [formatNumber(tree.seasons?.count ?? 0)] : []),
    ]),
  }
}
