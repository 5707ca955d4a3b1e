/**
 * For those who serve the library to others, as `exec` does: the table of all calls as data, and JSON
 * that keeps every digit.
 *
 * @module
 */

export { JsonError, parseJson, writeJson } from './json.ts'
export type { CallFields, Kind, KindType } from './kinds.ts'
export { checkFields, unknownName } from './options.ts'
export { type CodeMeaning, type OuterCode, outcomeOf } from './outcomes.ts'
export { withFlags } from './remedies.ts'
export { CALLS, type Call, type CallName } from './table.ts'
