/**
 * Rows of imports in the log, against the records that submits leave which do the same.
 *
 * @module
 */

import { expect, test } from 'vitest'
import type {
  BoardSettings,
  ImportOptions,
  Leaderboards,
  LogRecord,
  Mode,
  Score,
} from '../../src/index.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

const PLAYERS = Array.from({ length: 9 }, (_, i) => `p${i}`)
const SETTINGS: readonly BoardSettings[] = [
  { mode: 'set' },
  { mode: 'best' },
  { mode: 'increment' },
  { mode: 'best', order: 'ascending' },
  { mode: 'increment', scoreType: 'int64' },
  { mode: 'best', columns: [{ name: 'points' }, { name: 'lap', order: 'ascending' }] },
  { mode: 'increment', keep: 4 },
  { mode: 'best', log: 'changes' },
  { mode: 'best', keep: 3, log: 'changes' },
]

/** A row of a file. */
interface Row {
  playerId: string
  score: Score
  at?: number
  name?: string
  /** An empty object takes metadata away. */
  metadata?: Record<string, number>
}

function randomRow(random: Random, settings: BoardSettings, nowMs: number): Row {
  return {
    playerId: random.pick(PLAYERS),
    score: randomScore(random, settings),
    ...(random.chance(0.4) && { at: nowMs - 1 - random.below(10) }),
    ...(random.chance(0.2) && { name: random.pick(['Zoë', 'Bob', 'p1', 'p2']) }),
    ...(random.chance(0.2) && { metadata: random.chance(0.5) ? { car: random.below(3) } : {} }),
  }
}

// Some sums are not exact, or leave the range.
function randomScore(random: Random, { scoreType, columns, mode }: BoardSettings): Score {
  const small = random.below(6)
  if (columns !== undefined) return { points: small, lap: random.below(4) }
  const isHuge = mode === 'increment' && random.chance(0.1)
  if (scoreType === 'int64') return isHuge ? 2n ** 62n : BigInt(small)
  return isHuge ? 2 ** 52 + small : small
}

/** One board that is fed by imports, and its twin in another store that is fed by submits. */
class Twins {
  readonly imported: TemporaryStore
  readonly submitted: TemporaryStore
  readonly name: string
  readonly settings: BoardSettings

  constructor(
    stores: { imported: TemporaryStore; submitted: TemporaryStore },
    board: { name: string; settings: BoardSettings },
  ) {
    this.imported = stores.imported
    this.submitted = stores.submitted
    this.name = board.name
    this.settings = board.settings
  }

  async import(rows: readonly Row[], options: { mode: Mode; rules: boolean }): Promise<void> {
    const lines = rows.map((row) => `${JSON.stringify(inJson(row))}\n`)
    const asked: ImportOptions = { format: 'ndjson', skipBad: true, ...options }
    await this.imported.store.board(this.name, this.settings).importFrom(lines, asked)
    const board = this.submitted.store.board(this.name, this.settings)
    const submits = rows.map(({ playerId, score, ...more }) =>
      board.submit(playerId, score as never, { ...more, mode: options.mode, ranks: false }),
    )
    for (const submit of await Promise.allSettled(submits))
      if (submit.status === 'rejected') expect(submit.reason).toMatchObject({ code: 'INEXACT' })
  }
}

function inJson({ score, ...row }: Row): object {
  if (typeof score === 'bigint') return { ...row, score: String(score) }
  return typeof score === 'object' ? { ...row, ...score } : { ...row, score }
}

test('each row of an import is in the log as a submit would be, in the order of the lines', async () => {
  const random = new Random(runSeed('import log'))
  await withStore(async (imported) => {
    await withStore(async (submitted) => {
      for (let i = 0; i < sizeOf('IMPORT_LOGS', { test: 14, torture: 5_000 }); i++) {
        const board = { name: `b${random.below(12)}`, settings: random.pick(SETTINGS) }
        const there = imported.store.boards().find(({ name }) => name === board.name)
        if (there !== undefined && random.chance(0.2)) {
          await imported.store.dropBoard(there.name)
          await submitted.store.dropBoard(there.name)
        } else if (there !== undefined) continue
        const twins = new Twins({ imported, submitted }, board)
        for (let round = 0; round < 4; round++) await oneRound(random, twins)
      }
      expectSameLogs(imported.store, submitted.store, random.seed)
    })
  })
})

async function oneRound(random: Random, twins: Twins): Promise<void> {
  const { imported, submitted, name, settings } = twins
  for (const { clock } of [imported, submitted]) clock.advance(1_000)
  const nowMs = imported.clock.now
  const count = 1 + random.below(30)
  const rows = Array.from({ length: count }, () => randomRow(random, settings, nowMs))
  const modes: Mode[] =
    settings.columns === undefined ? ['set', 'best', 'increment'] : ['set', 'best']
  const mode = random.chance(0.5) ? (settings.mode ?? 'set') : random.pick(modes)
  await twins.import(rows, { mode, rules: random.chance(0.2) })
  // Now and then the board loses players, or all of them.
  const leaving = random.chance(0.2) ? PLAYERS : PLAYERS.filter(() => random.chance(0.1))
  for (const playerId of leaving)
    for (const { store } of [imported, submitted])
      if (store.hasBoard(name)) await store.board(name).remove(playerId)
}

function expectSameLogs(imported: Leaderboards, submitted: Leaderboards, seed: number): void {
  const found = everything(imported)
  for (const [i, record] of found.entries()) expect(record.seq).toBe(i + 1)
  const rows = found.filter(({ kind }) => kind !== 'import').map(comparable)
  expect(rows, `SEED=${seed}`).toEqual(everything(submitted).map(comparable))
  expectChanges(found)
  for (const { name } of imported.boards())
    for (const playerId of PLAYERS) {
      const history = (store: Leaderboards): unknown[] =>
        store.board(name).history(playerId).records.map(comparable)
      expect(history(imported), `${name} ${playerId} SEED=${seed}`).toEqual(history(submitted))
      const entry = (store: Leaderboards): unknown => {
        const found = store.board(name).get(playerId)
        return found && { ...found, at: givenOf(found.at) }
      }
      expect(entry(imported)).toEqual(entry(submitted))
    }
}

/** What is the same in both stores: of times only those that were given. */
function comparable({ seq: _s, commit: _c, committedAt: _, at, ...rest }: LogRecord): unknown {
  const previousAt = givenOf(rest['previousAt'])
  return { ...rest, at: rest.kind === 'submit' ? givenOf(at) : 0, previousAt }
}

// The clock stands on whole seconds, and those given are some milliseconds before it.
function givenOf(at: unknown): number | undefined {
  return typeof at === 'number' && at % 1_000 > 900 ? at : undefined
}

// The rows of one import are one change, which its note ends.
function expectChanges(records: readonly LogRecord[]): void {
  for (const note of records.filter(({ kind }) => kind === 'import')) {
    const rows = records.filter(({ commit }) => commit === note.commit)
    expect(rows.map(({ seq }) => seq)).toEqual(
      Array.from({ length: note.seq - note.commit + 1 }, (_, i) => note.commit + i),
    )
    expect(rows.slice(0, -1).every(({ kind }) => kind === 'submit')).toBe(true)
    const changed = rows.slice(0, -1).filter((record) => record.changed === true).length
    expect(note).toMatchObject({ board: rows[0]?.board, rows: { changed } })
    const { imported } = note['rows'] as { imported: number }
    expect(imported).toBeGreaterThanOrEqual(rows.length - 1)
  }
}

function everything(store: Leaderboards): LogRecord[] {
  const records: LogRecord[] = []
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = store.log({ after, limit: 1_000 })
    records.push(...page.records)
    after = page.next
  }
  return records
}

test('an import without a log leaves one note, and the runs before it stay', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'increment' })
    await board.submit('ann', 1)
    const rows = ['playerId,score\n', 'ann,2\n', 'bob,3\n']
    const report = await board.importFrom(rows, { format: 'csv', log: false })
    const { records } = store.log({ after: 2 })
    expect(records).toMatchObject([{ kind: 'import', board: 'game', rows: report, logged: false }])
    await board.submit('ann', 4)
    const scores = board.history('ann').records.map(({ score, plays }) => [score, plays])
    expect(scores).toEqual([
      [7, 2],
      [1, 1],
    ])
    const quiet = store.board('quiet', { log: 'none' })
    await quiet.importFrom(rows, { format: 'csv' })
    expect(store.log({ board: 'quiet' }).records.map(({ kind }) => kind)).toEqual(['create'])
  })
})

test('a bulk import can be undone by row, and goes on in the history', async () => {
  await withStore(async ({ store }) => {
    const board = store.board('game', { mode: 'best' })
    await board.importFrom(['playerId,score\n', 'ann,5\n', 'bob,3\n', 'ann,9\n'], { format: 'csv' })
    await board.submit('ann', 7)
    const [, ninth] = board.history('ann').records
    expect(ninth).toMatchObject({ seq: 4, commit: 2, score: 9, previousScore: 5, plays: 2 })
    await store.undo({ seqs: [4], reason: 'cheated' })
    expect(board.get('ann')?.score).toBe(7)
  })
})

test('rebuild() leaves a note', async () => {
  await withStore(async ({ store }) => {
    await store.board('game').submit('ann', 5)
    await store.rebuild('game')
    const { records } = store.log({ kinds: ['rebuild'] })
    expect(records).toMatchObject([{ board: 'game', from: 'entries', entries: 1 }])
  })
})

// An undo of a run in front of such an import took away what the rows had given.
test.each(['set', 'best', 'increment'] as const)(
  'an import without a log is where undos of mode %s end',
  (mode) =>
    withStore(async ({ store }) => {
      const board = store.board('a', { mode })
      await board.submit('ada', 100)
      const options = { format: 'csv', log: false } as const
      await board.importFrom(['playerId,score\n', 'ada,500\n'], options)
      const imported = board.get('ada')?.score
      await board.submit('ada', 50)
      const [last, first] = board.history('ada').records
      const refused = expect.objectContaining({ code: 'LOG_OFF' })
      await expect(store.undo({ seqs: [first?.seq as number] })).rejects.toEqual(refused)
      await expect(store.undo({ playerId: 'ada' })).rejects.toEqual(refused)
      await store.undo({ seqs: [last?.seq as number] })
      expect(board.get('ada')?.score).toBe(imported)
    }),
)
