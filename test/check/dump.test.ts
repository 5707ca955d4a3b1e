import { expect, test } from 'vitest'
import { withCli } from '../cli/support.ts'
import { changeRaw } from '../support/raw-store.ts'
import { withStore } from '../support/temporary-store.ts'

test('dump() has every pair of every table, and names what it is', () =>
  withStore(async ({ store }) => {
    await store.board('arena', { order: 'ascending' }).submit('ada', 7, { name: 'Ada' })
    const pairs = [...store.dump()]
    expect(pairs.map(({ table }) => table)).toEqual(
      expect.arrayContaining(['meta', 'entries', 'players', 'ranks']),
    )
    const texts = pairs.map(({ text }) => text)
    expect(texts).toContainEqual(
      expect.stringMatching(/^board "arena" → number 1, ascending, set$/),
    )
    expect(texts).toContainEqual(
      expect.stringMatching(/^board 1, player "ada" → score 7, .*"Ada", last run 2/),
    )
    for (const { key, value } of pairs) expect(key + value).toMatch(/^[0-9a-f]+$/)
  }))

test('dump() of a table or of a board leaves out all others', () =>
  withStore(async ({ store }) => {
    await store.board('one').submit('ada', 1)
    await store.board('two').submit('bob', 2)
    const players = [...store.dump({ table: 'players' })].map(({ text }) => text)
    expect(players).toHaveLength(2)
    const two = [...store.dump({ board: 'two' })]
    const parts = two.map(({ table }) => table).filter((table) => table !== 'meta')
    expect(parts).toEqual(['entries', 'players', 'ranks'])
    expect(two[0]?.text).toMatch(/^board "two"/)
    expect(JSON.stringify(two)).not.toContain('ada')
    expect([...store.dump({ board: 'two', table: 'log' })]).toEqual([])
    expect(() => [...store.dump({ board: 'three' })]).toThrow(
      expect.objectContaining({ code: 'NO_BOARD' }),
    )
    expect(() => [...store.dump({ table: 'scores' as never })]).toThrow(RangeError)
    expect(() => [...store.dump({ tables: 'meta' } as never)]).toThrow(TypeError)
  }))

test('dump() of a board has its windows, its seasons and their entries', () =>
  withStore(async (temporary) => {
    temporary.clock.now = Date.UTC(2026, 10, 28, 12)
    const { store } = temporary
    await store.board('other', { windows: ['day'] }).submit('bob', 1)
    const order = 'ascending' as const
    const board = store.board('arena', { order, windows: [{ every: 'day', graceMs: 0 }] })
    await board.submit('ada', 7)
    temporary.clock.advance(86_400_000)
    await board.submit('ada', 9)
    const texts = [...store.dump({ board: 'arena' })].map(({ text }) => text)
    const shown = texts.filter((text) => /window|^board \d, score/.test(text))
    expect(shown.map((text) => text.replace(/, 20.* → |, since.*/, ' → '))).toEqual([
      ...['window 1 of board 3 → "day", every day, timeZone UTC, startAt 00:00, graceMs 0 → '],
      'season of window 1 of board 3 from 2026-11-28T00:00:00.000000Z → "2026-11-28", to 2026-11-29T00:00:00.000000Z, sealed, number 4',
      'season of window 1 of board 3 from 2026-11-29T00:00:00.000000Z → "2026-11-29", to 2026-11-30T00:00:00.000000Z, open, number 5',
      'due 2026-11-30T00:00:00.000000Z: close season of window 1 of board 3 from 2026-11-29T00:00:00.000000Z → noted',
      ...['board 3, score 9 → no name', 'board 4, score 7 → no name', 'board 5, score 9 → no name'],
    ])
    expect(texts.join()).not.toContain('bob')
  }))

test('dump() shows what is damaged', () =>
  withStore(async (temporary) => {
    await temporary.store.board('arena').submit('ada', 7)
    await temporary.store.close()
    const key = Buffer.from('zz')
    await changeRaw(temporary.path, (writer) => writer.put('players', key, Buffer.from('bad')))
    const store = await temporary.reopen()
    expect([...store.dump({ table: 'players' })].map(({ text }) => text)).toContainEqual(
      expect.stringContaining('damaged 626164'),
    )
    await store.close()
    await changeRaw(temporary.path, (writer) => writer.remove('players', key))
  }))

// Ids come from players: what drives a terminal must not get through.
test('ladderdb dump prints lines, hexadecimal or JSON, harmless for terminals', () =>
  withCli(async (cli) => {
    await cli.ok('submit', 'a\u{1b}[31mda', '7')
    await cli.ok('--board', 'other', 'submit', 'bob', '8', '--create-board')
    const lines = await cli.ok('dump')
    expect(lines).toContain('meta      header → version 3')
    expect(lines).toContain('player "a\\u{1b}[31mda"')
    expect(lines).not.toContain('\u{1b}')
    expect(await cli.ok('dump', '--table', 'players', '--board', 'other')).toMatch(
      /^players {3}board 2, player "bob" → score 8, [^\n]*\n$/,
    )
    expect(await cli.ok('dump', '--table', 'players', '--board', 'other', '--raw')).toMatch(
      /^players {3}02626f62 [0-9a-f]+\n$/,
    )
    const documents = (await cli.ok('dump', '--json')).trimEnd().split('\n')
    for (const document of documents)
      expect(Object.keys(JSON.parse(document))).toEqual(['table', 'key', 'value', 'text'])
    expect((await cli.run(['dump', '--table', 'scores'])).status).toBe(2)
    expect((await cli.run(['--board', 'none', 'dump'])).status).toBe(3)
  }))
