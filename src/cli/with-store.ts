/**
 * Opening the store for a command, and closing it again whatever happens.
 *
 * @module
 */

import { type Leaderboards, openLeaderboards } from '../index.ts'

/** What every command is told. */
export interface CommonOptions {
  /** Directory of the store. */
  db: string
  board: string
  json: boolean
  /** False with `--no-color`. */
  color: boolean
  /** The directory may lie on a network file system. */
  allowNetworkFileSystem: boolean
}

/**
 * What a command wants of the store: `read` changes and creates nothing, `write` needs one that is
 * there, `create` makes it where there is none.
 */
export type Access = 'read' | 'write' | 'create'

/** Runs `use` on the open store. */
export async function withStore<T>(
  options: Pick<CommonOptions, 'db' | 'allowNetworkFileSystem'> & { access: Access },
  use: (store: Leaderboards) => T | Promise<T>,
): Promise<T> {
  const { db, access, allowNetworkFileSystem } = options
  const store = openLeaderboards(db, {
    readOnly: access === 'read',
    create: access === 'create',
    allowNetworkFileSystem,
  })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}
