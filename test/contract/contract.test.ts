/**
 * The contract suites on the embedded engine, and on one whose reads answer later; that of a board also on
 * the season of a window.
 *
 * @module
 */

import { boardContract } from './board-contract.ts'
import { answeringLater, embedded, season } from './engine.ts'
import { storeContract } from './store-contract.ts'

for (const [name, engine] of [
  ['embedded engine', embedded],
  ['engine that answers later', answeringLater],
] as const) {
  boardContract(name, engine)
  storeContract(name, engine)
}

boardContract('season of a window', season)
