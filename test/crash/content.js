/**
 * All that a store shows, as one hash: boards with their settings and rules, and every entry in order with
 * score, time, name and rank; of each window all seasons with their entries, and the finals of the players. The
 * ranks of all players are asked one by one too, so they come from the rank tree and not from the walk.
 *
 * Which season is on depends on the clock: one that is far behind shows a store as of its own last time.
 *
 * @module
 */

import { createHash } from 'node:crypto'

/** What the product showed contradicts itself. */
export class Contradiction extends Error {
  name = 'Contradiction'
}

/** Returns the hash of everything; throws where ranks and places contradict each other. */
export function hashOf(store) {
  return createHash('sha1')
    .update(JSON.stringify(contentOf(store)))
    .digest('hex')
}

/** Returns everything on one snapshot. */
export function contentOf(store) {
  return store.snapshot((view) => {
    return view.boards().map(({ name, order, mode, size }) => {
      const board = view.board(name)
      const entries = [...board.entries()]
      checkRanks(board, entries)
      if (entries.length !== size)
        throw new Contradiction(`Board ${name} says ${size} entries and shows ${entries.length}`)
      const windows = board.windows().map((window) => windowOf(board, window, entries))
      const shown = { name, order, mode, entries, rules: board.rules() }
      return windows.length === 0 ? shown : { ...shown, windows }
    })
  })
}

function windowOf(board, { window: name, mode, value }, boardEntries) {
  const seasons = board.seasons(name, { limit: 1000 }).map((info) => {
    const season = board.window(name, info.season)
    const entries = [...season.entries()]
    checkRanks(season, entries)
    if (entries.length !== info.size)
      throw new Contradiction(`Season ${info.season} of ${name} says ${info.size} entries`)
    return { ...info, entries }
  })
  if (mode === undefined && value === undefined) checkSource(board, { name, seasons }, boardEntries)
  const finals = boardEntries.map(({ playerId }) => board.finals(playerId, name))
  return { name, seasons, finals }
}

// What the board shows came with one submit, and the season of its time has it too.
function checkSource(board, { name, seasons }, boardEntries) {
  for (const { playerId, score, at } of boardEntries) {
    const season = seasons.find(({ from, to }) => from <= at && at < to)
    if (season === undefined) continue
    const entry = season.entries.find((one) => one.playerId === playerId)
    if (entry?.score !== score || entry.at !== at)
      throw new Contradiction(
        `Board ${board.name}: ${playerId} has ${score}, and ${entry?.score} in season ${season.season} of ${name}`,
      )
  }
}

function checkRanks(board, entries) {
  const ids = entries.map(({ playerId }) => playerId)
  const expected = { ordinal: [], competition: [], dense: [] }
  entries.forEach(({ score }, i) => {
    const isTied = i > 0 && entries[i - 1].score === score
    expected.ordinal.push(i + 1)
    expected.competition.push(isTied ? expected.competition[i - 1] : i + 1)
    expected.dense.push(isTied ? expected.dense[i - 1] : (expected.dense[i - 1] ?? 0) + 1)
  })
  for (const rankMode of Object.keys(expected)) {
    const ranks = board.ranks(ids, { rankMode })
    const wrong = ranks.findIndex((rank, i) => rank !== expected[rankMode][i])
    if (wrong !== -1)
      throw new Contradiction(
        `Board ${board.name}: ${rankMode} rank of ${ids[wrong]} is ${ranks[wrong]}, its place says ${expected[rankMode][wrong]}`,
      )
  }
}
