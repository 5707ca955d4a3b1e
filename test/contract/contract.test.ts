/**
 * The contract suites on the embedded engine, and on one whose reads answer later.
 *
 * @module
 */

import { boardContract } from './board-contract.ts'
import { answeringLater, embedded } from './engine.ts'
import { storeContract } from './store-contract.ts'

for (const [name, engine] of [
  ['embedded engine', embedded],
  ['engine that answers later', answeringLater],
] as const) {
  boardContract(name, engine)
  storeContract(name, engine)
}
