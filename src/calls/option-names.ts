/**
 * The names that options may have. Any other is refused: a slip of the pen would be a default that
 * nobody wanted.
 *
 * @module
 */

const BOUNDS = ['minExclusive', 'maxExclusive']
const DETAILS = ['name', 'mode', 'at', 'atUnit', 'metadata', 'only', 'expected']
const ANSWER = ['rankMode', 'ranks', 'passed']

type Call =
  | 'open'
  | 'settings'
  | 'column'
  | 'submit'
  | 'submission'
  | 'submitMany'
  | 'around'
  | 'between'
  | 'countBetween'
  | 'dump'
  | 'page'
  | 'goal'
  | 'find'
  | 'watch'

/** By the call, or the thing, that takes them. */
export const OPTION_NAMES: Record<Call, readonly string[]> = {
  open: [
    'readOnly',
    'create',
    'durability',
    'allowNetworkFileSystem',
    'futureAllowanceMs',
    'cacheBytes',
    'clock',
  ],
  settings: ['order', 'mode', 'scoreType', 'columns', 'keep'],
  column: ['name', 'order'],
  submit: [...DETAILS, ...ANSWER],
  submission: ['playerId', 'score', ...DETAILS],
  submitMany: ANSWER,
  around: ['above', 'below', 'fill', 'rankMode'],
  between: [...BOUNDS, 'offset', 'limit', 'rankMode'],
  countBetween: BOUNDS,
  dump: ['table', 'board'],
  page: ['limit', 'after', 'before', 'rankMode'],
  goal: ['rank', 'topPercent', 'playerId', 'rankMode'],
  find: ['limit', 'signal'],
  watch: ['top', 'playerId', 'signal', 'intervalMs', 'rankMode'],
}
