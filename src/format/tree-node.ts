/**
 * One node of the rank tree as bytes.
 *
 *     0        4        5       6        8           16            20
 *     | crc 4  | level  | flags | size 2 | version 8 | nextNodeId 4 |
 *     | counts 4 × size | groups 4 × size | versions 8 × size | children 4 × size, level > 0 |
 *     | heads headBytes × size | tail lengths 2 × size | tails ... |     the last two by flag 1
 *
 * Everything after the checksum is little-endian, fields of 32-bit words and doubles that a read
 * copies as they are; versions are whole numbers. `nextNodeId` has a meaning in the root alone.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import { assert } from '../ground/assert.ts'
import { CHECKSUM_BYTES, isSealed, seal } from './checksum.ts'

/** What a node knows of each of its children; place i belongs to child i. */
export interface NodeFields {
  /** Keys below each child. */
  counts: Uint32Array
  /** Keys below each child whose group differs from that of the key before. */
  groups: Uint32Array
  /** The commit that last changed each child. */
  versions: Float64Array
  /** Node ids, meaningless at level 0. */
  children: Uint32Array
  /** Heads of the separators, `headWords` words a child, the most significant word first. */
  heads: Uint32Array
}

/** A node as it is stored. */
export interface NodeContent extends NodeFields {
  /** 0 if the children are spans of the ordered store. */
  level: number
  /** Number of children. */
  size: number
  /** The commit that last changed the node. */
  version: number
  /** In the root: the id that the next new node gets. */
  nextNodeId: number
  /** Tails of the separators; undefined if every tail is empty. */
  tails: Buffer[] | undefined
}

const LEVEL_AT = CHECKSUM_BYTES
const FLAGS_AT = 5
const SIZE_AT = 6
const VERSION_AT = 8
const NEXT_NODE_ID_AT = 16
const FIELDS_AT = 20
const FLAG_TAILS = 1
const LEVEL_MAX = 16

/** Returns fields of zeros with room for `capacity` children, in one piece of memory, as on the disk. */
export function emptyFields(
  capacity: number,
  shape: { level: number; headWords: number },
): NodeFields {
  return fieldsIn(new ArrayBuffer(fieldBytes(capacity, shape)), capacity, shape)
}

/** Returns a copy of the fields of a node with room for `capacity` children. */
export function copyFields(
  node: NodeContent,
  { headWords, capacity }: { headWords: number; capacity: number },
): NodeFields {
  const { size, level } = node
  const whole = capacity === size ? wholeOf(node, headWords) : undefined
  if (whole !== undefined) return fieldsIn(whole.slice(0), size, { level, headWords })
  const fields = emptyFields(capacity, { level, headWords })
  fields.counts.set(node.counts.subarray(0, size))
  fields.groups.set(node.groups.subarray(0, size))
  fields.versions.set(node.versions.subarray(0, size))
  fields.heads.set(node.heads.subarray(0, size * headWords))
  fields.children.set(node.children.subarray(0, level > 0 ? size : 0))
  return fields
}

/** Returns the value of a node whose separators have heads of `headWords` words. */
export function encodeNode(key: Uint8Array, node: NodeContent, headWords: number): Buffer {
  const { size, level, tails } = node
  assert(size > 0 && level <= LEVEL_MAX, '(10) a node has children, and a level that readers take')
  assert(tails === undefined || tails.length === size, '(4.2) each separator has its tail')
  const tailBytes = tails === undefined ? 0 : tails.reduce((sum, tail) => sum + 2 + tail.length, 0)
  const fieldsEnd = FIELDS_AT + fieldBytes(size, { level, headWords })
  const value = Buffer.allocUnsafe(fieldsEnd + tailBytes)
  value[LEVEL_AT] = level
  value[FLAGS_AT] = tails === undefined ? 0 : FLAG_TAILS
  value.writeUInt16LE(size, SIZE_AT)
  value.writeDoubleLE(node.version, VERSION_AT)
  value.writeUInt32LE(node.nextNodeId, NEXT_NODE_ID_AT)
  let at = writeFields(value, node, headWords)
  if (tails !== undefined) at = writeTails(value, at, tails)
  assert(at === value.length, '(10) a node fills its value')
  return seal(key, value)
}

/** Reads a node; undefined if its checksum or its form is wrong. */
export function decodeNode(
  key: Uint8Array,
  value: Buffer,
  headWords: number,
): NodeContent | undefined {
  if (value.length < FIELDS_AT || !isSealed(key, value)) return undefined
  const level = value[LEVEL_AT] as number
  const size = value.readUInt16LE(SIZE_AT)
  const flags = value[FLAGS_AT] as number
  // Sizes are read from the disk, so what they promise is compared with what is there before it is read.
  if (level > LEVEL_MAX || size === 0 || flags > FLAG_TAILS) return undefined
  const fieldsEnd = FIELDS_AT + fieldBytes(size, { level, headWords })
  if (flags === 0 ? value.length !== fieldsEnd : value.length < fieldsEnd + 2 * size)
    return undefined
  const fields = value.subarray(FIELDS_AT, fieldsEnd)
  const tails = flags === 0 ? undefined : readTails(value, fieldsEnd, size)
  if (tails === null) return undefined
  return {
    level,
    size,
    version: value.readDoubleLE(VERSION_AT),
    nextNodeId: value.readUInt32LE(NEXT_NODE_ID_AT),
    ...fieldsIn(new Uint8Array(fields).buffer, size, { level, headWords }),
    tails,
  }
}

/** Reads the version of a node without decoding the rest; the caller checks nothing else of it. */
export function nodeVersion(value: Buffer): number {
  return value.length < FIELDS_AT ? -1 : value.readDoubleLE(VERSION_AT)
}

function fieldBytes(
  capacity: number,
  { level, headWords }: { level: number; headWords: number },
): number {
  return capacity * (16 + (level > 0 ? 4 : 0) + 4 * headWords)
}

// Views, because memory for each field costs a microsecond.
function fieldsIn(
  bytes: ArrayBuffer,
  capacity: number,
  { level, headWords }: { level: number; headWords: number },
): NodeFields {
  const childrenAt = 16 * capacity
  const headsAt = level > 0 ? childrenAt + 4 * capacity : childrenAt
  return {
    counts: new Uint32Array(bytes, 0, capacity),
    groups: new Uint32Array(bytes, 4 * capacity, capacity),
    versions: new Float64Array(bytes, 8 * capacity, capacity),
    children: new Uint32Array(bytes, childrenAt, level > 0 ? capacity : 0),
    heads: new Uint32Array(bytes, headsAt, headWords * capacity),
  }
}

// The memory of fields that have no room for more children: just what is stored. Most nodes have such.
function wholeOf(node: NodeContent, headWords: number): ArrayBuffer | undefined {
  const { buffer } = node.counts
  const isWhole =
    buffer === node.heads.buffer &&
    buffer.byteLength === fieldBytes(node.size, { level: node.level, headWords })
  return isWhole ? (buffer as ArrayBuffer) : undefined
}

function writeFields(value: Buffer, node: NodeContent, headWords: number): number {
  const { size } = node
  const whole = wholeOf(node, headWords)
  if (whole !== undefined) {
    value.set(new Uint8Array(whole), FIELDS_AT)
    return FIELDS_AT + whole.byteLength
  }
  let at = writeField(value, FIELDS_AT, node.counts, size)
  at = writeField(value, at, node.groups, size)
  at = writeField(value, at, node.versions, size)
  if (node.level > 0) at = writeField(value, at, node.children, size)
  return writeField(value, at, node.heads, size * headWords)
}

function writeField(
  value: Buffer,
  at: number,
  field: Uint32Array | Float64Array,
  length: number,
): number {
  const bytes = length * field.BYTES_PER_ELEMENT
  value.set(new Uint8Array(field.buffer, field.byteOffset, bytes), at)
  return at + bytes
}

function writeTails(value: Buffer, start: number, tails: Buffer[]): number {
  let at = start
  for (const tail of tails) at = value.writeUInt16LE(tail.length, at)
  for (const tail of tails) at += tail.copy(value, at)
  return at
}

function readTails(value: Buffer, start: number, size: number): Buffer[] | null {
  const tails: Buffer[] = []
  let at = start + 2 * size
  for (let i = 0; i < size; i++) {
    const end = at + value.readUInt16LE(start + 2 * i)
    if (end > value.length) return null
    tails.push(Buffer.from(value.subarray(at, end)))
    at = end
  }
  return at === value.length ? tails : null
}
