/**
 * Metadata that is not a JSON object, under right checksums: what only a mistake of ours would write.
 *
 * @module
 */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seal } from '../../src/format/checksum.ts'
import { decodeEntryValue, encodeEntryValue } from '../../src/format/player-record.ts'
import { CHAIN_BYTES } from '../../src/format/run-chain.ts'
import { openLeaderboards } from '../../src/index.ts'
import { changeRaw, pairsOf } from '../support/raw-store.ts'
import { withDirectory } from '../support/temporary-store.ts'

const HEAD_BYTES = 16
const RECORD_DETAILS_AT = 5 + HEAD_BYTES + CHAIN_BYTES
const ENTRY_DETAILS_AT = 5

test.each([
  ['text', '"red"'],
  ['a list', '[1]'],
  ['null', 'null'],
  ['an object that is cut', '{"team":"re'],
  ['no JSON', 'team'],
])('get(), top() and check() refuse metadata that is %s', async (_, metadata) => {
  await withDirectory(async (directory) => {
    const path = join(directory, 'store')
    const store = openLeaderboards(path)
    await store.board('arena').submit('ada', 900, { metadata: { team: 'red' } })
    await store.close()
    await changeRaw(path, (writer) => {
      for (const table of ['entries', 'players'] as const) {
        for (const { key, value } of pairsOf(writer, table)) {
          const at = table === 'entries' ? ENTRY_DETAILS_AT : RECORD_DETAILS_AT
          writer.put(table, key, withMetadata(key, value, { at, metadata }))
        }
      }
    })
    await using damaged = openLeaderboards(path)
    const arena = damaged.board('arena')
    const error = expect.objectContaining({ code: 'CORRUPT' })
    expect(() => arena.get('ada')).toThrow(error)
    expect(() => arena.top(1)).toThrow(error)
    expect(arena.rank('ada')).toBe(1)
    expect((await damaged.check()).findings).toEqual([
      expect.objectContaining({
        board: 'arena',
        problem: expect.stringMatching(/not a JSON object/),
      }),
    ])
    await arena.submit('ada', 900, { metadata: { team: 'blue' } })
    expect(arena.get('ada')?.metadata).toEqual({ team: 'blue' })
  })
})

// Both tables hold the same details behind what is their own.
function withMetadata(
  key: Buffer,
  value: Buffer,
  { at, metadata }: { at: number; metadata: string },
): Buffer {
  const details = encodeEntryValue(key, { name: undefined, metadata })
  expect(decodeEntryValue(key, details)).toEqual({ name: undefined, metadata })
  const changed = Buffer.concat([value.subarray(0, at), details.subarray(ENTRY_DETAILS_AT)])
  return seal(key, changed)
}
