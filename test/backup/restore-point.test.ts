/**
 * Restores up to a point in time: from a backup on with the log of the store, or with lines of a file.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { appendFile, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeJson } from '../../src/calls/json.ts'
import {
  type Leaderboards,
  type LogRecord,
  openLeaderboards,
  type RestoredPoint,
  restoreBackup,
} from '../../src/index.ts'
import { PointRestore } from '../../src/library/restore-point.ts'
import { checkHere } from '../support/check-here.ts'
import { Random, runSeed, withSeed } from '../support/random.ts'
import { change, logOf, type Scene, sceneOf } from '../support/random-history.ts'
import { sizeOf } from '../support/sizes.ts'
import { START_MS, type TemporaryStore, withStore } from '../support/temporary-store.ts'

checkHere()

/** A random history with a backup somewhere in it, and what the store was at each of its changes. */
async function history(
  random: Random,
  temporary: TemporaryStore,
  backup: string,
): Promise<Map<number, Scene>> {
  const { store, clock } = temporary
  const scenes = new Map<number, Scene>()
  const changes = sizeOf('POINT_CHANGES', { test: 80, torture: 400 })
  const backupAt = random.below(changes / 2)
  for (let i = 0; i < changes; i++) {
    clock.advance(random.below(8))
    if (i === backupAt) {
      await store.backup(backup)
      scenes.clear()
      const scene = sceneOf(store)
      scenes.set(scene.seq, scene)
    }
    await change(random, store, clock)
    const scene = sceneOf(store)
    if (!scenes.has(scene.seq)) scenes.set(scene.seq, scene)
  }
  return scenes
}

/** Writes the log as the command line does. */
async function writeLog(
  file: string,
  store: Leaderboards,
  records: readonly LogRecord[] = logOf(store),
): Promise<void> {
  const { storeId, lineageId = null } = store.stats()
  const lines = [{ storeId, lineageId }, ...records].map((line) => `${writeJson(line)}\n`)
  await writeFile(file, lines.join(''))
}

async function expectSame(path: string, scene: Scene, seed: unknown): Promise<void> {
  const restored = openLeaderboards(path, { readOnly: true, clock: () => 1_760_000_000_000 })
  try {
    const found = sceneOf(restored)
    // Each restore ends with a record of its own.
    if (found.log.at(-1)?.kind === 'restore') found.log.pop()
    // A backup of a store that is empty yet has no record.
    const seq = found.log.at(-1)?.seq ?? 0
    expect({ ...found, seq }, `SEED=${seed}`).toEqual(scene)
    const { findings } = await restored.check({ history: true })
    expect(findings, `SEED=${seed}`).toEqual([])
  } finally {
    await restored.close()
  }
}

function timeIn(record: LogRecord | undefined): number | undefined {
  return record && (record.committedAt ?? record.at)
}

/** Restores; without `isWhole` leaves out what takes a process, the proof of the backup. */
async function restore(
  target: string,
  asked: { backup: string; log: string; seq?: number; until?: number; isWhole: boolean },
): Promise<RestoredPoint | undefined> {
  const { backup, isWhole, ...options } = asked
  if (isWhole) return (await restoreBackup(backup, target, options)).point
  await mkdir(target)
  await copyFile(join(backup, 'data.mdb'), join(target, 'data.mdb'))
  const work = new PointRestore(target, options)
  try {
    const planned = await work.prepare(backup)
    const made = await work.replay(target)
    expect(made).toMatchObject(planned)
    return made
  } finally {
    await work.close()
  }
}

test('restoreBackup() with seq or until makes the store what it was then', async () => {
  const random = new Random(runSeed('point'))
  await withSeed(random, () => withStore((temporary) => restoreToPoints(random, temporary)))
})

async function restoreToPoints(random: Random, temporary: TemporaryStore): Promise<void> {
  const { path, store } = temporary
  const [backup, file] = [join(path, 'backup'), join(path, 'log.ndjson')]
  const scenes = await history(random, temporary, backup)
  await writeLog(file, store)
  const points = sizeOf('POINTS', { test: 4, torture: 200 })
  const all = [...scenes.values()]
  for (let i = 0; i < points; i++) {
    const scene = i === 0 ? (all.at(-1) as Scene) : random.pick(all)
    const target = join(path, `restored ${i}`)
    const log = random.pick([file, path])
    const next = all.find(({ seq }) => seq > scene.seq)
    // Records of the same time are all behind it, or none.
    const until = timeIn(next?.log.at(scene.seq - (next?.log[0]?.seq ?? 1) + 1))
    const isTime = until !== undefined && until > (timeIn(scene.log.at(-1)) ?? until)
    const asked = isTime && random.chance(0.5) ? { until } : { seq: scene.seq }
    const point = await restore(target, { backup, log, ...asked, isWhole: i === 0 })
    expect(point?.seq, `SEED=${random.seed}`).toBe(scene.seq)
    await expectSame(target, scene, random.seed)
  }
}

/** A store with three boards and a few runs, a backup behind the fourth record, and more behind that. */
async function withBackup(
  body: (place: {
    path: string
    store: Leaderboards
    backup: string
    file: string
    temporary: TemporaryStore
  }) => Promise<void>,
): Promise<void> {
  await withStore(async (temporary) => {
    const { path, store, clock } = temporary
    const [backup, file] = [join(path, 'backup'), join(path, 'log.ndjson')]
    const arena = store.board('arena', { mode: 'best' })
    await arena.submit('ada', 10)
    await arena.submit('bob', 20)
    await store.createBoard('other')
    await store.backup(backup)
    for (const score of [30, 40, 50]) {
      clock.advance(1000)
      await arena.submit('ada', score)
    }
    await arena.submitMany([
      { playerId: 'ada', score: 60 },
      { playerId: 'bob', score: 61 },
      { playerId: 'cyd', score: 62 },
    ])
    await body({ path, store, backup, file, temporary })
  })
}

test('restoreBackup() refuses a log that does not lead on, before it writes anything', async () => {
  await withBackup(async ({ path, store, backup, file }) => {
    const records = logOf(store)
    const target = join(path, 'restored')
    const refused = async (
      lines: readonly LogRecord[],
      asked: object = { seq: 8 },
    ): Promise<unknown> => {
      await writeLog(file, store, lines)
      const error = await restore(target, { backup, log: file, ...asked, isWhole: false }).catch(
        (caught: unknown) => caught as Error,
      )
      await rm(target, { recursive: true, force: true })
      return error
    }
    // It begins behind the backup, or has a hole.
    expect(await refused(records.slice(5))).toMatchObject({ code: 'LOG_TRIMMED' })
    expect(await refused(records.filter(({ seq }) => seq !== 6))).toMatchObject({
      code: 'LOG_UNUSABLE',
      message: expect.stringMatching(/record.* 6 to 6 are missing/),
    })
    // A hole behind the point does no harm, nor does an overlap.
    expect(
      await refused(
        records.filter(({ seq }) => seq !== 6),
        { seq: 5 },
      ),
    ).toMatchObject({ seq: 5 })
    expect(await refused([...records.slice(0, 6), ...records.slice(2)])).toMatchObject({
      records: 3,
    })
    // In front of the backup, and beyond the log.
    expect(await refused(records, { seq: 3 })).toMatchObject({ code: 'LOG_UNUSABLE' })
    expect(await refused(records, { until: START_MS })).toMatchObject({ code: 'LOG_UNUSABLE' })
    expect(await refused(records, { seq: 11 })).toMatchObject({
      code: 'LOG_UNUSABLE',
      message: expect.stringContaining('ends with record 10'),
    })
    expect(await refused(records.slice(0, 3))).toMatchObject({ code: 'LOG_UNUSABLE' })
    // What this release cannot make again is named.
    const strange = records.map((record) =>
      record.seq === 6 ? { ...record, kind: 'restore' as const } : record,
    )
    expect(await refused(strange)).toMatchObject({
      message: expect.stringContaining('"restore"'),
    })
    const unlogged = records.map((record) =>
      record.seq === 6 ? { ...record, kind: 'import' as const, logged: false } : record,
    )
    expect(await refused(unlogged)).toMatchObject({ message: expect.stringContaining('"arena"') })
    // What came out is held against what the log says.
    const forged = records.map((record) => (record.seq === 6 ? { ...record, rank: 2 } : record))
    expect(await refused(forged)).toMatchObject({
      code: 'LOG_UNUSABLE',
      message: expect.stringContaining('its rank is another'),
    })
    // A log of another history: its own word for it, or a record that differs.
    await writeFile(file, `${writeJson({ storeId: '00', lineageId: null })}\n`)
    await expect(restoreBackup(backup, target, { seq: 8, log: file })).rejects.toMatchObject({
      code: 'LOG_UNUSABLE',
    })
    const other = records.map((record) => (record.seq === 4 ? { ...record, board: 'x' } : record))
    expect(await refused(other)).toMatchObject({
      message: expect.stringContaining('another history'),
    })
    await expect(restoreBackup(backup, target, { seq: 8 })).rejects.toMatchObject({
      code: 'NO_STORE',
    })
    expect(existsSync(target)).toBe(false)
  })
})

test('restoreBackup() with a seq inside a change goes back to its beginning, and says so', async () => {
  await withBackup(async ({ path, store, backup, file }) => {
    await writeLog(file, store)
    for (const seq of [8, 9]) {
      const target = join(path, `at ${seq}`)
      const point = await restore(target, { backup, log: path, seq, isWhole: false })
      expect(point).toMatchObject({ seq: 7, records: 3, insideChange: true })
    }
    const point = await restore(join(path, 'whole'), { backup, log: file, seq: 10, isWhole: false })
    // A data file that lies aside, as a restore leaves one, is a log too.
    const aside = join(path, 'data.mdb.before')
    await copyFile(join(path, 'data.mdb'), aside)
    expect(
      await restore(join(path, 'aside'), { backup, log: aside, seq: 10, isWhole: false }),
    ).toEqual(point)
    expect(point).toEqual({ seq: 10, at: logOf(store).at(-1)?.at, records: 6 })
  })
})

test('restoreBackup() ends in front of a torn last line, and says so', async () => {
  await withBackup(async ({ path, store, backup, file }) => {
    const records = logOf(store)
    await writeLog(file, store, records.slice(0, 7))
    await appendFile(file, writeJson(records[7]).slice(0, 40))
    const until = START_MS + 1e6
    const point = await restore(join(path, 'torn'), { backup, log: file, until, isWhole: false })
    expect(point).toMatchObject({ seq: 7, records: 3, torn: true })
    // Within a change that was being written nothing tells whether the change is whole.
    await writeLog(file, store, records.slice(0, 9))
    await appendFile(file, writeJson(records[9]).slice(0, 40))
    const inside = await restore(join(path, 'inside'), { backup, log: file, until, isWhole: false })
    expect(inside).toMatchObject({ seq: 7, torn: true, insideChange: true })
    // Who went on with the file behind the torn line began with a line that says whose it is.
    const { storeId, lineageId = null } = store.stats()
    const rest = [{ storeId, lineageId }, ...records.slice(9)].map((line) => `${writeJson(line)}\n`)
    await appendFile(file, rest.join(''))
    const whole = await restore(join(path, 'on'), { backup, log: file, until, isWhole: false })
    expect(whole).toMatchObject({ seq: 10, records: 6 })
    expect(whole).not.toHaveProperty('torn')
  })
})

test('restoreBackup() goes on with the log of a damaged store as far as it goes', async () => {
  await withBackup(async ({ path, store, backup, temporary }) => {
    const arena = store.board('arena')
    for (let i = 0; i < 300; i++) await arena.submit(`p${i % 40}`, i, { metadata: { n: i } })
    const last = logOf(store).at(-1)?.seq as number
    await store.close()
    const wreck = join(path, 'wreck')
    await mkdir(wreck)
    await copyFile(join(path, 'data.mdb'), join(wreck, 'data.mdb'))
    await damageLog(join(wreck, 'data.mdb'))
    const target = join(path, 'restored')
    const report = await restore(target, { backup, log: wreck, seq: last, isWhole: false })
    expect(report?.seq).toBeLessThan(last)
    expect(report?.damaged?.length).toBeGreaterThan(0)
    temporary.store = openLeaderboards(target, { readOnly: true })
    const own = logOf(temporary.store)
    expect(own.at(-1)?.seq).toBe(report?.seq)
    await temporary.reopen()
    expect(own.map(({ seq }) => seq)).toEqual(
      logOf(temporary.store)
        .slice(0, own.length)
        .map(({ seq }) => seq),
    )
  })
})

// Spoils the last leaf of the log, which is found by a run's metadata.
async function damageLog(file: string): Promise<void> {
  const bytes = await readFile(file)
  const { openDamagedFile } = await import('../../src/store/datafile/salvage-walk.ts')
  const sound = openDamagedFile(file)
  if (typeof sound === 'string') throw new Error(sound)
  const values = [...sound.pairs('log')].map(({ value }) => value)
  sound.close()
  const marked = values[values.length - 40] as Buffer
  for (let at = bytes.indexOf(marked); at >= 0; at = bytes.indexOf(marked, at + 1))
    bytes.fill(0xee, at - (at % 4096) + 4, at - (at % 4096) + 64)
  await writeFile(file, bytes)
}

test('restoreBackup() applies erasures of the log again, whatever the point', async () => {
  await withBackup(async ({ path, store, backup, file }) => {
    await writeLog(file, store)
    await store.erase('ada')
    await store.board('arena').submit('bob', 99)
    const last = logOf(store).at(-1)?.seq as number
    const records = logOf(store)
    for (const [i, [log, seq]] of (
      [
        [path, 7],
        [path, last],
        [file, 10],
      ] as const
    ).entries()) {
      if (log === file)
        await writeLog(file, store, [...(await linesOf(file)), ...records.slice(10)])
      const target = join(path, `restored ${i}`)
      const report = await restoreBackup(backup, target, { seq, log })
      expect(report.point?.seq).toBe(seq)
      const restored = openLeaderboards(target, { readOnly: true })
      try {
        expect(restored.boardsOf('ada')).toEqual([])
        expect(JSON.stringify(logOf(restored))).not.toContain('"ada"')
        const bob = seq === last ? 99 : seq === 7 ? 20 : 61
        expect(restored.board('arena').get('bob')?.score).toBe(bob)
        expect((await restored.check()).findings).toEqual([])
      } finally {
        await restored.close()
      }
    }
  })
})

async function linesOf(file: string): Promise<LogRecord[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n').slice(1)
  return lines.map((line) => JSON.parse(line) as LogRecord)
}

test('restoreBackup() names boards without a log, which stay as the backup has them', async () => {
  await withStore(async ({ path, store }) => {
    const backup = join(path, 'backup')
    const silent = store.board('silent', { log: 'none' })
    await silent.submit('ada', 1)
    await store.backup(backup)
    await silent.submit('ada', 2)
    await store.board('arena').submit('ada', 3)
    await store.rename('ada', 'Ada')
    const { seq } = logOf(store).at(-1) as LogRecord
    const target = join(path, 'restored')
    const point = await restore(target, { backup, log: path, seq, isWhole: false })
    expect(point?.partial).toEqual([{ board: 'silent', from: 2 }])
    const restored = openLeaderboards(target, { readOnly: true })
    try {
      expect(restored.board('silent').get('ada')).toMatchObject({ score: 1, name: 'Ada' })
      expect(restored.board('arena').get('ada')).toMatchObject({ score: 3, name: 'Ada' })
    } finally {
      await restored.close()
    }
  })
})

// A removal that was about such a board alone came to no record when it was made again: the log was refused.
test('restoreBackup() passes changes by that were about boards without a log alone', () =>
  withStore(async ({ path, store }) => {
    const backup = join(path, 'backup')
    await store.createBoard('silent', { log: 'none' })
    await store.backup(backup)
    await store.board('arena').submit('bob', 3)
    await store.board('silent').submit('ada', 2)
    await store.removePlayer('ada')
    await store.board('silent').submit('ada', 2)
    await store.movePlayer('ada', 'eve')
    await store.board('silent').remove('eve')
    await store.board('silent').submit('bob', 2)
    await store.movePlayer('bob', 'ben')
    const { seq } = logOf(store).at(-1) as LogRecord
    const target = join(path, 'restored')
    expect(await restore(target, { backup, log: path, seq, isWhole: false })).toMatchObject({ seq })
    const restored = openLeaderboards(target, { readOnly: true })
    try {
      const told = logOf(restored).map(({ kind }) => kind)
      expect(told).toEqual(['create', 'create', 'submit', 'remove', 'move', 'remove', 'move'])
      expect(restored.board('arena').history('ben').records.length).toBe(1)
      expect(restored.board('silent').size).toBe(0)
      expect((await restored.check({ history: true })).findings).toEqual([])
    } finally {
      await restored.close()
    }
  }))

// The row of a player with a profile got no name, and the player that of the id.
test('restoreBackup() gives players of imported rows the names of their profiles', () =>
  withStore(async ({ path, store }) => {
    await store.setProfile('p1', { name: 'Ada' })
    const backup = `${path}-backup`
    await store.backup(backup)
    const rows = ['playerId,score,name\n', 'p1,5,Other\n', 'p2,3,Bob\n']
    await store.board('filled').importFrom(rows, { format: 'csv' })
    await store.board('few', { keep: 5 }).importFrom(rows, { format: 'csv' })
    const names = (from: typeof store): unknown =>
      ['filled', 'few'].map((name) =>
        from
          .board(name)
          .top(5)
          .map((entry) => entry.name),
      )
    const seq = store.log({ before: Number.MAX_SAFE_INTEGER, limit: 1 }).records[0]?.seq as number
    const target = `${path}-restored`
    await restoreBackup(backup, target, { seq, log: path })
    const restored = openLeaderboards(target, { readOnly: true })
    expect(names(restored)).toEqual([
      ['Ada', 'Bob'],
      ['Ada', 'Bob'],
    ])
    expect(names(restored)).toEqual(names(store))
    await restored.close()
    for (const directory of [backup, target]) await rm(directory, { recursive: true })
  }))

// A row that gave another name than the profile left a record and changed nothing: made again it left none.
test('restoreBackup() makes each run again that the log has of a board of changes', () =>
  withStore(async ({ path, store }) => {
    const backup = join(path, 'backup')
    await store.setProfile('p1', { name: 'Ada' })
    const quiet = store.board('quiet', { mode: 'best', log: 'changes' })
    await quiet.submit('p1', 5)
    await store.backup(backup)
    const rows = ['playerId,score,name\n', 'p1,3,Other\n']
    await quiet.importFrom(rows, { format: 'csv' })
    await quiet.submit('p1', 7)
    const { seq } = logOf(store).at(-1) as LogRecord
    const target = join(path, 'restored')
    expect(await restore(target, { backup, log: path, seq, isWhole: false })).toMatchObject({ seq })
    const restored = openLeaderboards(target, { readOnly: true })
    try {
      const runs = restored.board('quiet').history('p1').records
      expect(runs).toEqual(quiet.history('p1').records)
    } finally {
      await restored.close()
    }
  }))
