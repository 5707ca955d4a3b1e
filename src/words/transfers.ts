/**
 * The words of imports and exports.
 *
 * @module
 */

import type { AtUnit, Mode, WorkOptions } from './index.ts'

/** The text formats of files: `ndjson` has one JSON object a line, `json` one array of them. */
export type FileFormat = 'csv' | 'ndjson' | 'json'

/**
 * How scores are written: as numbers, or as times like 1:02:03.5, which stand for seconds (`time`) or
 * milliseconds (`time-ms`).
 */
export type ScoreFormat = 'number' | 'time' | 'time-ms'

/** Options of `importFrom`; `onProgress` tells bytes while it reads, then rows of all rows. */
export interface ImportOptions extends WorkOptions {
  /** If the source is a path, the default is what the name of the file says. */
  format?: FileFormat | undefined
  /** Default: seen from the first bytes. */
  gzip?: boolean | undefined
  /** Default: the board's mode. */
  mode?: Mode | undefined
  /**
   * How far `at` may lie behind now, or behind the last time that the store gave if that is later,
   * milliseconds. Default: that of the store, five minutes. For files of a machine whose clock was ahead.
   */
  futureAllowanceMs?: number | undefined
  /** The unit of times that are numbers. Default: milliseconds, and what looks otherwise is refused. */
  atUnit?: AtUnit | undefined
  /** What the file calls a column: `{ playerId: 'Player', score: 'Pts' }`. Default: as they are called here. */
  columns?: Readonly<Record<string, string>> | undefined
  /** Leave out columns that are not known, instead of refusing the file. Default false. */
  ignoreExtra?: boolean | undefined
  /** What separates the fields of CSV, one character. Default: what the header or `sep=;` says. */
  delimiter?: string | undefined
  /** How scores are written, or how each column of them is. Default `number`. */
  scoreFormat?: ScoreFormat | Readonly<Record<string, ScoreFormat>> | undefined
  /** Scores in CSV have a decimal comma: 12,5. Default false: a comma in a score is refused. */
  decimalComma?: boolean | undefined
  /**
   * Take each row as a submit that goes by the rules of the board, in the order of the lines and in one
   * transaction, which is slower. A row that a rule refuses is a bad row. Default false: of the rules only
   * `writes` counts.
   */
  rules?: boolean | undefined
  /**
   * Leave a record of each row in the log, as a submit does. Default true. Without them the players' `history`
   * has nothing of these rows, and they cannot be undone; the log says in one record that they were left out.
   */
  log?: boolean | undefined
  /** Report bad rows and go on, instead of stopping with nothing imported. */
  skipBad?: boolean | undefined
  /**
   * Only on a server, where an import can end half way: go on behind the rows of this file that are stored. If all are,
   * of one of the last hundred imports, nothing is stored again. Default false: an import that ended half way is refused,
   * and one that came to its end is made once more.
   */
  resume?: boolean | undefined
  /** Called for each bad row where `skipBad` is set. */
  onBadRow?: ((row: BadRow) => void) | undefined
}

/** A row that cannot be imported. */
export interface BadRow {
  /** The line on which it begins, from 1 on. */
  line: number
  /** The column that is wrong, as the file calls it; undefined: the row as a whole. */
  column: string | undefined
  /** What stands there, what is wrong with it and what to do. */
  problem: string
}

/** The answer of `importFrom`, in rows. */
export interface ImportReport {
  /** Rows that were taken. */
  imported: number
  /** Rows of them that changed a score or brought a new player. */
  changed: number
  /** Bad rows that were left out. */
  skipped: number
  /**
   * By windows: rows whose season is sealed, or gone, and was not empty when the import began. They went to the
   * board alone. Only if there are any.
   */
  sealed?: Readonly<Record<string, number>>
}

/** Options of `exportTo`. */
export interface ExportOptions extends WorkOptions {
  /** If the target is a path, the default is what the name of the file says. */
  format?: FileFormat | undefined
  /** Default: what the name of the file says; false for a stream. */
  gzip?: boolean | undefined
  /** Write only the first N entries. Default: all. */
  top?: number | undefined
  /** Replace the file if it exists, instead of refusing. Default false. */
  force?: boolean | undefined
  /** Begin CSV with a byte order mark, by which Excel knows UTF-8. Default false. */
  bom?: boolean | undefined
}

/** The answer of `exportTo`. */
export interface ExportReport {
  /** Entries written. */
  exported: number
}
