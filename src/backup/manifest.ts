/**
 * The manifest of a backup: a directory without a valid one is not a backup.
 *
 *     backup/
 *       data.mdb         the compacted store
 *       MANIFEST.json    written last
 *
 * Its fields are documented in the type; `checksum` is the SHA-256 of the JSON text of the others.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { lstatSync, realpathSync } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LadderError } from '../ground/errors.ts'
import { errnoOf, fileError } from '../ground/system-errors.ts'
import type { BackupManifest } from '../words/index.ts'

export const MANIFEST_FILE = 'MANIFEST.json'
export const BACKUP_DATA_FILE = 'data.mdb'

/** How a backup as one stream begins. */
export const STREAM_MAGIC = 'LADDERDB-BACKUP 1'

/** Bytes at the start of a file by which {@link formOf} knows what it is. */
export const HEAD_BYTES: number = STREAM_MAGIC.length

// Programs that pack streams, and how what they have packed begins.
const PACKERS: readonly [program: string, start: Buffer][] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a])],
  ['bzip2', Buffer.from('BZh')],
]

// What the system says if there is no manifest, or no directory for one.
const IS_NONE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'])

/**
 * Refuses a directory that is a backup, be its manifest damaged: what is written to a backup spoils it.
 *
 * @throws {LadderError} `READ_ONLY`.
 */
export function assertNoBackup(directory: string): void {
  if (!isBackup(directory)) return
  throw new LadderError(
    'READ_ONLY',
    `Cannot open ${directory} for writing: it is a backup (it has a ${MANIFEST_FILE}); restore it to another directory first, or open it read-only (readOnly: true)`,
  )
}

/** Whether a directory is a backup, also by way of links to it or to its data file. */
export function isBackup(directory: string): boolean {
  return hasManifest(directory) || hasManifest(homeOf(join(directory, BACKUP_DATA_FILE)))
}

function hasManifest(directory: string): boolean {
  try {
    return lstatSync(join(directory, MANIFEST_FILE), { throwIfNoEntry: false }) !== undefined
  } catch {
    // A path that cannot be looked at cannot be written to either.
    return false
  }
}

function homeOf(file: string): string {
  try {
    return dirname(realpathSync(file))
  } catch {
    return dirname(file)
  }
}

/** Returns the text of a manifest. */
export function encodeManifest(manifest: Omit<BackupManifest, 'checksum'>): string {
  return `${JSON.stringify({ ...manifest, checksum: checksumOf(manifest) }, null, 2)}\n`
}

/** @throws {LadderError} `NOT_A_BACKUP` if there is none or it is damaged; `PERMISSION`, `IO`. */
export async function readManifest(directory: string): Promise<BackupManifest> {
  let text: string
  try {
    text = await readFile(join(directory, MANIFEST_FILE), 'utf8')
  } catch (cause) {
    if (!IS_NONE.has(errnoOf(cause) ?? '')) throw fileError(`Cannot use ${directory}`, cause)
    const problem = await whatItIs(directory)
    throw new LadderError('NOT_A_BACKUP', `Cannot use ${directory}: ${problem}`, { cause })
  }
  return decodeManifest(text, directory)
}

/** @throws {LadderError} `NOT_A_BACKUP`. */
export function decodeManifest(text: string, place: string): BackupManifest {
  const manifest = parsed(text)
  if (manifest === undefined || !hasForm(manifest)) {
    throw new LadderError(
      'NOT_A_BACKUP',
      `Cannot use ${place}: its manifest was not written by ladderdb; name another`,
    )
  }
  const { checksum, ...others } = manifest
  if (checksum === checksumOf(others)) return manifest
  throw new LadderError(
    'NOT_A_BACKUP',
    `Cannot use ${place}: its manifest is damaged; use another backup`,
  )
}

// Says what lies there instead of a backup, and what to do with it.
async function whatItIs(path: string): Promise<string> {
  const status = await stat(path).catch(() => undefined)
  if (status === undefined) return 'there is no such path; check it'
  if (status.isFile()) return formOf(await headOf(path)) ?? 'it is a file; a backup is a directory'
  const data = await stat(join(path, BACKUP_DATA_FILE)).catch(() => undefined)
  return data === undefined
    ? `it has no ${MANIFEST_FILE}, so it is not a backup; name another`
    : `it has no ${MANIFEST_FILE}, so it is a store or an incomplete backup; name another`
}

async function headOf(path: string): Promise<Buffer> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Returns in words what begins with these bytes, and what to do with it; undefined if it is unknown. */
export function formOf(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head)
  if (bytes.subarray(0, STREAM_MAGIC.length).toString() === STREAM_MAGIC)
    return 'it is a backup as one stream; read it from standard input, like  restore - < FILE'
  for (const [program, start] of PACKERS)
    if (bytes.subarray(0, start.length).equals(start))
      return `it is packed with ${program}; unpack it first, like  ${program} -dc FILE | ladderdb restore -`
  return undefined
}

function hasForm(manifest: BackupManifest): boolean {
  return (
    manifest?.product === 'ladderdb' &&
    Array.isArray(manifest.boards) &&
    Number.isSafeInteger(manifest.sequence) &&
    Number.isSafeInteger(manifest.bytes) &&
    !Number.isNaN(Date.parse(manifest.createdAt))
  )
}

function parsed(text: string): BackupManifest | undefined {
  try {
    return JSON.parse(text) as BackupManifest
  } catch {
    return undefined
  }
}

function checksumOf(manifest: Omit<BackupManifest, 'checksum'>): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
}
