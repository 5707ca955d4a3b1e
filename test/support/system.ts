/**
 * Conditions of the system that tests ask for: another user, a file system mounted read-only.
 *
 * @module
 */

import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { withDirectory } from './temporary-store.ts'

const NOBODY = 65_534

/** Whether tests may become another user. */
export const isRoot: boolean = process.geteuid?.() === 0

/** Whether tests may mount file systems. */
export const canMount: boolean = isRoot && spawnSync('unshare', ['-m', 'true']).status === 0

/** Runs `body` as a user who owns nothing. */
export async function asNobody(body: () => Promise<void>): Promise<void> {
  process.setegid?.(NOBODY)
  process.seteuid?.(NOBODY)
  try {
    await body()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
  }
}

/** A small file system that a test may make read-only. */
export interface Disk {
  path: string
  /** Nobody may write to it any more. */
  seal(): void
  /** Returns where it is mounted once more, read-only there alone. */
  bindReadOnly(): Promise<string>
}

/** Runs `body` with a file system of its own. */
export async function withDisk(body: (disk: Disk) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    const path = join(directory, 'disk')
    const second = join(directory, 'second')
    await mkdir(path)
    run('mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', path)
    try {
      await body({
        path,
        seal: () => run('mount', '-o', 'remount,ro', path),
        bindReadOnly: async () => {
          await mkdir(second)
          run('mount', '--bind', path, second)
          run('mount', '-o', 'remount,bind,ro', second)
          return second
        },
      })
    } finally {
      spawnSync('umount', ['-l', second])
      spawnSync('umount', ['-l', path])
    }
  })
}

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Cannot ${command} ${args.join(' ')}: ${stderr}`)
}
