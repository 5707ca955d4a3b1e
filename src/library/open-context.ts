/**
 * Opens a store and puts the layers together that lie below its front door.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { assertNoBackup } from '../backup/manifest.ts'
import { readClock } from '../calls/clock.ts'
import { checkOptionsOf } from '../calls/options.ts'
import { checkPath } from '../calls/paths.ts'
import type { TableStore } from '../embedded/open-store.ts'
import { OpenStore } from '../embedded/open-store.ts'
import { FIRST_BOARD_ID } from '../format/keys.ts'
import { COUNTERS_KEY, encodeCounters } from '../format/meta/counters.ts'
import {
  decodeHeader,
  encodeHeader,
  FORMAT_VERSION,
  HEADER_KEY,
  type Header,
  unknownFeatures,
} from '../format/meta/header.ts'
import { FIRST_TABLES, TABLES, tablesOf } from '../format/tables.ts'
import { NO_FIELDS } from '../format/tail.ts'
import { toMicros } from '../format/time.ts'
import { LadderError } from '../ground/errors.ts'
import { CACHE_BYTES, FUTURE_ALLOWANCE_MS } from '../ground/limits.ts'
import { openLmdbStore } from '../store/lmdb/open-lmdb.ts'
import type { OpenOptions } from '../words/index.ts'

/**
 * Opens a store without its front door.
 *
 * @internal
 */
export function openContext(path: string | URL, options?: OpenOptions): OpenStore {
  const directory = resolve(checkPath(path, 'open a store'))
  const {
    readOnly = false,
    create = true,
    durability = 'strong',
    allowNetworkFileSystem = false,
    futureAllowanceMs = FUTURE_ALLOWANCE_MS,
    cacheBytes = CACHE_BYTES,
    clock = Date.now,
  } = checkOptionsOf('openLeaderboards', options)
  const checkedClock = (): number => readClock(clock)
  if (!readOnly) assertNoBackup(directory)
  const store: TableStore = openLmdbStore(directory, {
    tables: TABLES,
    required: FIRST_TABLES,
    readOnly,
    create,
    relaxed: durability === 'relaxed',
    allowNetwork: allowNetworkFileSystem,
    initial: readOnly ? [] : initialContent(checkedClock),
  })
  try {
    const { storeId } = readHeader(store)
    return new OpenStore(store, { storeId, futureAllowanceMs, cacheBytes, clock: checkedClock })
  } catch (error) {
    void store.close()
    throw error
  }
}

function initialContent(clock: () => number): { table: 'meta'; key: Buffer; value: Buffer }[] {
  const header = {
    version: FORMAT_VERSION,
    storeId: randomBytes(16).toString('hex'),
    createdMicros: toMicros(clock()),
    features: 0,
  }
  return [
    { table: 'meta', key: HEADER_KEY, value: encodeHeader(header) },
    {
      table: 'meta',
      key: COUNTERS_KEY,
      value: encodeCounters({
        sequence: 0,
        lastMicros: 0,
        nextBoardId: FIRST_BOARD_ID,
        tail: NO_FIELDS,
      }),
    },
  ]
}

function readHeader(store: TableStore): Header {
  const value = store.current().get('meta', HEADER_KEY)
  const header = value && decodeHeader(value)
  if (header === undefined)
    throw new LadderError(
      'NOT_A_STORE',
      `Cannot open ${store.path}: it has no leaderboard header; check the path`,
    )
  if (header.version > FORMAT_VERSION)
    throw new LadderError(
      'VERSION',
      `Cannot open ${store.path}: its format version is ${header.version}, this release reads up to ${FORMAT_VERSION}; upgrade ladderdb`,
    )
  const unknown = unknownFeatures(header)
  if (unknown.length > 0)
    throw new LadderError(
      'VERSION',
      `Cannot open ${store.path}: it uses what this release does not know (${unknown.join(', ')}); upgrade ladderdb`,
    )
  checkTables(store, header)
  return header
}

// Which tables there must be, the header alone says.
function checkTables(store: TableStore, { version }: Header): void {
  const reader = store.current()
  const missing = tablesOf(version).find((table) => !reader.has(table))
  if (missing === undefined) return
  throw new LadderError(
    'CORRUPT',
    `Cannot open ${store.path}: damaged, table "${missing}" is missing; restore a backup`,
  )
}
