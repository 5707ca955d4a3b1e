/**
 * The commands that list entries.
 *
 * @module
 */

import { parseCount, parseInterval, parsePlace, parseWhole } from './arguments.ts'
import { addCommand, type Cli, group, rankMode, runner } from './program-tree.ts'

const TOP_DEFAULT = 10
const AROUND_DEFAULT = 5
const BETWEEN_DEFAULT = 100
const PAGE_DEFAULT = 50
const WATCH_INTERVAL_MS = 500

const WATCH_HELP = `
On a terminal it takes the whole screen; q or Ctrl-C leaves. Elsewhere it prints
the table once for each change; with --json it prints one line:
{ sequence, total, entries, changes: [{ playerId, kind, entry, previous }] }`

/** Adds the commands that list entries. */
export function addLists(tree: Cli): void {
  group(tree, 'Lists:')
  addCommand(tree, 'top', { summary: 'the first entries', example: 'top 20 --rank-mode dense' })
    .argument('[n]', 'how many', parseWhole, TOP_DEFAULT)
    .addOption(rankMode())
    .action(runner(tree, ['n'], async () => (await import('./commands/top.ts')).runTop))
  addCommand(tree, 'range', {
    summary: 'the entries at places FIRST to LAST',
    example: 'range 101 200',
  })
    .argument('<first>', 'first place, from 1 on', parsePlace)
    .argument('<last>', 'last place, included', parsePlace)
    .addOption(rankMode())
    .action(
      runner(tree, ['first', 'last'], async () => (await import('./commands/range.ts')).runRange),
    )
  addCommand(tree, 'around', {
    summary: "a player's neighbourhood",
    example: 'around alice --above 2 --below 2 --fill',
  })
    .argument('<player>', 'id of the player')
    .option('--above <n>', 'entries above', parseWhole, AROUND_DEFAULT)
    .option('--below <n>', 'entries below', parseWhole, AROUND_DEFAULT)
    .option('--fill', 'keep the number of rows at the ends of the board')
    .addOption(rankMode())
    .action(
      runner(tree, ['playerId'], async () => (await import('./commands/around.ts')).runAround),
    )
  addCommand(tree, 'between', {
    summary: 'the entries with scores MIN to MAX',
    example: 'between 1000 Infinity',
  })
    // It lets -Infinity through, which commander takes for an option; the board refuses others.
    .allowUnknownOption()
    .argument('<min>', 'lowest score, or -Infinity')
    .argument('<max>', 'highest score, or Infinity')
    .option('--min-exclusive', 'leave out MIN itself')
    .option('--max-exclusive', 'leave out MAX itself')
    .option('--offset <n>', 'entries to leave out first', parseWhole, 0)
    .option('--limit <n>', 'most entries', parseWhole, BETWEEN_DEFAULT)
    .addOption(rankMode())
    .action(
      runner(tree, ['min', 'max'], async () => (await import('./commands/between.ts')).runBetween),
    )
  addPages(tree)
}

function addPages(tree: Cli): void {
  addCommand(tree, 'page', {
    summary: 'a page of entries, with the cursors of the next and the one before',
    example: 'page --limit 100 --after CURSOR',
  })
    .option('--limit <n>', 'most entries', parseCount, PAGE_DEFAULT)
    .option('--after <cursor>', 'go on behind a page, from its next')
    .option('--before <cursor>', 'go back in front of a page, from its previous')
    .addOption(rankMode())
    .action(runner(tree, [], async () => (await import('./commands/page.ts')).runPage))
  addCommand(tree, 'among', {
    summary: 'some players, friends perhaps, ranked among themselves',
    example: 'among alice bob charlie',
  })
    .argument('<player...>', 'ids of the players')
    .addOption(rankMode())
    .action(runner(tree, ['playerIds'], async () => (await import('./commands/among.ts')).runAmong))
  addCommand(tree, 'watch', {
    summary: 'the first entries live, with who moved; also while another process writes',
    example: ['watch 20', 'watch --player alice', 'watch 3 --json --interval 50'],
  })
    .argument('[n]', 'how many; default: 10', parseCount)
    .option('--player <id>', 'watch one player instead')
    .option('--interval <ms>', 'how often to look', parseInterval, WATCH_INTERVAL_MS)
    .option(
      '--count <k>',
      'end after this many updates; the first one is what is there',
      parseCount,
    )
    .addOption(rankMode())
    .addHelpText('after', WATCH_HELP)
    .action(runner(tree, ['n'], async () => (await import('./commands/watch.ts')).runWatch))
}
