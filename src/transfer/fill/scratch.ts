/**
 * A private directory for rows that do not fit into memory, made at the first need.
 *
 * If the process is killed it stays behind; its name tells the next opening whose it was.
 *
 * @module
 */

import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inWords } from '../../ground/system-errors.ts'
import { RunFile } from './run-file.ts'

const ACTION = 'Cannot write rows of the import to a temporary file'

/** The directory of one import. */
export class Scratch {
  readonly #path: string
  readonly #runs: RunFile[] = []
  #made: Promise<unknown> | undefined
  #count = 0

  /** `path` is that of a directory that does not exist. */
  constructor(path: string) {
    this.#path = path
  }

  /** Makes a file for a run. */
  async newRun(): Promise<RunFile> {
    return inWords(ACTION, this.#make())
  }

  /** Removes the directory with all that is in it. */
  async remove(): Promise<void> {
    if (this.#made === undefined) return
    await Promise.all(this.#runs.map((run) => run.close()))
    await inWords(
      'Cannot remove the temporary files of the import',
      rm(this.#path, { recursive: true, force: true }),
    )
  }

  async #make(): Promise<RunFile> {
    // Entries and changes of the log are spilled side by side: the name is taken before anything waits.
    const name = `run-${this.#count++}`
    this.#made ??= mkdir(this.#path, { mode: 0o700 })
    await this.#made
    const run = new RunFile(await open(join(this.#path, name), 'wx+', 0o600))
    this.#runs.push(run)
    return run
  }
}
