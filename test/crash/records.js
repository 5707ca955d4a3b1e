/**
 * Prints the records of a store, as LMDB holds them, as lines "TABLE KEY VALUE" in hexadecimal.
 *
 *     node records.js STORE
 *
 * @module
 */

// biome-ignore lint/style/noRestrictedImports: what is damaged later must be found without the product.
import { open } from 'lmdb'

const OPTIONS = { keyEncoding: 'binary', encoding: 'binary' }
const root = open({
  path: process.argv[2],
  noSubdir: false,
  readOnly: true,
  overlappingSync: false,
  maxDbs: 16,
  ...OPTIONS,
})
const lines = []
for (const name of ['meta', 'entries', 'players', 'ranks']) {
  const table = root.openDB({ name, ...OPTIONS })
  for (const { key, value } of table.getRange({ start: Buffer.from([0]) }))
    lines.push(`${name} ${key.toString('hex')} ${value.toString('hex')}\n`)
}
await root.close()
process.stdout.write(lines.join(''))
