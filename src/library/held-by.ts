/**
 * Which backups still hold a player.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MANIFEST_FILE } from '../backup/manifest.ts'
import { findBackups } from '../backup/rotate.ts'
import { listBoards } from '../embedded/catalog.ts'
import { placedBans } from '../embedded/moderation/bans.ts'
import { surveyOf } from '../embedded/moderation/erase.ts'
import { isInSeasons } from '../embedded/moderation/erase-seasons.ts'
import { readProfile } from '../embedded/moderation/profiles.ts'
import { BoardKeys } from '../format/keys.ts'
import { FIRST_TABLES, TABLES, type Table } from '../format/tables.ts'
import { openLmdbStore } from '../store/lmdb/open-lmdb.ts'
import type { Reader } from '../store/store.ts'

/**
 * Returns the paths of the backups of a store in a directory, in the order of their times; of a directory
 * that is a backup itself, that one.
 */
export async function backupsOf(directory: string, storeId: string): Promise<string[]> {
  const own = resolve(directory)
  const isBackup = existsSync(join(own, MANIFEST_FILE))
  const backups = await findBackups(isBackup ? dirname(own) : directory)
  return backups
    .filter(({ manifest, path }) => manifest.storeId === storeId && (!isBackup || path === own))
    .map(({ path }) => path)
}

/** Whether a backup holds a player under any of some ids. Cost: two reads a board; O(log) if no board does. */
export async function holdsPlayer(path: string, ids: readonly string[]): Promise<boolean> {
  const store = openLmdbStore(path, {
    ...{ tables: TABLES, required: FIRST_TABLES, initial: [] },
    ...{ readOnly: true, create: false, relaxed: false, allowNetwork: true },
  })
  try {
    return await store.hold(async (reader) => {
      for (const playerId of ids) if (await isIn(reader, playerId)) return true
      return false
    })
  } finally {
    await store.close()
  }
}

async function isIn(reader: Reader<Table>, playerId: string): Promise<boolean> {
  for (const board of listBoards(reader)) {
    if (isInSeasons(reader, board, playerId)) return true
    const key = new BoardKeys(board.id).player(playerId)
    if (reader.get('players', key) !== undefined) return true
    if (reader.get('history', key) !== undefined) return true
  }
  if (placedBans(reader, playerId).length > 0) return true
  if (readProfile(reader, playerId) !== undefined) return true
  return (await surveyOf(reader, playerId)).records.size > 0
}
