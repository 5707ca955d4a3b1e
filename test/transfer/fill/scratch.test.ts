import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Scratch } from '../../../src/transfer/fill/scratch.ts'
import { withDirectory } from '../../support/temporary-store.ts'

// Two that were asked for at once had one name: an import whose entries and log outgrew the memory at
// the same time ended with EEXIST.
test('newRun() gives files of their own to those who ask at once', () =>
  withDirectory(async (directory) => {
    const path = join(directory, 'runs')
    const scratch = new Scratch(path)
    await Promise.all([scratch.newRun(), scratch.newRun(), scratch.newRun()])
    await scratch.newRun()
    expect(readdirSync(path).sort()).toEqual(['run-0', 'run-1', 'run-2', 'run-3'])
    await scratch.remove()
    expect(existsSync(path)).toBe(false)
  }))
