/**
 * Backing up a store while others write to it.
 *
 * The copy is made, flushed and checked under a name of its own beside the final one; the manifest
 * comes last, then one rename shows the whole. What fails before leaves nothing.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, rm, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { BoardStore } from '../board/tables.ts'
import { LadderError } from '../errors.ts'
import type { BackupManifest, BackupReport, CheckReport } from '../types.ts'
import { checkApart, type StoreFacts } from './check-apart.ts'
import { moveDurably, sha256Of, syncPath, writeDurably } from './durable-files.ts'
import { BACKUP_DATA_FILE, encodeManifest, MANIFEST_FILE, readManifest } from './manifest.ts'

/** A copy is about as large as what the store uses: with less than this share more, do not begin. */
const SPACE_FACTOR = 1.2

/** Backs up a store; see `Leaderboards.backup`. */
export async function backupStore(
  store: BoardStore,
  destination: string,
  options: { signal?: AbortSignal; now: number },
): Promise<BackupReport> {
  const start = performance.now()
  const path = resolve(destination)
  if (existsSync(path))
    throw new LadderError(
      'EXISTS',
      `Cannot back up to ${path}: something is there already; name a new directory`,
    )
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await checkSpace(dirname(path), store.sizes().usedBytes)
  const partial = join(
    dirname(path),
    `.${basename(path)}.partial-${randomBytes(6).toString('hex')}`,
  )
  await mkdir(partial, { mode: 0o700 })
  try {
    const manifest = await fill(store, partial, options)
    await moveDurably(partial, path)
    return { path, ...manifest, ms: performance.now() - start }
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
}

/** Verifies a backup; see `verifyBackup` in backups.ts. */
export async function verifyBackup(
  directory: string,
  options: { signal?: AbortSignal } = {},
): Promise<BackupManifest> {
  const manifest = await readManifest(directory)
  const file = join(directory, BACKUP_DATA_FILE)
  const { size } = await stat(file).catch(() => ({ size: -1 }))
  if (size !== manifest.bytes)
    throw damaged(
      directory,
      `${BACKUP_DATA_FILE} has ${size} bytes, the manifest says ${manifest.bytes}`,
    )
  const sha256 = await sha256Of(file)
  if (sha256 !== manifest.sha256)
    throw damaged(
      directory,
      `the SHA-256 of ${BACKUP_DATA_FILE} is ${sha256}, the manifest says ${manifest.sha256}`,
    )
  const facts = await checkedFacts(directory, options)
  const expected = JSON.stringify(manifest.boards)
  if (JSON.stringify(facts.boards) !== expected)
    throw damaged(
      directory,
      `its boards are ${JSON.stringify(facts.boards)}, the manifest says ${expected}`,
    )
  return manifest
}

// Copies, flushes and checks the data, then writes the manifest.
async function fill(
  store: BoardStore,
  partial: string,
  options: { signal?: AbortSignal; now: number },
): Promise<BackupManifest> {
  const file = join(partial, BACKUP_DATA_FILE)
  await store.copy(partial)
  await chmod(file, 0o600)
  await syncPath(file)
  const facts = await checkedFacts(partial, options)
  const manifest = {
    product: 'ladderdb' as const,
    ...facts,
    createdAt: new Date(options.now).toISOString(),
    bytes: (await stat(file)).size,
    sha256: await sha256Of(file),
  }
  await writeDurably(join(partial, MANIFEST_FILE), encodeManifest(manifest))
  return readManifest(partial)
}

// Checks a copy in a child, which leaves a lock file that is nobody's.
async function checkedFacts(
  directory: string,
  options: { signal?: AbortSignal },
): Promise<StoreFacts> {
  const { report, facts } = await checkApart(directory, options).finally(() =>
    rm(join(directory, 'lock.mdb'), { force: true }),
  )
  if (!report.ok) throw damaged(directory, firstOf(report))
  return facts
}

async function checkSpace(directory: string, usedBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const needed = usedBytes * SPACE_FACTOR
  if (bavail * bsize >= needed) return
  throw new LadderError(
    'DISK_FULL',
    `Cannot back up to ${directory}: ${bavail * bsize} bytes are free, about ${Math.ceil(needed)} are needed; free space`,
  )
}

function firstOf(report: CheckReport): string {
  const [finding] = report.findings
  return `${report.findings.length} findings, the first: ${finding?.place}: ${finding?.problem}`
}

function damaged(directory: string, problem: string): LadderError {
  return new LadderError('CORRUPT', `Cannot trust ${directory}: ${problem}`)
}
