/**
 * What the figures were read on.
 *
 * @module
 */
import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { arch, cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { median } from './measure.js'

const PAGE = Buffer.alloc(4096, 1)
const SYNCS = 200

// statfs(2), "f_type".
const FILE_SYSTEMS = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  2035054128: 'overlayfs',
  801189825: 'zfs',
}

/** Describes the machine and the disk below `folder`. */
export function machineOf(folder) {
  const processors = cpus()
  const { type: magic } = statfsSync(folder)
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    fileSystem: FILE_SYSTEMS[magic] ?? `0x${magic.toString(16)}`,
    fdatasync: `${syncUs(folder).toFixed(0)} µs for a page`,
    folder,
  }
}

/** Prints a description, a line for each fact. */
export function printMachine(machine) {
  for (const [key, value] of Object.entries(machine)) console.log(`${key.padEnd(11)} ${value}`)
}

// The median cost of making one page of an existing file durable.
function syncUs(folder) {
  const path = join(folder, 'fdatasync')
  const file = openSync(path, 'w')
  try {
    const times = Array.from({ length: SYNCS }, () => {
      const start = performance.now()
      writeSync(file, PAGE, 0, PAGE.length, 0)
      fdatasyncSync(file)
      return (performance.now() - start) * 1000
    })
    return median(times)
  } finally {
    closeSync(file)
    rmSync(path)
  }
}
