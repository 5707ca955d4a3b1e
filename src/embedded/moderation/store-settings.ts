/**
 * The settings of the whole store, as they are stored: read in each transaction that goes by them.
 *
 * @module
 */

import { commitOf } from '../../board/commit.ts'
import {
  decodeSettings,
  encodeSettings,
  SETTINGS_KEY,
  type SettingsRecord,
} from '../../format/meta/store-settings.ts'
import type { Table } from '../../format/tables.ts'
import { NO_FIELDS } from '../../format/tail.ts'
import { LadderError } from '../../ground/errors.ts'
import { REQUEST_MS, REQUESTS_KEPT, RETENTION_BYTES, RETENTION_DAYS } from '../../ground/limits.ts'
import type { Reader, Writer } from '../../store/store.ts'
import type { StoreAlteration, StoreSettings } from '../../words/index.ts'

const USUAL: SettingsRecord = {
  logDays: undefined,
  logBytes: undefined,
  requestDays: undefined,
  requestCount: undefined,
  isUnique: false,
  isClosed: false,
  others: NO_FIELDS,
}

const DAY_MS = 86_400_000
const REQUEST_DAYS = REQUEST_MS / DAY_MS

const OWNER = {}

/**
 * Returns the settings of a store.
 *
 * @throws {LadderError} `CORRUPT` if they are damaged.
 */
export function readSettings(reader: Reader<Table>): StoreSettings {
  return settingsOf(readRecord(reader))
}

/** Returns them in a transaction, read once for all of its jobs. */
export function settingsIn(writer: Writer<Table>): StoreSettings {
  const known = knownIn(writer)
  known.settings ??= commitOf(writer).uses('rules') ? readSettings(writer) : settingsOf(USUAL)
  return known.settings
}

/** Alters the settings of the store; of `names` only what is stored, not what it asks of the names. */
export function alterSettings(
  writer: Writer<Table>,
  alteration: StoreAlteration,
): { after: StoreSettings; changed: Partial<StoreSettings> | undefined } {
  const record = readRecord(writer)
  const altered = alteredRecord(record, alteration)
  const [before, after] = [settingsOf(record), settingsOf(altered)]
  const names = (Object.keys(after) as (keyof StoreSettings)[]).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )
  if (names.length === 0) return { after, changed: undefined }
  putRecord(writer, altered)
  return { after, changed: Object.fromEntries(names.map((name) => [name, after[name]])) }
}

function putRecord(writer: Writer<Table>, record: SettingsRecord): void {
  const commit = commitOf(writer)
  commit.willChange()
  commit.use('rules')
  const value = encodeSettings(record)
  if (value === undefined) writer.remove('meta', SETTINGS_KEY)
  else writer.put('meta', SETTINGS_KEY, value)
  knownIn(writer).settings = undefined
}

function readRecord(reader: Reader<Table>): SettingsRecord {
  const value = reader.get('meta', SETTINGS_KEY)
  if (value === undefined) return USUAL
  const record = decodeSettings(Buffer.from(value.subarray(0, value.length)))
  if (record !== undefined) return record
  throw new LadderError(
    'CORRUPT',
    'Cannot read the settings of the store: the record is damaged; restore a backup',
  )
}

function settingsOf(record: SettingsRecord): StoreSettings {
  const { logDays, logBytes, requestDays, requestCount, isUnique, isClosed } = record
  return {
    retention: { days: logDays ?? RETENTION_DAYS, bytes: logBytes ?? RETENTION_BYTES },
    requests: { days: requestDays ?? REQUEST_DAYS, count: requestCount ?? REQUESTS_KEPT },
    names: isUnique ? 'unique' : 'free',
    writes: isClosed ? 'closed' : 'open',
  }
}

// What is set to the usual value is stored as nothing.
function alteredRecord(record: SettingsRecord, alteration: StoreAlteration): SettingsRecord {
  const { retention, requests, names, writes } = alteration
  const altered = { ...record }
  if (retention !== undefined) {
    altered.logDays = unusual(retention?.days, record.logDays, {
      of: retention,
      usual: RETENTION_DAYS,
    })
    altered.logBytes = unusual(retention?.bytes, record.logBytes, {
      of: retention,
      usual: RETENTION_BYTES,
    })
  }
  if (requests !== undefined) {
    altered.requestDays = unusual(requests?.days, record.requestDays, {
      of: requests,
      usual: REQUEST_DAYS,
    })
    altered.requestCount = unusual(requests?.count, record.requestCount, {
      of: requests,
      usual: REQUESTS_KEPT,
    })
  }
  if (names !== undefined) altered.isUnique = names === 'unique'
  if (writes !== undefined) altered.isClosed = writes === 'closed'
  return altered
}

function unusual(
  given: number | undefined,
  before: number | undefined,
  { of, usual }: { of: object | null; usual: number },
): number | undefined {
  if (of === null) return undefined
  if (given === undefined) return before
  return given === usual ? undefined : given
}

function knownIn(writer: Writer<Table>): { settings: StoreSettings | undefined } {
  return writer.local(OWNER, notRead)
}

function notRead(): { settings: StoreSettings | undefined } {
  return { settings: undefined }
}
