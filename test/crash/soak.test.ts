import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { sizeOf } from '../support/sizes.ts'
import { program, withFastDirectory } from './children.ts'

const SECONDS = sizeOf('TORTURE_SECONDS', { test: 1, torture: 3_600 })
// A slow machine takes longer to make a file grow.
const CONTROL_SECONDS = [2, 8]
const MEGABYTE = 1024 * 1024
// What a level file and a level memory may still move by, between the second quarter and the last one.
// A snapshot that is held for a second, by a backup or by a reader that got no turn on a busy machine,
// makes the file grow by some 15 MB once, as the control shows: more than that is a leak.
const FILE_GROWTH_MAX = 16 * MEGABYTE
const MEMORY_GROWTH_MAX = 32 * MEGABYTE

interface Sample {
  seconds: number
  fileBytes: number
  memoryBytes: number
  writes: number
  backups: number
}

test(
  `file and memory level off in ${SECONDS} s of mixed load with backups and a polling reader`,
  async () => {
    const { samples, status } = await soak(SECONDS, 'soak-reader.js')
    const grown = growthOf(samples)
    console.info(`soak: ${describe(samples)}, grown by ${JSON.stringify(grown)}`)
    expect(status).toBe(0)
    expect(samples.at(-1)?.backups).toBeGreaterThan(0)
    expect(grown.fileBytes).toBeLessThan(FILE_GROWTH_MAX)
    expect(grown.memoryBytes).toBeLessThan(MEMORY_GROWTH_MAX)
  },
  SECONDS * 2_000 + 60_000,
)

// What the first test would see, which takes longer than that one.
test.runIf(process.env['TORTURE'])(
  'the same with a reader that holds its snapshot is seen to grow',
  async () => {
    const growths: number[] = []
    for (const seconds of CONTROL_SECONDS) {
      if (Math.max(...growths) > FILE_GROWTH_MAX) break
      const { samples } = await soak(seconds, '../support/holding-reader.js')
      const grown = growthOf(samples)
      console.info(
        `soak with a held snapshot: ${describe(samples)}, grown by ${JSON.stringify(grown)}`,
      )
      growths.push(grown.fileBytes)
    }
    expect(Math.max(...growths)).toBeGreaterThan(FILE_GROWTH_MAX)
  },
  90_000,
)

async function soak(
  seconds: number,
  reader: string,
): Promise<{ samples: Sample[]; status: number | null }> {
  let answer: { samples: Sample[]; status: number | null } | undefined
  await withFastDirectory(async (directory) => {
    const path = join(directory, 'store')
    const host = spawn(
      process.execPath,
      ['--expose-gc', program('soak-driver.js'), path, String(seconds)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const samples: Sample[] = []
    let polling: ChildProcess | undefined
    for await (const line of createInterface({ input: host.stdout })) {
      if (line === 'full') polling = startReader(reader, path)
      else samples.push(JSON.parse(line) as Sample)
    }
    const status = host.exitCode ?? ((await once(host, 'exit'))[0] as number | null)
    // A reader that saw a contradiction has ended.
    expect(polling?.exitCode).toBeNull()
    polling?.kill('SIGKILL')
    answer = { samples, status }
  })
  return answer as { samples: Sample[]; status: number | null }
}

function startReader(reader: string, path: string): ChildProcess {
  return spawn(process.execPath, [program(reader), path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

// By how much the highest of the last quarter is above the highest of the second one.
function growthOf(samples: readonly Sample[]): { fileBytes: number; memoryBytes: number } {
  const quarter = samples.length / 4
  const second = samples.slice(quarter, 2 * quarter)
  const last = samples.slice(3 * quarter)
  const grown = (part: 'fileBytes' | 'memoryBytes'): number =>
    Math.max(...last.map((sample) => sample[part])) -
    Math.max(...second.map((sample) => sample[part]))
  return { fileBytes: grown('fileBytes'), memoryBytes: grown('memoryBytes') }
}

function describe(samples: readonly Sample[]): string {
  const last = samples.at(-1) as Sample
  const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(1)} MB`
  return `${last.writes} writes and ${last.backups} backups in ${last.seconds.toFixed(0)} s, file ${megabytes(last.fileBytes)}, memory ${megabytes(last.memoryBytes)}`
}
