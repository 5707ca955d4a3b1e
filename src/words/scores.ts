/**
 * The words for scores: what they are and which one is better.
 *
 * @module
 */

/** Which score is better: the higher one (`descending`, the default) or the lower one. */
export type Order = 'descending' | 'ascending'

/**
 * What scores are: `number`, every finite JavaScript number (the default), or `int64`, the integers
 * from -2^63 to 2^63 - 1 as bigint.
 */
export type ScoreType = 'number' | 'int64'

/** A score, or one column of it. */
export type ScoreCell = number | bigint

/** A score of several columns, by their names. */
export type ScoreColumns = Readonly<Record<string, ScoreCell>>

/** Any score. A board's own type is the one that its settings say. */
export type Score = ScoreCell | ScoreColumns

/** One column of a score. */
export interface ScoreColumn {
  /** A letter, then letters, digits, `_` and `-`, 32 at most. */
  name: string
  order: Order
}

/** What a submit takes as a score: a board of `int64` takes safe integer numbers too. */
export type ScoreInput<S extends Score> = S extends bigint
  ? bigint | number
  : S extends number
    ? number
    : { readonly [Name in keyof S]: S[Name] extends bigint ? bigint | number : S[Name] }

/** One end of a range of scores: of several columns it is the first that counts. */
export type ScoreBound<S extends Score> = S extends number ? number : number | bigint
