/**
 * Ways to damage the file of a store.
 *
 * @module
 */

import type { Random } from '../support/random.ts'

export type DamageKind =
  | 'header'
  | 'cut'
  | 'foreign'
  | 'record'
  | 'page header'
  | 'zeroed page'
  | 'swapped pages'
  | 'flipped bits'
  | 'lock file'

/** One damaged file. */
export interface Damage {
  kind: DamageKind
  /** What was done, for people. */
  name: string
  data: Buffer
  /** The lock file beside it; undefined is none. */
  lock?: Buffer
}

/** A record as LMDB holds it. */
export interface StoredRecord {
  table: string
  key: Buffer
  value: Buffer
}

type Field = [name: string, offset: number, size: number]

const PAGE_BYTES = 4096

const PAGE_FIELDS: readonly Field[] = [
  ['page number', 0, 8],
  ['page transaction', 8, 8],
  ['page pad', 16, 2],
  ['page flags', 18, 2],
  ['lower bound', 20, 2],
  ['upper bound', 22, 2],
]

function databaseFields(name: string, at: number): Field[] {
  return [
    [`${name} pad`, at, 4],
    [`${name} flags`, at + 4, 2],
    [`${name} depth`, at + 6, 2],
    [`${name} branch pages`, at + 8, 8],
    [`${name} leaf pages`, at + 16, 8],
    [`${name} overflow pages`, at + 24, 8],
    [`${name} entries`, at + 32, 8],
    [`${name} root`, at + 40, 8],
  ]
}

/** Fields of LMDB's two header pages, which are the same. */
const HEADER_FIELDS: readonly Field[] = [
  ...PAGE_FIELDS,
  ['magic', 24, 4],
  ['version', 28, 4],
  ['address', 32, 8],
  ['map size', 40, 8],
  ...databaseFields('free', 48),
  ...databaseFields('main', 96),
  ['last page', 144, 8],
  ['transaction', 152, 8],
  ['boot id', 160, 8],
]

/** Fields of the values of our records, by table and, in meta, by the first byte of the key. */
const RECORD_FIELDS: Record<string, readonly Field[]> = {
  'meta 0': [
    ['checksum', 0, 4],
    ['magic', 4, 8],
    ['version', 12, 2],
    ['store id', 14, 16],
    ['created', 30, 8],
  ],
  'meta 1': [
    ['checksum', 0, 4],
    ['sequence', 4, 8],
    ['last time', 12, 8],
    ['next board', 20, 4],
  ],
  'meta 2': [
    ['checksum', 0, 4],
    ['board id', 4, 4],
    ['order', 8, 1],
    ['mode', 9, 1],
    ['score type', 10, 1],
    ['columns', 11, 1],
  ],
  entries: [
    ['checksum', 0, 4],
    ['flags', 4, 1],
  ],
  players: [
    ['checksum', 0, 4],
    ['flags', 4, 1],
    ['score', 5, 8],
    ['time', 13, 8],
  ],
  ranks: [
    ['checksum', 0, 4],
    ['level', 4, 1],
    ['flags', 5, 1],
    ['size', 6, 2],
    ['version', 8, 8],
    ['next node', 16, 4],
    ['first column', 20, 8],
  ],
}

// Before the key of a leaf node: size of the value, flags, size of the key.
const NODE_FIELDS: readonly Field[] = [
  ['value size', -8, 4],
  ['node flags', -4, 2],
  ['key size', -2, 2],
]

const CHANGES: Record<string, (field: Buffer, random: Random) => void> = {
  zeroed: (field) => void field.fill(0),
  'all ones': (field) => void field.fill(255),
  'one more': (field) => void addOne(field),
  'one bit flipped': (field, random) => void flipBit(field, random),
  'another byte': (field, random) => {
    field[random.below(field.length)] = random.below(256)
  },
  random: (field, random) => {
    for (let i = 0; i < field.length; i++) field[i] = random.below(256)
  },
}

/** Every field of the headers with every change: the first one, the second one, and both. */
export function* headerDamages(file: Buffer, random: Random): Generator<Damage> {
  for (const [name, offset, size] of HEADER_FIELDS) {
    for (const change of Object.keys(CHANGES)) {
      for (const pages of [[0], [1], [0, 1]]) {
        const data = Buffer.from(file)
        for (const page of pages)
          apply(change, data.subarray(page * PAGE_BYTES + offset).subarray(0, size), random)
        if (!data.equals(file))
          yield { kind: 'header', name: `${name} of header ${pages} ${change}`, data }
      }
    }
  }
}

export function* cutDamages(file: Buffer, random: Random): Generator<Damage> {
  const sizes = new Set([1, 23, 24, 100, 159, 160, 4_095, 4_096, 4_097, 4_200, 8_191])
  for (let size = 2 * PAGE_BYTES; size < file.length; size += PAGE_BYTES)
    sizes.add(size).add(size + random.below(PAGE_BYTES))
  for (const size of sizes)
    yield { kind: 'cut', name: `cut at ${size} of ${file.length}`, data: file.subarray(0, size) }
}

/** Files that are something else; `bare` are files of LMDB without our tables. */
export function* foreignDamages(
  file: Buffer,
  options: { bare: readonly Buffer[]; random: Random },
): Generator<Damage> {
  const { bare, random } = options
  const noise = (size: number): Buffer => {
    const bytes = Buffer.alloc(size)
    for (let i = 0; i < size; i++) bytes[i] = random.below(256)
    return bytes
  }
  const files: [string, Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('x')],
    ['a text', Buffer.from('playerId,score\nann,100\n'.repeat(400))],
    ['a short text', Buffer.from('hello\n')],
    ['zeros', Buffer.alloc(64 * 1024)],
    ['few zeros', Buffer.alloc(100)],
    ['sevens', Buffer.alloc(64 * 1024, 7)],
    ['ones', Buffer.alloc(64 * 1024, 255)],
    ['noise', noise(100 * 1024)],
    ['a little noise', noise(100)],
    ['SQLite', Buffer.concat([Buffer.from('SQLite format 3\0'), noise(8192)])],
    ['gzip', Buffer.concat([Buffer.from('1f8b0800', 'hex'), noise(8192)])],
    ['a page of noise before the store', Buffer.concat([noise(PAGE_BYTES), file])],
    ['the store without its first page', file.subarray(PAGE_BYTES)],
    ['the store without its headers', file.subarray(2 * PAGE_BYTES)],
    ['the headers and noise', Buffer.concat([file.subarray(0, 8192), noise(file.length - 8192)])],
    ['the headers and zeros', Buffer.concat([file.subarray(0, 8192), Buffer.alloc(file.length)])],
    ...bare.map((data, i): [string, Buffer] => [`bare LMDB ${i}`, data]),
  ]
  for (const [name, data] of files) yield { kind: 'foreign', name, data }
}

/** Every field of some records of each kind, wherever in the file a copy of the record lies. */
export function* recordDamages(
  file: Buffer,
  options: { records: readonly StoredRecord[]; random: Random },
): Generator<Damage> {
  const { records, random } = options
  for (const kind of new Set(records.map(kindOf))) {
    const ofKind = records.filter((record) => kindOf(record) === kind)
    for (const record of some(ofKind, random)) {
      const { key, value } = record
      const keyFields: Field[] = [['key', -key.length, key.length]]
      const nodeFields = NODE_FIELDS.map(([name, at, size]): Field => {
        return [name, at - key.length, size]
      })
      const name: Field[] = kind === 'players' ? [['name', 21, value.length - 21]] : []
      for (const field of [...(RECORD_FIELDS[kind] ?? []), ...name, ...keyFields, ...nodeFields]) {
        if (field[2] <= 0) continue
        for (const change of Object.keys(CHANGES)) {
          const data = Buffer.from(file)
          for (const at of placesOf(file, record))
            apply(change, data.subarray(at + field[1]).subarray(0, field[2]), random)
          const what = `${field[0]} of ${kind} ${key.toString('hex')} ${change}`
          if (!data.equals(file)) yield { kind: 'record', name: what, data }
        }
      }
    }
  }
}

export function* pageHeaderDamages(file: Buffer, random: Random): Generator<Damage> {
  for (;;) {
    const page = 2 + random.below(file.length / PAGE_BYTES - 2)
    const [name, offset, size] = random.pick(PAGE_FIELDS)
    const change = random.pick(Object.keys(CHANGES))
    const data = Buffer.from(file)
    apply(change, data.subarray(page * PAGE_BYTES + offset).subarray(0, size), random)
    if (!data.equals(file))
      yield { kind: 'page header', name: `${name} of page ${page} ${change}`, data }
  }
}

export function* zeroedPages(file: Buffer, random: Random): Generator<Damage> {
  for (;;) {
    const page = 2 + random.below(file.length / PAGE_BYTES - 2)
    const data = Buffer.from(file)
    data.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
    yield { kind: 'zeroed page', name: `page ${page} zeroed`, data }
  }
}

export function* swappedPages(file: Buffer, random: Random): Generator<Damage> {
  const count = file.length / PAGE_BYTES
  for (;;) {
    const [a, b] = [2 + random.below(count - 2), 2 + random.below(count - 2)]
    const [first, second] = [pageOf(file, a), pageOf(file, b)]
    if (first.equals(second)) continue
    const data = Buffer.from(file)
    const isSwap = random.chance(0.5)
    second.copy(data, a * PAGE_BYTES)
    if (isSwap) first.copy(data, b * PAGE_BYTES)
    const name = isSwap ? `pages ${a} and ${b} swapped` : `page ${b} over page ${a}`
    yield { kind: 'swapped pages', name, data }
  }
}

export function* flippedBits(file: Buffer, random: Random): Generator<Damage> {
  for (;;) {
    const data = Buffer.from(file)
    const count = random.pick([1, 1, 1, 2, 10, 100])
    const places: number[] = []
    for (let i = 0; i < count; i++) {
      // Behind the headers, whose fields have cases of their own.
      const at = 2 * PAGE_BYTES + random.below(file.length - 2 * PAGE_BYTES)
      flipBit(data.subarray(at, at + 1), random)
      places.push(at)
    }
    yield { kind: 'flipped bits', name: `${count} bits flipped at ${places.slice(0, 5)}`, data }
  }
}

export function* lockDamages(file: Buffer, lock: Buffer): Generator<Damage> {
  const locks: [string, Buffer][] = [
    ['empty', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(lock.length)],
    ['ones', Buffer.alloc(lock.length, 255)],
    ['a text', Buffer.from('hello\n'.repeat(5_000))],
    ['cut', lock.subarray(0, 100)],
    ['longer', Buffer.concat([lock, lock])],
  ]
  for (const [name, bytes] of locks)
    yield { kind: 'lock file', name: `lock file: ${name}`, data: file, lock: bytes }
}

function kindOf({ table, key }: StoredRecord): string {
  return table === 'meta' ? `meta ${key[0]}` : table
}

// The first, the last and one in between.
function some<T>(items: readonly T[], random: Random): Set<T> {
  return new Set([items[0] as T, items.at(-1) as T, random.pick(items)])
}

// Where the value of a record starts, in pages in use and in old ones.
function placesOf(file: Buffer, { key, value }: StoredRecord): number[] {
  const bytes = Buffer.concat([key, value])
  const places: number[] = []
  for (let at = file.indexOf(bytes); at !== -1; at = file.indexOf(bytes, at + 1))
    places.push(at + key.length)
  return places
}

function apply(change: string, field: Buffer, random: Random): void {
  CHANGES[change]?.(field, random)
}

function addOne(field: Buffer): void {
  for (let i = 0; i < field.length; i++) {
    field[i] = ((field[i] as number) + 1) & 255
    if (field[i] !== 0) return
  }
}

function flipBit(field: Buffer, random: Random): void {
  const at = random.below(field.length)
  field[at] = (field[at] as number) ^ (1 << random.below(8))
}

function pageOf(file: Buffer, page: number): Buffer {
  return file.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
}
