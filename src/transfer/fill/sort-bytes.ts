/**
 * Sorting a million byte strings.
 *
 * A comparing sort looks at twenty pairs for each string, wherever they lie in memory. Here as many
 * leading bits as a double has room for stand in front of the string's position, and typed arrays sort
 * doubles natively. Strings that agree that far are a run, which is sorted likewise by what its own
 * strings differ in.
 *
 * @module
 */

/** Byte strings, named by their positions from 0 on. */
export interface ByteStrings {
  readonly count: number
  /** Bytes of the longest one. */
  readonly bytesMax: number
  /** Returns {@link CODE_BYTES} bytes from `from` on as a big-endian number; behind the end are zeros. */
  codeAt(i: number, from: number): number
  /** Compares two whole strings as `Buffer.compare` does. */
  compare(a: number, b: number): number
}

/** Bytes of a code: a double holds it, and every difference of two, exactly. */
export const CODE_BYTES = 6

const EXACT_BITS = 53
// Shorter runs are compared: to set the others up takes longer.
const RUN_MIN = 12

/** Returns the positions of the strings in their order. Cost: O(n log n), most of it native. */
export function sortBytes(strings: ByteStrings): Uint32Array {
  const sorted = new Uint32Array(strings.count)
  for (let i = 0; i < sorted.length; i++) sorted[i] = i
  sortRun(sorted, strings, 0)
  return sorted
}

// Sorts positions whose strings agree in all bytes before `from`.
function sortRun(run: Uint32Array, strings: ByteStrings, from: number): void {
  if (run.length < RUN_MIN || from >= strings.bytesMax) {
    // Many rows of one player are: they lie as they came.
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
