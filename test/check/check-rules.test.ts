/**
 * What check() finds in rules, settings and records about players.
 *
 * @module
 */

import { expect, test } from 'vitest'
import { rulesKey } from '../../src/format/meta/rules.ts'
import { SETTINGS_KEY } from '../../src/format/meta/store-settings.ts'
import { profileKey } from '../../src/format/people/profile.ts'
import { openLeaderboards } from '../../src/index.ts'
import { changeRaw, flipped, pairsOf } from '../support/raw-store.ts'
import { withDirectory } from '../support/temporary-store.ts'

test('check() finds damaged rules, settings and profiles, and rules of no board', () =>
  withDirectory(async (path) => {
    const store = openLeaderboards(path)
    await store.createBoard('arena')
    await store.alter('arena', { max: 5 })
    await store.alter({ writes: 'closed' })
    await store.setProfile('ada', { name: 'Ada' })
    expect((await store.check()).findings).toEqual([])
    await store.close()
    await changeRaw(path, (writer) => {
      const kept = [rulesKey(1), SETTINGS_KEY, profileKey('ada')]
      for (const table of ['meta', 'people'] as const)
        for (const { key, value } of pairsOf(writer, table))
          if (kept.some((other) => other.equals(key))) writer.put(table, key, flipped(value, 6))
      writer.put('people', Buffer.from([9, 9]), Buffer.from([1]))
    })
    const damaged = openLeaderboards(path)
    const { findings } = await damaged.check()
    expect(findings.map(({ invariant, place }) => `${invariant} ${place}`)).toEqual([
      '10 rules of board 1',
      '10 settings',
      '10 profile of player "ada"',
      '10 key 0909',
    ])
    const corrupt = { code: 'CORRUPT' }
    await expect(damaged.board('arena').submit('ada', 1)).rejects.toMatchObject(corrupt)
    expect(() => damaged.board('arena').rules()).toThrow(/rules of board "arena".*damaged/)
    expect(() => damaged.profile('ada')).toThrow(/profile of player "ada".*damaged/)
    expect(() => damaged.settings()).toThrow(/settings of the store.*damaged/)
    await damaged.close()
  }))
