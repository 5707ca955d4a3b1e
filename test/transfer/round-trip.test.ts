/**
 * An NDJSON export says all of a board: its settings and its entries. Whatever the board and the way
 * that the bytes take, an import makes the same board.
 *
 * @module
 */

import { createWriteStream } from 'node:fs'
import { PassThrough } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { type BoardSettings, type Leaderboards, openLeaderboards } from '../../src/index.ts'
import { Cli, run } from '../cli/support.ts'
import { withDirectory, withStore } from '../support/temporary-store.ts'

const AT = 1_750_000_000_000
const COLUMNS = [
  { name: 'points', order: 'descending' },
  { name: 'lap', order: 'ascending' },
  { name: 'falls', order: 'ascending' },
  { name: 'bonus-2', order: 'descending' },
] as const

const SHAPES: BoardSettings[] = [
  {},
  { order: 'ascending' },
  { scoreType: 'int64' },
  { order: 'ascending', scoreType: 'int64' },
  ...([1, 2, 3, 4] as const).map((n) => ({ columns: COLUMNS.slice(0, n) }) as BoardSettings),
  { columns: COLUMNS, scoreType: 'int64' },
]
const KINDS: BoardSettings[] = [
  ...SHAPES.flatMap((shape) => [shape, { ...shape, keep: 4, mode: 'best' as const }]),
  { mode: 'increment' },
  { mode: 'set', order: 'ascending', keep: 1 },
]

const HUGE = 2n ** 62n + 1n

// Ties, the largest scores, fractions of milliseconds and all that an entry can have.
async function fillBoard(
  store: Leaderboards,
  name: string,
  settings: BoardSettings,
): Promise<void> {
  const board = await store.createBoard(name, settings)
  const { columns = [], scoreType } = settings
  const cell = (n: number): number | bigint => (scoreType === 'int64' ? HUGE - BigInt(n) : n / 3)
  const submissions = Array.from({ length: 6 }, (_, i) => {
    const values = columns.map((column, at) => [column.name, cell((i * (at + 2)) % 3)])
    const score = columns.length > 1 ? Object.fromEntries(values) : cell(i % 3)
    return {
      playerId: i === 0 ? '=1+1' : `p${i}`,
      score: score as never,
      at: AT + (i % 2) + 0.125,
      ...(i > 2 && { name: `Zoë "${i}",\n;` }),
      ...(i > 3 && { metadata: { car: i, list: ['€', null] } }),
    }
  })
  await board.submitMany(submissions)
}

function contentOf(store: Leaderboards, name: string): unknown {
  const board = store.openBoard(name)
  const { name: _name, ...info } = board.info
  return { info, entries: [...board.entries()] }
}

type Way = (work: {
  store: Leaderboards
  other: Leaderboards
  name: string
  file: string
}) => Promise<unknown>

const WAYS: [what: string, way: Way][] = [
  [
    'a path',
    async ({ store, other, name, file }) => {
      await store.board(name).exportTo(`${file}.ndjson`)
      return other.board(name).importFrom(`${file}.ndjson`)
    },
  ],
  [
    'a packed file',
    async ({ store, other, name, file }) => {
      await store.board(name).exportTo(createWriteStream(file), { format: 'ndjson', gzip: true })
      return other.board(name).importFrom(file, { format: 'ndjson' })
    },
  ],
  [
    'a stream from one to the other',
    async ({ store, other, name }) => {
      const stream = new PassThrough()
      const exporting = store.board(name).exportTo(stream, { format: 'ndjson' })
      await other.board(name).importFrom(stream, { format: 'ndjson' })
      return exporting
    },
  ],
  [
    'text in one piece, through a handle that was taken before',
    async ({ store, other, name }) => {
      const handle = other.board(name)
      expect(handle.size).toBe(0)
      const stream = new PassThrough()
      const exporting = store.board(name).exportTo(stream, { format: 'ndjson' })
      const [exported] = await Promise.all([text(stream), exporting])
      await handle.importFrom([exported], { format: 'ndjson' })
      expect(handle.info).toEqual(other.board(name).info)
      expect([...handle.entries()]).toEqual([...other.board(name).entries()])
      return handle
    },
  ],
]

test.each(WAYS)('a board of any kind is the same behind %s', (what, way) =>
  withStore(({ store, path }) =>
    withStore(async ({ store: other }) => {
      // All kinds go the first way, a part of them each of the others: a disk sync is dear.
      const at = WAYS.findIndex(([name]) => name === what)
      for (const [i, settings] of KINDS.entries()) {
        if (at > 0 && i % (WAYS.length - 1) !== at - 1) continue
        await fillBoard(store, 'b', settings)
        await store.createBoard('empty', settings)
        for (const name of at > 0 && i > 3 ? ['b'] : ['b', 'empty']) {
          await way({ store, other, name, file: `${path}/${name}-${i}` })
          expect(contentOf(other, name)).toEqual(contentOf(store, name))
          await other.dropBoard(name)
        }
        await Promise.all([store.dropBoard('b'), store.dropBoard('empty')])
      }
    }),
  ),
)

test('a board of any kind is the same behind the command line, by files and standard streams', () =>
  withDirectory(async (directory) => {
    const from = new Cli(directory)
    const made = openLeaderboards(from.db)
    for (const [i, settings] of KINDS.entries()) await fillBoard(made, `b${i}`, settings)
    await made.createBoard('empty', { order: 'ascending', keep: 7 })
    const names = made.boards().map(({ name }) => name)
    await made.close()
    const other = ['--db', from.file('other')]
    for (const [i, name] of names.entries()) {
      const file = from.file(`${name}.ndjson${i % 2 === 0 ? '' : '.gz'}`)
      if (i % 3 !== 0) {
        await from.ok('--board', name, 'export', file)
        await from.ok(...other, '--board', name, 'import', file)
        continue
      }
      const { stdout } = await from.run(['--board', name, 'export', '-', '--format', 'ndjson'])
      const args = [...other, '--board', name, 'import', '-', '--format', 'ndjson']
      expect(await run(args, { stdin: stdout })).toMatchObject({ status: 0 })
    }
    const [one, two] = [openLeaderboards(from.db), openLeaderboards(from.file('other'))]
    for (const name of names) expect(contentOf(two, name)).toEqual(contentOf(one, name))
    await Promise.all([one.close(), two.close()])
  }))

// A handle that had asked for no settings was refused from then on.
test('a handle that asked for nothing goes on with the settings that an import gave the board', () =>
  withStore(async ({ store }) => {
    const early = store.board('golf')
    const asked = store.board('golf', { mode: 'set' })
    const line = '{"ladderdb":{"format":1,"board":{"order":"ascending","mode":"best","keep":2}}}\n'
    const bytes = await buffer([Buffer.from(`${line}{"playerId":"ann","score":70}\n`)] as never)
    await store.board('golf', { order: 'ascending' }).importFrom([bytes], { format: 'ndjson' })
    expect(early).toMatchObject({ order: 'ascending', mode: 'best', keep: 2, size: 1 })
    expect(await early.submit('ann', 80)).toMatchObject({ changed: false })
    expect(await early.submit('ben', 60)).toMatchObject({ rank: 1 })
    expect(() => asked.size).toThrow(/created with order ascending and mode best/)
    await expect(asked.submit('cid', 1)).rejects.toMatchObject({ code: 'SETTINGS_DIFFER' })
  }))

// Its score was checked for the settings of before.
test('a submit that was begun before its board was made with others is refused', () =>
  withStore(async ({ store }) => {
    const early = store.board('golf')
    const creation = store.createBoard('golf', { scoreType: 'int64' })
    const submit = early.submit('ann', 1.5)
    await creation
    expect(early.scoreType).toBe('int64')
    await expect(submit).rejects.toMatchObject({ code: 'SETTINGS_DIFFER' })
    expect(await early.submit('ann', 2n as never)).toMatchObject({ score: 2n })
  }))
