/**
 * Backups of the running store, into the directory that the server was given for them.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LadderError, listBackups } from '../../index.ts'
import { HttpError } from '../problem.ts'
import { Answer, type Asked, type Route, routeOf } from './route.ts'

/** The routes of backups. */
export const BACKUP_ROUTES: readonly Route[] = [
  routeOf('GET', '/backups', {
    calls: ['listBackups'],
    does: 'lists the backups of the server',
    isLook: false,
    answer: 'Backups',
    run: async (asked) => {
      const directory = directoryOf(asked)
      // The first backup makes it.
      return { backups: existsSync(directory) ? await listBackups(directory) : [] }
    },
  }),
  routeOf('POST', '/backups', {
    calls: ['backup'],
    does: 'backs up the store',
    answer: 'Backup',
    body: { fields: {}, required: [] },
    run: makeBackup,
  }),
]

// One at a time for each store: each reads the whole store and writes it once.
const busy = new WeakSet<object>()

async function makeBackup(asked: Asked): Promise<Answer> {
  const { store, now } = asked
  const name = `${new Date(now).toISOString().replace(/[:.]/g, '-')}.ladder`
  const path = join(directoryOf(asked), name)
  if (busy.has(store))
    throw new LadderError('BUSY', 'Cannot back up the store: a backup is being made; try again')
  busy.add(store)
  try {
    return new Answer(201, await store.backup(path))
  } finally {
    busy.delete(store)
  }
}

function directoryOf({ backups }: Asked): string {
  if (backups !== undefined) return backups
  throw new HttpError(
    'NOT_SERVED',
    'Cannot keep backups: the server was started without a directory for them; start it with --backups DIR',
  )
}
