/**
 * Who has a store open: the processes that hold a lock on its lock file, as the kernel lists them.
 *
 * The lock file itself must not be opened to find out: closing it again would drop the locks that
 * this process holds.
 *
 * @module
 */

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LadderError } from '../ground/errors.ts'
import { errnoOf, fileError } from '../ground/system-errors.ts'

const LOCK_FILE = 'lock.mdb'
const LOCKS = '/proc/locks'

// If there is no lock file, nobody has a store open: in no directory, nor in a file.
const UNLOCKED = new Set<string | undefined>(['ENOENT', 'ENOTDIR'])

/** A process that has a store open. */
export interface Holder {
  pid: number
  /** Its command, where this user may see it. */
  command: string
}

/**
 * Returns the processes that have the store in a directory open; undefined where the system does
 * not tell (no Linux, no /proc, no right to look). Processes of another container are not listed.
 */
export async function holdersOf(directory: string): Promise<Holder[] | undefined> {
  const status = await stat(join(directory, LOCK_FILE)).catch(errnoOf)
  if (typeof status === 'string' && UNLOCKED.has(status)) return []
  if (status === undefined || typeof status === 'string') return undefined
  const locks = await readFile(LOCKS, 'utf8').catch(() => undefined)
  if (locks === undefined) return undefined
  const pids = new Set<number>()
  // 1: POSIX  ADVISORY  READ 12345 fe:00:131 64 64: number, kind, …, pid, device:inode, range.
  for (const line of locks.split('\n')) {
    const fields = line.trim().split(/\s+/)
    const at = fields.findIndex((field) => /^[0-9a-f]+:[0-9a-f]+:\d+$/.test(field))
    if (at < 1 || Number((fields[at] as string).split(':')[2]) !== status.ino) continue
    if (Number(fields[at - 1]) > 0) pids.add(Number(fields[at - 1]))
  }
  return Promise.all([...pids].map(async (pid) => ({ pid, command: await commandOf(pid) })))
}

/**
 * Refuses work for which nobody may have the store open. `butThis` leaves this process out, `otherWay` is
 * what to do on a system that does not tell.
 *
 * @throws {LadderError} `BUSY`; `PERMISSION` if this user may not look into the directory.
 */
export async function assertNobodyHas(
  directory: string,
  work: { action: string; otherWay: string; butThis?: boolean },
): Promise<void> {
  const { action, otherWay, butThis = false } = work
  await assertVisible(directory, action)
  const all = await holdersOf(directory)
  if (all === undefined)
    throw new LadderError('BUSY', `${action}: this system cannot tell who has it open; ${otherWay}`)
  const holders = all.filter(({ pid }) => !butThis || pid !== process.pid)
  if (holders.length === 0) return
  const names = holders.map(({ pid, command }) => `${pid} (${command})`).join(', ')
  throw new LadderError('BUSY', `${action}: it is open in process ${names}; stop it and try again`)
}

// A system that refuses to show the lock file is not one that cannot tell who has it.
async function assertVisible(directory: string, action: string): Promise<void> {
  await stat(join(directory, LOCK_FILE)).catch((error: unknown) => {
    if (!UNLOCKED.has(errnoOf(error))) throw fileError(action, error)
  })
}

async function commandOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return text.split('\0').filter(Boolean).slice(0, 3).join(' ') || 'unknown command'
}
