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
