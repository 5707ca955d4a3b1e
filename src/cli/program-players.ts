/**
 * The commands about players and their entries.
 *
 * @module
 */

import { parseCount, parsePlace, parseShare, parseWhole } from './arguments.ts'
import {
  AT_UNITS,
  addCommand,
  type Cli,
  choice,
  group,
  MODES,
  rankMode,
  runner,
} from './program-tree.ts'

const FIND_DEFAULT = 10
const ONLY = ['new', 'existing']

/** Adds the commands about one player. */
export function addPlayers(tree: Cli): void {
  group(tree, 'Players:')
  addCommand(tree, 'show', { summary: "a player's entry and standing", example: 'show alice' })
    .argument('<player>', 'id of the player')
    .action(runner(tree, ['playerId'], async () => (await import('./commands/show.ts')).runShow))
  addCommand(tree, 'find', {
    summary: 'players by name, or by how it begins',
    example: 'find ali --limit 20',
  })
    .argument('<name>', 'name or its beginning; upper and lower case are the same')
    .option('--limit <n>', 'most players', parseCount, FIND_DEFAULT)
    .action(runner(tree, ['name'], async () => (await import('./commands/find.ts')).runFind))
  addCommand(tree, 'rank', { summary: "a player's rank, the number alone", example: 'rank alice' })
    .argument('<player>', 'id of the player')
    .addOption(rankMode())
    .action(runner(tree, ['playerId'], async () => (await import('./commands/rank.ts')).runRank))
  addCommand(tree, 'player', {
    summary: "a player's entries on all boards",
    example: 'player alice',
  })
    .argument('<player>', 'id of the player')
    .addOption(rankMode())
    .action(
      runner(tree, ['playerId'], async () => (await import('./commands/player.ts')).runPlayer),
    )
  addCommand(tree, 'gap', {
    summary: "a player's neighbours and how far away they are",
    example: 'gap alice',
  })
    .argument('<player>', 'id of the player')
    .addOption(rankMode())
    .action(runner(tree, ['playerId'], async () => (await import('./commands/gap.ts')).runGap))
  addCommand(tree, 'score-at', { summary: 'the score that holds a rank', example: 'score-at 100' })
    .argument('<rank>', 'rank, from 1 on', parsePlace)
    .addOption(rankMode())
    .action(runner(tree, ['rank'], async () => (await import('./commands/score-at.ts')).runScoreAt))
  addCommand(tree, 'score-for', {
    summary: 'what is needed to get to a rank now',
    example: 'score-for --rank 100 --player alice',
  })
    .option('--rank <n>', 'the rank', parsePlace)
    .option('--top-percent <p>', 'instead: to be among the best percent', parseShare)
    .option('--player <id>', 'for this player, who does not stand in the own way')
    .addOption(rankMode())
    .action(runner(tree, [], async () => (await import('./commands/score-for.ts')).runScoreFor))
}

/** Adds the commands that change entries. */
export function addWrites(tree: Cli): void {
  addCommand(tree, 'submit', {
    summary: 'submit a score',
    example: 'submit alice 1500 --name "Alice" --mode best',
  })
    .argument('<player>', 'id of the player')
    .argument('<score>', 'a number like 1500, 12.5 or -3; of several columns like 12,71.5')
    .option('--name <text>', 'name to show; kept until another is given')
    .addOption(
      choice('--mode <mode>', "replace, keep the better or add; default: the board's", MODES),
    )
    .option('--at <time>', 'when: milliseconds since 1970, or 2026-11-21T18:30:00Z')
    .addOption(choice('--at-unit <unit>', 'of a number given as --at; default: ms', AT_UNITS))
    .option('--metadata <json>', 'a JSON object to keep with the entry; {} removes it')
    .addOption(choice('--only <which>', 'refuse unless the player is new, or has an entry', ONLY))
    .option('--expected <score>', "refuse unless this is the player's score")
    .option('--passed <n>', 'say who was passed, at most this many', parseWhole)
    .option('--create-board', 'make the board where there is none; the default one needs no word')
    .addOption(rankMode())
    .action(
      runner(
        tree,
        ['playerId', 'score'],
        async () => (await import('./commands/submit.ts')).runSubmit,
      ),
    )
  addCommand(tree, 'remove', {
    summary: 'take a player off the board',
    example: 'remove cheater --all-boards',
  })
    .argument('<player>', 'id of the player')
    .option('--all-boards', 'off every board, at once')
    .action(
      runner(tree, ['playerId'], async () => (await import('./commands/remove.ts')).runRemove),
    )
  addCommand(tree, 'rename', {
    summary: 'give a player a name on every board',
    example: 'rename alice "Alice the Great"',
  })
    .argument('<player>', 'id of the player')
    .argument('<name>', 'name to show; the id itself takes the name away')
    .action(
      runner(
        tree,
        ['playerId', 'name'],
        async () => (await import('./commands/rename.ts')).runRename,
      ),
    )
}
