/**
 * LMDB without the product, for the controls.
 *
 * @module
 */

import { createHash } from 'node:crypto'
// biome-ignore lint/style/noRestrictedImports: the controls are about LMDB itself.
import { open } from 'lmdb'

const MODES = {
  synced: { overlappingSync: false },
  noSync: { overlappingSync: false, noSync: true },
  overlapping: { overlappingSync: true },
}

export function openBare(path, mode) {
  const root = open({ path, noSubdir: false, ...MODES[mode] })
  return { root, table: root.openDB({ name: 'table' }) }
}

export function bareHash(table) {
  const entries = [...table.getRange({})].map(({ key, value }) => [key, value])
  return createHash('sha1').update(JSON.stringify(entries)).digest('hex')
}
