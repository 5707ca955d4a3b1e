/**
 * For those who serve the library to others, as `exec` does: the table of all calls as data, JSON that
 * keeps every digit, readers of scores, times and file names that come as text, and days that begin at a time of
 * the clock.
 *
 * @module
 */

export { shorten } from '../ground/shorten.ts'
export { checkDaily, dayAround } from './daily.ts'
export { formatOf } from './file-format.ts'
export { JsonError, parseJson, writeJson } from './json.ts'
export { checkKeepRules } from './keep-rules.ts'
export type { CallFields, Kind, KindType } from './kinds.ts'
export { changesOf } from './looks.ts'
export { isSeasoned, makeNamedCall, type NamedArguments, withoutNulls } from './named-call.ts'
export { checkFields, unknownName } from './options.ts'
export { type CodeMeaning, type OuterCode, outcomeOf } from './outcomes.ts'
export { withFlags } from './remedies.ts'
export { parseBound, parseScore } from './scores.ts'
export { CALLS, type Call, type CallName } from './table.ts'
export { valueOfText } from './texts.ts'
export { parseAt, parseTime } from './times.ts'
