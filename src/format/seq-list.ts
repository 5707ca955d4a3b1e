/**
 * Which records of the log another one is about, ascending: the first in eight bytes, then how far each lies
 * behind the one before.
 *
 *     | first 8 | step, as a varint | step | …
 *
 * A step beyond four billion, over a restore, is a 0 and the seq itself in eight bytes.
 *
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { decodeVarint, encodeVarint } from './varint.ts'

const FIRST_BYTES = 8
const STEP_MAX = 0xffff_ffff
const FAR_BYTES = 9

/** Returns the bytes of some seqs, which ascend. At least one is given. */
export function encodeSeqs(seqs: readonly number[]): Buffer {
  const first = seqs[0] ?? 0
  const head = Buffer.alloc(FIRST_BYTES)
  head.writeBigUInt64BE(BigInt(first))
  let last = first
  const steps = seqs.slice(1).map((seq) => {
    const step = seq - last
    last = seq
    return step <= STEP_MAX ? encodeVarint(step) : farStep(seq)
  })
  return Buffer.concat([head, ...steps])
}

function farStep(seq: number): Buffer {
  const bytes = Buffer.alloc(FAR_BYTES)
  bytes.writeBigUInt64BE(BigInt(seq), 1)
  return bytes
}

/** Reads such seqs; undefined if they are damaged. */
export function decodeSeqs(bytes: Buffer): number[] | undefined {
  if (bytes.length < FIRST_BYTES) return undefined
  let last = Number(bytes.readBigUInt64BE())
  const seqs = [last]
  for (let at = FIRST_BYTES; at < bytes.length; ) {
    const step = decodeVarint(bytes.subarray(at))
    if (step === undefined) return undefined
    const isFar = step.value === 0
    if (isFar && bytes.length < at + FAR_BYTES) return undefined
    const seq = isFar ? Number(bytes.readBigUInt64BE(at + 1)) : last + step.value
    // One way to write each list.
    if (isFar && seq - last <= STEP_MAX) return undefined
    last = seq
    seqs.push(last)
    at += isFar ? FAR_BYTES : step.size
  }
  return Number.isSafeInteger(last) ? seqs : undefined
}
