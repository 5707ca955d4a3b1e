/**
 * Where Redis and PostgreSQL keep the board that they serve, and how they are asked.
 *
 * @module
 */

/** The sorted set in Redis. */
export const BOARD_KEY = 'board'

/** The table in PostgreSQL, with what stands in a row of the workload. */
export const TABLE = `CREATE TABLE scores (
  player_id text NOT NULL, score double precision NOT NULL, name text, at bigint)`

/** Fills it from a file of the server's machine. */
export const FILL = (path) => `COPY scores FROM '${path}' CSV HEADER`

/** What is made once it is full. */
export const INDEXES = [
  'ALTER TABLE scores ADD PRIMARY KEY (player_id)',
  'CREATE INDEX scores_by_score ON scores (score DESC)',
  'VACUUM ANALYZE scores',
  'CHECKPOINT',
]

/** One more than those above. */
export const RANK_OF_PLAYER = `
  SELECT 1 + COUNT(*) AS rank FROM scores
  WHERE score > (SELECT score FROM scores WHERE player_id = $1)`

export const SET_SCORE = `
  INSERT INTO scores (player_id, score) VALUES ($1, $2)
  ON CONFLICT (player_id) DO UPDATE SET score = excluded.score`
