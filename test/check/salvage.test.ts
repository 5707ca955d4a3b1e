import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { boardKey } from '../../src/format/meta/board.ts'
import { RULES_END, RULES_START } from '../../src/format/meta/rules.ts'
import { openLeaderboards, salvageStore } from '../../src/index.ts'
import { openDamagedFile } from '../../src/store/datafile/salvage-walk.ts'
import { withCli } from '../cli/support.ts'
import { changeRaw, flipped } from '../support/raw-store.ts'
import { closedStoreIn, contentIn, PLAYERS } from '../support/salvage-scene.ts'
import { withDirectory } from '../support/temporary-store.ts'

const PAGE_BYTES = 4096

test('salvageStore() tells what is lost if both records of a player are damaged', () =>
  withDirectory(async (directory) => {
    const source = await closedStoreIn(directory)
    const data = await readFile(join(source, 'data.mdb'))
    for (const table of ['players', 'entries']) {
      const number = leafOf(source, data, table)
      data.fill(0, number * PAGE_BYTES, (number + 1) * PAGE_BYTES)
    }
    await writeFile(join(source, 'data.mdb'), data)
    const report = await salvageStore(source, join(directory, 'saved'))
    const saved = report.boards.reduce((sum, { entries }) => sum + entries, 0)
    expect(report.lost).toBeGreaterThan(0)
    expect(saved + report.lost).toBe(PLAYERS + 2)
    expect(report.problems.length).toBe(2)
    await contentIn(join(directory, 'saved'))
  }))

test('salvageStore() finds damaged settings of a board on pages of earlier commits, or tells', () =>
  withDirectory(async (directory) => {
    const source = await closedStoreIn(directory)
    await changeRaw(source, (writer) => {
      const key = boardKey('race')
      writer.put('meta', key, flipped(copyOf(writer.get('meta', key)), 6))
    })
    const report = await salvageStore(source, join(directory, 'saved'))
    expect(report.problems[0]).toContain('"race"')
    expect(report.boards.map(({ board }) => board)).toEqual(['arena', 'race'])
    expect(report.lost).toBe(0)
  }))

// Without them a client that tries again after the damage would count twice.
test('salvageStore() saves the requests, for the numbers that their boards get', () =>
  withDirectory(async (directory) => {
    const source = await closedStoreIn(directory)
    const store = openLeaderboards(source)
    await store.dropBoard('race')
    const arena = store.openBoard('arena')
    const race = store.board('race', { mode: 'increment' })
    await race.submit('ann', 5, { requestId: 'a' })
    const first = await arena.submit('ann', 5, { requestId: 'a', passed: 2 })
    await store.close()
    const report = await salvageStore(source, join(directory, 'saved'))
    expect(report).toMatchObject({ lost: 0, problems: [] })
    await contentIn(join(directory, 'saved'))
    const saved = openLeaderboards(join(directory, 'saved'))
    expect(await saved.openBoard('race').submit('ann', 5, { requestId: 'a' })).toMatchObject({
      ...{ score: 5, repeated: true },
    })
    const again = saved.openBoard('arena').submit('ann', 5, { requestId: 'a' })
    expect(await again).toEqual({ ...first, repeated: true })
    await saved.close()
  }))

test('salvageStore() refuses what is no store, a target that is there, and unknown options', () =>
  withDirectory(async (directory) => {
    const source = await closedStoreIn(directory)
    const refused = (from: string, to: string, options?: object): Promise<unknown> =>
      salvageStore(from, to, options).catch((error: unknown) => error)
    expect(await refused(join(directory, 'none'), join(directory, 'x'))).toMatchObject({
      code: 'NO_STORE',
    })
    expect(await refused(source, source)).toMatchObject({ code: 'EXISTS' })
    expect(await refused(source, join(directory, 'x'), { force: true })).toBeInstanceOf(TypeError)
  }))

// A salvage that was broken off left a store that opened, and held a part.
test('salvageStore() that is broken off leaves no target, and can be run again', () =>
  withDirectory(async (directory) => {
    const source = await closedStoreIn(directory)
    const saved = join(directory, 'saved')
    const abort = new AbortController()
    const work = salvageStore(source, saved, {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    })
    await expect(work).rejects.toMatchObject({ code: 'ABORTED' })
    expect(existsSync(saved)).toBe(false)
    expect((await salvageStore(source, saved)).lost).toBe(0)
    expect(await contentIn(saved)).toEqual(await contentIn(source))
  }))

// Pages were read while somebody wrote to them, and nobody was told.
test.runIf(process.platform === 'linux')('salvageStore() refuses a store that is open', () =>
  withDirectory(async (directory) => {
    const source = await closedStoreIn(directory)
    const open = openLeaderboards(source)
    const saved = join(directory, 'saved')
    await expect(salvageStore(source, saved)).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining(`it is open in process ${process.pid} (`),
    })
    expect(existsSync(saved)).toBe(false)
    await open.close()
    expect((await salvageStore(source, saved)).lost).toBe(0)
  }),
)

test('ladderdb salvage tells what it saved', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'ada', '7')
    const saved = join(cli.directory, 'saved')
    const before = await readFile(join(cli.db, 'data.mdb'))
    expect(await cli.ok('salvage', saved)).toMatch(
      /^board 'default': 1 entry saved\nsaved to .*, nothing is lost\nin /,
    )
    expect((await readFile(join(cli.db, 'data.mdb'))).equals(before)).toBe(true)
    const again = await cli.run(['salvage', saved])
    expect(again.status).toBe(1)
    expect(again.stderr).toContain('something is there already')
  }))

// What a reader returns may lie in a larger buffer.
function copyOf(value: Buffer | undefined): Buffer {
  return Buffer.from(value?.subarray(0, value.length) ?? [])
}

// The leaf with the first keys of a table, as the file has it now.
function leafOf(path: string, data: Buffer, table: string): number {
  const file = openDamagedFile(join(path, 'data.mdb'))
  if (typeof file === 'string') throw new Error(file)
  const last = [...file.pairs(table)].at(-1)
  file.close()
  if (last === undefined) throw new Error(`table ${table} is empty`)
  let found = 0
  for (let page = 2; page < data.length / PAGE_BYTES; page++) {
    const bytes = data.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
    if (bytes.readUInt16LE(18) === 2 && bytes.includes(Buffer.concat([last.key, last.value])))
      found = page
  }
  return found
}

test('salvageStore() saves rules, settings and profiles, and tells which are damaged', () =>
  withDirectory(async (directory) => {
    const source = await closedStoreIn(directory)
    const store = openLeaderboards(source)
    await store.dropBoard('race')
    await store.createBoard('race')
    await store.alter('race', { max: 5, writes: 'closed' })
    await store.alter('arena', { perMinute: 9 })
    await store.alter({ names: 'unique', retention: { days: 2 } })
    await store.setProfile('p1', { name: 'Ada', metadata: { team: 'red' } })
    const [profile, settings] = [store.profile('p1'), store.settings()]
    await store.close()
    await changeRaw(source, (writer) => {
      const [pair] = writer.pairs('meta', { start: RULES_START, end: RULES_END })
      if (pair !== undefined) writer.put('meta', pair.key, flipped(pair.value, 8))
    })
    const report = await salvageStore(source, join(directory, 'saved'))
    expect(report.problems).toEqual(['the rules of board "arena" are damaged'])
    const saved = openLeaderboards(join(directory, 'saved'))
    expect(saved.openBoard('race').rules()).toEqual({ max: 5, writes: 'closed' })
    expect([saved.profile('p1'), saved.settings()]).toEqual([profile, settings])
    await expect(saved.setProfile('p2', { name: 'ADA' })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    })
    expect((await saved.check()).findings).toEqual([])
    await saved.close()
  }))

// Players kept chains to records of the lost log: new records got those seqs, so a history led to the runs of
// others, a rebuild from the log took two records for all of it, and who came with an import could not submit.
test('salvageStore() begins a new epoch of the log, which no chain of a player leads to', () =>
  withDirectory(async (directory) => {
    const path = join(directory, 'store')
    const store = openLeaderboards(path)
    for (let i = 0; i < 10; i++) await store.board('game').submit(`p${i % 3}`, i, { won: true })
    const rows = Readable.from([Buffer.from('playerId,score\nada,5\nada,7\nbob,6\n')])
    await store.board('filled').importFrom(rows, { format: 'csv' })
    const { seq: lastSeq = 0 } = store.log({ before: Number.MAX_SAFE_INTEGER }).records[0] ?? {}
    await store.close()
    const copy = join(directory, 'copy')
    await mkdir(copy)
    await copyFile(join(path, 'data.mdb'), join(copy, 'data.mdb'))
    const saved = join(directory, 'saved')
    await salvageStore(copy, saved)
    const mended = openLeaderboards(saved)
    try {
      const [game, filled] = [mended.board('game'), mended.board('filled')]
      for (let i = 0; i < 30; i++) await game.submit(`q${i}`, i)
      await game.submit('p1', 3, { won: true })
      await filled.submit('ada', 8)
      const { records } = game.history('p1')
      expect(records).toMatchObject([
        { playerId: 'p1', score: 3, previousScore: 7, plays: 4, wins: 4 },
      ])
      expect(records[0]?.seq).toBeGreaterThan(lastSeq)
      expect(filled.history('ada').records).toMatchObject([{ previousScore: 7, plays: 3 }])
      expect((await mended.check({ history: true })).findings).toEqual([])
      const rebuilt = mended.rebuild(undefined, { from: 'log' })
      await expect(rebuilt).rejects.toMatchObject({ code: 'LOG_TRIMMED' })
    } finally {
      await mended.close()
    }
  }))
