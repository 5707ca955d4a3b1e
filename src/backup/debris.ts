/**
 * What a killed process leaves behind, and the proof that it may go.
 *
 *     .NAME.partial-MAKER         directory beside NAME: a backup in the making
 *     .deleting-NAME-MAKER        directory beside NAME: a backup that a rotation was removing
 *     data.mdb.restoring-MAKER    file of a store's directory: the copy of a restore
 *     .ladderdb-restore-MAKER     directory beside a store: a stream that was being laid down
 *     ladderdb-backup-MAKER       directory for temporary files: a backup on its way into a stream
 *     .importing-MAKER            directory of a store's directory: rows on their way into a board
 *     .rebuilding-MAKER           directory of a store's directory: boards that are made again from the log
 *
 *     .ladderdb-compact-MAKER       directory in a store's: the copy that will take its place
 *     data.mdb.replaced-MAKER       file of a store's directory: what such a copy has replaced
 *
 *     MAKER   space 8 - pid - random 12     hexadecimal but for the pid
 *
 * The space stands for machine, boot and table of process ids (a container has its own). Within it a
 * process id that nobody has is proof that the maker is gone. What comes from another space, an
 * earlier boot or another container, is gone when nothing has changed it for a day.
 *
 * @module
 */

import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { FOREIGN_LEFTOVER_MS } from '../ground/limits.ts'

/** What left it. */
export type LeftoverKind =
  | 'partial'
  | 'deleting'
  | 'restoring'
  | 'unpacking'
  | 'packing'
  | 'compacting'
  | 'replaced'
  | 'importing'
  | 'rebuilding'

// How the names of each kind begin.
const KINDS: Readonly<Record<LeftoverKind, RegExp>> = {
  partial: /^\..+\.partial$/,
  deleting: /^\.deleting-.+$/,
  restoring: /^data\.mdb\.restoring$/,
  unpacking: /^\.ladderdb-restore$/,
  packing: /^ladderdb-backup$/,
  compacting: /^\.ladderdb-compact$/,
  replaced: /^data\.mdb\.replaced$/,
  importing: /^\.importing$/,
  rebuilding: /^\.rebuilding$/,
}

const NAME = /^(.+)-([0-9a-f]{8})-([1-9]\d{0,9})-[0-9a-f]{12}$/

// All that we ever put into a directory of ours. One that holds anything else stays.
const OUR_FILES = new Set(['data.mdb', 'lock.mdb', 'MANIFEST.json', 'MANIFEST.json.partial'])
const OUR_DIRECTORY = 'backup'
const RUN_FILE = /^run-\d+$/

/** Room for the rest of a name: file systems end at 255 bytes. */
const NAME_CHARACTERS_MAX = 40

/** Returns `name` with the mark of this process behind it, new at each call. */
export function leftoverName(name: string): string {
  return `${name}-${space()}-${process.pid}-${randomBytes(6).toString('hex')}`
}

/** Returns as much of a name as others are made of. */
export function shortName(path: string): string {
  return [...basename(path)].slice(0, NAME_CHARACTERS_MAX).join('')
}

/** Removes what makers that are gone have left in a directory; returns the paths. */
export async function sweepLeftovers(
  directory: string,
  kinds: readonly LeftoverKind[],
): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  const swept: string[] = []
  for (const name of names) {
    const path = join(directory, name)
    if (!isKindOf(name, kinds)) continue
    // What cannot be removed now does not stand in the way, and the next one tries again.
    if (await removeIfGone(path, name).catch(() => false)) swept.push(path)
  }
  return swept
}

function isKindOf(name: string, kinds: readonly LeftoverKind[]): boolean {
  const [, start] = NAME.exec(name) ?? []
  return start !== undefined && kinds.some((kind) => KINDS[kind].test(start))
}

async function removeIfGone(path: string, name: string): Promise<boolean> {
  const [, , makerSpace, pid] = NAME.exec(name) as unknown as string[]
  const status = await lstat(path)
  // In a directory that all users share anybody can make such a name.
  if (process.getuid !== undefined && status.uid !== process.getuid()) return false
  if (makerSpace === space() ? isAlive(Number(pid)) : !isOld(status.mtimeMs)) return false
  if (status.isDirectory() ? !(await holdsOnlyOurs(path)) : !status.isFile()) return false
  await rm(path, { recursive: true, force: true })
  return true
}

function isOld(changedMs: number): boolean {
  return Date.now() - changedMs > FOREIGN_LEFTOVER_MS
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

async function holdsOnlyOurs(path: string): Promise<boolean> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries.every((entry) => {
    if (entry.isFile()) return OUR_FILES.has(entry.name) || RUN_FILE.test(entry.name)
    return (
      entry.isDirectory() && (entry.name === OUR_DIRECTORY || isKindOf(entry.name, ['partial']))
    )
  })
}

let ownSpace: string | undefined

function space(): string {
  ownSpace ??= createHash('sha256')
    .update([hostname(), bootId(), processTable()].join('\0'))
    .digest('hex')
    .slice(0, 8)
  return ownSpace
}

// Not all systems tell: then the name of the machine must do.
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
  } catch {
    return ''
  }
}

function processTable(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
