// A build that is left out although something changed would have tests look at programs of yesterday.

import { spawnSync } from 'node:child_process'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { withDirectory } from '../support/temporary-store.ts'

const BUILT = resolve(import.meta.dirname, '../../built.js')
const USED = ['package.json', 'package-lock.json', 'tsconfig.json', 'bundle.js', 'page.js']
const FILES = [...USED, 'src/a.ts', 'src/deep/b.ts', 'dist/a.js', 'dist/chunks/b.js']

async function write(root: string, file: string, text: string): Promise<void> {
  await writeFile(join(root, file), text)
  // As old as all others, which a copy of an older file may be.
  await utimes(join(root, file), 1_000, 1_000)
}

test('built.js tells what is not as it was built, whatever its time', () =>
  withDirectory(async (root) => {
    const run = (...args: string[]): number | null =>
      spawnSync(process.execPath, [BUILT, ...args], { cwd: root }).status
    for (const folder of ['src/deep', 'dist/chunks'])
      await mkdir(join(root, folder), { recursive: true })
    for (const file of FILES) await write(root, file, file)
    expect(run()).toBe(1)
    expect(run('--note')).toBe(0)
    for (const file of ['package-lock.json', 'src/deep/b.ts', 'dist/chunks/b.js']) {
      await write(root, file, 'changed')
      expect([file, run()]).toEqual([file, 1])
      await write(root, file, file)
    }
    expect(run()).toBe(0)
    await write(root, 'src/new.ts', '')
    expect(run()).toBe(1)
  }))
