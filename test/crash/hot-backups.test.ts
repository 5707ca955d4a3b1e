/**
 * Backups of a host under full load: each is restored elsewhere, whole, of one instant, and has all
 * that was stored before it began.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { openLeaderboards, restoreBackup } from '../../src/index.ts'
import { sizeOf } from '../support/sizes.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { program } from './children.ts'
import { contentOf } from './content.js'

const BACKUPS = sizeOf('TORTURE_BACKUPS', { test: 1, torture: 1_000 })
// So long are submits measured without a backup, and with one, before they are compared.
const QUIET_MS = sizeOf('TORTURE_QUIET_MS', { test: 20, torture: 300 })
const PLAYERS = sizeOf('TORTURE_BACKUP_PLAYERS', { test: 2_000, torture: 6_000 })
const LIMIT_MS = 60_000 + BACKUPS * 20_000

interface Line {
  path: string
  ms: number
  counted: number
  quiet?: object
  during?: object
}

test(
  'backup() under full load restores elsewhere to one instant that has all that was stored',
  () =>
    withDirectory(async (directory) => {
      const backups = join(directory, 'backups')
      mkdirSync(backups)
      const sizes = [BACKUPS, PLAYERS, QUIET_MS].map(String)
      const args = [program('hot-backups-driver.js'), join(directory, 'store'), backups, ...sizes]
      const host = spawn(process.execPath, args, {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(host, 'close')
      const times: number[] = []
      let checked: Promise<void> = Promise.resolve()
      try {
        for await (const text of createInterface({ input: host.stdout })) {
          const line = JSON.parse(text) as Line
          if (line.quiet !== undefined) console.info(`submits, ms: ${text}`)
          else {
            times.push(line.ms)
            checked = checked.then(() => expectRestores(line, directory))
          }
        }
        await checked
        expect(await ended).toEqual([0, null])
      } finally {
        host.kill('SIGKILL')
        await checked.catch(() => undefined)
      }
      expect(times).toHaveLength(BACKUPS)
      times.sort((a, b) => a - b)
      const [least, median, most] = [0, times.length >> 1, times.length - 1].map((i) =>
        Math.round(times[i] as number),
      )
      console.info(`${BACKUPS} backups took ${least} to ${most} ms, median ${median}`)
    }),
  LIMIT_MS,
)

async function expectRestores({ path, counted }: Line, directory: string): Promise<void> {
  const target = join(directory, 'restored')
  await restoreBackup(path, target)
  const store = openLeaderboards(target, { readOnly: true })
  try {
    expect((await store.check()).findings).toEqual([])
    const scores = new Map(
      contentOf(store).map(({ name, entries }) => [name, entries.map(({ score }) => score)]),
    )
    expect(scores.get('arena')).toHaveLength(PLAYERS)
    expect((scores.get('purse') ?? []).reduce((sum, score) => sum + score, 0)).toBe(0)
    expect(scores.get('counter')?.[0] ?? 0).toBeGreaterThanOrEqual(counted)
  } finally {
    await store.close()
    await rm(target, { recursive: true })
    await rm(path, { recursive: true })
  }
}
