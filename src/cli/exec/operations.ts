/**
 * The operations of `exec`: calls of the library by name, their arguments named as there.
 *
 * @module
 */

import {
  type AroundOptions,
  type AtUnit,
  type BetweenOptions,
  type BoardInfo,
  type BoardSettings,
  type GoalOptions,
  LadderError,
  type Leaderboard,
  type Leaderboards,
  type PageOptions,
  parseAt,
  type Score,
  type Submission,
  type SubmitOptions,
} from '../../index.ts'

/**
 * Arguments as they came. They are typed as the library wants them, which looks at what they really
 * are; here only their names were checked.
 */
export interface Arguments
  extends Required<SubmitOptions<Score>>,
    Required<AroundOptions>,
    Required<Omit<BetweenOptions, 'rankMode'>>,
    Required<Omit<PageOptions, 'rankMode'>>,
    Required<Omit<GoalOptions, 'rankMode'>>,
    Required<BoardSettings> {
  mode: NonNullable<SubmitOptions['mode']>
  rankMode: NonNullable<SubmitOptions['rankMode']>
  playerId: string
  playerIds: string[]
  rank: number
  score: Score
  submissions: Submission<Score>[]
  entries: Submission<Score>[]
  n: number
  first: number
  last: number
  place: number
  min: number | undefined
  max: number | undefined
}

/** What operations work on. */
export interface Session {
  store: Leaderboards
  /** The board that a line means. */
  board: string
  signal: AbortSignal
}

/** One operation. */
export interface Operation {
  /** The names of its arguments, `board` aside. */
  names: readonly string[]
  /** Writes to a board go out without waiting for those before them; all else waits. */
  isWrite?: true
  run(session: Session, given: Arguments): unknown
}

/** The board that the first submit makes by itself. */
const DEFAULT_BOARD = 'default'

const SUBMISSION_NAMES: readonly string[] = [
  ...['playerId', 'score', 'name', 'mode', 'at', 'atUnit', 'metadata', 'only', 'expected'],
]
const ANSWER_NAMES: readonly string[] = ['rankMode', 'ranks', 'passed']

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  [
    'submit',
    {
      names: [...SUBMISSION_NAMES, ...ANSWER_NAMES],
      isWrite: true,
      run: (session, { playerId, score, ...options }) =>
        submitTarget(session).submit(playerId, score, withTime(options)),
    },
  ],
  [
    'submitMany',
    { names: ['submissions', 'entries', ...ANSWER_NAMES], isWrite: true, run: submitMany },
  ],
  [
    'remove',
    {
      names: ['playerId'],
      isWrite: true,
      run: (session, { playerId }) => boardOf(session).remove(playerId),
    },
  ],
  [
    'take',
    {
      names: ['playerId'],
      isWrite: true,
      run: (session, { playerId }) => boardOf(session).take(playerId),
    },
  ],
  [
    'get',
    {
      names: ['playerId', 'rankMode'],
      run: (session, given) => boardOf(session).get(given.playerId, { rankMode: given.rankMode }),
    },
  ],
  [
    'rank',
    {
      names: ['playerId', 'rankMode'],
      run: (session, given) => boardOf(session).rank(given.playerId, { rankMode: given.rankMode }),
    },
  ],
  [
    'ranks',
    {
      names: ['playerIds', 'rankMode'],
      run: (session, given) =>
        boardOf(session).ranks(given.playerIds, { rankMode: given.rankMode }),
    },
  ],
  [
    'standing',
    {
      names: ['playerId'],
      run: (session, { playerId }) => boardOf(session).standing(playerId),
    },
  ],
  [
    'standingOf',
    { names: ['score'], run: (session, { score }) => boardOf(session).standingOf(score) },
  ],
  [
    'top',
    {
      names: ['n', 'rankMode'],
      run: (session, given) => boardOf(session).top(given.n, { rankMode: given.rankMode }),
    },
  ],
  [
    'range',
    {
      names: ['first', 'last', 'rankMode'],
      run: (session, given) =>
        boardOf(session).range(given.first, given.last, { rankMode: given.rankMode }),
    },
  ],
  [
    'entryAt',
    {
      names: ['place', 'rankMode'],
      run: (session, given) => boardOf(session).entryAt(given.place, { rankMode: given.rankMode }),
    },
  ],
  [
    'around',
    {
      names: ['playerId', 'above', 'below', 'fill', 'rankMode'],
      run: (session, { playerId, ...options }) => boardOf(session).around(playerId, options),
    },
  ],
  [
    'between',
    {
      names: ['min', 'max', 'minExclusive', 'maxExclusive', 'offset', 'limit', 'rankMode'],
      run: (session, { min, max, ...options }) =>
        boardOf(session).between(...boundsOf({ min, max }), options),
    },
  ],
  [
    'countBetween',
    {
      names: ['min', 'max', 'minExclusive', 'maxExclusive'],
      run: (session, { min, max, ...options }) =>
        boardOf(session).countBetween(...boundsOf({ min, max }), options),
    },
  ],
  [
    'page',
    {
      names: ['limit', 'after', 'before', 'rankMode'],
      run: (session, given) => boardOf(session).page(given),
    },
  ],
  [
    'among',
    {
      names: ['playerIds', 'rankMode'],
      run: (session, given) =>
        boardOf(session).among(given.playerIds, { rankMode: given.rankMode }),
    },
  ],
  [
    'gap',
    {
      names: ['playerId', 'rankMode'],
      run: (session, given) => boardOf(session).gap(given.playerId, { rankMode: given.rankMode }),
    },
  ],
  [
    'scoreAt',
    {
      names: ['rank', 'rankMode'],
      run: (session, given) => boardOf(session).scoreAt(given.rank, { rankMode: given.rankMode }),
    },
  ],
  [
    'scoreFor',
    {
      names: ['rank', 'topPercent', 'playerId', 'rankMode'],
      run: (session, given) => boardOf(session).scoreFor(given),
    },
  ],
  [
    'boardsOf',
    {
      names: ['playerId', 'rankMode'],
      run: ({ store }, given) => store.boardsOf(given.playerId, { rankMode: given.rankMode }),
    },
  ],
  [
    'rename',
    {
      names: ['playerId', 'name'],
      isWrite: true,
      run: ({ store }, { playerId, name }) => store.rename(playerId, name as string),
    },
  ],
  [
    'removePlayer',
    {
      names: ['playerId'],
      isWrite: true,
      run: ({ store }, { playerId }) => store.removePlayer(playerId),
    },
  ],
  [
    'find',
    {
      names: ['name', 'limit'],
      run: (session, { name, limit }) =>
        boardOf(session).find(name as string, { limit, signal: session.signal }),
    },
  ],
  [
    'takePlayer',
    {
      names: ['playerId'],
      isWrite: true,
      run: ({ store }, { playerId }) => store.takePlayer(playerId),
    },
  ],
  ['size', { names: [], run: (session) => boardOf(session).size }],
  [
    'createBoard',
    {
      names: ['name', 'order', 'mode', 'scoreType', 'columns', 'keep'],
      run: createBoard,
    },
  ],
  ['dropBoard', { names: ['name'], run: dropBoard }],
  ['boards', { names: [], run: ({ store }) => store.boards() }],
  ['stats', { names: [], run: ({ store }) => store.stats() }],
  ['check', { names: [], run: ({ store, signal }) => store.check({ signal }) }],
])

// `Leaderboards.board` would create it: here only createBoard and the default one's submit may.
function boardOf({ store, board }: Session): Leaderboard<Score> {
  if (store.hasBoard(board)) return store.board(board) as Leaderboard<Score>
  throw new LadderError(
    'NO_BOARD',
    `Cannot find board "${board}": it does not exist or was dropped; createBoard makes it`,
  )
}

function submitTarget(session: Session): Leaderboard<Score> {
  if (session.board !== DEFAULT_BOARD) return boardOf(session)
  return session.store.board(DEFAULT_BOARD) as Leaderboard<Score>
}

function submitMany(session: Session, given: Arguments): Promise<unknown> {
  const { submissions: named, entries, ...options } = given
  if (named !== undefined && entries !== undefined)
    throw new TypeError('Cannot take both submissions and entries: they mean the same, give one')
  const submissions = named ?? entries
  if (Array.isArray(submissions)) submissions.forEach(checkNames)
  const timed = Array.isArray(submissions) ? submissions.map(withTime) : submissions
  return submitTarget(session).submitMany(timed, options)
}

// JSON has no dates: a time may come as a text of ISO 8601.
function withTime<T extends { at?: unknown; atUnit?: AtUnit | undefined }>(submission: T): T {
  if (typeof submission?.at !== 'string') return submission
  return { ...submission, at: parseAt(submission.at, submission.atUnit), atUnit: 'ms' }
}

function checkNames(submission: unknown, i: number): void {
  if (typeof submission !== 'object' || submission === null) return
  for (const [name, value] of Object.entries(submission)) {
    if (!SUBMISSION_NAMES.includes(name))
      throw new TypeError(
        `Submission ${i}: unknown argument "${name}"; known are ${SUBMISSION_NAMES.join(', ')}`,
      )
    // As in every line: null is "not given".
    if (value === null) delete (submission as Record<string, unknown>)[name]
  }
}

function boundsOf({ min, max }: Pick<Arguments, 'min' | 'max'>): [number, number] {
  return [min ?? -Infinity, max ?? Infinity]
}

async function createBoard(session: Session, { name, ...settings }: Arguments): Promise<BoardInfo> {
  const board = await session.store.createBoard(name ?? session.board, settings)
  return board.info
}

function dropBoard(session: Session, given: Arguments): Promise<void> {
  return session.store.dropBoard(given.name ?? session.board)
}
