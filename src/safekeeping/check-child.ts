/**
 * The program of a child process: opens the store in the directory given, walks everything, and
 * prints what it found as one line of JSON. Damage that makes LMDB end a process by a signal ends
 * this one.
 *
 * @module
 */

import { writeSync } from 'node:fs'
import { LadderError } from '../errors.ts'
import { openLeaderboards } from '../open.ts'
import type { ChildReport } from './check-apart.ts'

const [directory] = process.argv.slice(2)

async function run(): Promise<ChildReport> {
  try {
    const store = openLeaderboards(directory as string, { readOnly: true })
    const report = await store.check()
    const { storeId, formatVersion, sequence } = store.stats()
    const boards = store.boards().map(({ name, size }) => ({ name, size }))
    await store.close()
    return { report, facts: { storeId, formatVersion, sequence, boards } }
  } catch (error) {
    const { message } = error as Error
    return { error: { code: error instanceof LadderError ? error.code : 'CORRUPT', message } }
  }
}

writeSync(1, `${JSON.stringify(await run())}\n`)
