/**
 * Any key or value of any table as one line for people: for dumps, findings and messages.
 *
 *     meta       board "arena" → number 1, descending, best
 *     entries    board 1, score 1500, 2026-11-21T00:00:01.000000Z, player "ada" → name "Ada"
 *     players    board 1, player "ada" → score 1500, 2026-11-21T00:00:01.000000Z, name "Ada"
 *     requests   board 1, request "r1" → request 1, …, player "ada", score 1500, rank 1, changed, created
 *     log        record 2 → submit, board 1, player "ada", best 1500, …
 *     people     profile of player "ada" → name "Ada"
 *     ranks      board 1, node 0 → level 0, commit 2, next node 1: [-∞: 2 keys, 2 scores, commit 2]
 *
 * Nothing is refused: bytes that make no sense are shown as hexadecimal. Players choose their ids and
 * names, so these are quoted, and what could drive a terminal is written as `\u{hex}`.
 *
 * @module
 */

import type { Score } from '../words/index.ts'
import { decodeEntryKey, readMicros } from './entry-key.ts'
import { seqOf } from './log-key.ts'
import { decodeNote, encodeJson } from './log-note.ts'
import { type BoardRecord, decodeBoard } from './meta/board.ts'
import { boardChangeIdOf, decodeBoardChange } from './meta/board-change.ts'
import {
  COUNTERS_KEY,
  type Counters,
  decodeCounters,
  LOG_END_TAG,
  logEndOf,
} from './meta/counters.ts'
import { decodeHeader, FORMAT_VERSION, HEADER_KEY, usedFeatures } from './meta/header.ts'
import { decodeLineage, LINEAGE_KEY } from './meta/lineage.ts'
import { decodeOrphan, orphanIdOf } from './meta/orphan.ts'
import { decodePastBoard } from './meta/past-board.ts'
import { rulesIdOf } from './meta/rules.ts'
import { SETTINGS_KEY } from './meta/store-settings.ts'
import { type Details, decodeEntryValue, decodePlayerRecord } from './player-record.ts'
import { peopleKey, peopleValue } from './print-people.ts'
import { rulesText, settingsText } from './print-rules.ts'
import {
  runWindowsText,
  seasonKeyText,
  seasonValueText,
  windowAnswerTexts,
} from './print-seasons.ts'
import { player, quote, scoreText, tailText, text, time, unreadable } from './print-words.ts'
import { decodeRequest, decodeRequestsState, REQUESTS_STATE_KEY } from './request-record.ts'
import { decodeHistory, type RunChain } from './run-chain.ts'
import { decodeRun, isRun, RUN_TAG, type RunRecord } from './run-record.ts'
import { plainShape, type ScoreShape } from './score-shape.ts'
import { META_KIND, type Table } from './tables.ts'
import { decodeNode, type NodeContent } from './tree-node.ts'
import { decodeVarint } from './varint.ts'

interface Pair {
  key: Buffer
  value: Buffer
}

const ORPHAN_KEY_BYTES = 5
const NODE_ID_BYTES = 4
const UNKNOWN = plainShape('descending')

/**
 * Returns a key and its value as one line. What a score is hangs on the shape of its board: where that
 * is not known, it is taken for one double, and shown with `±` because the order is not known either.
 */
export function printPair(table: Table, key: Buffer, value: Buffer, shape?: ScoreShape): string {
  return `${printKey(table, key, shape)} → ${printValue(table, { key, value }, shape)}`
}

/** Returns a key as a part of a line; see {@link printPair}. */
export function printKey(table: Table, key: Buffer, shape?: ScoreShape): string {
  if (table === 'meta') return metaKey(key) ?? unreadable('key', key)
  if (table === 'people') return peopleKey(key) ?? unreadable('key', key)
  if (table === 'requests' && key.equals(REQUESTS_STATE_KEY)) return 'state of the requests'
  if (table === 'log') return recordKey(key) ?? unreadable('key', key)
  const board = decodeVarint(key)
  if (board === undefined) return unreadable('key', key)
  const rest = key.subarray(board.size)
  const place = {
    entries: () => entryPlace(rest, shape),
    players: () => (rest.length > 0 ? player(rest) : undefined),
    history: () => (rest.length > 0 ? player(rest) : 'the board'),
    ranks: () => (rest.length === NODE_ID_BYTES ? `node ${rest.readUInt32BE()}` : undefined),
    requests: () => (rest.length > 0 ? `request ${text(rest)}` : undefined),
  }[table]()
  return `board ${board.value}, ${place ?? unreadable('rest of the key', rest)}`
}

function printValue(table: Table, pair: Pair, shape: ScoreShape | undefined): string {
  const line = {
    meta: () => metaValue(pair),
    people: () => peopleValue(pair.key, pair.value, shape),
    entries: () => detailsText(decodeEntryValue(pair.key, pair.value)),
    players: () => recordText(pair, shape),
    log: () => (isRun(pair.value) ? runText(pair, shape) : noteText(pair)),
    history: () => historyText(pair),
    ranks: () => nodeText(pair, shape),
    requests: () => requestText(pair, shape),
  }[table]()
  return line ?? unreadable('damaged', pair.value)
}

function metaKey(key: Buffer): string | undefined {
  if (key.equals(HEADER_KEY)) return 'header'
  if (key.equals(COUNTERS_KEY)) return 'counters'
  if (isBoardKey(key)) return `board ${text(key.subarray(1))}`
  if (key.equals(LINEAGE_KEY)) return 'lineage'
  const changed = boardChangeIdOf(key)
  if (changed !== undefined) return `change of board ${changed}`
  if (isOrphanKey(key)) return `orphan board ${orphanIdOf(key)}`
  if (isPastBoardKey(key)) return `past board ${key.readUInt32BE(1)}`
  const ruled = rulesIdOf(key)
  if (ruled !== undefined) return `rules of board ${ruled}`
  if (key.equals(SETTINGS_KEY)) return 'settings'
  return seasonKeyText(key)
}

function metaValue({ key, value }: Pair): string | undefined {
  if (key.equals(HEADER_KEY)) return headerText(value)
  if (key.equals(COUNTERS_KEY)) return countersText(value)
  if (key.equals(LINEAGE_KEY)) return lineageText(value)
  if (boardChangeIdOf(key) !== undefined) return changeText(key, value)
  if (isOrphanKey(key)) return orphanText(key, value)
  if (isPastBoardKey(key)) return pastBoardText(key, value)
  if (rulesIdOf(key) !== undefined) return rulesText(key, value)
  if (key.equals(SETTINGS_KEY)) return settingsText(value)
  if (seasonKeyText(key) !== undefined) return seasonValueText(key, value)
  const board = isBoardKey(key) ? decodeBoard(key, value) : undefined
  return board && boardText(board)
}

function boardText({ id, shape, mode, keep, log }: BoardRecord): string {
  const columns = shape.columns.map(({ name, order }) => `${quote(name)} ${order}`).join(' and ')
  return [
    `number ${id}`,
    shape.isPlain ? shape.order : `columns ${columns}`,
    mode,
    ...(shape.type === 'number' ? [] : [shape.type]),
    ...(keep === undefined ? [] : [`keeps ${keep}`]),
    ...(log === 'all' ? [] : [`log ${log}`]),
  ].join(', ')
}

function isBoardKey(key: Buffer): boolean {
  return key.length > 1 && key[0] === META_KIND.BOARD
}

function isOrphanKey(key: Buffer): boolean {
  return key.length === ORPHAN_KEY_BYTES && key[0] === META_KIND.ORPHAN
}

function isPastBoardKey(key: Buffer): boolean {
  return key.length === ORPHAN_KEY_BYTES && key[0] === META_KIND.PAST_BOARD
}

function pastBoardText(key: Buffer, value: Buffer): string | undefined {
  const past = decodePastBoard(key, value)
  if (past === undefined) return undefined
  const { board, droppedSeq } = past
  return `board ${quote(board.name)}, dropped by record ${droppedSeq}, ${boardText(board)}`
}

function headerText(value: Buffer): string | undefined {
  const header = decodeHeader(value)
  if (header === undefined) return undefined
  const { version, storeId, createdMicros } = header
  if (version > FORMAT_VERSION) return `version ${version}, newer than this release reads`
  const used = usedFeatures(header)
  const uses = used.length === 0 ? '' : `, uses ${used.join(', ')}`
  return `version ${version}, store ${storeId}, created ${time(createdMicros)}${uses}`
}

function countersText(value: Buffer): string | undefined {
  const counters = decodeCounters(value)
  if (counters === undefined) return undefined
  const { sequence, lastMicros, nextBoardId } = counters
  return `commit ${sequence}, last time ${time(lastMicros)}, next board ${nextBoardId}${countersTail(counters)}`
}

function countersTail(counters: Counters): string {
  const { seq, committedMicros } = logEndOf(counters)
  const others = new Map([...counters.tail].filter(([tag]) => tag !== LOG_END_TAG))
  const end = seq === 0 ? '' : `, last record ${seq} at ${time(committedMicros)}`
  return `${end}${tailText(others)}`
}

function lineageText(value: Buffer): string | undefined {
  const lineage = decodeLineage(value)
  return lineage && `${lineage.lineageId}, restores ${lineage.restores}${tailText(lineage.tail)}`
}

function changeText(key: Buffer, value: Buffer): string | undefined {
  const change = decodeBoardChange(key, value)
  return change && `commit ${change.sequence}, ${time(change.micros)}${tailText(change.tail)}`
}

// Whatever is not in one of the two forms counts as dropped, but is worth seeing.
function orphanText(key: Buffer, value: Buffer): string | undefined {
  const orphan = decodeOrphan(key, value)
  if (orphan === undefined) return undefined
  if (orphan.state === 'dropped') return 'dropped, not swept yet'
  return `filled by an import, last seen ${time(orphan.lastMicros)}`
}

function entryPlace(rest: Buffer, shape: ScoreShape | undefined): string | undefined {
  const { headBytes } = shape ?? UNKNOWN
  if (decodeEntryKey(rest, shape ?? UNKNOWN) === undefined) return undefined
  return `${head(rest, shape)}, ${player(rest.subarray(headBytes))}`
}

function recordText({ key, value }: Pair, shape: ScoreShape | undefined): string | undefined {
  const record = decodePlayerRecord(key, value, (shape ?? UNKNOWN).headBytes)
  if (record === undefined) return undefined
  const hidden = record.isHidden === true ? 'hidden, ' : ''
  const runs = record.chain === undefined ? '' : `, ${chainText(record.chain)}`
  return `${hidden}${head(record.head, shape)}, ${detailsText(record)}${runs}`
}

function requestText({ key, value }: Pair, shape: ScoreShape | undefined): string | undefined {
  if (key.equals(REQUESTS_STATE_KEY)) return stateText(value)
  const request = decodeRequest(key, value, shape ?? UNKNOWN)
  if (request === undefined) return undefined
  const { number, ms, digest, answer } = request
  const { score: now, previousScore, submitted, rank, previousRank, passed } = answer
  const shown = (of: Score): string => (shape === undefined ? unsigned(of) : scoreText(of))
  return [
    `request ${number}, ${time(ms * 1000)}, arguments ${digest.toString('hex')}`,
    `player ${quote(answer.playerId)}`,
    ...(submitted === undefined ? [] : [`submitted ${shown(submitted)}`]),
    ...(now === undefined ? [] : [`score ${shown(now)}`]),
    ...(previousScore === undefined ? [] : [`before ${shown(previousScore)}`]),
    ...(rank === undefined ? [] : [`rank ${rank}`]),
    ...(previousRank === undefined ? [] : [`before ${previousRank}`]),
    ...(passed === undefined ? [] : [`passed ${passed.count}`]),
    ...(passed?.entries ?? []).map(({ playerId }) => quote(playerId)),
    ...windowAnswerTexts(answer),
    ...(answer.changed ? ['changed'] : []),
    ...(answer.created ? ['created'] : []),
  ].join(', ')
}

function stateText(value: Buffer): string | undefined {
  const state = decodeRequestsState(value)
  if (state === undefined) return undefined
  const { next, count, hand } = state
  const behind = hand.length === 0 ? 'at the first' : `behind ${printKey('requests', hand)}`
  return `next number ${next}, ${count} stored, looking ${behind}`
}

function detailsText(details: Details | undefined): string | undefined {
  if (details === undefined) return undefined
  const { name, metadata } = details
  const nameText = name === undefined ? 'no name' : `name ${quote(name)}`
  return metadata === undefined ? nameText : `${nameText}, metadata ${quote(metadata)}`
}

function recordKey(key: Buffer): string | undefined {
  const seq = seqOf(key)
  return seq === undefined ? undefined : `record ${seq}`
}

function runText({ key, value }: Pair, shape: ScoreShape | undefined): string | undefined {
  const run = decodeRun(key, value)
  if (run === undefined) return undefined
  const { boardId, playerId, mode, before, atMicros, committedMicros, ranks, name } = run
  const { metadata, commitBack, runBack, plays, wins } = run
  return (
    [
      `submit, board ${boardId}, player ${quote(playerId)}`,
      `${mode} ${score(Buffer.from(run.submitted), shape)}`,
      before === undefined ? 'no entry before' : `before ${head(Buffer.from(before), shape)}`,
      ...(ranks === undefined ? [] : [`rank ${ranks.rank}, rank before ${ranks.previousRank}`]),
      `${time(atMicros)}${run.isAtGiven ? ' as given' : ''}`,
      ...(atMicros === committedMicros ? [] : [`committed ${time(committedMicros)}`]),
      `play ${plays}${wins > 0 ? ` with ${wins} won` : ''}`,
      ...(run.won ? ['won'] : []),
      ...(run.hasNoPlace ? ['no place'] : []),
      ...(run.isHidden ? ['hidden'] : []),
      ...(commitBack > 0 ? [`record ${commitBack + 1} of its change`] : []),
      ...(runBack > 0 ? [`run before ${runBack} records back`] : []),
      ...(name === undefined ? [] : [`name ${quote(name)}`]),
      ...(metadata === undefined
        ? []
        : [`metadata ${metadata === null ? 'none' : quote(metadata)}`]),
    ].join(', ') + runTailText(run, shape)
  )
}

function runTailText({ tail, submitted }: RunRecord, shape: ScoreShape | undefined): string {
  const windows = tail.get(RUN_TAG.WINDOWS)
  if (windows === undefined) return tailText(tail)
  const others = new Map([...tail].filter(([tag]) => tag !== RUN_TAG.WINDOWS))
  const seasons = runWindowsText(windows, submitted.length, (bytes) => head(bytes, shape))
  return `${seasons}${tailText(others)}`
}

function noteText({ key, value }: Pair): string | undefined {
  const note = decodeNote(key, value)
  if (note === undefined) return undefined
  const { kind, committedMicros, commitBack, fields, tail } = note
  const place = commitBack > 0 ? `, record ${commitBack + 1} of its change` : ''
  const json = quote(encodeJson(fields).toString())
  return `${kind}, ${time(committedMicros)}${place}, ${json}${tailText(tail)}`
}

function historyText({ key, value }: Pair): string | undefined {
  const record = decodeHistory(key, value)
  if (record === undefined) return undefined
  const { chain, tail } = record
  return `${chain === undefined ? 'no runs' : chainText(chain)}${tailText(tail)}`
}

function chainText({ last, isRelative, plays, wins }: RunChain): string {
  const place = isRelative ? `${last} of its filling` : `${last}`
  return `last run ${place}, ${plays} plays with ${wins} won`
}

function nodeText({ key, value }: Pair, shape: ScoreShape | undefined): string | undefined {
  const node = decodeNode(key, value, (shape ?? UNKNOWN).headBytes / 4)
  if (node === undefined) return undefined
  const isRoot = isZero(key.subarray(-NODE_ID_BYTES))
  const next = isRoot ? `, next node ${node.nextNodeId}` : ''
  const children = Array.from({ length: node.size }, (_, i) => childText(node, i, shape))
  return `level ${node.level}, commit ${node.version}${next}: [${children.join(' | ')}]`
}

function childText(node: NodeContent, i: number, shape: ScoreShape | undefined): string {
  const id = node.level > 0 ? `node ${node.children[i]}, ` : ''
  const counts = `${node.counts[i]} keys, ${node.groups[i]} scores, commit ${node.versions[i]}`
  return `${separator(node, i, shape)}: ${id}${counts}`
}

function separator(node: NodeContent, i: number, shape: ScoreShape | undefined): string {
  const { headBytes } = shape ?? UNKNOWN
  const words = headBytes / 4
  const bytes = Buffer.alloc(headBytes)
  for (let word = 0; word < words; word++)
    bytes.writeUInt32BE(node.heads[i * words + word] as number, word * 4)
  const tail = node.tails?.[i]
  const place = isZero(bytes) ? '-∞' : head(bytes, shape)
  return tail === undefined || tail.length === 0 ? place : `${place}, ${text(tail)}`
}

function head(bytes: Buffer, shape: ScoreShape | undefined): string {
  return `score ${score(bytes, shape)}, ${time(readMicros(bytes, (shape ?? UNKNOWN).bytes))}`
}

function score(bytes: Buffer, shape: ScoreShape | undefined): string {
  const found = (shape ?? UNKNOWN).read(bytes, 0)
  if (shape === undefined) return unsigned(found)
  return found === undefined ? 'damaged' : scoreText(found)
}

// The form of a score on one kind of board is that of its negative on the other.
function unsigned(found: Score | undefined): string {
  return `±${Math.abs(found as number)}`
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0)
}
