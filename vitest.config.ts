import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { asBundled } from './test/support/as-bundled.ts'
import { LongestFirst } from './test/support/longest-first.ts'
import { memoryRoot } from './test/support/memory.ts'

// A torture run is on the disk, which nobody waits for; npm test is in memory where the machine has room.
const { TORTURE, TMPDIR } = process.env
const temporary = TMPDIR ?? (TORTURE === undefined ? memoryRoot() : undefined)

// Stores may be checked in the process of the tests: see there.
const checkHere = {
  name: 'check-here',
  enforce: 'pre' as const,
  resolveId: (name: string, importer = ''): string | undefined =>
    name.endsWith('/check-in-child.ts') &&
    /\/src\/(backup\/backup|library\/backups)\.ts$/.test(importer)
      ? resolve(import.meta.dirname, 'test/support/check-here.ts')
      : undefined,
}

export default defineConfig({
  plugins: [checkHere, asBundled],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/built.ts',
    ...(temporary !== undefined && { env: { TMPDIR: temporary } }),
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // One more than the cores of a small machine: a fourth of the time files wait, for processes and clocks.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Processes, for openLeaderboards() takes a main thread; each runs many files and loads the source once.
    pool: 'forks',
    isolate: false,
    // Tests make much that lives shortly: with the 16 MB of a usual process a fifth of the time goes into it.
    execArgv: ['--max-semi-space-size=64'],
    // Modules that did not change are not transformed again. The key has their bytes, and those of this file and of
    // all that it imports; another lock file empties it.
    experimental: { fsModuleCache: true, fsModuleCachePath: 'node_modules/.cache/vitest' },
  },
})
