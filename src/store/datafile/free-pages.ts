/**
 * The lists of free pages in an LMDB data file: a page in use that is listed as free would be
 * written over by a later commit.
 *
 *     | count 8 | entry 8 … |        little-endian
 *     entry      positive: a page · 0: nothing · -n: the page that follows is the first of n
 *
 * @module
 */

const ENTRY_BYTES = 8

/** Returns in words what is wrong with one list, or undefined. `used` has a 1 for a page in use. */
export function freePagesProblem(
  list: Buffer,
  file: { used: Uint8Array; lastPage: number },
): string | undefined {
  if (list.length < ENTRY_BYTES || list.length % ENTRY_BYTES !== 0)
    return `a part of it has ${list.length} bytes`
  const count = Number(list.readBigUInt64LE())
  if (count > list.length / ENTRY_BYTES - 1)
    return `a part of ${list.length} bytes is said to have ${count} entries`
  let pages = 1
  for (let i = 1; i <= count; i++) {
    const entry = Number(list.readBigInt64LE(i * ENTRY_BYTES))
    if (entry > 0) {
      const problem = blockProblem({ first: entry, pages }, file)
      if (problem !== undefined) return problem
    }
    pages = entry < 0 ? -entry : 1
  }
  return undefined
}

function blockProblem(
  { first, pages }: { first: number; pages: number },
  { used, lastPage }: { used: Uint8Array; lastPage: number },
): string | undefined {
  if (first < 2 || first + pages - 1 > lastPage)
    return `it has page ${first} and ${pages - 1} after it, the last one is ${lastPage}`
  for (let page = first; page < first + pages; page++) {
    if (used[page] === 1) return `page ${page} is in use`
  }
  return undefined
}
