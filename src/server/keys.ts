/**
 * The keys of a server: a file with a hash of each, so that who reads it has no key.
 *
 *     { "keys": [{ "id": "k7f3a1c2e", "role": "write", "name": "game", "createdAt": "2026-…", "sha256": "…" }] }
 *
 * The file is for its owner alone (0600), and is replaced as a whole. A running server sees a key that was made or
 * revoked within a second.
 *
 * Who signs submits must have what is checked, so a key for that has its `secret` in the file, and no hash: it
 * signs and does nothing else (signature.ts).
 *
 * @module
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { LadderError } from '../index.ts'
import { KEY_LOOK_MS, KEY_NAME_CHARACTERS_MAX, KEYS_MAX } from './limits.ts'
import type { Role } from './routes/route.ts'

/** A key as its file has it. */
export interface KeyRecord {
  id: string
  role: Role
  /** Who has it: the log of the store names this one. */
  name: string
  /** ISO 8601, UTC. */
  createdAt: string
  /** Hash of the key, hexadecimal. */
  sha256?: string
  /** Of a key that signs submits: what both sides have. */
  secret?: string
}

/** A key that was just made. Nobody can tell it again. */
export interface NewKey {
  id: string
  role: Role
  name: string
  key: string
}

const ROLES: readonly Role[] = ['read', 'write', 'admin']
const KEY_BYTES = 32
const ID_BYTES = 4
const OTHERS = 0o077

/**
 * Makes a key and adds it to a file, which is made if it is not there. The key itself is told here and nowhere else:
 * the file has its hash, but of a key that signs. Cost: the file is written again.
 *
 * @throws {RangeError} for a role that there is not, and a name of no or too many characters.
 * @throws {LadderError} `PERMISSION` if others may read the file, `CORRUPT` if it is not a key file.
 * @example
 * const { id } = await createKey('keys.json', { role: 'read', name: 'page' })
 * readKeys('keys.json').map(({ name }) => name) // ['page']
 */
export async function createKey(
  file: string,
  asked: { role: Role; name?: string | undefined; signs?: boolean | undefined },
): Promise<NewKey> {
  const { role, name = role, signs = false } = asked
  if (!ROLES.includes(role))
    throw new RangeError(`Cannot make a key: role must be ${ROLES.join(', ')}`)
  if (signs && role !== 'write')
    throw new RangeError('Cannot make a key that signs: it must have the role write')
  if (name === '' || name.length > KEY_NAME_CHARACTERS_MAX)
    throw new RangeError(
      `Cannot make a key: its name must have 1 to ${KEY_NAME_CHARACTERS_MAX} characters`,
    )
  const records = readKeys(file, { mayBeAbsent: true })
  if (records.length >= KEYS_MAX)
    throw new RangeError(`Cannot make a key: ${file} has ${KEYS_MAX} already; revoke some`)
  const id = `k${randomBytes(ID_BYTES).toString('hex')}`
  const secret = randomBytes(KEY_BYTES).toString('base64url')
  const key = signs ? secret : `ladderdb_${role}_${secret}`
  const proof = signs ? { secret } : { sha256: hashOf(key).toString('hex') }
  const record = { id, role, name, createdAt: new Date().toISOString(), ...proof }
  await writeKeys(file, [...records, record])
  return { id, role, name, key }
}

/**
 * Takes a key away; returns whether there was one of this id. Cost: the file is written again.
 *
 * @throws {LadderError} as {@link readKeys}.
 * @example
 * const { id } = await createKey('keys.json', { role: 'read' })
 * await revokeKey('keys.json', id) // true
 */
export async function revokeKey(file: string, id: string): Promise<boolean> {
  const records = readKeys(file)
  const left = records.filter((record) => record.id !== id)
  if (left.length === records.length) return false
  await writeKeys(file, left)
  return true
}

/**
 * Returns the keys of a file, in the order in which they were made; `[]` with `mayBeAbsent` if there is no file.
 * Cost: a read of the file.
 *
 * @throws {LadderError} `PERMISSION`, `CORRUPT`, `IO` if there is no file.
 * @example
 * readKeys('keys.json', { mayBeAbsent: true }) // []
 */
export function readKeys(file: string, options: { mayBeAbsent?: boolean } = {}): KeyRecord[] {
  const status = statSync(file, { throwIfNoEntry: false })
  if (status === undefined && options.mayBeAbsent === true) return []
  if (status === undefined)
    throw new LadderError(
      'IO',
      `Cannot read the keys: there is no file ${file}; ladderdb key create --role admin --keys ${file} makes it`,
    )
  if ((status.mode & OTHERS) !== 0)
    throw new LadderError(
      'PERMISSION',
      `Cannot use the keys in ${file}: other users may read or write it; chmod 600 ${file}`,
    )
  return parseKeys(readFileSync(file, 'utf8'), file)
}

function parseKeys(text: string, file: string): KeyRecord[] {
  try {
    const { keys } = JSON.parse(text) as { keys: KeyRecord[] }
    if (Array.isArray(keys) && keys.every(isRecord)) return keys
  } catch {
    // Told below, as what is not a list of keys.
  }
  throw new LadderError('CORRUPT', `Cannot read the keys: ${file} is not a key file; name another`)
}

function isRecord(record: KeyRecord): boolean {
  const { id, role, name, sha256, secret } = record ?? {}
  const isHash = typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)
  const isProof = isHash ? secret === undefined : typeof secret === 'string' && role === 'write'
  return typeof id === 'string' && typeof name === 'string' && ROLES.includes(role) && isProof
}

async function writeKeys(file: string, keys: readonly KeyRecord[]): Promise<void> {
  const draft = `${file}.${randomBytes(ID_BYTES).toString('hex')}.new`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify({ keys }, null, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** The keys of a file, as they are now. */
export class Keyring {
  readonly #file: string
  readonly #clock: () => number
  #byHash = new Map<string, KeyRecord>()
  #signers = new Map<string, KeyRecord>()
  #version = ''
  #lookedMs = Number.NEGATIVE_INFINITY

  /** @throws {LadderError} as {@link readKeys}. */
  constructor(file: string, clock: () => number) {
    this.#file = file
    this.#clock = clock
    this.#read()
  }

  /** Returns the record of a key, or undefined. */
  find(key: string): KeyRecord | undefined {
    this.#look()
    const hash = hashOf(key)
    const record = this.#byHash.get(hash.toString('hex'))
    if (record?.sha256 === undefined) return undefined
    return timingSafeEqual(hash, Buffer.from(record.sha256, 'hex')) ? record : undefined
  }

  /** Returns the record of a key that signs, by its id, or undefined. */
  signer(id: string): KeyRecord | undefined {
    this.#look()
    return this.#signers.get(id)
  }

  // A file that cannot be read any more leaves nobody in.
  #look(): void {
    const now = this.#clock()
    if (Math.abs(now - this.#lookedMs) < KEY_LOOK_MS) return
    this.#lookedMs = now
    if (versionOf(this.#file) === this.#version) return
    try {
      this.#read()
    } catch (error) {
      this.#byHash = new Map()
      this.#signers = new Map()
      this.#version = ''
      throw error
    }
  }

  #read(): void {
    const version = versionOf(this.#file)
    const records = readKeys(this.#file)
    this.#byHash = new Map(records.map((record) => [record.sha256 ?? '', record]))
    this.#signers = new Map(
      records.filter(({ secret }) => secret !== undefined).map((record) => [record.id, record]),
    )
    this.#version = version
    this.#lookedMs = this.#clock()
  }
}

function versionOf(file: string): string {
  const status = statSync(file, { throwIfNoEntry: false })
  return status === undefined ? '' : `${status.ino} ${status.size} ${status.mtimeMs} ${status.mode}`
}
