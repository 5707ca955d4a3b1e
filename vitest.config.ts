import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // Child processes and disk syncs: files side by side would only wait for each other.
    maxWorkers: 2,
  },
})
