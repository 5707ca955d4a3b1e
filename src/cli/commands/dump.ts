/**
 * `dump`: every key and value of the store, a line each, for those who look into it.
 *
 *     TABLE  KEY → VALUE          in words; with --raw both in hexadecimal
 *     { table, key, value, text }     with --json, a document a line; key and value in hexadecimal
 *
 * @module
 */

import type { DumpedPair, DumpOptions, Leaderboards } from '../../index.ts'
import { addCommand, type Cli, choice, runner, wordsFor } from '../command.ts'
import type { Io } from '../io.ts'
import { printJson, printLine } from '../output.ts'
import { printable } from '../text.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

/** Declares `dump`. */
export function dumpCommand(cli: Cli): void {
  addCommand(cli, 'dump', {
    summary: 'every key and value that is stored, a line each',
    example: 'dump --table meta',
  })
    .addOption(choice('--table <table>', 'one table alone; --board: one board alone', TABLES))
    .option('--raw', 'in hexadecimal, as it is stored')
    .action(runner(cli, runDump))
}

const TABLES = wordsFor('dump', 'table')
const TABLE_CHARACTERS = Math.max(...TABLES.map((name) => name.length))

export function runDump(
  io: Io,
  options: CommonOptions & { table?: DumpOptions['table']; raw?: boolean },
): Promise<number> {
  return withStore({ ...options, access: 'read' }, async (store) => {
    for (const pair of pairsOf(store, options)) {
      if (io.signal.aborted || io.closed.aborted) break
      if (options.json) await printJson(io, pair)
      else await printLine(io, options.raw === true ? rawLine(pair) : lineOf(pair))
    }
    return 0
  })
}

function pairsOf(
  store: Leaderboards,
  options: CommonOptions & { table?: DumpOptions['table'] },
): Iterable<DumpedPair> {
  const asked: DumpOptions = {}
  if (options.table !== undefined) asked.table = options.table
  if (options.isBoardNamed) asked.board = options.board
  return store.dump(asked)
}

function lineOf({ table, text }: DumpedPair): string {
  return printable(`${table.padEnd(TABLE_CHARACTERS)}  ${text}`)
}

function rawLine({ table, key, value }: DumpedPair): string {
  return `${table.padEnd(TABLE_CHARACTERS)}  ${key} ${value}`
}
