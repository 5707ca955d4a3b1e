/**
 * The header: the identity of a store, and what a reader must know to read it.
 *
 *     | 00 |   →   | crc 4 | "LADDERDB" | version 2 | storeId 16 | created 8 | features 4 |
 *
 * All integers are big-endian. Versions 1 and 2 end before the features.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../../ground/assert.ts'
import { isSealed, seal } from '../checksum.ts'
import { FORMAT_VERSION, META_KIND } from '../tables.ts'

export { FORMAT_VERSION }

export const HEADER_KEY: Buffer = Buffer.from([META_KIND.HEADER])

const MAGIC = Buffer.from('LADDERDB')

const HEADER_BYTES = 42
const FIRST_HEADER_BYTES = 38
const FEATURES_SINCE = 3
const STORE_ID_DIGITS = 32

// ON DISK: the place in this list is the bit. Only append.
const FEATURES = [
  'log',
  'hidden players',
  'sealed boards',
  'windows',
  'requests',
  'profiles',
  'rules',
  'bans',
  'erasures',
] as const

/** What a store may have come to use beyond the first form of version 3. */
export type Feature = (typeof FEATURES)[number]

/** Those features that this release can read and write. */
const KNOWN: readonly Feature[] = [
  ...(['log', 'hidden players', 'windows', 'requests', 'profiles'] as const),
  ...(['rules', 'bans', 'erasures'] as const),
]

/** Their bits. */
export const KNOWN_FEATURES: number = KNOWN.reduce((bits, name) => bits | featureBit(name), 0)

/** Returns the bit of a feature in the header. */
export function featureBit(name: Feature): number {
  return 1 << FEATURES.indexOf(name)
}

/** The store's identity. */
export interface Header {
  version: number
  /** 32 hexadecimal digits. */
  storeId: string
  createdMicros: number
  /** Bits of what the store has come to use and every reader must know. */
  features: number
}

export function encodeHeader(header: Header): Buffer {
  const { version, storeId, features } = header
  assert(storeId.length === STORE_ID_DIGITS, '(10) a store id fills its bytes')
  const hasFeatures = version >= FEATURES_SINCE
  const value = Buffer.alloc(hasFeatures ? HEADER_BYTES : FIRST_HEADER_BYTES)
  MAGIC.copy(value, 4)
  value.writeUInt16BE(version, 12)
  value.write(storeId, 14, 'hex')
  value.writeBigUInt64BE(BigInt(header.createdMicros), 30)
  if (hasFeatures) value.writeUInt32BE(features, FIRST_HEADER_BYTES)
  return seal(HEADER_KEY, value)
}

/**
 * Reads the header; undefined if it is damaged or something else. Of a version that this release does not know
 * only the number is read.
 */
export function decodeHeader(value: Buffer): Header | undefined {
  if (value.length < 14 || !value.subarray(4, 12).equals(MAGIC)) return undefined
  const version = value.readUInt16BE(12)
  if (version > FORMAT_VERSION) return { version, storeId: '', createdMicros: 0, features: 0 }
  const hasFeatures = version >= FEATURES_SINCE
  if (value.length !== (hasFeatures ? HEADER_BYTES : FIRST_HEADER_BYTES)) return undefined
  if (version === 0 || !isSealed(HEADER_KEY, value)) return undefined
  return {
    version,
    storeId: value.toString('hex', 14, 30),
    createdMicros: Number(value.readBigUInt64BE(30)),
    features: hasFeatures ? value.readUInt32BE(FIRST_HEADER_BYTES) : 0,
  }
}

/** Whether a header says that it is of this version or a later one, without a look at the rest. */
export function isUpgraded(value: Buffer): boolean {
  return value.length >= 14 && value.readUInt16BE(12) >= FORMAT_VERSION
}

/** Returns the names of the features in a header. */
export function usedFeatures({ features }: Pick<Header, 'features'>): string[] {
  const names: string[] = []
  for (let bit = 0; bit < 32; bit++)
    if ((features >>> bit) % 2 === 1) names.push(FEATURES[bit] ?? `feature ${bit}`)
  return names
}

/** Returns the names of those that this release does not know. */
export function unknownFeatures({ features }: Header): string[] {
  return usedFeatures({ features: features & ~KNOWN_FEATURES })
}
