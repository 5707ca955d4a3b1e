/**
 * Those whom a submit passed, as an answer that is kept tells them.
 *
 *     | how many, varint |   and each that is named:
 *     | rank, varint | score, 8 a column | time 8 |
 *     | size, varint | playerId | size, varint | name | size, varint | metadata, JSON |
 *
 * A name of no bytes stands for the playerId, metadata of no bytes for none.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

import type { Entry, Metadata, Passed, Score } from '../words/index.ts'
import { readMicros, writeHead } from './entry-key.ts'
import type { ScoreShape } from './score-shape.ts'
import { toMicros, toMs } from './time.ts'
import { decodeVarint, encodeVarint } from './varint.ts'

export function encodePassed({ count, entries }: Passed<Score>, shape: ScoreShape): Buffer {
  return Buffer.concat([
    encodeVarint(count),
    ...entries.flatMap((entry) => encodeEntry(entry, shape)),
  ])
}

/** Reads them; undefined if the bytes are not some. */
export function decodePassed(bytes: Buffer, shape: ScoreShape): Passed<Score> | undefined {
  const count = decodeVarint(bytes)
  if (count === undefined) return undefined
  const entries: Entry<Score>[] = []
  let at = count.size
  while (at < bytes.length) {
    const found = decodeEntry(bytes, at, shape)
    if (found === undefined) return undefined
    entries.push(found.entry)
    at = found.end
  }
  return { count: count.value, entries }
}

function encodeEntry(entry: Entry<Score>, shape: ScoreShape): Buffer[] {
  const { rank, score, at, playerId, name, metadata } = entry
  const head = Buffer.allocUnsafe(shape.headBytes)
  writeHead(head, 0, { score, atMicros: toMicros(at), shape })
  const texts = [
    playerId,
    name === playerId ? '' : name,
    metadata === undefined ? '' : JSON.stringify(metadata),
  ].map((text) => Buffer.from(text))
  return [encodeVarint(rank), head, ...texts.flatMap((text) => [encodeVarint(text.length), text])]
}

function decodeEntry(
  bytes: Buffer,
  start: number,
  shape: ScoreShape,
): { entry: Entry<Score>; end: number } | undefined {
  const rank = decodeVarint(bytes.subarray(start))
  const headAt = start + (rank?.size ?? 0)
  const textsAt = headAt + shape.headBytes
  const score = textsAt > bytes.length ? undefined : shape.read(bytes, headAt)
  if (rank === undefined || score === undefined) return undefined
  const [playerId, name, metadata] = textsOf(bytes, textsAt)
  if (metadata === undefined || playerId === undefined || playerId.text === '') return undefined
  const json = metadata.text === '' ? undefined : objectOf(metadata.text)
  if (metadata.text !== '' && json === undefined) return undefined
  const entry: Entry<Score> = {
    rank: rank.value,
    playerId: playerId.text,
    name: name?.text || playerId.text,
    score,
    at: toMs(readMicros(bytes, headAt + shape.bytes)),
    ...(json !== undefined && { metadata: json }),
  }
  return { entry, end: metadata.end }
}

interface Text {
  text: string
  end: number
}

// Three texts, each behind its size; fewer where the bytes end.
function textsOf(bytes: Buffer, start: number): Text[] {
  const texts: Text[] = []
  let at = start
  while (texts.length < 3) {
    const size = decodeVarint(bytes.subarray(at))
    const end = at + (size?.size ?? 0) + (size?.value ?? 0)
    if (size === undefined || end > bytes.length) return texts
    texts.push({ text: bytes.toString('utf8', at + size.size, end), end })
    at = end
  }
  return texts
}

function objectOf(text: string): Metadata | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Metadata) : undefined
  } catch {
    return undefined
  }
}
