// The scripts are made from the program, and tried in the shells that are there.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { bashScript } from '../../src/cli/completion/bash.ts'
import { fishScript } from '../../src/cli/completion/fish.ts'
import { wordsOf } from '../../src/cli/completion/words.ts'
import { zshScript } from '../../src/cli/completion/zsh.ts'
import { Io } from '../../src/cli/io.ts'
import { createProgram } from '../../src/cli/program.ts'
import { BIN, type Cli, run, withCli } from './support.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript }
const FLAG: Record<Shell, (long: string) => string> = {
  bash: (long) => `'${long}'`,
  zsh: (long) => `${long}`,
  fish: (long) => ` -l ${long.slice(2)} `,
}

const has = Object.fromEntries(
  SHELLS.map((shell) => [shell, spawnSync(shell, ['--version']).status === 0]),
) as Record<Shell, boolean>
for (const shell of SHELLS)
  if (!has[shell]) console.warn(`SKIPPED: completion in a real ${shell}, for want of it`)

async function scriptOf(shell: Shell): Promise<string> {
  const { status, stdout, stderr } = await run(['completion', shell])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

async function program(): Promise<Command> {
  const { stdin, stdout, stderr } = process
  const { signal } = new AbortController()
  return (await createProgram(new Io({ stdin, stdout, stderr, env: {}, signal }))).program
}

test.each(SHELLS)('%s knows every command, option and choice', async (shell) => {
  const script = await scriptOf(shell)
  const commands = [await program(), ...(await program()).commands].filter(
    (command) => !command.name().startsWith('__'),
  )
  expect(commands.length).toBeGreaterThan(25)
  for (const command of commands) {
    // Where the command's own words are: bash and fish name it in each line, zsh in a case.
    expect(script).toMatch(new RegExp(`\\b${command.name()}\\b`))
    // Another way to write an option is not offered.
    for (const { long, argChoices = [], hidden } of command.options) {
      if (hidden) continue
      expect(script, `${command.name()} ${long}`).toContain(FLAG[shell](long as string))
      expect(script).toContain(argChoices.join(shell === 'bash' ? "' '" : ' '))
    }
  }
  expect(script).not.toContain('undefined')
})

test.each(SHELLS.filter((shell) => has[shell]))(
  '%s takes its script without a word',
  async (shell) => {
    const noRun = shell === 'fish' ? '--no-execute' : '-n'
    await withCli(async (cli) => {
      for (const script of [await scriptOf(shell), SCRIPTS[shell](wordsOf(awkward()))]) {
        await writeFile(cli.file('script'), script)
        const checked = spawnSync(shell, [noRun, cli.file('script')], { encoding: 'utf8' })
        expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', ''])
      }
    })
  },
)

/** A program whose words hold all that shells take for something else. */
function awkward(): Command {
  const words = `it's "[so]": $(touch pwned) \`touch pwned\` \\ {a,b} * ; & |`
  const awkwardProgram = new Command('ladderdb').option('--all <dir>', words)
  awkwardProgram.command('go').description(words).option('--now', words).argument('<file>', words)
  return awkwardProgram
}

test('words of descriptions are quoted for each shell', () => {
  const words = wordsOf(awkward())
  expect(zshScript(words)).toContain(
    `'--now[it'\\''s "\\[so\\]"\\: $(touch pwned) \`touch pwned\` \\\\ {a,b} * ; & |]'`,
  )
  expect(zshScript(words)).toContain(`'go:it'\\''s "[so]"\\: $(`)
  expect(fishScript(words)).toContain(`-l now -d 'it\\'s "[so]": $(touch pwned) \`touch`)
})

test('an unknown shell is wrong use, and --json is a document', async () => {
  expect((await run(['completion', 'tcsh'])).status).toBe(2)
  expect((await run(['completion'])).status).toBe(2)
  const { stdout } = await run(['completion', 'fish', '--json'])
  expect(JSON.parse(stdout)).toEqual({ shell: 'fish', script: await scriptOf('fish') })
})

/** Puts the command into a folder of programs, and its script beside. */
async function install(cli: Cli, shell: Shell): Promise<Record<string, string>> {
  const folder = cli.file('programs')
  await mkdir(folder)
  await writeFile(join(folder, 'ladderdb'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`)
  await chmod(join(folder, 'ladderdb'), 0o755)
  await writeFile(cli.file('script'), await scriptOf(shell))
  return { PATH: `${folder}:${process.env['PATH']}`, HOME: cli.directory }
}

function inShell(
  shell: Shell,
  code: string,
  { cli, env }: { cli: Cli; env: Record<string, string> },
): SpawnSyncReturns<string> {
  return spawnSync(shell, ['-c', code], { cwd: cli.directory, env, encoding: 'utf8' })
}

// Names that a shell must not run, nor take apart.
const HOSTILE = '$(touch pwned)'

const LINES: [words: string[], offered: string[]][] = [
  [['to'], ['top']],
  [['--db', 'store', 'compl'], ['completion']],
  [
    ['--db', 'store', 'top', '--'],
    ['--rank-mode', '--db', '--json'],
  ],
  [
    ['top', '--rank-mode', ''],
    ['ordinal', 'competition', 'dense'],
  ],
  [['top', '--rank-mode', '=', 'd'], ['dense']],
  [
    ['submit', 'a', '1', '--mode', ''],
    ['set', 'best', 'increment'],
  ],
  [['import', '--format', 'n'], ['ndjson']],
  [['import', 'scr'], ['script']],
  [['create', 'x', '--order', 'a'], ['ascending']],
  [['create', 'x', '--score-type', 'i'], ['int64']],
  [
    ['--db', ''],
    ['store', 'programs'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['help', 'exp'], ['export']],
  [['--db', 'store', '--board', 'my'], ['my\\ board']],
  [['--db', 'store', 'drop', '$'], ['\\$\\(touch\\ pwned\\)']],
  [['--db', 'nowhere', '--board', ''], []],
  [['show', ''], []],
  [['show', '--', '-'], []],
]

test.skipIf(!has.bash)('bash offers commands, options, choices, files and boards', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'my board')
    await cli.ok('create', HOSTILE)
    const env = await install(cli, 'bash')
    const shell = { cli, env }
    expect(inShell('bash', 'source ./script; complete -p ladderdb', shell).stdout).toBe(
      'complete -F _ladderdb ladderdb\n',
    )
    for (const [words, offered] of LINES) {
      const line = ['ladderdb', ...words].map((word) => `'${word}'`).join(' ')
      const ask = `source ./script; COMP_WORDS=(${line}); COMP_CWORD=${words.length}
        _ladderdb; [ \${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`
      const { stdout, stderr } = inShell('bash', ask, shell)
      const answers = stdout.split('\n').slice(0, -1)
      expect([words, stderr]).toEqual([words, ''])
      expect([words, answers]).toEqual([words, expect.arrayContaining(offered)])
      if (!words.at(-1)?.startsWith('--'))
        expect([words, answers.length]).toEqual([words, offered.length])
    }
    expect(existsSync(cli.file('pwned'))).toBe(false)
  }),
)

test.skipIf(!has.fish)('fish offers commands, options, choices, files and boards', () =>
  withCli(async (cli) => {
    await cli.ok('create', 'my board')
    await cli.ok('create', HOSTILE)
    const env = await install(cli, 'fish')
    for (const [words, offered] of LINES) {
      if (words.includes('=') || words.includes('$')) continue
      const ask = `source ./script; complete -C 'ladderdb ${words.join(' ')}'`
      const { stdout } = inShell('fish', ask, { cli, env })
      const answers = stdout.split('\n').map((line) => line.split('\t')[0]?.replace(/\/$/, ''))
      const plain = offered.map((word) => word.replaceAll('\\', ''))
      expect([words, answers]).toEqual([words, expect.arrayContaining(plain)])
    }
    expect(existsSync(cli.file('pwned'))).toBe(false)
  }),
)
