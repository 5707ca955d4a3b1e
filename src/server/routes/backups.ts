/**
 * Backups of the running store, into the directory that the server was given for them.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { listBackups } from '../../index.ts'
import type { BackupMaker } from '../backups/maker.ts'
import { HttpError } from '../problem.ts'
import { noBackups, remoteOf } from '../remote-store.ts'
import { Answer, type Asked, type Route, routeOf } from './route.ts'

/** The routes of backups. */
export const BACKUP_ROUTES: readonly Route[] = [
  routeOf('GET', '/backups', {
    calls: ['listBackups'],
    does: 'lists the backups of the server',
    isLook: false,
    answer: 'Backups',
    run: async (asked) => {
      const { directory } = makerOf(asked)
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

async function makeBackup(asked: Asked): Promise<Answer> {
  return new Answer(201, await makerOf(asked).make(asked.now))
}

function makerOf({ backups, store }: Asked): BackupMaker {
  if (backups !== undefined) return backups
  if (remoteOf(store) !== undefined) throw noBackups()
  throw new HttpError(
    'NOT_SERVED',
    'Cannot keep backups: the server was started without a directory for them; start it with --backups DIR',
  )
}
