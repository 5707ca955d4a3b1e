/**
 * Every state that a power cut may leave of a recorded file.
 *
 * A write is on the disk for certain once a sync that began after it has ended, or, where the file
 * was opened for synced writes, when it has returned. Until then the disk may hold all, none or any
 * part of it, in pieces of a sector and in any order. So for every operation of the log there are
 * the states just after it with all, none, and some random parts of what is not yet certain.
 *
 * @module
 */

import type { Random } from '../support/random.ts'
import type { Operation } from './shim.ts'

const SECTOR_BYTES = 512

/** The file as a crash left it. */
export interface CrashState {
  /** Index of the last operation that had begun. */
  point: number
  kind: 'all' | 'none' | 'random'
  /** Whether the file had its final name yet. */
  isLinked: boolean
  image: Buffer
  /** What the store may show: what was acknowledged last, or later. */
  allowed: string[]
}

interface Pending {
  index: number
  offset: number
  bytes: Buffer
  isDurable: boolean
}

/**
 * Iterates the states of one recorded run, `randomCount` random ones for each crash point where
 * something is uncertain; of all those a share, by default all.
 */
export function* crashStates(
  operations: readonly Operation[],
  options: { random: Random; randomCount: number; share?: number | undefined },
): Generator<CrashState> {
  const { random, randomCount, share = 1 } = options
  const isTaken = (): boolean => share >= 1 || random.next() < share
  const inode = inodeOf(operations)
  const file = new UncertainFile()
  const hashes = distinctHashes(operations)
  let isLinked = !operations.some(({ type }) => type === 'L')
  // A file that never got its name by a link counts from the first note on.
  const first = isLinked ? operations.findIndex(({ type }) => type === 'N') : 0
  for (const [point, operation] of operations.entries()) {
    if (operation.type === 'L') isLinked = true
    else if (operation.type !== 'N' && operation.inode !== inode) continue
    else file.take(operation, point)
    if (point < first || !'WSDNL'.includes(operation.type)) continue
    const state = { point, isLinked, allowed: allowedAt(hashes, point) }
    if (isTaken()) yield { ...state, kind: 'all', image: file.image(() => true) }
    if (!file.isUncertain) continue
    if (isTaken()) yield { ...state, kind: 'none', image: file.image(() => false) }
    for (let i = 0; i < randomCount; i++)
      if (isTaken()) yield { ...state, kind: 'random', image: file.image(randomPart(random)) }
  }
}

class UncertainFile {
  #base: Buffer = Buffer.alloc(0)
  #pending: Pending[] = []

  get isUncertain(): boolean {
    return this.#pending.some(({ isDurable }) => !isDurable)
  }

  take({ type, offset, bytes }: Operation, index: number): void {
    if (type === 'W') this.#pending.push({ index, offset, bytes, isDurable: false })
    if (type === 'S') for (const write of this.#pending) write.isDurable ||= write.index < offset
    if (type === 'D') for (const write of this.#pending) write.isDurable ||= write.index === offset
    while (this.#pending[0]?.isDurable) {
      const write = this.#pending.shift() as Pending
      this.#base = grown(this.#base, write.offset + write.bytes.length)
      write.bytes.copy(this.#base, write.offset)
    }
  }

  /** The file with those sectors of uncertain writes that `isKept` says. */
  image(isKept: (write: number, sector: number) => boolean): Buffer {
    const parts = this.#pending.flatMap((write) => {
      if (write.isDurable) return [write]
      return sectorsOf(write).filter((_, sector) => isKept(write.index, sector))
    })
    const size = Math.max(
      this.#base.length,
      ...parts.map(({ offset, bytes }) => offset + bytes.length),
    )
    const image = Buffer.alloc(size)
    this.#base.copy(image)
    for (const { offset, bytes } of parts) bytes.copy(image, offset)
    return image
  }
}

// Pieces of a write between borders of sectors of the file.
function sectorsOf({ offset, bytes }: Pending): { offset: number; bytes: Buffer }[] {
  const sectors: { offset: number; bytes: Buffer }[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + SECTOR_BYTES - ((offset + at) % SECTOR_BYTES))
    sectors.push({ offset: offset + at, bytes: bytes.subarray(at, end) })
    at = end
  }
  return sectors
}

// A write is there, is not there, or is torn.
function randomPart(random: Random): (write: number, sector: number) => boolean {
  const fates = new Map<number, number>()
  return (write) => {
    let fate = fates.get(write)
    if (fate === undefined) {
      fate = random.pick([0, 0.5, 1])
      fates.set(write, fate)
    }
    return random.next() < fate
  }
}

function inodeOf(operations: readonly Operation[]): bigint {
  const link = operations.find(({ type }) => type === 'L')
  const named = link ?? operations.find(({ type }) => type === 'W')
  if (named === undefined) throw new Error('The log has no write: the shim did not see the file')
  return named.inode
}

// What was shown, and from which operation on; repeated ones once.
function distinctHashes(operations: readonly Operation[]): { hash: string; index: number }[] {
  const hashes: { hash: string; index: number }[] = []
  for (const [index, { type, bytes }] of operations.entries()) {
    if (type !== 'N') continue
    const hash = bytes.toString('latin1', 0, 40)
    if (hashes.at(-1)?.hash !== hash) hashes.push({ hash, index })
  }
  return hashes
}

// What was acknowledged last, or anything later: a commit may be complete though nobody was told.
function allowedAt(hashes: { hash: string; index: number }[], point: number): string[] {
  const acknowledged = hashes.findLastIndex(({ index }) => index <= point)
  return hashes.slice(Math.max(0, acknowledged)).map(({ hash }) => hash)
}

function grown(buffer: Buffer, size: number): Buffer {
  return buffer.length >= size
    ? buffer
    : Buffer.concat([buffer, Buffer.alloc(size - buffer.length)])
}
