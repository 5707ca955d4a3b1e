/**
 * What the help of the program says of each command, so that it need not load them: options if there are
 * any, arguments, and the summary. A test holds it against the commands themselves.
 *
 * @module
 */

/** Words and summary of each command, by its name. */
export const OUTLINES: Readonly<Record<string, readonly [string, string]>> = {
  top: ['[options] [n]', 'the first entries'],
  range: ['[options] <first> <last>', 'the entries at places FIRST to LAST'],
  around: ['[options] <player>', "a player's neighbourhood"],
  between: ['[options] <min> <max>', 'the entries with scores MIN to MAX'],
  page: ['[options]', 'a page of entries, with the cursors of the next and the one before'],
  among: ['[options] <player...>', 'some players, friends perhaps, ranked among themselves'],
  watch: [
    '[options] [n]',
    'the first entries live, with who moved; also while another process writes',
  ],
  show: ['<player>', "a player's entry and standing"],
  find: ['[options] <name>', 'players by name, or by how it begins'],
  rank: ['[options] <player>', "a player's rank, the number alone"],
  player: ['[options] <player>', "a player's entries on all boards"],
  gap: ['[options] <player>', "a player's neighbours and how far away they are"],
  'score-at': ['[options] <rank>', 'the score that holds a rank'],
  'score-for': ['[options]', 'what is needed to get to a rank now'],
  submit: ['[options] <player> <score>', 'submit a score'],
  remove: ['[options] <player>', 'take a player off the board'],
  rename: ['<player> <name>', 'give a player a name on every board'],
  profile: ['[options] <player>', 'what is known of a player on all boards; sets it too'],
  ban: ['[options] <player>', 'take a player out of sight, on every board'],
  unban: ['[options] <player>', 'lift the bans of a player'],
  bans: ['', 'list who is banned'],
  flags: ['[options]', 'list the runs that a rule took for review'],
  resolve: ['[options] <seq>', 'end the review of a flagged run'],
  log: ['[options]', 'the changes of the store; with --follow also those to come'],
  history: ['[options] <player>', 'the runs of a player on the board, newest first'],
  move: ['[options] <from> <to>', "give one player's entries and history to another id"],
  undo: ['[options] [seq...]', 'take runs back as if they had never been; an undo too'],
  erase: ['[options] <player>', 'take a person out of the store for good'],
  boards: ['', 'list the boards'],
  create: ['[options] <board>', 'make a board'],
  drop: ['[options] <board>', 'remove a board with all its entries'],
  alter: ['[options] [board]', 'alter the rules of a board, or the settings of the store'],
  import: ['[options] <file>', 'feed the rows of a file to the board'],
  export: ['[options] <file>', 'write all entries to a file'],
  exec: ['[file]', 'run operations, one JSON object a line'],
  key: ['[options] <action> [id]', 'make, list or revoke the keys of a server'],
  serve: ['[options]', 'answer over HTTP, while others use the store'],
  stats: ['', 'sizes and shape of the store'],
  check: ['[options]', 'read everything, report every finding'],
  salvage: ['<target>', 'save what can be read of a damaged store into a new one'],
  dump: ['[options]', 'every key and value that is stored, a line each'],
  rebuild: ['[options]', 'make the rank tree of the board again, or its entries too'],
  backup: ['[options] [dest]', 'copy the store while others write to it, and check the copy'],
  restore: [
    '[options] <src>',
    'make a backup the store of --db, or one --board of it a board there',
  ],
  compact: ['', 'make the file as small as what it holds; nobody may have the store open'],
  demo: ['', 'the main job on a simulated season, in a temporary store'],
  completion: ['<shell>', 'a script that lets a shell complete these words'],
}
