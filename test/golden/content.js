/**
 * All that a store shows, as JSON can hold it: the settings of every board and every entry in order.
 * Integers of 64 bits are strings of digits.
 *
 * @module
 */

/** Returns the boards of a store by their names, their settings and their entries. */
export function contentOf(store) {
  const boards = store.boards().map(({ name, size, ...settings }) => {
    return [name, { ...settings, entries: [...store.board(name).entries()] }]
  })
  return JSON.parse(JSON.stringify(Object.fromEntries(boards), integersAsText))
}

function integersAsText(_key, value) {
  return typeof value === 'bigint' ? String(value) : value
}

/** Returns what a store tells beside its boards: log, histories, bans, profiles, rules. */
export function historyOf(store) {
  const boards = store.boards().map(({ name }) => name)
  const players = ['ada', 'bob', 'cy', 'dan', 'eva', 'fay', 'zoe']
  const told = {
    boards: contentOf(store),
    log: store.log().records,
    flagged: store.log({ flagged: true }).records,
    histories: boards.map((name) =>
      players.map((playerId) =>
        store
          .board(name)
          .history(playerId)
          .records.map(({ seq }) => seq),
      ),
    ),
    bans: store.bans(),
    profile: store.profile('bob'),
    standing: store.board('arena').standing('ada'),
  }
  return JSON.parse(JSON.stringify(told, integersAsText))
}

/** Returns what a store shows of the windows of its boards: all seasons with their entries, and finals. */
export function seasonsOf(store) {
  const boards = store.boards().map(({ name }) => [name, windowsOf(store.board(name))])
  return JSON.parse(JSON.stringify(Object.fromEntries(boards), integersAsText))
}

function windowsOf(board) {
  const windows = board.windows().map(({ remainingMs: _, window, ...info }) => {
    const seasons = board.seasons(window, { limit: 1000 }).map((season) => {
      return { ...season, entries: [...board.window(window, season.season).entries()] }
    })
    const players = [...board.entries()].map(({ playerId }) => playerId).sort()
    const finals = players.map((playerId) => [playerId, board.finals(playerId, window)])
    return [window, { ...info, seasons, finals: Object.fromEntries(finals) }]
  })
  return Object.fromEntries(windows)
}

/** Where the clock of the golden store with seasons stands: a little before midnight in UTC. */
export const SEASONS_END_MS = Date.UTC(2026, 11, 2, 23, 58)

/** Returns what a store with seasons tells. */
export function seasonStoreOf(store) {
  const told = {
    boards: contentOf(store),
    seasons: seasonsOf(store),
    log: store.log({ after: 0, limit: 1000 }).records,
    histories: ['ada', 'bob', 'cy'].map(
      (playerId) => store.board('arena').window('day').history(playerId).records,
    ),
    bans: store.bans(),
  }
  return JSON.parse(JSON.stringify(told, integersAsText))
}
