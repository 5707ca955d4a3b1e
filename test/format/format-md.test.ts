/**
 * FORMAT.md is read and held against the codecs: it cannot say what is not so.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { decodeEntryKey, encodeEntryKey } from '../../src/format/entry-key.ts'
import { logKey, seqOf } from '../../src/format/log-key.ts'
import { decodeNote, encodeNote, type NoteRecord } from '../../src/format/log-note.ts'
import {
  BOARDS_START,
  boardKey,
  boardNameOf,
  decodeBoard,
  encodeBoard,
} from '../../src/format/meta/board.ts'
import {
  type BoardChange,
  boardChangeIdOf,
  boardChangeKey,
  decodeBoardChange,
  encodeBoardChange,
} from '../../src/format/meta/board-change.ts'
import { COUNTERS_KEY, decodeCounters, encodeCounters } from '../../src/format/meta/counters.ts'
import {
  decodeHeader,
  encodeHeader,
  FORMAT_VERSION,
  HEADER_KEY,
  type Header,
} from '../../src/format/meta/header.ts'
import {
  decodeLineage,
  encodeLineage,
  LINEAGE_KEY,
  type Lineage,
} from '../../src/format/meta/lineage.ts'
import {
  decodeOrphan,
  encodeOrphan,
  type Orphan,
  orphanIdOf,
  orphanKey,
} from '../../src/format/meta/orphan.ts'
import {
  decodePastBoard,
  encodePastBoard,
  PAST_BOARDS_START,
  type PastBoard,
  pastBoardKey,
} from '../../src/format/meta/past-board.ts'
import {
  type BanPlace,
  type BanRecord,
  banEndKey,
  banEndOf,
  banKey,
  banPlaceOf,
  decodeBan,
  encodeBan,
  encodeBanEnd,
} from '../../src/format/people/ban.ts'
import {
  decodeErasure,
  encodeErasure,
  erasureHashOf,
  erasureKey,
} from '../../src/format/people/erasure.ts'
import {
  type Details,
  decodeEntryValue,
  decodePlayerRecord,
  encodeEntryValue,
  encodePlayerRecord,
  type PlayerRecord,
} from '../../src/format/player-record.ts'
import { printPair } from '../../src/format/print.ts'
import {
  decodeRequest,
  decodeRequestsState,
  encodeRequest,
  encodeRequestsState,
  REQUESTS_STATE_KEY,
  type RequestRecord,
  type RequestsState,
  requestKey,
} from '../../src/format/request-record.ts'
import { decodeHistory, encodeHistory, type HistoryRecord } from '../../src/format/run-chain.ts'
import { decodeRun, encodeRun, RUN_TAG, type RunRecord } from '../../src/format/run-record.ts'
import { decodeRunWindows, encodeRunWindows, type RunWindow } from '../../src/format/run-windows.ts'
import { readInteger, readScore, writeInteger, writeScore } from '../../src/format/score.ts'
import { plainShape, ScoreShape } from '../../src/format/score-shape.ts'
import { FIRST_TABLES, TABLES, type Table } from '../../src/format/tables.ts'
import { decodeNode, encodeNode, type NodeContent } from '../../src/format/tree-node.ts'
import { decodeVarint, encodeVarint } from '../../src/format/varint.ts'
import * as limits from '../../src/ground/limits.ts'
import { openLeaderboards } from '../../src/index.ts'
import { openLmdbStore } from '../../src/store/lmdb/open-lmdb.ts'
import type { Order, ScoreType } from '../../src/words/index.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { hex } from './bytes.ts'
import { encodedProfiles, encodedRules } from './people.ts'
import { encodedFinal, encodedSeasons } from './seasons.ts'

interface Example {
  table: Table
  shape: ScoreShape | undefined
  key: Buffer
  value: Buffer
  line: string
}

const FORMAT = readFileSync(resolve(import.meta.dirname, '../../src/format/FORMAT.md'), 'utf8')
const ORDERED_FORMS = /^\| ([-.e\d]+) \| `([0-9a-f ]{23})` \| `([0-9a-f ]{23})` \|$/gm
/** By the lines that they are printed as. */
const EXAMPLES = examplesOf(FORMAT).map((example) => [example.line, example] as const)

test('FORMAT.md has an example of every kind of pair', () => {
  const kinds = EXAMPLES.map(([, { table, key }]) => {
    if (key.equals(REQUESTS_STATE_KEY) && table === 'requests') return 'requests state'
    return table === 'meta' || table === 'people' ? `${table} ${key[0]}` : table
  })
  expect(new Set(kinds)).toEqual(
    new Set([
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((kind) => `meta ${kind}`),
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((kind) => `people ${kind}`),
      ...[...FIRST_TABLES.slice(1), 'log', 'history'],
      ...['requests', 'requests state'],
    ]),
  )
})

test.each(EXAMPLES)(
  'printPair() prints the bytes in FORMAT.md as: %s',
  (line, { table, key, value, shape }) => {
    expect(printPair(table, key, value, shape)).toBe(line)
  },
)

test.each(EXAMPLES)('the codecs make the bytes in FORMAT.md of: %s', (_line, example) => {
  const [key, value] = encodedAgain(example)
  expect(key).toEqual(example.key)
  expect(value).toEqual(example.value)
})

test('FORMAT.md has an example of every form of a board and of details, and of heads of two sizes', () => {
  const of = (name: Table): Example[] =>
    EXAMPLES.map(([, example]) => example).filter(({ table }) => table === name)
  const boards = of('meta').filter(({ key }) => key[0] === BOARDS_START[0])
  const forms = boards.map(({ value }) => [value.length, value[10]].join(' '))
  expect(forms).toEqual(expect.arrayContaining(['12 0', '12 1', '16 0', '30 0', '28 1']))
  expect(new Set(of('entries').map(({ value }) => value[4]))).toEqual(new Set([0, 1, 2, 3]))
  for (const name of ['entries', 'players', 'ranks'] as const)
    expect(new Set(of(name).map(({ shape }) => shape?.isPlain))).toEqual(new Set([true, false]))
})

test('FORMAT.md is of the version that is written, and says what those before it were', () => {
  const headers = EXAMPLES.map(
    ([, { key, value }]) => key.equals(HEADER_KEY) && decodeHeader(value),
  )
  const versions = headers.flatMap((header) => (header ? [header.version] : []))
  expect(versions).toEqual([3, 1, 2])
  expect(versions[0]).toBe(FORMAT_VERSION)
  expect(FORMAT).toMatch(`\nVersion ${FORMAT_VERSION}, to the byte.`)
  expect(FORMAT).toMatch(new RegExp(`^\\| ${FORMAT_VERSION} \\| \\d+\\.\\d+\\.\\d+ \\|`, 'm'))
})

test.each(rows(/^\| (\d+) \| `([0-9a-f ]+)` \|$/gm))(
  'encodeVarint() makes the bytes in FORMAT.md of %s',
  (number, digits) => {
    expect(encodeVarint(Number(number))).toEqual(hex(digits as string))
    expect(decodeVarint(hex(digits as string))?.value).toBe(Number(number))
  },
)

test.each(rows(ORDERED_FORMS, tableUnder('score')))(
  'writeScore() makes the bytes in FORMAT.md of %s',
  (score, ...forms) => {
    for (const [i, order] of (['ascending', 'descending'] as const).entries()) {
      const bytes = Buffer.alloc(8)
      writeScore(bytes, 0, Number(score), order)
      expect(bytes).toEqual(hex(forms[i] as string))
      expect(readScore(bytes, 0, order)).toBe(Number(score))
    }
  },
)

test.each(rows(ORDERED_FORMS, tableUnder('integer')))(
  'writeInteger() makes the bytes in FORMAT.md of %s',
  (integer, ...forms) => {
    for (const [i, order] of (['ascending', 'descending'] as const).entries()) {
      const bytes = Buffer.alloc(8)
      writeInteger(bytes, 0, BigInt(integer as string), order)
      expect(bytes).toEqual(hex(forms[i] as string))
      expect(readInteger(bytes, 0, order)).toBe(BigInt(integer as string))
    }
  },
)

test.each(rows(/^\| [^|]+ \| ([\d,]+) \| `([A-Z_]+)` \|$/gm))(
  'FORMAT.md has the limit %s for %s',
  (value, name) => {
    expect((limits as Record<string, unknown>)[name as string]).toBe(
      Number(value?.replaceAll(',', '')),
    )
  },
)

test('openLeaderboards() and submit() make the whole store of FORMAT.md, byte for byte', async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, 'store')
    await makeWorkedStore(path)
    const stored = await storedPairs(path)
    const documented = EXAMPLES.map(([, { table, key, value }]) => show(table, key, value))
    // The id is random, and with it the checksum: the rest of the header must be the same.
    const header = EXAMPLES[0]?.[1] as Example
    const { storeId } = decodeHeader(header.value) as Header
    const found = stored.map(({ table, key, value }) => {
      const isHeader = table === 'meta' && key.equals(HEADER_KEY)
      return show(
        table,
        key,
        isHeader ? encodeHeader({ ...(decodeHeader(value) as Header), storeId }) : value,
      )
    })
    expect(found).toHaveLength(11)
    expect(documented).toEqual(expect.arrayContaining(found))
  })
})

/** The blocks of a document: table and shape of scores; key and value in hexadecimal; the line they print as. */
function examplesOf(text: string): Example[] {
  return [...text.matchAll(/^```hex\n([\s\S]*?)^```$/gm)].map(([, block]) => {
    const [title = '', ...lines] = (block as string).trimEnd().split('\n')
    const [table, scores] = title.split(/ {2,}/)
    const fields = { key: '', value: '', '=': '' }
    let field: keyof typeof fields = 'key'
    for (const line of lines) {
      field = (line.slice(0, 7).trim() || field) as keyof typeof fields
      // Hexadecimal ends where the words about it begin.
      fields[field] +=
        field === '=' ? line.slice(7) : / *([0-9a-f]{2}(?: |$))*/.exec(line.slice(7))?.[0]
    }
    const { key, value, '=': line } = fields
    return {
      table: table as Table,
      shape: scores === undefined ? undefined : shapeOf(scores),
      key: hex(key),
      value: hex(value),
      line,
    }
  })
}

/** What a block says of scores, in the words of printPair(): the order or the columns, then the type. */
function shapeOf(words: string): ScoreShape {
  const [orders = '', type = 'number'] = words.split(', ')
  if (!orders.includes(' ')) return plainShape(orders as Order, type as ScoreType)
  const [first, ...others] = orders.split(' and ').map((column) => {
    const [name = '', order] = column.split(' ')
    return { name, order: order as Order }
  })
  return new ScoreShape(type as ScoreType, [first as { name: string; order: Order }, ...others])
}

/** Returns the table of FORMAT.md whose first column has this title. */
function tableUnder(title: string): string {
  const start = FORMAT.indexOf(`\n| ${title} | ascending |`)
  expect(start).toBeGreaterThan(0)
  return FORMAT.slice(start, FORMAT.indexOf('\n\n', start) + 1)
}

/** Rows of tables in FORMAT.md, by their cells. */
function rows(pattern: RegExp, text = FORMAT): string[][] {
  const found = [...text.matchAll(pattern)].map(([, ...cells]) => cells as string[])
  expect(found.length).toBeGreaterThan(5)
  return found
}

/** Decodes a pair and encodes what came of it. */
function encodedAgain({
  table,
  shape = plainShape('descending'),
  key,
  value,
}: Example): [Buffer, Buffer] {
  if (table === 'meta') return encodedMeta(key, value)
  if (table === 'requests') return encodedRequest(key, value, shape)
  if (table === 'people') return encodedPeople(key, value, shape)
  if (table === 'log') return encodedRecord(key, value)
  const board = decodeVarint(key) as { value: number; size: number }
  const rest = key.subarray(board.size)
  const prefix = encodeVarint(board.value)
  if (table === 'entries') {
    const entry = decodeEntryKey(rest, shape) as NonNullable<ReturnType<typeof decodeEntryKey>>
    const details = decodeEntryValue(key, value) as Details
    return [Buffer.concat([prefix, encodeEntryKey(entry, shape)]), encodeEntryValue(key, details)]
  }
  if (table === 'history') {
    const record = decodeHistory(key, value) as HistoryRecord
    return [Buffer.concat([prefix, rest]), encodeHistory(key, record)]
  }
  const { headBytes } = shape
  const sameKey = Buffer.concat([prefix, rest])
  if (table === 'ranks') {
    const node = decodeNode(key, value, headBytes / 4) as NodeContent
    return [sameKey, encodeNode(key, node, headBytes / 4)]
  }
  const record = decodePlayerRecord(key, value, headBytes) as PlayerRecord
  return [sameKey, encodePlayerRecord(key, record, headBytes)]
}

function encodedPeople(key: Buffer, value: Buffer, shape: ScoreShape): [Buffer, Buffer] {
  const known = encodedProfiles(key, value) ?? encodedFinal(key, value, shape)
  if (known !== undefined) return known
  const hash = erasureHashOf(key)
  if (hash !== undefined)
    return [erasureKey(hash), encodeErasure(key, decodeErasure(key, value) as number)]
  const end = banEndOf(key)
  if (end !== undefined) return [banEndKey(end), encodeBanEnd(key)]
  const ban = decodeBan(key, value) as BanRecord
  return [banKey(banPlaceOf(key) as BanPlace), encodeBan(key, ban)]
}

function encodedRequest(key: Buffer, value: Buffer, shape: ScoreShape): [Buffer, Buffer] {
  if (key.equals(REQUESTS_STATE_KEY))
    return [REQUESTS_STATE_KEY, encodeRequestsState(decodeRequestsState(value) as RequestsState)]
  const board = decodeVarint(key) as { value: number; size: number }
  const record = decodeRequest(key, value, shape) as RequestRecord
  const sameKey = requestKey(board.value, key.toString('utf8', board.size))
  return [sameKey, encodeRequest(key, record, shape)]
}

function encodedRecord(key: Buffer, value: Buffer): [Buffer, Buffer] {
  const run = decodeRun(key, value)
  const again =
    run === undefined
      ? encodeNote(key, decodeNote(key, value) as NoteRecord)
      : encodeRun(key, withWindowsAgain(run))
  return [logKey(seqOf(key) as number), Buffer.from(again)]
}

function withWindowsAgain(run: RunRecord): RunRecord {
  const windows = run.tail.get(RUN_TAG.WINDOWS)
  if (windows === undefined) return run
  const scoreBytes = run.submitted.length
  const again = encodeRunWindows(decodeRunWindows(windows, scoreBytes) as RunWindow[], scoreBytes)
  return { ...run, tail: new Map([...run.tail, [RUN_TAG.WINDOWS, again]]) }
}

function encodedMeta(key: Buffer, value: Buffer): [Buffer, Buffer] {
  const rules = encodedRules(key, value) ?? encodedSeasons(key, value)
  if (rules !== undefined) return rules
  if (key.equals(HEADER_KEY)) return [HEADER_KEY, encodeHeader(decodeHeader(value) as Header)]
  if (key.equals(COUNTERS_KEY))
    return [
      COUNTERS_KEY,
      encodeCounters(decodeCounters(value) as NonNullable<ReturnType<typeof decodeCounters>>),
    ]
  if (key.equals(LINEAGE_KEY)) return [LINEAGE_KEY, encodeLineage(decodeLineage(value) as Lineage)]
  const changedId = boardChangeIdOf(key)
  if (changedId !== undefined) {
    const change = decodeBoardChange(key, value) as BoardChange
    return [boardChangeKey(changedId), encodeBoardChange(key, change)]
  }
  if (key[0] === PAST_BOARDS_START[0]) {
    const past = decodePastBoard(key, value) as PastBoard
    return [pastBoardKey(past.board.id), encodePastBoard(key, past)]
  }
  if (key[0] !== BOARDS_START[0]) {
    const orphan = decodeOrphan(key, value) as Orphan
    return [orphanKey(orphanIdOf(key) as number), encodeOrphan(key, orphan)]
  }
  const board = decodeBoard(key, value) as NonNullable<ReturnType<typeof decodeBoard>>
  return [boardKey(boardNameOf(key)), encodeBoard(key, board)]
}

async function makeWorkedStore(path: string): Promise<void> {
  let now = Date.UTC(2026, 10, 21)
  const store = openLeaderboards(path, { clock: () => now })
  const arena = store.board('arena', { mode: 'best' })
  now += 1000
  await arena.submit('alice', 1500, { name: 'Alice' })
  now += 1000
  await arena.submit('bob', 2000)
  await store.close()
}

async function storedPairs(path: string): Promise<{ table: Table; key: Buffer; value: Buffer }[]> {
  const files = { readOnly: true, create: false, relaxed: false, initial: [] }
  const options = { tables: TABLES, required: TABLES, ...files }
  const store = openLmdbStore(path, options)
  try {
    return TABLES.flatMap((table) =>
      Array.from(store.current().pairs(table, {}), (pair) => ({ table, ...pair })),
    )
  } finally {
    await store.close()
  }
}

function show(table: Table, key: Buffer, value: Buffer): string {
  return `${table} ${key.toString('hex')} ${value.toString('hex')}`
}
