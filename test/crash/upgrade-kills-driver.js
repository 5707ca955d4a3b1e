/**
 * The first changes of a store of an earlier version, during which the process is killed.
 *
 *     node upgrade-kills-driver.js STORE
 *
 * Prints a line for each change that is acknowledged.
 *
 * @module
 */

import { writeSync } from 'node:fs'
import { openLeaderboards } from '../../dist/index.js'
import { changesOf } from './upgrade-kills-changes.js'

for await (const _ of changesOf(openLeaderboards, process.argv[2])) writeSync(1, 'acknowledged\n')
