/**
 * Opens a store whose seasons ended while nothing ran, and waits until all is told.
 *
 *     node season-turner.js STORE NOW SEALED
 *
 * It says that it is ready, opens when it is told to, submits once, and ends when the log tells that SEALED
 * seasons are sealed.
 *
 * @module
 */

import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { openLeaderboards } from '../../dist/index.js'

const [, , path, now, sealed] = process.argv
process.send('ready')
await once(process, 'message')
const store = openLeaderboards(path, { clock: () => Number(now) })
await store.board('arena').submit(`from ${process.pid}`, 1)
const told = () => store.log({ after: 0, kinds: ['season-seal'], limit: 1000 }).records.length
while (told() < Number(sealed)) await pause(5)
await store.close()
// Not disconnect(), which drops the messages that a busy parent has not read yet.
process.channel.unref()
