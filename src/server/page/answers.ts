/**
 * What the server answers, as far as the page shows it. `/openapi.json` says all of it.
 *
 * @module
 */

/** A number; of a board of int64 a text of digits; of one with columns an object. */
export type CellJson = number | string
export type ScoreJson = CellJson | Readonly<Record<string, CellJson>>
export type RanksJson = 'ordinal' | 'competition' | 'dense'

export interface EntryJson {
  rank: number
  playerId: string
  name: string
  score: ScoreJson
  at: number
}

export interface BoardJson {
  name: string
  order: 'ascending' | 'descending'
  mode: string
  size: number
  scoreType?: 'int64'
  columns?: readonly { name: string; order: string }[]
  windows?: readonly object[]
}

export interface WindowJson {
  window: string
  season?: string
  to?: number
}

export interface SeasonJson {
  season: string
  sealed: boolean
  size: number
}

export interface UpdateJson {
  sequence: number
  /** Only of a window; null before its first season. */
  season?: string | null
  total: number
  entries: EntryJson[]
}

export interface StandingJson {
  ordinal: number
  better: number
  equal: number
  total: number
  percentile: number
  tier?: string
  next?: { name: string; rank: number | null; score: ScoreJson } | null
}

export interface PlayerJson {
  entry: EntryJson
  standing: StandingJson
  bucket: string
}

export interface RecordJson {
  seq: number
  at: number
  kind: string
  board?: string
  playerId?: string
  submitted?: ScoreJson
  score?: ScoreJson
  previousScore?: ScoreJson
  rank?: number
  plays?: number
  flags?: string[]
  undone?: number
}

export interface LogJson {
  records: RecordJson[]
}

export interface SubmittedJson {
  playerId: string
  score: ScoreJson | null
  rank: number | null
  previousRank: number | null
  changed: boolean
}
