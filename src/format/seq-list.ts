/**
 * Which records of the log another one is about, ascending: the first in eight bytes, then how far each lies
 * behind the one before.
 *
 *     | first 8 | step, as a varint | step | …
 *
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { decodeVarint, encodeVarint } from './varint.ts'

const FIRST_BYTES = 8
const STEP_MAX = 0xffff_ffff

/** Returns the bytes of some seqs, which ascend. At least one is given. */
export function encodeSeqs(seqs: readonly number[]): Buffer {
  const first = seqs[0] ?? 0
  const head = Buffer.alloc(FIRST_BYTES)
  head.writeBigUInt64BE(BigInt(first))
  let last = first
  const steps = seqs.slice(1).map((seq) => {
    const step = seq - last
    last = seq
    return encodeVarint(step)
  })
  return Buffer.concat([head, ...steps])
}

/** Reads such seqs; undefined if they are damaged. */
export function decodeSeqs(bytes: Buffer): number[] | undefined {
  if (bytes.length < FIRST_BYTES) return undefined
  let last = Number(bytes.readBigUInt64BE())
  const seqs = [last]
  for (let at = FIRST_BYTES; at < bytes.length; ) {
    const step = decodeVarint(bytes.subarray(at))
    if (step === undefined || step.value === 0 || step.value > STEP_MAX) return undefined
    last += step.value
    seqs.push(last)
    at += step.size
  }
  return Number.isSafeInteger(last) ? seqs : undefined
}
