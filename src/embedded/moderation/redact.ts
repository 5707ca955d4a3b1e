/**
 * Records of the log without a person: what is left of the person's own says only that there was one.
 *
 * @module
 */

import { decodeJson, decodeNote, encodeJson, encodeNote, logKindOf } from '../../format/log-note.ts'
import { decodeMovedChains, encodeMovedChains } from '../../format/moved-chains.ts'
import { decodeRun, encodeRun, RUN_TAG, type RunRecord } from '../../format/run-record.ts'
import { type Fields, NO_FIELDS } from '../../format/tail.ts'
import type { PushedOut } from '../../words/index.ts'

/** A record as it is stored. */
interface Pair {
  key: Buffer
  value: Buffer
}

/** Tells quickly which records may be about a player; most are not. */
export class Mentions {
  readonly #plain: Buffer
  readonly #escaped: Buffer

  constructor(playerId: string) {
    this.#plain = Buffer.from(playerId)
    this.#escaped = Buffer.from(JSON.stringify(playerId).slice(1, -1))
  }

  mayBeIn(value: Buffer): boolean {
    // Of bytes that were lent the length alone says where they end.
    const own = value.subarray(0, value.length)
    return own.includes(this.#plain) || own.includes(this.#escaped)
  }
}

/** Returns the value of a record without a player; undefined if the player is not in it, or it is damaged. */
export function redacted(pair: Pair, playerId: string, by: number): Buffer | undefined {
  return logKindOf(pair.value) === 'submit'
    ? redactedRun(pair, playerId, by)
    : redactedNote(pair, playerId, by)
}

/** Returns the value of a record of which only that stays that there was one. `by` is the seq of the erasure. */
export function erased({ key, value }: Pair, by: number): Buffer | undefined {
  const of = logKindOf(value)
  if (of === 'erase') return undefined
  const place = of === 'submit' ? decodeRun(key, value) : decodeNote(key, value)
  if (place === undefined) return undefined
  const { committedMicros, commitBack } = place
  return encodeNote(key, {
    ...{ kind: 'erase', committedMicros, commitBack, fields: { of, by }, tail: NO_FIELDS },
  })
}

function redactedRun(pair: Pair, playerId: string, by: number): Buffer | undefined {
  const run = decodeRun(pair.key, pair.value)
  if (run === undefined) return undefined
  if (run.playerId === playerId) return erased(pair, by)
  const pushedOut = pushedOutOf(run)
  const others = pushedOut.filter((gone) => gone.playerId !== playerId)
  if (others.length === pushedOut.length) return undefined
  const tail = new Map(run.tail)
  if (others.length === 0) tail.delete(RUN_TAG.PUSHED_OUT)
  else tail.set(RUN_TAG.PUSHED_OUT, encodeJson(others))
  return Buffer.from(encodeRun(pair.key, { ...run, tail }))
}

function pushedOutOf({ tail }: RunRecord): PushedOut[] {
  const field = tail.get(RUN_TAG.PUSHED_OUT)
  return field === undefined ? [] : (decodeJson(field.toString()) as PushedOut[])
}

function redactedNote(pair: Pair, playerId: string, by: number): Buffer | undefined {
  const note = decodeNote(pair.key, pair.value)
  if (note === undefined) return undefined
  const { fields, kind } = note
  if (fields['playerId'] === playerId || fields['to'] === playerId) return erased(pair, by)
  // The chain of who received goes on behind the move.
  if (kind === 'move' && fields['from'] === playerId) {
    const { from: _, reason: __, ...others } = fields
    const entries = Array.isArray(others['entries'])
      ? others['entries'].map(withoutSide)
      : undefined
    const left = { ...others, ...(entries !== undefined && { entries }) }
    return encodeNote(pair.key, { ...note, fields: left, tail: withoutFrom(note.tail) })
  }
  const others = without(fields, playerId) as typeof fields
  return others === fields ? undefined : encodeNote(pair.key, { ...note, fields: others })
}

function withoutSide(entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { from: _, ...others } = entry
  return others
}

function withoutFrom(tail: Fields): Fields {
  const chains = decodeMovedChains(tail.get(RUN_TAG.CHAINS)) ?? []
  const others = chains.map((chain) => ({ ...chain, fromLast: 0 }))
  return new Map([...tail, [RUN_TAG.CHAINS, encodeMovedChains(others)]])
}

// Returns the value itself if the player is not in it: lists leave out what is about the player.
function without(value: unknown, playerId: string): unknown {
  if (Array.isArray(value)) {
    const others = value.filter((item: unknown) => !isAbout(item, playerId))
    const items = others.map((item) => without(item, playerId))
    const isSame = items.length === value.length && items.every((item, i) => item === others[i])
    return isSame ? value : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, field]) => [name, without(field, playerId)])
  const isSame = entries.every(([name, field]) => {
    return field === (value as Record<string, unknown>)[name as string]
  })
  return isSame ? value : Object.fromEntries(entries)
}

function isAbout(item: unknown, playerId: string): boolean {
  return (item as { playerId?: unknown } | null)?.playerId === playerId
}
