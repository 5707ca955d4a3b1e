/**
 * Any number of pairs in bounded memory, given back in order.
 *
 *     add ──► pairs in memory ──full──► sorted run on disk ─┐
 *                    └───────────────── sorted in memory ───┴── merge ──► visit
 *
 * What fits into memory never touches the disk.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { TURN_KEYS } from '../../ground/limits.ts'
import type { Steps } from './byte-strings.ts'
import { comparePlaces, PackedPairs, type PairVisitor } from './packed-pairs.ts'
import type { RunFile, RunReader } from './run-file.ts'
import type { Scratch } from './scratch.ts'

/** How a spool works. */
export interface SpoolOptions {
  scratch: Scratch
  /** `keys`: by their bytes, and those of one key as they were added; `added`: as they were added. */
  order: 'keys' | 'added'
  /** Bytes in memory before a run goes to disk. */
  bytesMax: number
}

/** Pairs on their way. */
export class PairSpool {
  readonly #options: SpoolOptions
  #pairs = new PackedPairs()
  readonly #runs: RunFile[] = []
  #order: Uint32Array | undefined
  #count = 0

  constructor(options: SpoolOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#count
  }

  /** Bytes of the pairs, about. */
  get bytes(): number {
    return this.#pairs.bytes + this.#runs.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Whether {@link spill} must be called before the next pair is added. */
  get isFull(): boolean {
    return this.#pairs.bytes >= this.#options.bytesMax
  }

  /** Adds a pair, as `PackedPairs.add` does. */
  add(write: (slab: Buffer, at: number) => { keyEnd: number; end: number }): void {
    this.#pairs.add(write)
    this.#count++
  }

  /** Makes a run of what is in memory. */
  async spill(): Promise<void> {
    if (this.#pairs.count === 0) return
    const run = await this.#options.scratch.newRun()
    await run.write(this.#pairs, await this.#inOrder())
    this.#runs.push(run)
    this.#pairs.clear()
    this.#order = undefined
  }

  /**
   * Visits all pairs in order; may be called again. The event loop gets a turn after every `turnPairs`.
   */
  async visit(visitor: PairVisitor, turnPairs: number = TURN_KEYS): Promise<void> {
    const visit = inTurns(visitor, turnPairs)
    if (this.#runs.length === 0) {
      await this.#visitMemory(visit)
      return
    }
    await this.spill()
    // All is on disk, and the next step needs the memory.
    this.#pairs = new PackedPairs()
    if (this.#options.order === 'keys') await merge(this.#runs, visit)
    else for (const run of this.#runs) await merge([run], visit)
  }

  async #visitMemory(visit: PairVisitor): Promise<void> {
    this.#order ??= await this.#inOrder()
    const order = this.#order
    for (let start = 0; start < order.length; start += TOUCHED) {
      this.#pairs.touch(order.subarray(start, start + TOUCHED))
      for (const i of order.subarray(start, start + TOUCHED)) {
        const waiting = visit(this.#pairs.placeOf(i))
        if (waiting !== undefined) await waiting
      }
    }
  }

  async #inOrder(): Promise<Uint32Array> {
    if (this.#options.order === 'keys') return resultOf(this.#pairs.inOrder())
    return Uint32Array.from({ length: this.#pairs.count }, (_, i) => i)
  }
}

const TOUCHED = 1_000

// The event loop gets a turn after each step.
async function resultOf<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await nextTurn()
  }
}

function inTurns(visitor: PairVisitor, turnPairs: number): PairVisitor {
  let visited = 0
  return (place) => {
    const waiting = visitor(place)
    if (++visited % turnPairs !== 0) return waiting
    return (waiting ?? Promise.resolve()).then(() => nextTurn())
  }
}

// Visits the pairs of sorted runs in order; if keys are equal, that of the earlier run comes first.
async function merge(runs: readonly RunFile[], visit: PairVisitor): Promise<void> {
  const heap = new RunHeap()
  for (const [number, run] of runs.entries()) {
    const reader = run.read()
    if (await reader.fetch()) heap.push({ reader, number })
  }
  for (let first = heap.first; first !== undefined; first = heap.first) {
    const waiting = visit(first.reader.place)
    if (waiting !== undefined) await waiting
    if (first.reader.next() || (await first.reader.fetch())) heap.settle()
    else heap.removeFirst()
  }
}

/** A run that is merged. */
interface Source {
  reader: RunReader
  number: number
}

/** A binary heap of runs: the one whose pair comes first lies on top. */
class RunHeap {
  readonly #sources: Source[] = []

  get first(): Source | undefined {
    return this.#sources[0]
  }

  push(source: Source): void {
    const sources = this.#sources
    let i = sources.push(source) - 1
    while (i > 0) {
      const above = (i - 1) >> 1
      if (!isBefore(source, sources[above] as Source)) break
      sources[i] = sources[above] as Source
      i = above
    }
    sources[i] = source
  }

  /** The pair of the first one has changed. */
  settle(): void {
    const sources = this.#sources
    const moved = sources[0] as Source
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= sources.length) break
      const other = child + 1
      if (other < sources.length && isBefore(sources[other] as Source, sources[child] as Source))
        child = other
      if (!isBefore(sources[child] as Source, moved)) break
      sources[i] = sources[child] as Source
      i = child
    }
    sources[i] = moved
  }

  removeFirst(): void {
    const last = this.#sources.pop() as Source
    if (this.#sources.length === 0) return
    this.#sources[0] = last
    this.settle()
  }
}

function isBefore(a: Source, b: Source): boolean {
  const side = comparePlaces(a.reader.place, b.reader.place)
  return side < 0 || (side === 0 && a.number < b.number)
}
