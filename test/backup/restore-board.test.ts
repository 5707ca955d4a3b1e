import { createReadStream, createWriteStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  type BoardSettings,
  type Leaderboards,
  openLeaderboards,
  packBackup,
  restoreBoard,
} from '../../src/index.ts'
import { run } from '../cli/support.ts'
import { checkHere } from '../support/check-here.ts'
import { START_MS, withStore } from '../support/temporary-store.ts'

checkHere()

const BOARDS: [name: string, settings: BoardSettings, scores: unknown[]][] = [
  ['plain', {}, [5, -0.1, 2 ** 53, 5e-324]],
  ['golf', { order: 'ascending', mode: 'best', keep: 3 }, [72, 70, 75]],
  ['coins', { scoreType: 'int64', mode: 'increment' }, [9007199254740993n, -1n]],
  [
    'race',
    { columns: [{ name: 'points' }, { name: 'time', order: 'ascending' }] },
    [
      { points: 12, time: 71.5 },
      { points: 12, time: 70 },
    ],
  ],
  ['empty', { mode: 'best' }, []],
]

async function begin(store: Leaderboards): Promise<void> {
  for (const [name, settings, scores] of BOARDS) {
    const board = await store.createBoard(name, settings)
    for (const [i, score] of scores.entries())
      await board.submit(`player "${i}", ü`, score as number, {
        at: i === 0 ? 5 : START_MS + i,
        ...(i > 0 && { name: 'Ann', metadata: { car: 'red' } }),
      })
  }
}

function boardOf(store: Leaderboards, name: string): unknown {
  const board = store.openBoard(name)
  const { name: _, size, ...info } = board.info
  return [{ ...info, changedAt: undefined }, size, [...board.entries()]]
}

// It could be done by export and import, which was written nowhere and lost the settings.
test('restoreBoard() brings one board back as it was, while the store is open', () =>
  withStore(async ({ store, path }) => {
    await begin(store)
    const backup = join(path, 'backup')
    await store.backup(backup)
    await store.board('golf', {}).submit('late', 60)
    for (const [name] of BOARDS) {
      const before = boardOf(store, name)
      const report = await restoreBoard(backup, path, { board: name, as: `${name} 2` })
      expect(report).toMatchObject({ path, source: backup, as: `${name} 2`, replaced: undefined })
      if (name !== 'golf') expect(boardOf(store, `${name} 2`)).toEqual(before)
    }
    const size = store.openBoard('golf').size
    await expect(restoreBoard(backup, path, { board: 'golf' })).rejects.toMatchObject({
      code: 'EXISTS',
      message: expect.stringContaining('with 3 entries; say force'),
    })
    const held = store.openBoard('golf')
    const dry = await restoreBoard(backup, path, { board: 'golf', force: true, dryRun: true })
    expect([dry.replaced, dry.entries, held.get('late')?.score]).toEqual([size, 3, 60])
    const done = await restoreBoard(backup, path, { board: 'golf', force: true })
    expect([done.replaced, done.entries]).toEqual([size, 3])
    expect(boardOf(store, 'golf')).toEqual(boardOf(store, 'golf 2'))
    // Whoever had the board open reads the new one, and an empty board is no obstacle.
    expect(held.get('late')).toBe(undefined)
    await restoreBoard(backup, path, { board: 'plain', as: 'empty 2' }).catch(() => undefined)
    expect(store.boards().filter(({ name }) => name.includes('restoring'))).toEqual([])
    await expect(restoreBoard(backup, path, { board: 'gulf' })).rejects.toMatchObject({
      code: 'NO_BOARD',
      message: expect.stringContaining('its boards are "coins", "empty", "golf"'),
    })
    await expect(restoreBoard(backup, backup, { board: 'golf' })).rejects.toMatchObject({
      code: 'READ_ONLY',
    })
    await expect(restoreBoard(backup, path, {} as { board: string })).rejects.toThrow(TypeError)
  }))

test('restore --board takes a directory or a stream, and makes a store that is not there', () =>
  withStore(async ({ store, path }) => {
    await begin(store)
    const backup = join(path, 'backup')
    await store.backup(backup)
    await packBackup(backup, createWriteStream(join(path, 'game.ladder')))
    const db = join(path, 'new')
    const at = (...args: string[]) => ['--db', db, 'restore', ...args]
    const dry = await run(at(backup, '--board', 'golf', '--dry-run'))
    expect([dry.status, readdirSync(path)]).toEqual([0, expect.not.arrayContaining(['new'])])
    const first = await run(at(backup, '--board', 'golf'))
    expect(first.stdout).toMatch(
      /^restored board 'golf' of \S+new from \S+backup: 3 entries of 20\S+Z, in \S+ m?s\n$/,
    )
    const stdin = createReadStream(join(path, 'game.ladder'))
    const json = await run(['--json', ...at('-', '--board', 'coins', '--as', 'old')], { stdin })
    expect(JSON.parse(json.stdout)).toMatchObject({ source: '-', as: 'old', replaced: null })
    expect((await run(at(backup, '--board', 'golf'))).status).toBe(1)
    const again = await run(at(backup, '--board', 'golf', '--force'))
    expect(again.stdout).toContain('3 entries of 20')
    expect(again.stdout).toContain('in place of 3 entries')
    expect((await run(at(backup, '--as', 'x'))).status).toBe(2)
    expect((await run(at(backup, '--board', 'gulf'))).status).toBe(3)
    const made = openLeaderboards(db, { readOnly: true })
    expect(made.boards().map(({ name, size }) => [name, size])).toEqual([
      ['golf', 3],
      ['old', 2],
    ])
    await made.close()
    expect(readdirSync(path).filter((name) => name.startsWith('.ladderdb'))).toEqual([])
    // LADDERDB_BOARD says which board commands mean, not that a restore is of one board.
    const whole = await run(at(backup, '--force'), { env: { LADDERDB_BOARD: 'golf' } })
    expect(whole.stdout).toContain(`${BOARDS.length} boards`)
  }))

test('restoreBoard() brings the rules of the board back with it', () =>
  withStore(async ({ store, path }) => {
    await store.board('arena').submit('ada', 5)
    const tiers = [{ name: 'gold', score: 4 }, { name: 'rest' }]
    await store.alter('arena', { max: 9, tiers, writes: 'closed' })
    const backup = join(path, 'backup')
    await store.backup(backup)
    await store.alter('arena', { max: null, tiers: null, perMinute: 3, writes: 'open' })
    await store.board('arena').submit('ada', 500)
    await restoreBoard(backup, path, { board: 'arena', force: true })
    expect(store.openBoard('arena').rules()).toEqual({ max: 9, tiers, writes: 'closed' })
    expect(store.openBoard('arena').get('ada')?.score).toBe(5)
  }))
