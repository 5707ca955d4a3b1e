/**
 * Sorting a million byte strings, a slice at a time.
 *
 *     all ──by their leading bytes──► buckets in order ──each──► sorted
 *                                        └──too long for one slice──► buckets again
 *
 * A comparing sort looks at twenty pairs for each string, all over the memory. Here as many
 * leading bits as a double can hold are put in front of the string's position, and typed arrays sort
 * doubles natively. Strings that agree that far are a run, which is sorted in the same way by the bytes
 * in which its own strings differ.
 *
 * A native sort cannot be interrupted, and one of a million doubles holds the event loop for a third of
 * a second: hence the buckets. They also lie closer together in memory, so this way takes no longer.
 *
 * @module
 */

import { type ByteStrings, CODE_BYTES, type Steps } from './byte-strings.ts'
import { kindsOf, spread } from './group-bytes.ts'

const EXACT_BITS = 53
// Shorter runs are compared: setting up the other way takes longer.
const RUN_MIN = 12
// Strings between two yields: some milliseconds of work.
const SLICE = 16_384
// So that a bucket of evenly spread strings is well below a slice.
const BUCKET = 4_096

/** Returns the positions of the strings in their order. Cost: O(n log n), most of it native. */
export function* sortBytes(strings: ByteStrings): Steps<Uint32Array> {
  const kinds = strings.count > SLICE ? yield* kindsOf(strings, SLICE) : undefined
  if (kinds !== undefined) {
    const firsts = kinds.firsts.slice()
    yield* sortLong(firsts, strings, 0)
    return yield* spread(kinds, firsts, SLICE)
  }
  const sorted = new Uint32Array(strings.count)
  for (let i = 0; i < sorted.length; i++) sorted[i] = i
  yield* sortLong(sorted, strings, 0)
  return sorted
}

// As `sortRun`, for runs of any length.
function* sortLong(run: Uint32Array, strings: ByteStrings, from: number): Steps<void> {
  if (run.length <= SLICE) {
    sortRun(run, strings, from)
    yield
    return
  }
  if (from >= strings.bytesMax) {
    if (!(yield* isSortedLong(run, strings))) run.sort((a, b) => strings.compare(a, b))
    return
  }
  const ends = yield* partition(run, strings, from)
  if (ends === undefined) {
    yield* sortLong(run, strings, from + CODE_BYTES)
    return
  }
  let start = 0
  let sorted = 0
  for (const end of ends) {
    const bucket = run.subarray(start, end)
    start = end
    if (bucket.length > SLICE) yield* sortLong(bucket, strings, from)
    else {
      sortRun(bucket, strings, from)
      sorted += bucket.length
      if (sorted < SLICE) continue
      sorted = 0
      yield
    }
  }
}

// Puts positions into buckets by the codes of their strings, in order, and returns where each bucket
// ends; undefined if the codes are all the same. At least two buckets are not empty.
function* partition(
  run: Uint32Array,
  strings: ByteStrings,
  from: number,
): Steps<Uint32Array | undefined> {
  const codes = new Float64Array(run.length)
  let least = Number.POSITIVE_INFINITY
  let most = 0
  for (let i = 0; i < run.length; i++) {
    const code = strings.codeAt(run[i] as number, from)
    codes[i] = code
    if (code < least) least = code
    if (code > most) most = code
    if (i % SLICE === SLICE - 1) yield
  }
  if (least === most) return undefined
  const count = Math.ceil(run.length / BUCKET)
  const scale = count / (most - least + 1)
  const ends = new Uint32Array(count)
  for (let i = 0; i < run.length; i++) {
    const bucket = Math.min(count - 1, Math.floor(((codes[i] as number) - least) * scale))
    codes[i] = bucket
    ends[bucket] = (ends[bucket] as number) + 1
  }
  let end = 0
  for (let bucket = 0; bucket < count; bucket++) {
    const size = ends[bucket] as number
    // Where the bucket begins: each string that is put into it moves that on, to its end at last.
    ends[bucket] = end
    end += size
  }
  yield
  const unsorted = run.slice()
  for (let i = 0; i < run.length; i++) {
    const bucket = codes[i] as number
    const at = ends[bucket] as number
    run[at] = unsorted[i] as number
    ends[bucket] = at + 1
  }
  yield
  return ends
}

function* isSortedLong(run: Uint32Array, strings: ByteStrings): Steps<boolean> {
  for (let i = 1; i < run.length; i++) {
    if (strings.compare(run[i - 1] as number, run[i] as number) > 0) return false
    if (i % SLICE === 0) yield
  }
  return true
}

// Sorts positions whose strings agree in all bytes before `from`.
function sortRun(run: Uint32Array, strings: ByteStrings, from: number): void {
  if (run.length < RUN_MIN || from >= strings.bytesMax) {
    // Rows of one player are sorted already: they lie in the order of their lines.
    if (!isSorted(run, strings)) run.sort((a, b) => strings.compare(a, b))
    return
  }
  const codes = new Float64Array(run.length)
  let least = Number.POSITIVE_INFINITY
  let most = 0
  for (let i = 0; i < run.length; i++) {
    const code = strings.codeAt(run[i] as number, from)
    codes[i] = code
    if (code < least) least = code
    if (code > most) most = code
  }
  if (least === most) {
    sortRun(run, strings, from + CODE_BYTES)
    return
  }
  const places = sortCodes(run, codes, { least, most })
  for (let start = 0, end = 0; start < run.length; start = end) {
    const code = Math.floor((codes[start] as number) / places)
    do end++
    while (end < run.length && Math.floor((codes[end] as number) / places) === code)
    if (end - start >= RUN_MIN) sortRun(run.subarray(start, end), strings, from)
    else if (end - start > 1) insertionSort(run, strings, { start, end })
  }
}

function isSorted(run: Uint32Array, strings: ByteStrings): boolean {
  for (let i = 1; i < run.length; i++)
    if (strings.compare(run[i - 1] as number, run[i] as number) > 0) return false
  return true
}

// Sorts a run by its codes, which become sorted too, each times the answer, its old place added.
function sortCodes(
  run: Uint32Array,
  codes: Float64Array,
  { least, most }: { least: number; most: number },
): number {
  const places = 2 ** Math.ceil(Math.log2(run.length))
  const scale = Math.min(1, (2 ** EXACT_BITS / places - 1) / (most - least))
  for (let i = 0; i < run.length; i++)
    codes[i] = Math.floor(((codes[i] as number) - least) * scale) * places + i
  codes.sort()
  const unsorted = run.slice()
  for (let i = 0; i < run.length; i++) {
    const packed = codes[i] as number
    run[i] = unsorted[packed - Math.floor(packed / places) * places] as number
  }
  return places
}

function insertionSort(
  run: Uint32Array,
  strings: ByteStrings,
  { start, end }: { start: number; end: number },
): void {
  for (let i = start + 1; i < end; i++) {
    const position = run[i] as number
    let j = i
    for (; j > start && strings.compare(run[j - 1] as number, position) > 0; j--)
      run[j] = run[j - 1] as number
    run[j] = position
  }
}
