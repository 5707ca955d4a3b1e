/**
 * All commands, in the groups and the order in which the help shows them.
 *
 * Each declares itself in its own file, commands/<name>.ts, and loads the library when it runs.
 *
 * @module
 */

import { createRequire } from 'node:module'
import { Command } from 'commander'
import type { Cli } from './command.ts'
import { BOARD_NAMES_COMMAND } from './completion/words.ts'
import { BOARD_DEFAULT, DB_DEFAULT } from './defaults.ts'
import type { Io } from './io.ts'
import { OUTLINES } from './outlines.ts'
import { mayColor, paint, printable } from './text.ts'

/** Adds a command to the program. */
type Declare = (cli: Cli) => void

const HELP_COLUMNS = 80
const VERSION_FLAGS = ['-V', '--version']
const HELP_FLAGS = ['-h', '--help']

/** All commands, in their groups, with the file that each is loaded from. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, () => Promise<Declare>>>>> = {
  'Lists:': {
    top: async () => (await import('./commands/top.ts')).topCommand,
    range: async () => (await import('./commands/range.ts')).rangeCommand,
    around: async () => (await import('./commands/around.ts')).aroundCommand,
    between: async () => (await import('./commands/between.ts')).betweenCommand,
    page: async () => (await import('./commands/page.ts')).pageCommand,
    among: async () => (await import('./commands/among.ts')).amongCommand,
    watch: async () => (await import('./commands/watch.ts')).watchCommand,
  },
  'Players:': {
    show: async () => (await import('./commands/show.ts')).showCommand,
    find: async () => (await import('./commands/find.ts')).findCommand,
    rank: async () => (await import('./commands/rank.ts')).rankCommand,
    player: async () => (await import('./commands/player.ts')).playerCommand,
    gap: async () => (await import('./commands/gap.ts')).gapCommand,
    'score-at': async () => (await import('./commands/score-at.ts')).scoreAtCommand,
    'score-for': async () => (await import('./commands/score-for.ts')).scoreForCommand,
    submit: async () => (await import('./commands/submit.ts')).submitCommand,
    remove: async () => (await import('./commands/remove.ts')).removeCommand,
    rename: async () => (await import('./commands/rename.ts')).renameCommand,
    profile: async () => (await import('./commands/profile.ts')).profileCommand,
  },
  'Moderation:': {
    ban: async () => (await import('./commands/ban.ts')).banCommand,
    unban: async () => (await import('./commands/unban.ts')).unbanCommand,
    bans: async () => (await import('./commands/bans.ts')).bansCommand,
    flags: async () => (await import('./commands/flags.ts')).flagsCommand,
    resolve: async () => (await import('./commands/resolve.ts')).resolveCommand,
    log: async () => (await import('./commands/log.ts')).logCommand,
    history: async () => (await import('./commands/history.ts')).historyCommand,
    move: async () => (await import('./commands/move.ts')).moveCommand,
    undo: async () => (await import('./commands/undo.ts')).undoCommand,
    erase: async () => (await import('./commands/erase.ts')).eraseCommand,
  },
  'Boards:': {
    boards: async () => (await import('./commands/boards.ts')).boardsCommand,
    create: async () => (await import('./commands/create.ts')).createCommand,
    drop: async () => (await import('./commands/drop.ts')).dropCommand,
    alter: async () => (await import('./commands/alter.ts')).alterCommand,
  },
  'Seasons:': {
    windows: async () => (await import('./commands/windows.ts')).windowsCommand,
    seasons: async () => (await import('./commands/seasons.ts')).seasonsCommand,
    finals: async () => (await import('./commands/finals.ts')).finalsCommand,
    'start-season': async () => (await import('./commands/start-season.ts')).startSeasonCommand,
  },
  'Files and streams:': {
    import: async () => (await import('./commands/import.ts')).importCommand,
    export: async () => (await import('./commands/export.ts')).exportCommand,
    copy: async () => (await import('./commands/copy.ts')).copyCommand,
    compare: async () => (await import('./commands/compare.ts')).compareCommand,
    exec: async () => (await import('./commands/exec.ts')).execCommand,
  },
  'Over HTTP:': {
    key: async () => (await import('./commands/key.ts')).keyCommand,
    serve: async () => (await import('./commands/serve.ts')).serveCommand,
  },
  'The store:': {
    stats: async () => (await import('./commands/stats.ts')).statsCommand,
    check: async () => (await import('./commands/check.ts')).checkCommand,
    salvage: async () => (await import('./commands/salvage.ts')).salvageCommand,
    dump: async () => (await import('./commands/dump.ts')).dumpCommand,
    rebuild: async () => (await import('./commands/rebuild.ts')).rebuildCommand,
    backup: async () => (await import('./commands/backup.ts')).backupCommand,
    restore: async () => (await import('./commands/restore.ts')).restoreCommand,
    compact: async () => (await import('./commands/compact.ts')).compactCommand,
    demo: async () => (await import('./commands/demo.ts')).demoCommand,
    completion: async () => (await import('./commands/completion.ts')).completionCommand,
  },
}

/** Commands that the help does not show. */
const HIDDEN: Readonly<Record<string, () => Promise<Declare>>> = {
  [BOARD_NAMES_COMMAND]: async () => (await import('./commands/completion.ts')).boardNamesCommand,
}

const AFTER_HELP = `
Examples:
  $ ladderdb demo                      see it work, leaves nothing behind
  $ ladderdb submit alice 1500         makes ./leaderboards
  $ ladderdb --board arena import scores.csv.gz --mode best
  $ ladderdb --board arena top 10 --json

Exit status: 0 done, 1 failed, 2 used wrongly, 3 no such board or player,
4 damaged data or not a store, 5 busy, 130 interrupted.
With --redis there is no flags, resolve, log, history, undo, salvage, dump,
rebuild, backup, restore, compact: a server has no log and no files of a store.
An id that begins with a minus goes after --, like  ladderdb show -- -id-`

/**
 * Returns the program, ready to parse a command line. Of the commands it has those alone that `args`
 * need, all if none are given: to load one file and not forty saves 30 ms of every start. The help of
 * the program itself loads none, but shows their outlines.
 */
export async function createProgram(io: Io, args?: readonly string[]): Promise<Cli> {
  const cli: Cli = { program: new Command('ladderdb'), io, outcome: { status: 0, written: [] } }
  configure(cli)
  if (args !== undefined && asksForHelp(cli.program, args)) return outline(cli)
  const isNeeded = args === undefined ? () => true : neededBy(cli.program, args)
  for (const [title, commands] of Object.entries(GROUPS)) {
    cli.program.commandsGroup(title)
    await declare(cli, commands, isNeeded)
  }
  await declare(cli, HIDDEN, isNeeded)
  return cli
}

async function declare(
  cli: Cli,
  commands: Readonly<Record<string, () => Promise<Declare>>>,
  isNeeded: (name: string) => boolean,
): Promise<void> {
  const names = Object.keys(commands).filter(isNeeded)
  for (const add of await Promise.all(names.map((name) => commands[name]?.()))) add?.(cli)
}

// What the help shows of a command is its name, whether it has options, its arguments and its summary.
function outline(cli: Cli): Cli {
  for (const [title, commands] of Object.entries(GROUPS)) {
    cli.program.commandsGroup(title)
    for (const name of Object.keys(commands)) {
      const [words, summary] = OUTLINES[name] as readonly [string, string]
      const [, options, names = ''] = /^(\[options\])? ?(.*)$/.exec(words) ?? []
      const command = cli.program.command(`${name} ${names}`).description(summary)
      if (options !== undefined) command.option('--any')
    }
  }
  return cli
}

function asksForHelp(program: Command, args: readonly string[]): boolean {
  const isVersion = args.some((word) => VERSION_FLAGS.includes(word))
  const isHelp = args.some((word) => HELP_FLAGS.includes(word))
  return isHelp && !isVersion && !args.includes('--') && commandIn(program, args) === undefined
}

// Completion shows all commands, and a misspelt one is compared with all.
function neededBy(program: Command, args: readonly string[]): (name: string) => boolean {
  const word = commandIn(program, args)
  if (word === undefined && VERSION_FLAGS.some((flag) => args[0] === flag)) return () => false
  const isAlone = [...Object.values(GROUPS), HIDDEN].some((group) =>
    Object.hasOwn(group, word ?? ''),
  )
  return isAlone && word !== 'completion' ? (name) => name === word : () => true
}

// The first word that is neither an option of the program nor the value of one.
function commandIn(program: Command, args: readonly string[]): string | undefined {
  const withValue = program.options.filter(({ required }) => required).map(({ long }) => long)
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? ''
    if (word === '--') return undefined
    if (!word.startsWith('-')) return word
    if (withValue.includes(word)) i++
  }
  return undefined
}

function configure({ program, io, outcome }: Cli): void {
  program
    .description('A durable leaderboard in a directory. Reads never wait for the game that writes.')
    .option('--db <dir>', `directory of the store; LADDERDB_DB, ${DB_DEFAULT}`)
    .option('--redis <url>', 'server of Redis or Valkey in place of --db; LADDERDB_REDIS')
    .option('--board <name>', `board; LADDERDB_BOARD, ${BOARD_DEFAULT}`)
    .option('--json', 'one JSON document on standard output')
    .option('--no-color', 'no colour, not even on a terminal')
    .option('--allow-network-file-system', 'if a FUSE mount is a local disk')
    .option('--verbose', 'stack traces of failures')
    .version(version(), VERSION_FLAGS.join(', '))
    .addHelpText('after', AFTER_HELP)
    .exitOverride()
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => paint(title, { io, color: true, style: 'bold' }),
    })
    .configureOutput({
      writeOut: (text) => void outcome.written.push(io.print(text)),
      // Its words may quote the command line, which somebody else may have filled in.
      writeErr: (text) => io.report(text.trimEnd().split('\n').map(printable).join('\n')),
      outputError: (text, write) => write(text.replace(/^error: /, 'ladderdb: ')),
      getOutHelpWidth: () => HELP_COLUMNS,
      getErrHelpWidth: () => HELP_COLUMNS,
      getOutHasColors: () => mayColor(io, { color: true, stream: 'stdout' }),
      getErrHasColors: () => false,
    })
}

function version(): string {
  return createRequire(import.meta.url)('ladderdb/package.json').version
}
