/**
 * The manifest of a backup: a directory without a valid one is no backup.
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
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LadderError } from '../ground/errors.ts'
import { errnoOf, fileError } from '../ground/system-errors.ts'
import type { BackupManifest } from '../words/index.ts'

export const MANIFEST_FILE = 'MANIFEST.json'
export const BACKUP_DATA_FILE = 'data.mdb'

// Where there is no manifest, or no directory for one.
const IS_NONE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'])

/** Returns the text of a manifest. */
export function encodeManifest(manifest: Omit<BackupManifest, 'checksum'>): string {
  return `${JSON.stringify({ ...manifest, checksum: checksumOf(manifest) }, null, 2)}\n`
}

/** @throws {LadderError} `NOT_A_BACKUP` where there is none or it is damaged; `PERMISSION`, `IO`. */
export async function readManifest(directory: string): Promise<BackupManifest> {
  let text: string
  try {
    text = await readFile(join(directory, MANIFEST_FILE), 'utf8')
  } catch (cause) {
    if (!IS_NONE.has(errnoOf(cause) ?? '')) throw fileError(`Cannot use ${directory}`, cause)
    throw new LadderError(
      'NOT_A_BACKUP',
      `Cannot use ${directory}: it has no ${MANIFEST_FILE}, so it is not a complete backup; name another`,
      { cause },
    )
  }
  return decodeManifest(text, directory)
}

/** @throws {LadderError} `NOT_A_BACKUP`. */
export function decodeManifest(text: string, place: string): BackupManifest {
  const manifest = parsed(text)
  if (manifest === undefined || !hasForm(manifest)) {
    throw new LadderError(
      'NOT_A_BACKUP',
      `Cannot use ${place}: its manifest is not one of ladderdb; name another`,
    )
  }
  const { checksum, ...others } = manifest
  if (checksum === checksumOf(others)) return manifest
  throw new LadderError(
    'NOT_A_BACKUP',
    `Cannot use ${place}: its manifest is damaged; use another backup`,
  )
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
