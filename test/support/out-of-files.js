/**
 * A process that has no more files to open, with `ulimit -n`, and makes calls: `node out-of-files.js DIRECTORY`.
 * Prints { call: code } as JSON; a failure that is no LadderError is printed in full.
 *
 * @module
 */

import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { checkStore, openLeaderboards, verifyBackup } from '../../dist/index.js'

const [, , directory] = process.argv
const place = (name) => join(directory, name)
const store = openLeaderboards(place('store'))
const board = store.board('arena')
await board.submit('ann', 1)

const files = []
try {
  for (;;) files.push(openSync('/dev/null', 'r'))
} catch {}

const CALLS = {
  create: () => openLeaderboards(place('new')),
  read: () => openLeaderboards(place('store'), { readOnly: true }),
  backup: () => store.backup(place('backup')),
  check: () => checkStore(place('store')),
  verify: () => verifyBackup(place('backup')),
  submit: () => board.submit('bob', 2),
}
const codes = {}
for (const [name, call] of Object.entries(CALLS)) codes[name] = await codeOf(call)
for (const file of files) closeSync(file)
await store.close()
process.stdout.write(JSON.stringify(codes))

async function codeOf(call) {
  try {
    await call()
    return 'fine'
  } catch (error) {
    return error.name === 'LadderError' ? error.code : String(error)
  }
}
