/**
 * Rebuilding boards from the log alone.
 *
 * @module
 */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { leftoverName } from '../../src/backup/debris.ts'
import type { Table } from '../../src/format/keys.ts'
import { logKey } from '../../src/format/log-key.ts'
import { decodeRun, encodeRun, type RunRecord } from '../../src/format/run-record.ts'
import {
  type Leaderboards,
  openLeaderboards,
  restoreBackup,
  restoreBoard,
} from '../../src/index.ts'
import type { Writer } from '../../src/store/store.ts'
import { checkHere } from '../support/check-here.ts'
import { Random, runSeed } from '../support/random.ts'
import { change, PLAYERS, type Scene, sceneOf } from '../support/random-history.ts'
import { changeRaw, flipped, pairsOf } from '../support/raw-store.ts'
import { sizeOf } from '../support/sizes.ts'
import {
  START_MS,
  type TemporaryStore,
  withDirectory,
  withStore,
} from '../support/temporary-store.ts'

checkHere()

/** All that a store shows, without what rebuilds added to the log. */
function withoutRebuilds(store: Leaderboards): Scene {
  const scene = sceneOf(store)
  const log = scene.log.filter(({ kind }) => kind !== 'rebuild')
  return { ...scene, log, seq: log.at(-1)?.seq ?? 0 }
}

/** Spoils some rows of a table whose keys begin with the number of a board. */
function spoil(writer: Writer<Table>, table: Table, random: Random): void {
  for (const { key, value } of pairsOf(writer, table)) {
    const kind = random.below(4)
    if (kind === 0) writer.remove(table, key)
    else if (kind === 1) writer.put(table, key, flipped(value, random.below(value.length)))
  }
}

async function spoilBoards(temporary: TemporaryStore, random: Random): Promise<void> {
  await temporary.store.close()
  await changeRaw(temporary.path, (writer) => {
    for (const table of ['entries', 'players', 'ranks', 'history'] as const)
      if (random.chance(0.7)) spoil(writer, table, random)
  })
  await temporary.reopen()
}

test('rebuild() from the log makes damaged boards what they were, and leaves others alone', async () => {
  const random = new Random(runSeed('relog'))
  const rounds = sizeOf('RELOG_ROUNDS', { test: 1, torture: 40 })
  for (let round = 0; round < rounds; round++)
    await withStore(async (temporary) => {
      const { clock } = temporary
      const changes = sizeOf('RELOG_CHANGES', { test: 100, torture: 400 })
      for (let i = 0; i < changes; i++) {
        clock.advance(random.below(8))
        await change(random, temporary.store, clock)
        if (random.chance(0.02)) await rebuildSome(random, temporary)
      }
      const before = withoutRebuilds(temporary.store)
      await temporary.store.rebuild(undefined, { from: 'log' })
      expect(withoutRebuilds(temporary.store), `SEED=${random.seed}`).toEqual(before)
      const names = temporary.store.boards().map(({ name }) => name)
      await spoilBoards(temporary, random)
      if (random.chance(0.5)) await temporary.store.rebuild(undefined, { from: 'log' })
      else for (const name of names) await temporary.store.rebuild(name, { from: 'log' })
      expect(withoutRebuilds(temporary.store), `SEED=${random.seed}`).toEqual(before)
      const { findings } = await temporary.store.check({ history: true })
      expect(findings, `SEED=${random.seed}`).toEqual([])
      expect(readdirSync(temporary.path).filter((name) => name.startsWith('.'))).toEqual([])
    })
})

/** A change of boards of which the log does not tell all. */
async function disturb(random: Random, { store, clock }: TemporaryStore): Promise<void> {
  const playerId = random.pick(PLAYERS)
  const kind = random.below(8)
  const gap = store.board('gap', { mode: 'best' })
  const silent = store.board('a silent one', { log: 'none' })
  const name = random.chance(0.3) ? { name: `n${random.below(1e9)}` } : {}
  const quietly = (error: { code?: string }): void => {
    expect(['BANNED', 'NAME_TAKEN']).toContain(error.code)
  }
  clock.advance(1)
  if (kind === 0)
    await gap.importFrom([`playerId,score\n${playerId},${random.below(50)}\n`], {
      ...{ format: 'csv', log: false },
    })
  else if (kind === 1 && store.hasBoard('gap') && random.chance(0.2)) await store.dropBoard('gap')
  else if (kind === 2) await gap.remove(playerId)
  else if (kind < 5) await silent.submit(playerId, random.below(50), name).catch(quietly)
  else await gap.submit(playerId, random.below(50), name).catch(quietly)
}

test('rebuild() from the log makes boards what they were beside others that have gaps', async () => {
  const random = new Random(runSeed('gaps'))
  const rounds = sizeOf('RELOG_ROUNDS', { test: 1, torture: 40 })
  for (let round = 0; round < rounds; round++)
    await withStore(async (temporary) => {
      const changes = sizeOf('RELOG_CHANGES', { test: 100, torture: 400 })
      for (let i = 0; i < changes; i++) {
        temporary.clock.advance(random.below(8))
        if (random.chance(0.3)) await disturb(random, temporary)
        else await change(random, temporary.store, temporary.clock)
      }
      const before = withoutRebuilds(temporary.store)
      for (const { name } of temporary.store.boards())
        await temporary.store.rebuild(name, { from: 'log' }).catch((error: { code?: string }) => {
          const codes = { gap: 'LOG_UNUSABLE', 'a silent one': 'LOG_OFF' }
          expect(error, `SEED=${random.seed}`).toMatchObject({ code: codes[name as 'gap'] })
        })
      expect(withoutRebuilds(temporary.store), `SEED=${random.seed}`).toEqual(before)
    })
})

// What comes after a rebuild goes on from what it made.
async function rebuildSome(random: Random, { store }: TemporaryStore): Promise<void> {
  const boards = store.boards()
  if (boards.length > 0) await store.rebuild(random.pick(boards).name, { from: 'log' })
}

/** Rebuilds, and returns the code and the message of the refusal; nothing may have changed. */
async function refusal(store: Leaderboards, board?: string): Promise<string> {
  const before = sceneOf(store)
  const { sequence } = store.stats()
  const work =
    board === undefined ? store.rebuild(undefined, FROM_LOG) : store.rebuild(board, FROM_LOG)
  const error = await work.then(
    () => ({ code: 'DONE', message: '' }),
    (caught: unknown) => caught as { code: string; message: string },
  )
  expect(sceneOf(store)).toEqual(before)
  expect(store.stats().sequence).toBe(sequence)
  return `${error.code}: ${error.message}`
}

function newestRun(store: Leaderboards, board: string): number {
  return store.log({ board, kinds: ['submit'] }).records.at(-1)?.seq as number
}

const FROM_LOG = { from: 'log' } as const

test('rebuild() from the log refuses one that does not tell all, and names the record', () =>
  withStore(async (temporary) => {
    const { store } = temporary
    const arena = store.board('arena')
    await arena.submit('ada', 5)
    await store.board('silent', { log: 'none' }).submit('ada', 1)
    expect(await refusal(store)).toMatch(
      /^LOG_OFF: .*board "silent".*; rebuild with from: "players"/,
    )
    expect(await refusal(store, 'nowhere')).toMatch(/^NO_BOARD: /)
    await store.dropBoard('silent')
    const rows = ['playerId,score\n', 'bob,3\n']
    await store.board('filled').importFrom(rows, { format: 'csv', log: false })
    const { seq } = store.log({ kinds: ['import'] }).records[0] as { seq: number }
    expect(await refusal(store)).toMatch(
      new RegExp(
        `^LOG_UNUSABLE: .*board "filled".*record ${seq} is an import whose rows were left out`,
      ),
    )
    await store.erase('ada')
    expect(await refusal(store, 'arena')).toMatch(/^LOG_UNUSABLE: .*record 2 is .* erased person/)
    await expect(store.rebuild(undefined as never)).rejects.toThrow(/without a board/)
  }))

test('rebuild() from the log of one board passes by what concerns others alone', () =>
  withStore(async (temporary) => {
    const { store, clock } = temporary
    const arena = store.board('arena', { keep: 3 })
    const filled = store.board('filled')
    const silent = store.board('silent', { log: 'none' })
    await filled.submit('ada', 1)
    await filled.importFrom(['playerId,score\n', 'bob,3\n', 'eve,4\n'], {
      format: 'csv',
      log: false,
    })
    await silent.submit('eve', 7)
    for (const [i, playerId] of ['ada', 'bob', 'cyd', 'dan'].entries()) {
      clock.advance(5)
      await arena.submit(playerId, i, { metadata: { i } })
      await filled.submit(playerId, i * 2)
    }
    // On boards alone that are passed by, and on all.
    await store.removePlayer('eve')
    await store.rename('dan', 'Dan')
    await store.ban('cyd', { submits: 'keep' })
    await arena.submit('cyd', 50)
    await store.movePlayer('bob', 'ben')
    await filled.remove('ada')
    await store.undo({ playerId: 'dan', reason: 'all' })
    await store.undo({ seqs: [newestRun(store, 'filled')], reason: 'elsewhere' })
    await store.dropBoard('filled')
    await store.board('filled').submit('zoe', 1)
    const before = withoutRebuilds(store)
    await temporary.store.close()
    await changeRaw(temporary.path, (writer) => spoil(writer, 'players', new Random(1)))
    await temporary.reopen()
    for (const name of ['arena', 'filled']) {
      const report = await temporary.store.rebuild(name, FROM_LOG)
      expect(report).toMatchObject({ board: name, entries: temporary.store.board(name).size })
    }
    expect(await refusal(temporary.store, 'silent')).toMatch(/^LOG_OFF/)
    expect(withoutRebuilds(temporary.store)).toEqual(before)
  }))

/** What a rebuild of a damaged copy of the store is refused with. */
async function refusalOfCopy(
  { path, store }: TemporaryStore,
  damage: (writer: Writer<Table>) => void,
): Promise<string> {
  const copy = `${path}-copy`
  await store.backup(copy)
  await rm(join(copy, 'MANIFEST.json'))
  await changeRaw(copy, damage)
  const damaged = openLeaderboards(copy, { clock: () => START_MS })
  try {
    const error = await damaged.rebuild(undefined, FROM_LOG).catch((caught: Error) => caught)
    return String((error as { code?: string }).code) + String((error as Error).message)
  } finally {
    await damaged.close()
    await rm(copy, { recursive: true })
  }
}

test('rebuild() from the log refuses one that is trimmed, has a hole or is damaged', () =>
  withStore(async (temporary) => {
    const arena = temporary.store.board('arena')
    for (let i = 0; i < 5; i++) await arena.submit('ada', i)
    const refused = (damage: (writer: Writer<Table>) => void): Promise<string> =>
      refusalOfCopy(temporary, damage)
    const remove = (writer: Writer<Table>, seqs: readonly number[]): void => {
      for (const seq of seqs) writer.remove('log', logKey(seq))
    }
    expect(await refused((writer) => remove(writer, [1, 2]))).toMatch(
      /^LOG_TRIMMED.*its oldest record is 3; rebuild with from: "players", or restore a backup/,
    )
    expect(await refused((writer) => remove(writer, [1, 2, 3, 4, 5, 6]))).toMatch(
      /^LOG_TRIMMED.*nothing of it is left/,
    )
    expect(await refused((writer) => remove(writer, [3, 4]))).toMatch(
      /^LOG_UNUSABLE.*records 3 to 4 are missing/,
    )
    expect(await refused((writer) => remove(writer, [6]))).toMatch(
      /^LOG_UNUSABLE.*records 6 to 6 are missing/,
    )
    expect(
      await refused((writer) => {
        const { key, value } = pairsOf(writer, 'log')[3] as { key: Buffer; value: Buffer }
        writer.put('log', key, flipped(value, value.length - 1))
      }),
    ).toMatch(/^LOG_UNUSABLE.*record 4 is damaged/)
    // A record that is sound and tells what cannot have been.
    expect(
      await refused((writer) => {
        const key = logKey(4)
        const run = decodeRun(key, pairsOf(writer, 'log')[3]?.value as Buffer)
        writer.put('log', key, encodeRun(key, { ...(run as RunRecord), plays: 9 }))
      }),
    ).toMatch(
      /^LOG_UNUSABLE.*change 4 of the log \(submit\) again: made again, its plays is another/,
    )
  }))

test('rebuild() from the log refuses boards that were there before it began', () =>
  withDirectory(async (path) => {
    const golden = join(import.meta.dirname, '../golden/version-2/data.mdb')
    await copyFile(golden, join(path, 'data.mdb'))
    const store = openLeaderboards(path)
    const [board] = store.boards()
    const name = board?.name as string
    expect(await refusal(store, name)).toMatch(/^LOG_UNUSABLE.*the log does not have its creation/)
    await store.openBoard(name).remove('nobody')
    await store.removePlayer(store.openBoard(name).top(1)[0]?.playerId as string)
    await store.board('new').submit('ada', 1)
    expect(await refusal(store)).toMatch(/^LOG_UNUSABLE/)
    expect(await store.rebuild('new', FROM_LOG)).toMatchObject({ entries: 1, added: 0, removed: 0 })
    await store.close()
  }))

test('rebuild() from the log goes on behind a restore of the whole store', () =>
  withStore(async ({ path, store, clock }) => {
    const [backup, target] = [`${path}-backup`, `${path}-restored`]
    await store.board('arena').submit('ada', 5)
    await store.backup(backup)
    await restoreBackup(backup, target)
    const restored = openLeaderboards(target, { clock: clock.read })
    try {
      await restored.board('arena').submit('bob', 7)
      const before = withoutRebuilds(restored)
      expect(before.log.map(({ kind }) => kind)).toEqual(['create', 'submit', 'restore', 'submit'])
      const reports = await restored.rebuild(undefined, FROM_LOG)
      expect(reports).toEqual([{ board: 'arena', entries: 2, nodes: 1, added: 0, removed: 0 }])
      expect(withoutRebuilds(restored)).toEqual(before)
    } finally {
      await restored.close()
      for (const directory of [backup, target]) await rm(directory, { recursive: true })
    }
  }))

test('rebuild() from the log refuses a board out of a backup, and takes it after a drop', () =>
  withStore(async (temporary) => {
    const { path, store } = temporary
    const backup = `${path}-backup`
    // The restore goes by the clock of the machine, which is ahead.
    await store.alter({ retention: { days: 100_000 } })
    await store.board('arena').submit('ada', 5)
    await store.backup(backup)
    await store.board('other').submit('ada', 5)
    await store.close()
    await restoreBoard(backup, path, { board: 'arena', force: true })
    await rm(backup, { recursive: true })
    const again = await temporary.reopen()
    expect(await refusal(again)).toMatch(/board "arena".*tells that it came out of a backup/)
    await again.board('arena').submit('bob', 6)
    expect(await again.rebuild('other', FROM_LOG)).toMatchObject({ entries: 1 })
    await again.dropBoard('arena')
    await again.board('arena').submit('cyd', 7)
    const reports = await again.rebuild(undefined, FROM_LOG)
    expect(reports.map(({ board, entries }) => [board, entries])).toEqual([
      ['arena', 1],
      ['other', 1],
    ])
  }))

test('rebuild() from the log takes in what others write meanwhile', () =>
  withStore(async (temporary) => {
    const { clock } = temporary
    const best = new Map<string, number>()
    const random = new Random(runSeed('meanwhile'))
    const submit = async (store: Leaderboards): Promise<void> => {
      const [playerId, score] = [`p${random.below(50)}`, random.below(1e6)]
      best.set(playerId, Math.max(score, best.get(playerId) ?? 0))
      clock.advance(1)
      await store.board('arena', { mode: 'best' }).submit(playerId, score)
    }
    for (let i = 0; i < 60; i++) await submit(temporary.store)
    await temporary.store.close()
    await changeRaw(temporary.path, (writer) => spoil(writer, 'entries', random))
    const store = await temporary.reopen()
    let isDone = false
    const work = store.rebuild('arena', FROM_LOG).finally(() => {
      isDone = true
    })
    let meanwhile = 0
    // Players, which submits read, are whole.
    for (; !isDone; meanwhile++) await store.board('other').submit(`o${meanwhile % 9}`, meanwhile)
    await work
    expect(meanwhile).toBeGreaterThan(0)
    const entries = [...store.board('arena').entries()].map(({ playerId, score }) => [
      playerId,
      score,
    ])
    expect(new Map(entries as [string, number][])).toEqual(best)
    expect((await store.rebuild(undefined, FROM_LOG)).length).toBe(2)
  }))

// A board that lost an entry gave wrong ranks, and those stood in the log: it was refused for them.
test('rebuild() from the log takes runs whose ranks a damaged board told', () =>
  withStore(async (temporary) => {
    const arena = temporary.store.board('arena', { mode: 'best' })
    for (const [i, playerId] of ['ada', 'bob', 'cyd'].entries()) await arena.submit(playerId, 9 - i)
    await temporary.store.close()
    // Ada's entry and record are lost, and nobody saw it.
    await changeRaw(temporary.path, (writer) => {
      writer.remove('entries', pairsOf(writer, 'entries')[0]?.key as Buffer)
      writer.remove('players', pairsOf(writer, 'players')[0]?.key as Buffer)
    })
    const store = await temporary.reopen()
    await store.rebuild('arena')
    expect((await store.board('arena').submit('dan', 1)).rank).toBe(3)
    await store.removePlayer('cyd')
    const report = await store.rebuild('arena', FROM_LOG)
    expect(report).toMatchObject({ board: 'arena', entries: 3, added: 1, removed: 0 })
    expect([...store.board('arena').entries()].map(({ playerId }) => playerId)).toEqual([
      ...['ada', 'bob', 'dan'],
    ])
  }))

test('rebuild() from the log ends with its signal, and leaves nothing', () =>
  withStore(async ({ path, store }) => {
    await store.board('arena').submit('ada', 5)
    const { sequence } = store.stats()
    const ending = new AbortController()
    const seen: unknown[] = []
    const onProgress = (progress: unknown): void => {
      seen.push(progress)
      ending.abort()
    }
    const work = store.rebuild('arena', { ...FROM_LOG, signal: ending.signal, onProgress })
    await expect(work).rejects.toMatchObject({ code: 'ABORTED' })
    expect(seen).toEqual([{ done: 2, total: 2 }])
    expect(store.stats().sequence).toBe(sequence)
    expect(readdirSync(path).filter((name) => name.startsWith('.'))).toEqual([])
  }))

test('opening a store removes what a killed rebuild left', () =>
  withStore(async (temporary) => {
    await temporary.store.close()
    const mine = leftoverName('.rebuilding')
    // Above the highest number that Linux gives.
    const dead = mine.replace(`-${process.pid}-`, '-999999999-')
    for (const name of [mine, dead]) {
      mkdirSync(join(temporary.path, name))
      writeFileSync(join(temporary.path, name, 'data.mdb'), 'x')
    }
    const store = await temporary.reopen()
    await store.close()
    expect(readdirSync(temporary.path).filter((name) => name.startsWith('.'))).toEqual([mine])
  }))

// A move gives the name that the receiver has on any board: one of a board without a log was not known.
test('rebuild() from the log keeps names that boards without a log have given', () =>
  withStore(async ({ store }) => {
    await store.board('all', { log: 'none' }).submit('ben', 1, { name: 'Benny' })
    await store.board('arena').submit('bob', 2, { name: 'Bob' })
    await store.movePlayer('bob', 'ben')
    const [before] = store.board('arena').top(1)
    expect(before).toMatchObject({ playerId: 'ben', name: 'Benny' })
    await store.rebuild('arena', FROM_LOG)
    expect(store.board('arena').top(1)).toEqual([before])
  }))

test('rebuild() from the log gives the names of now where they are unique', () =>
  withStore(async (temporary) => {
    const { store } = temporary
    const arena = store.board('arena', { mode: 'set' })
    const golf = store.board('golf', { order: 'ascending' })
    await arena.submit('p1', 1, { name: 'Ann' })
    await golf.submit('p1', 1)
    await store.alter({ names: 'unique' })
    await arena.submit('p2', 2, { name: 'Bob' })
    await store.rename('p1', 'Ada')
    await golf.submit('p3', 3, { name: 'Ann' })
    await store.setProfile('p2', { name: 'Ben' })
    await store.ban('p2', { submits: 'keep' })
    await golf.submit('p2', 7)
    await store.rename('p2', 'Bea')
    await store.alter({ names: 'free' })
    await arena.submit('p4', 4, { name: 'Ada' })
    await store.alter({ names: 'unique' }).catch(() => undefined)
    const before = withoutRebuilds(store)
    await temporary.store.close()
    await changeRaw(temporary.path, (writer) => {
      for (const table of ['players', 'entries', 'ranks'] as const)
        for (const { key } of pairsOf(writer, table)) writer.remove(table, key)
    })
    await temporary.reopen()
    const reports = await temporary.store.rebuild(undefined, FROM_LOG)
    expect(reports.map(({ added }) => added)).toEqual([2, 2])
    expect(withoutRebuilds(temporary.store)).toEqual(before)
    await temporary.store.unban('p2')
    expect(temporary.store.boardsOf('p2').map(({ entry }) => entry.name)).toEqual(['Bea', 'Bea'])
  }))
