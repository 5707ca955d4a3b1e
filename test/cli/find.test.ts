import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { run, submitFive, withCli } from './support.ts'

// Players complain with their names, and every command wanted ids.
test('find shows players by name, for people and as JSON', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('submit', 'p17', '1', '--name', 'ALICIA')
    const shown = await cli.ok('find', 'ali')
    expect(shown).toMatch(/^default: 2 named ali …\nrank {2}player/)
    expect(shown).toContain('ALICIA')
    const { board, total, entries } = await cli.json('find', 'ALI', '--limit', '1')
    expect([board, total, entries.length, entries[0].playerId]).toEqual(['default', 6, 1, 'alice'])
    expect(await cli.ok('find', 'ali', '--limit', '1')).toContain(
      'the first 1 named ali … (--limit)',
    )
    expect(await cli.ok('find', 'zz')).toBe('default: nobody named zz …\n')
    const exec = await cli.run(['exec'], { stdin: '{"op":"find","name":"eve","limit":5}\n' })
    expect(JSON.parse(exec.stdout).result).toMatchObject([{ playerId: 'eve', name: 'Eve' }])
    expect((await cli.run(['find', ''])).status).toBe(2)
    expect((await cli.run(['find', 'a', '--limit', '0'])).status).toBe(2)
  }))

// `remove cheater --all-boards` asked nothing and told nothing: a slip could not be undone.
test('remove tells what it took, with a command that puts it back', () =>
  withCli(async (cli) => {
    await submitFive(cli)
    await cli.ok('--board', 'b 2', 'create', 'b 2', '--mode', 'best')
    const details = ['--name', "It's me", '--metadata', '{"car":"red"}']
    await cli.ok(
      '--board',
      'b 2',
      'submit',
      '--at',
      '1700000000000.25',
      ...details,
      '--',
      '-x',
      '-5',
    )
    const all = async () => [await cli.json('top'), await cli.json('--board', 'b 2', 'top')]
    const before = await all()
    for (const [args, count] of [
      [['remove', 'eve'], 1],
      [['--board', 'b 2', 'remove', '--', '-x'], 1],
      [['remove', '--all-boards', '--', '-x'], 1],
    ] as const) {
      const shown = await cli.ok(...args)
      expect(shown).toMatch(/^removed .* from '.*': score -?[\d,]+, rank \d, since 20/)
      const commands = [...shown.matchAll(/^to put it back: ladderdb (.*)$/gm)].map(
        ([, back]) => back,
      )
      expect(commands).toHaveLength(count)
      for (const back of commands) expect((await run(wordsInShell(back ?? ''))).status).toBe(0)
      expect(await all()).toEqual(before)
    }
    expect(await cli.json('remove', 'eve')).toEqual({
      playerId: 'eve',
      removed: true,
      entry: before[0].entries[1],
    })
    const gone = await cli.run(['--json', 'remove', 'eve'])
    expect([gone.status, JSON.parse(gone.stdout)]).toEqual([
      3,
      { playerId: 'eve', removed: false, entry: null },
    ])
    expect(await cli.json('remove', '--all-boards', 'bob')).toMatchObject({
      removed: true,
      boards: 1,
      entries: [{ board: 'default', entry: { score: 2000 } }],
    })
  }))

/** Returns the words that a shell makes of a command. */
function wordsInShell(command: string): string[] {
  const told = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
  return told.split('\0').slice(0, -1)
}
