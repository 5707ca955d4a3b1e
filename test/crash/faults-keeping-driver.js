/**
 * A backup of a store and a restore of another one, during which the disk fails.
 *
 *     node faults-keeping-driver.js DIRECTORY NOTES
 *
 * In DIRECTORY are `store`, `old` (a store with other content) and `good` (a backup of `store`). Makes the
 * backup `new` of `store` and restores `good` over `old`. Notes { done } or { failed, name, code } of
 * each as a line of JSON, and ends with status 7.
 *
 * @module
 */

import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openLeaderboards, restoreBackup } from '../../dist/index.js'

const [, , directory, notesFile] = process.argv
const notes = openSync(notesFile, 'a')

await step('backup', async () => {
  const store = openLeaderboards(join(directory, 'store'))
  try {
    await store.backup(join(directory, 'new'))
  } finally {
    await store.close()
  }
})
await step('restore', () => {
  return restoreBackup(join(directory, 'good'), join(directory, 'old'), { force: true })
})
process.exitCode = 7

async function step(name, work) {
  try {
    await work()
    note({ done: name })
  } catch (error) {
    note({ failed: name, name: error.name, code: error.code, message: error.message })
  }
}

function note(line) {
  writeSync(notes, `${JSON.stringify(line)}\n`)
}
