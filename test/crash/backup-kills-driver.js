/**
 * One backup or restore, during which the process is killed or the disk fails.
 *
 *     node backup-kills-driver.js backup STORE DEST        and rotation to one
 *     node backup-kills-driver.js pack STORE FILE          through the directory for temporary files
 *     node backup-kills-driver.js restore STORE BACKUP
 *     node backup-kills-driver.js unpack STORE FILE
 *
 * Prints what came of it: "done", or the code of a LadderError, or what else went wrong.
 *
 * @module
 */

import { createReadStream, createWriteStream } from 'node:fs'
import { dirname } from 'node:path'
import { openLeaderboards, restoreBackup, rotateBackups } from '../../dist/index.js'

// The shim is in this process by now; the one that checks must not be hit by it.
for (const name of Object.keys(process.env))
  if (name === 'LD_PRELOAD' || name.startsWith('SHIM_')) delete process.env[name]

const [, , command, store, place] = process.argv

const COMMANDS = {
  backup: () =>
    withStore(async (board) => {
      const { storeId } = await board.backup(place)
      await rotateBackups(dirname(place), { storeId, rules: { keep: 1 }, made: place })
    }),
  pack: () => withStore((board) => board.backup(createWriteStream(place))),
  restore: () => restoreBackup(place, store, { force: true }),
  unpack: () => restoreBackup(createReadStream(place), store, { force: true }),
}

async function withStore(work) {
  const open = openLeaderboards(store, { readOnly: true })
  try {
    await work(open)
  } finally {
    await open.close()
  }
}

try {
  await COMMANDS[command]()
  console.log('done')
} catch (error) {
  const isOurs = error.name === 'LadderError' && error.message.includes('; ')
  console.log(isOurs ? error.code : `${error.name} ${error.code}: ${error.message}`)
}
