/**
 * Makes an LMDB file that is none of ours: `node foreign-store.js PATH`.
 *
 * @module
 */

// biome-ignore lint/style/noRestrictedImports: it makes what our store must refuse.
import { open } from 'lmdb'

const root = open({ path: process.argv[2], noSubdir: false })
await root.put('greeting', { from: 'another program' })
await root.openDB('players').put('alice', 1)
await root.close()
