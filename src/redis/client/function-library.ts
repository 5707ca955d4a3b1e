/**
 * The functions that run on the server, in Lua. Their library is named by its text, so that two releases
 * run side by side and none gets the functions of another.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const WRITTEN_NAME = 'ladderdb_1'

// Later parts use what earlier ones declare: together they are one text.
const PARTS = [
  ...['ladderdb_1.lua', 'requests.lua', 'windows.lua', 'rules.lua'],
  ...[
    'bans.lua',
    'shared.lua',
    'people.lua',
    'owners.lua',
    'import.lua',
    'alter.lua',
    'move.lua',
    'move-across.lua',
    'erase.lua',
    'find.lua',
    'stats.lua',
    'partitions.lua',
    'home.lua',
    'fills.lua',
    'replicas.lua',
  ],
]

// The package knows the way, from the sources, from what is compiled and from what is bundled.
const { resolve } = createRequire(import.meta.url)
const source = PARTS.map((part) => readFileSync(resolve(`#lua/${part}`), 'utf8')).join('\n')
const digest = createHash('sha256').update(source).digest('hex').slice(0, 8)

/** The name of the library, and what each of its functions begins with. */
export const LIBRARY_NAME: string = `${WRITTEN_NAME}_${digest}`

/** The text of the library. */
export const LIBRARY: string = source.replaceAll(WRITTEN_NAME, LIBRARY_NAME)
