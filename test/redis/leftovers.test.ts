/**
 * What tests leave behind: no server, even if their process is killed.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { endWithUs } from '../support/end-with-us.ts'
import { until } from '../support/redis-cluster.ts'

test('endWithUs() ends a process and removes its directory when the pipe of the watch closes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ladderdb-leftover-'))
  const child = spawn('sleep', ['600'])
  const ended = once(child, 'exit')
  endWithUs(child.pid as number, directory).closePipe()
  expect(await ended).toEqual([null, 'SIGKILL'])
  await until(async () => !existsSync(directory))
})

test('stop() of the watch ends nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ladderdb-leftover-'))
  const child = spawn('sleep', ['600'])
  const watch = endWithUs(child.pid as number, directory)
  watch.stop()
  watch.closePipe()
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([null, 'SIGTERM'])
  expect(existsSync(directory)).toBe(true)
  await rmdir(directory)
})
