/**
 * The tree of commands: their words, options and help.
 *
 * A command's own module, and with it the library, is loaded when the command runs: `--help` and
 * `--version` need neither.
 *
 * @module
 */

import { createRequire } from 'node:module'
import { Argument, Command } from 'commander'
import {
  parseAge,
  parseCount,
  parseDelimiter,
  parsePairs,
  parseScoreFormat,
  parseWhole,
} from './arguments.ts'
import type { CompletionOptions } from './commands/completion.ts'
import { BOARD_NAMES_COMMAND } from './completion/words.ts'
import type { Io } from './io.ts'
import { mayColor, paint, printable } from './output.ts'
import { addLists } from './program-lists.ts'
import { addPlayers, addWrites } from './program-players.ts'
import {
  AT_UNITS,
  addCommand,
  addSettings,
  BOARD_DEFAULT,
  type Cli,
  choice,
  DB_DEFAULT,
  group,
  MODES,
  type Outcome,
  runner,
} from './program-tree.ts'

const HELP_COLUMNS = 80

const SOURCES = ['entries', 'players']
const TABLES = ['meta', 'entries', 'players', 'ranks', 'log', 'history', 'requests', 'people']
const FORMATS = ['csv', 'ndjson', 'json']

const IMPORT_HELP = `
Columns, in any order, named in the first line of CSV or as keys in JSON:
  playerId   the id of the player
  score      a number; of several columns, each of these by its own name
  name, at, metadata    may be left out; rank and board are ignored
CSV may be separated by , ; | or a tab, lines end in LF, CR LF or CR, rows of
empty fields are none. The encoding is UTF-8.

Times (at) are milliseconds since 1970, or ISO 8601 like 2026-11-21T18:30:00Z,
which is UTC if no offset is given. Numbers that look like seconds or
microseconds are refused, unless --at-unit says what they are.

A bad row ends the import with its line, and nothing is imported. The settings
in the first line of an NDJSON export make a board that does not exist.

Files of other tools, and one board out of a backup:
  import laps.csv --columns playerId=Driver,score=Lap --ignore-extra
  import laps.csv --score-format time --order ascending
  import excel.csv --delimiter ';' --decimal-comma
  --db BACKUP --board B export - --format ndjson | ladderdb --board B import - \\
    --format ndjson`

const EXPORT_HELP = `
CSV has the columns playerId,score,name,at,metadata. NDJSON has the settings of
the board in its first line, so that an import makes the same board; use it to
move boards. JSON is one array of the entries, without settings.`

const EXEC_HELP = `
A line is an object with op, the name of a call of the library, and the call's
arguments by their names; board names a board other than that of --board:
  {"op":"submit","playerId":"ann","score":10,"at":"2026-11-21T18:30:00Z"}
  {"op":"top","n":3,"board":"arena"}
  {"op":"around","playerId":"ann","above":2,"below":2}
Each line is answered by one line, in order:
  {"ok":true,"result":…} or {"ok":false,"error":{"code":…,"message":…}}`

const SHELLS = ['bash', 'zsh', 'fish']

const AFTER_HELP = `
Examples:
  $ ladderdb demo                      see it work, leaves nothing behind
  $ ladderdb submit alice 1500         makes ./leaderboards
  $ ladderdb --board arena import scores.csv.gz --mode best
  $ ladderdb --board arena top 10 --json

Exit status: 0 done, 1 failed, 2 used wrongly, 3 no such board or player,
4 damaged data or not a store, 5 busy, 130 interrupted.
An id that begins with a minus goes behind --, like  ladderdb show -- -id-`

const COMPLETION_HELP = `
To have it in every shell:
  bash  echo 'source <(ladderdb completion bash)' >> ~/.bashrc
  zsh   echo 'source <(ladderdb completion zsh)' >> ~/.zshrc    behind compinit
  fish  ladderdb completion fish > ~/.config/fish/completions/ladderdb.fish`

/** Returns the commands, ready to parse a command line. */
export function createProgram(io: Io): { program: Command; outcome: Outcome } {
  const tree: Cli = { program: new Command('ladderdb'), io, outcome: { status: 0, written: [] } }
  configure(tree)
  addLists(tree)
  addPlayers(tree)
  addWrites(tree)
  addBoards(tree)
  addTransfers(tree)
  addSafekeeping(tree)
  addCompletion(tree)
  return tree
}

function configure({ program, io, outcome }: Cli): void {
  program
    .description('A durable leaderboard in a directory. Reads never wait for the game that writes.')
    .option('--db <dir>', `directory of the store; LADDERDB_DB, ${DB_DEFAULT}`)
    .option('--board <name>', `board; LADDERDB_BOARD, ${BOARD_DEFAULT}`)
    .option('--json', 'one JSON document on standard output')
    .option('--no-color', 'no colour, also not on a terminal')
    .option('--allow-network-file-system', 'for a FUSE that is a local disk')
    .option('--verbose', 'stack traces of failures')
    .version(version(), '-V, --version')
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

function addBoards(tree: Cli): void {
  group(tree, 'Boards:')
  addCommand(tree, 'boards', { summary: 'list the boards', example: 'boards --json' }).action(
    runner(tree, [], async () => (await import('./commands/boards.ts')).runBoards),
  )
  const create = addCommand(tree, 'create', {
    summary: 'make a board',
    example: 'create golf --order ascending --mode best',
  }).argument('<board>', 'name of the board')
  addSettings(create, '')
    .addOption(choice('--mode <mode>', 'of submits that name none; default: set', MODES))
    .action(runner(tree, ['name'], async () => (await import('./commands/create.ts')).runCreate))
  addCommand(tree, 'drop', {
    summary: 'remove a board with all its entries',
    example: 'drop golf --yes',
  })
    .argument('<board>', 'name of the board')
    .option('--yes', 'yes, all its entries')
    .action(runner(tree, ['name'], async () => (await import('./commands/drop.ts')).runDrop))
}

function addTransfers(tree: Cli): void {
  group(tree, 'Files and streams:')
  const feed = addCommand(tree, 'import', {
    summary: 'feed the rows of a file to the board',
    example: 'import scores.csv.gz --mode best',
  }).argument('<file>', 'CSV, NDJSON or a JSON array, packed with gzip or not; - is standard input')
  addSettings(feed, ' of a new board')
    .addOption(choice('--format <format>', 'default: what the name says', FORMATS))
    .addOption(choice('--mode <mode>', "of the rows; default: the board's", MODES))
    .option(
      '--columns <names>',
      'what the file calls columns: playerId=Player,score=Pts',
      parsePairs,
    )
    .option('--ignore-extra', 'leave out columns that are not known, instead of refusing the file')
    .option('--delimiter <c>', 'what separates fields; default: seen in the header', parseDelimiter)
    .option(
      '--score-format <format>',
      'number, time (h:mm:ss.fff in seconds) or time-ms; of one column: lap=time-ms',
      parseScoreFormat,
    )
    .option('--decimal-comma', 'scores are like 12,5')
    .addOption(choice('--at-unit <unit>', 'of times that are numbers; default: ms', AT_UNITS))
    .option('--skip-bad', 'tell of bad rows and go on, instead of importing nothing')
    .addOption(
      choice('--board-mode <mode>', 'of the board if it is new; default: --mode, or set', MODES),
    )
    .addHelpText('after', IMPORT_HELP)
    .action(runner(tree, ['file'], async () => (await import('./commands/import.ts')).runImport))
  addCommand(tree, 'export', {
    summary: 'write all entries to a file',
    example: 'export arena.csv.gz',
  })
    .argument('<file>', 'CSV, NDJSON or JSON, ending in .gz or not; - is standard output')
    .addOption(choice('--format <format>', 'default: what the name says', FORMATS))
    .option('--gzip', 'pack with gzip; default: what the name says')
    .option('--force', 'replace a file that exists')
    .option('--top <n>', 'only this many entries, the first', parseCount)
    .option('--bom', 'begin CSV with a byte order mark, for Excel')
    .addHelpText('after', EXPORT_HELP)
    .action(runner(tree, ['file'], async () => (await import('./commands/export.ts')).runExport))
  addCommand(tree, 'exec', {
    summary: 'run operations, one JSON object a line',
    example: 'exec operations.ndjson',
  })
    .argument('[file]', 'NDJSON; standard input where none is named')
    .addHelpText('after', EXEC_HELP)
    .action(runner(tree, ['file'], async () => (await import('./commands/exec.ts')).runExec))
}

function addSafekeeping(tree: Cli): void {
  group(tree, 'The store:')
  addCommand(tree, 'stats', {
    summary: 'sizes and shape of the store',
    example: 'stats --json',
  }).action(runner(tree, [], async () => (await import('./commands/stats.ts')).runStats))
  addCommand(tree, 'check', {
    summary: 'walk everything, tell every finding',
    example: 'check',
  }).action(runner(tree, [], async () => (await import('./commands/check.ts')).runCheck))
  addCommand(tree, 'salvage', {
    summary: 'save what can be read of a damaged store into a new one',
    example: 'salvage ./saved',
  })
    .argument('<target>', 'directory of the new store')
    .action(
      runner(tree, ['target'], async () => (await import('./commands/salvage.ts')).runSalvage),
    )
  addCommand(tree, 'dump', {
    summary: 'every key and value that is stored, a line each',
    example: 'dump --table meta',
  })
    .addOption(choice('--table <table>', 'one table alone; --board: one board alone', TABLES))
    .option('--raw', 'in hexadecimal, as it is stored')
    .action(runner(tree, [], async () => (await import('./commands/dump.ts')).runDump))
  addCommand(tree, 'rebuild', {
    summary: 'make the rank tree of the board anew, or its entries too',
    example: 'rebuild --from players',
  })
    .addOption(choice('--from <source>', 'what is taken for true; default: entries', SOURCES))
    .action(runner(tree, [], async () => (await import('./commands/rebuild.ts')).runRebuild))
  addCommand(tree, 'backup', {
    summary: 'copy the store while others write to it, and check the copy',
    example: 'backup /var/backups/game/$(date +%F-%H%M) --keep-daily 7 --keep-weekly 5',
  })
    .argument('[dest]', 'directory to make; - is a single file on standard output')
    .option('--keep <n>', 'then remove backups beside it: keep this many, the newest', parseWhole)
    .option('--keep-daily <n>', 'keep the newest of each of this many days', parseWhole)
    .option('--keep-weekly <n>', 'keep the newest of each of this many weeks', parseWhole)
    .option('--keep-monthly <n>', 'keep the newest of each of this many months', parseWhole)
    .option('--list <dir>', 'list the backups in a directory instead')
    .option(
      '--max-age <age>',
      'with --list: fail if the newest intact one is older, like 26h',
      parseAge,
    )
    .option('--verify <dir>', 'verify a backup instead; - is a single file on standard input')
    .action(runner(tree, ['dest'], async () => (await import('./commands/backup.ts')).runBackup))
  addCommand(tree, 'restore', {
    summary: 'make a backup the store of --db, or one --board of it a board there',
    example: [
      '--db ./leaderboards restore /var/backups/game/2026-11-21-0300 --force',
      'restore /var/backups/game/2026-11-21-0300 --board default --as before',
    ],
  })
    .argument('<src>', 'directory of the backup; - is a single file on standard input')
    .option('--as <name>', 'with --board: the name that the board gets')
    .option('--force', 'replace a store that is there, which stays aside, or a board')
    .option('--dry-run', 'verify everything, change nothing')
    .action(runner(tree, ['src'], async () => (await import('./commands/restore.ts')).runRestore))
  addCommand(tree, 'compact', {
    summary: 'make the file as small as what it holds; nobody may have the store open',
    example: 'compact',
  }).action(runner(tree, [], async () => (await import('./commands/compact.ts')).runCompact))
  addCommand(tree, 'demo', {
    summary: 'the main job on a simulated season, in a temporary store',
    example: 'demo',
  }).action(runner(tree, [], async () => (await import('./commands/demo.ts')).runDemo))
}

function addCompletion(tree: Cli): void {
  const { program } = tree
  addCommand(tree, 'completion', {
    summary: 'a script that lets a shell complete these words',
    example: 'completion bash',
  })
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', COMPLETION_HELP)
    .action(
      runner(tree, ['shell'], async () => {
        const { runCompletion } = await import('./commands/completion.ts')
        return (io: Io, options: CompletionOptions) => runCompletion(io, options, program)
      }),
    )
  program
    .command(BOARD_NAMES_COMMAND, { hidden: true })
    .action(runner(tree, [], async () => (await import('./commands/completion.ts')).runBoardNames))
}

function version(): string {
  return createRequire(import.meta.url)('../../package.json').version
}
