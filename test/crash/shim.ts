/**
 * The fault shim: compiled when the tests run, and what its log says.
 *
 * @module
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, test } from 'vitest'

const HEAD_BYTES = 24
const FLAG_SYNCED = 1
const FLAG_META = 2

/** One operation of the log; see shim.c. */
export interface Operation {
  type: string
  /** Of a write: on the disk when it returns. */
  isSynced: boolean
  /** Of a write: to one of LMDB's two header pages. */
  isMeta: boolean
  inode: bigint
  offset: number
  bytes: Buffer
}

/** What makes an operation fail. */
export interface Fault {
  kind: 'all' | 'any' | 'write' | 'sync' | 'meta' | 'open' | 'truncate' | 'rename'
  /** The how-manieth operation of that kind, from 1. */
  at: number
  /** An errno, half of a write, or the end of the process. */
  fault: number | 'short' | 'kill'
  isSticky: boolean
}

/** Compiles the shim; answers its path, or in words why there is none. */
export function compileShim(): { path: string } | { reason: string } {
  if (process.platform !== 'linux') return { reason: 'the shim is for Linux' }
  const directory = mkdtempSync(join(tmpdir(), 'ladderdb-shim-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'shim.so')
  const source = join(import.meta.dirname, 'shim.c')
  const { status, error, stderr } = spawnSync(
    'cc',
    ['-shared', '-fPIC', '-O2', '-Wall', '-o', path, source, '-ldl', '-lpthread'],
    { encoding: 'utf8' },
  )
  if (error !== undefined) return { reason: `no C compiler: ${error.message}` }
  return status === 0 ? { path } : { reason: `the shim does not compile: ${stderr}` }
}

/** Declares a test as skipped, and says so where nobody can miss it. */
export function skipLoudly(name: string, reason: string): void {
  console.warn(`SKIPPED: ${name}: ${reason}`)
  test.skip(`${name} (${reason})`, () => undefined)
}

/** The environment of a process that the shim watches. */
export function shimEnvironment(
  shim: string,
  options: {
    match?: string
    log?: string
    notes?: string
    bootId?: string
    delayUs?: number
    fault?: Fault
    count?: string
  },
): Record<string, string> {
  const { match, log, notes, bootId, delayUs, fault, count } = options
  return {
    LD_PRELOAD: shim,
    ...(match && { SHIM_MATCH: match }),
    ...(log && { SHIM_LOG: log }),
    ...(notes && { SHIM_NOTES: notes }),
    ...(bootId && { SHIM_BOOT_ID: bootId }),
    ...(count && { SHIM_COUNT: count }),
    ...(delayUs && { SHIM_DELAY_US: String(delayUs) }),
    ...(fault && {
      SHIM_KIND: fault.kind,
      SHIM_AT: String(fault.at),
      SHIM_FAULT: String(fault.fault),
      ...(fault.isSticky && { SHIM_STICKY: '1' }),
    }),
  }
}

/** Reads a log of the shim. */
export function readLog(path: string): Operation[] {
  const log = readFileSync(path)
  const operations: Operation[] = []
  for (let at = 0; at < log.length; ) {
    const size = log.readUInt32LE(at + 4)
    const flags = log[at + 1] as number
    const start = at + HEAD_BYTES
    operations.push({
      type: String.fromCharCode(log[at] as number),
      isSynced: (flags & FLAG_SYNCED) !== 0,
      isMeta: (flags & FLAG_META) !== 0,
      inode: log.readBigUInt64LE(at + 8),
      offset: Number(log.readBigInt64LE(at + 16)),
      bytes: log.subarray(start, start + size),
    })
    at = start + size
  }
  return operations
}
