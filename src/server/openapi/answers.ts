/**
 * The schemas of answers, by the names that routes give them. A call without one is answered by an object.
 *
 * @module
 */

import {
  ANY_OBJECT,
  BOOLEAN_SCHEMA,
  eitherOf,
  type JsonSchema,
  listOf,
  NUMBER_SCHEMA,
  nullable,
  objectOf,
  refTo,
  resultOf,
  SCORE_SCHEMA,
  TEXT_SCHEMA,
  WHOLE_SCHEMA,
} from './json-schema.ts'

const CELL: JsonSchema = {
  anyOf: [NUMBER_SCHEMA, { type: 'string', pattern: '^-?[0-9]{1,19}$' }],
  description: 'a number; of a board of int64 a text of digits',
}
const ORDER = eitherOf('descending', 'ascending')
const MODE = eitherOf('set', 'best', 'increment')
const CURSOR = nullable(TEXT_SCHEMA)
const PLAYER = { playerId: TEXT_SCHEMA }
const ENTRY_FIELDS = {
  ...{ rank: WHOLE_SCHEMA, playerId: TEXT_SCHEMA, name: TEXT_SCHEMA, score: SCORE_SCHEMA },
  ...{ at: NUMBER_SCHEMA, 'metadata?': ANY_OBJECT },
}
const ENTRY = refTo('Entry')
const NEIGHBOUR = nullable(objectOf({ entry: ENTRY, difference: nullable(SCORE_SCHEMA) }))
const RULE_FIELDS = {
  ...{ 'min?': CELL, 'max?': CELL, 'perMinute?': WHOLE_SCHEMA, 'players?': eitherOf('known') },
  'maxGain?': objectOf({ by: CELL, action: eitherOf('flag', 'refuse') }),
  'tiers?': listOf(ANY_OBJECT),
  'writes?': eitherOf('closed'),
}
const BAN_FIELDS = {
  ...{ ...PLAYER, 'board?': TEXT_SCHEMA, 'reason?': TEXT_SCHEMA, 'actor?': TEXT_SCHEMA },
  ...{
    since: NUMBER_SCHEMA,
    'until?': NUMBER_SCHEMA,
    submits: eitherOf('refuse', 'keep'),
    'sealed?': BOOLEAN_SCHEMA,
  },
}
const BOARD_FIELDS = {
  ...{ name: TEXT_SCHEMA, order: ORDER, mode: MODE, size: WHOLE_SCHEMA },
  ...{ 'scoreType?': eitherOf('int64'), 'keep?': WHOLE_SCHEMA },
  'columns?': listOf(objectOf({ name: TEXT_SCHEMA, order: ORDER })),
  ...{ 'log?': eitherOf('changes', 'none'), 'windows?': listOf(ANY_OBJECT) },
}
/** Of which season an answer is, or a message, if it is of a window. */
export const SEASON_FIELDS: Readonly<Record<string, JsonSchema>> = {
  ...{ 'window?': TEXT_SCHEMA, 'season?': nullable(TEXT_SCHEMA) },
  ...{ 'from?': nullable(NUMBER_SCHEMA), 'to?': nullable(NUMBER_SCHEMA) },
}
const SEASON_NAMES = objectOf({ board: TEXT_SCHEMA, window: TEXT_SCHEMA, season: TEXT_SCHEMA })
const SEQ_AND_BOARDS = { 'seq?': WHOLE_SCHEMA, boards: listOf(TEXT_SCHEMA) }
const MANIFEST = objectOf({
  ...{ product: TEXT_SCHEMA, formatVersion: WHOLE_SCHEMA, storeId: TEXT_SCHEMA },
  ...{ 'lineageId?': TEXT_SCHEMA, sequence: WHOLE_SCHEMA, createdAt: TEXT_SCHEMA },
  boards: listOf(objectOf({ name: TEXT_SCHEMA, size: WHOLE_SCHEMA })),
  ...{ bytes: WHOLE_SCHEMA, sha256: TEXT_SCHEMA, checksum: TEXT_SCHEMA },
})
const UNDONE = nullable(
  objectOf({
    ...{ score: SCORE_SCHEMA, at: NUMBER_SCHEMA, name: TEXT_SCHEMA },
    ...{ 'metadata?': ANY_OBJECT, 'hidden?': BOOLEAN_SCHEMA },
  }),
)

const CALL_METRICS = objectOf({
  ...{ count: WHOLE_SCHEMA, errors: WHOLE_SCHEMA, p50Ms: NUMBER_SCHEMA },
  ...{ p95Ms: NUMBER_SCHEMA, p99Ms: NUMBER_SCHEMA },
})

/** Schemas that others are made of. */
export const PARTS: Readonly<Record<string, JsonSchema>> = {
  Score: {
    anyOf: [...(CELL['anyOf'] as JsonSchema[]), { type: 'object', additionalProperties: CELL }],
    description: 'a number; of a board of int64 a text of digits; of one with columns an object',
  },
  Entry: objectOf(ENTRY_FIELDS),
  BoardInfo: objectOf(BOARD_FIELDS),
  BoardEntry: objectOf({ board: TEXT_SCHEMA, entry: ENTRY }),
  Ban: objectOf(BAN_FIELDS),
  BoardRules: objectOf(RULE_FIELDS),
  Standing: objectOf({
    ...{ ordinal: WHOLE_SCHEMA, competition: WHOLE_SCHEMA, dense: WHOLE_SCHEMA },
    ...{ better: WHOLE_SCHEMA, equal: WHOLE_SCHEMA, worse: WHOLE_SCHEMA, total: WHOLE_SCHEMA },
    ...{ percentile: NUMBER_SCHEMA, bucket: TEXT_SCHEMA, 'tier?': TEXT_SCHEMA },
    'next?': nullable(
      objectOf({ name: TEXT_SCHEMA, rank: nullable(WHOLE_SCHEMA), score: SCORE_SCHEMA }),
    ),
  }),
  Season: objectOf({
    ...{ season: TEXT_SCHEMA, from: NUMBER_SCHEMA, to: nullable(NUMBER_SCHEMA) },
    ...{ sealed: BOOLEAN_SCHEMA, size: WHOLE_SCHEMA },
  }),
  Profile: objectOf({
    ...{ ...PLAYER, name: TEXT_SCHEMA, 'avatar?': TEXT_SCHEMA, 'metadata?': ANY_OBJECT },
  }),
  LogRecord: {
    ...objectOf({
      ...{ seq: WHOLE_SCHEMA, at: NUMBER_SCHEMA, kind: TEXT_SCHEMA, commit: WHOLE_SCHEMA },
      ...{ 'board?': TEXT_SCHEMA, 'playerId?': TEXT_SCHEMA, 'submitted?': SCORE_SCHEMA },
      ...{ 'score?': SCORE_SCHEMA, 'rank?': WHOLE_SCHEMA, 'changed?': BOOLEAN_SCHEMA },
    }),
    additionalProperties: true,
    description: 'one change; a kind has fields of its own beside these',
  },
  LogPage: objectOf({
    ...{ records: listOf(refTo('LogRecord')), next: nullable(WHOLE_SCHEMA) },
    previous: nullable(WHOLE_SCHEMA),
  }),
  SubmitAnswer: objectOf({
    ...{ ...PLAYER, score: nullable(SCORE_SCHEMA), previousScore: nullable(SCORE_SCHEMA) },
    ...{ rank: nullable(WHOLE_SCHEMA), previousRank: nullable(WHOLE_SCHEMA) },
    ...{ changed: BOOLEAN_SCHEMA, created: BOOLEAN_SCHEMA, 'submitted?': SCORE_SCHEMA },
    'passed?': objectOf({ count: WHOLE_SCHEMA, entries: listOf(ENTRY) }),
    ...{ 'repeated?': BOOLEAN_SCHEMA, 'windows?': ANY_OBJECT },
  }),
  LiveUpdate: objectOf({
    ...{ 'id?': TEXT_SCHEMA, sequence: WHOLE_SCHEMA, ...SEASON_FIELDS, 'began?': BOOLEAN_SCHEMA },
    ...{ total: WHOLE_SCHEMA, entries: listOf(ENTRY) },
    changes: listOf(
      objectOf({
        ...{ ...PLAYER, kind: eitherOf('entered', 'left', 'score', 'moved', 'updated') },
        ...{ entry: nullable(ENTRY), previous: nullable(ENTRY) },
      }),
    ),
  }),
  Problem: {
    ...objectOf({
      ...{ type: TEXT_SCHEMA, title: TEXT_SCHEMA, status: WHOLE_SCHEMA, detail: TEXT_SCHEMA },
      ...{ code: TEXT_SCHEMA, 'retryAfterMs?': WHOLE_SCHEMA },
    }),
    description: 'RFC 9457; code is one of the library, or of the server',
  },
}

const STANDING = refTo('Standing')

/** The schema of each answer. */
export const ANSWERS: Readonly<Record<string, JsonSchema>> = {
  // Routes with a shape of their own.
  Boards: objectOf({ boards: listOf(refTo('BoardInfo')) }),
  Board: objectOf({ ...BOARD_FIELDS, rules: refTo('BoardRules') }),
  Rules: objectOf({
    ...{ board: TEXT_SCHEMA, rules: refTo('BoardRules') },
    'windows?': listOf(ANY_OBJECT),
  }),
  Dropped: objectOf({ board: TEXT_SCHEMA, dropped: BOOLEAN_SCHEMA }),
  Entries: objectOf({
    ...{ board: TEXT_SCHEMA, total: WHOLE_SCHEMA, entries: listOf(ENTRY) },
    ...{ 'next?': CURSOR, 'previous?': CURSOR },
  }),
  Player: objectOf({ board: TEXT_SCHEMA, entry: ENTRY, standing: STANDING, bucket: TEXT_SCHEMA }),
  PlayerEverywhere: objectOf({
    ...{ ...PLAYER, profile: nullable(refTo('Profile')), boards: listOf(refTo('BoardEntry')) },
  }),
  Removed: objectOf({ board: TEXT_SCHEMA, ...PLAYER, removed: BOOLEAN_SCHEMA }),
  RemovedEverywhere: objectOf({ ...PLAYER, removed: WHOLE_SCHEMA }),
  Unbanned: objectOf({ ...PLAYER, unbanned: BOOLEAN_SCHEMA }),
  Submitted: {
    anyOf: [refTo('SubmitAnswer'), objectOf({ answers: listOf(refTo('SubmitAnswer')) })],
  },
  Backups: objectOf({ backups: listOf(objectOf({ path: TEXT_SCHEMA, manifest: MANIFEST })) }),
  Backup: {
    ...MANIFEST,
    properties: {
      ...(MANIFEST['properties'] as object),
      ...{ path: TEXT_SCHEMA, ms: NUMBER_SCHEMA },
    },
  },
  // Those that follow from the table of calls.
  rank: resultOf(WHOLE_SCHEMA),
  ranks: resultOf(listOf(nullable(WHOLE_SCHEMA))),
  standing: STANDING,
  standingOf: { anyOf: [STANDING, resultOf({ type: 'null' })] },
  top: resultOf(listOf(ENTRY)),
  entryAt: { anyOf: [ENTRY, resultOf({ type: 'null' })] },
  countBetween: resultOf(WHOLE_SCHEMA),
  among: objectOf({
    entries: listOf(objectOf({ ...ENTRY_FIELDS, groupRank: WHOLE_SCHEMA })),
    missing: listOf(TEXT_SCHEMA),
  }),
  gap: objectOf({ entry: ENTRY, above: NEIGHBOUR, below: NEIGHBOUR }),
  scoreAt: { anyOf: [resultOf(nullable(SCORE_SCHEMA)), SCORE_SCHEMA] },
  scoreFor: objectOf({
    ...{ rank: WHOLE_SCHEMA, score: nullable(SCORE_SCHEMA), mark: nullable(SCORE_SCHEMA) },
    ...{ mustBeat: BOOLEAN_SCHEMA, 'held?': BOOLEAN_SCHEMA },
  }),
  find: resultOf(listOf(ENTRY)),
  size: resultOf(WHOLE_SCHEMA),
  sequence: resultOf(WHOLE_SCHEMA),
  history: refTo('LogPage'),
  log: refTo('LogPage'),
  rules: refTo('BoardRules'),
  take: ENTRY,
  bans: resultOf(listOf(refTo('Ban'))),
  settings: objectOf({
    // Boards on a server of Redis keep no log.
    'retention?': objectOf({ days: NUMBER_SCHEMA, bytes: WHOLE_SCHEMA }),
    requests: objectOf({ days: NUMBER_SCHEMA, count: WHOLE_SCHEMA }),
    ...{ names: eitherOf('unique', 'free'), writes: eitherOf('open', 'closed') },
  }),
  profile: refTo('Profile'),
  ban: objectOf({ ...BAN_FIELDS, ...SEQ_AND_BOARDS, 'seasons?': listOf(SEASON_NAMES) }),
  rename: resultOf(WHOLE_SCHEMA),
  takePlayer: resultOf(listOf(refTo('BoardEntry'))),
  movePlayer: objectOf({
    ...{ from: TEXT_SCHEMA, to: TEXT_SCHEMA, ...SEQ_AND_BOARDS },
    'seasons?': listOf(SEASON_NAMES),
  }),
  erase: objectOf({ ...SEQ_AND_BOARDS, found: BOOLEAN_SCHEMA, records: WHOLE_SCHEMA }),
  undo: objectOf({
    ...{ seq: nullable(WHOLE_SCHEMA), count: WHOLE_SCHEMA, 'partial?': BOOLEAN_SCHEMA },
    changes: listOf(objectOf({ board: TEXT_SCHEMA, ...PLAYER, from: UNDONE, to: UNDONE })),
    lost: listOf(objectOf({ board: TEXT_SCHEMA, ...PLAYER })),
    'skipped?': listOf(TEXT_SCHEMA),
  }),
  windows: resultOf(listOf(ANY_OBJECT)),
  seasons: resultOf(listOf(refTo('Season'))),
  finals: resultOf(listOf(ANY_OBJECT)),
  startSeason: objectOf({ season: TEXT_SCHEMA, from: NUMBER_SCHEMA }),
  metrics: objectOf({
    ...{ measuredMs: NUMBER_SCHEMA, updatesPerSecond: NUMBER_SCHEMA },
    calls: { type: 'object', additionalProperties: CALL_METRICS },
    commits: objectOf({
      ...{ count: WHOLE_SCHEMA, p50Changes: WHOLE_SCHEMA, p99Changes: WHOLE_SCHEMA },
      ...{ maxChanges: WHOLE_SCHEMA, p50Ms: NUMBER_SCHEMA, p99Ms: NUMBER_SCHEMA },
    }),
  }),
  resolve: resultOf(BOOLEAN_SCHEMA),
  check: objectOf({
    ok: BOOLEAN_SCHEMA,
    findings: listOf(
      objectOf({
        ...{ board: nullable(TEXT_SCHEMA), place: TEXT_SCHEMA },
        ...{ problem: TEXT_SCHEMA, invariant: TEXT_SCHEMA },
      }),
    ),
    checked: ANY_OBJECT,
  }),
}
