// The examples of the help texts are run in the order of the help: as printed by a shell where they need
// one, the others in this process.

import { spawnSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Io } from '../../src/cli/io.ts'
import { worksOnServer } from '../../src/cli/on-server.ts'
import { createProgram } from '../../src/cli/program.ts'
import { checkHere } from '../support/check-here.ts'
import {
  BIN,
  type Cli,
  type Ran,
  run,
  runServing,
  submitFive,
  withCli,
  writeSeason,
} from './support.ts'

checkHere()

const BACKUPS = '/var/backups/game'
const BACKUP = `${BACKUPS}/2026-11-21-0300`

async function helpOf(...words: string[]): Promise<string> {
  const { status, stdout } = await run([...words, '--help'])
  expect(status).toBe(0)
  return stdout
}

async function commandNames(): Promise<string[]> {
  const lines = (await helpOf()).split('\n')
  const names = lines.flatMap((line) => /^ {2}([a-z][\w-]*)(?: [[<]| {2})/.exec(line)?.[1] ?? [])
  return names.filter((name) => name !== 'help')
}

/** Returns the examples of a help text; words behind a wide gap are about them. */
function examplesOf(help: string): string[] {
  return [...help.matchAll(/^ {2}\$ (ladderdb .*?)(?: {3,}.*)?$/gm)].map(
    (match) => match[1] as string,
  )
}

/** Makes what the examples speak of. */
async function prepare(cli: Cli): Promise<Record<string, string>> {
  await cli.ok('import', await writeSeason(cli, 300))
  await submitFive(cli)
  await cli.ok('submit', 'cheater', '99999')
  await mkdir(cli.file('backups'))
  await cli.ok('backup', cli.file('kept'))
  const rows = 'playerId,score\nann,1200\nben,900\n'
  await writeFile(cli.file('scores.csv.gz'), gzipSync(rows))
  await writeFile(cli.file('operations.ndjson'), '{"op":"top","n":3}\n')
  await mkdir(cli.file('programs'))
  const program = join(cli.file('programs'), 'ladderdb')
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`)
  await chmod(program, 0o755)
  const { next } = await cli.json('page', '--limit', '3')
  await cli.ok('alter', 'default', '--max-gain', '10000')
  await cli.ok('submit', 'cheater', '20000', '--mode', 'increment')
  const { records } = await cli.json('flags')
  await cli.ok('alter', 'default', '--max-gain', 'none')
  return {
    PATH: `${cli.file('programs')}:${process.env['PATH']}`,
    LADDERDB_DB: cli.db,
    CURSOR: next,
    FLAGGED: String(records[0].seq),
    UNTIL: String(Date.now()),
  }
}

/** Examples that play a whole season, which demo.test.ts does with the same words. */
const HAVE_A_TEST = ['ladderdb demo', 'ladderdb demo --serve']

/** Where the examples are run. */
interface Scene {
  cli: Cli
  env: Record<string, string>
}

/** Returns an example with the places of the test; a watch must come to its end. */
function placed(example: string, { cli, env }: Scene): string {
  const here = example
    // Apart from the others: an example of backups thins them out.
    .replaceAll(BACKUP, cli.file('kept'))
    .replaceAll(BACKUPS, cli.file('backups'))
    .replace('./leaderboards', cli.db)
    .replace('CURSOR', env['CURSOR'] as string)
    .replace('--until 2026-11-21T14:59', `--until ${env['UNTIL']}`)
    .replace('resolve 17', `resolve ${env['FLAGGED']}`)
  return / watch\b/.test(here) ? `${here} --count 1` : here
}

// To load all commands for a list of their names made the help 28 ms slower.
test('the help, which loads no command, lists each as it declares itself', async () => {
  const { stdin, stdout, stderr } = process
  const { signal } = new AbortController()
  const { program } = await createProgram(new Io({ stdin, stdout, stderr, env: {}, signal }))
  const whole = program.helpInformation()
  for (const words of [['--help'], ['--json', '-h'], ['--board', 'arena', '--help']]) {
    const { status, stdout } = await run(words)
    expect({ status, isWhole: stdout.startsWith(whole) }).toEqual({ status: 0, isWhole: true })
  }
})

test('the help names the commands that a server does not have', async () => {
  const [, named] = /With --redis there is no ([\w,\s-]+):/.exec(await helpOf()) ?? []
  const refused = (await commandNames()).filter((name) => !worksOnServer(name))
  expect(named?.split(/,\s+/).sort()).toEqual(refused.sort())
})

test('every command has an example in its help', async () => {
  const names = await commandNames()
  expect(names).toEqual(expect.arrayContaining(['top', 'watch', 'import', 'completion', 'demo']))
  for (const name of names) {
    const examples = examplesOf(await helpOf(name))
    expect([name, examples]).not.toEqual([name, []])
    for (const example of examples) expect(example).toMatch(new RegExp(`\\b${name}\\b`))
  }
})

test('the examples of the help texts work', () =>
  withCli(async (cli) => {
    const env = await prepare(cli)
    const helps = await Promise.all((await commandNames()).map((name) => helpOf(name)))
    const all = [...helps, await helpOf()].flatMap(examplesOf)
    const examples = [...new Set(all)].filter((example) => !HAVE_A_TEST.includes(example))
    expect(all).toEqual(expect.arrayContaining(HAVE_A_TEST))
    const scene = { cli, env }
    const inShell = examples.filter((example) => wordsOf(placed(example, scene)) === undefined)
    expect(inShell.length).toBeGreaterThan(0)
    expect(examples.length).toBeGreaterThan(10 * inShell.length)
    console.info(`${inShell.length} of ${examples.length} examples in a shell`)
    const origin = process.cwd()
    process.chdir(cli.directory)
    try {
      for (const example of examples) {
        const { status, stdout, stderr } = await runExample(placed(example, scene), env)
        expect([example, status, status === 0 ? '' : stdout + stderr]).toEqual([example, 0, ''])
      }
    } finally {
      process.chdir(origin)
    }
  }))

async function runExample(example: string, env: Record<string, string>): Promise<Ran> {
  const words = wordsOf(example)
  // A server ends when it is told to.
  if (words?.some((word) => /^(?:--)?serve$/.test(word)))
    return runServing(['--json', ...words, '--port', '0'], () => Promise.resolve(), { env })
  if (words !== undefined) return run(words, { env })
  const { status, stdout, stderr } = spawnSync('sh', ['-c', example], { env, encoding: 'utf8' })
  return { status: status ?? -1, stdout, stderr }
}

const PLAIN_WORD = `(?:'[^']*'|"[\\w ]*"|[\\w./:=+,@%-]+)`
const PLAIN = new RegExp(`^${PLAIN_WORD}(?: +${PLAIN_WORD})*$`)

/** Returns the words behind `ladderdb`, quotes taken off; undefined where it takes a shell. */
function wordsOf(example: string): string[] | undefined {
  if (!PLAIN.test(example)) return undefined
  const words = example.match(new RegExp(PLAIN_WORD, 'g')) ?? []
  return words.slice(1).map((word) => word.replace(/^(['"])(.*)\1$/, '$2'))
}
