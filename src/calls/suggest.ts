/**
 * The word that somebody meant: "did you mean".
 *
 * @module
 */

/**
 * Returns the known name that is nearest to a name, or undefined if none is near: capitals, `-` and
 * `_` do not count, and up to a third of the letters may be wrong, missing or exchanged.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const bare = bareName(name)
  if (bare === '' || bare.length > NAME_CHARACTERS_MAX) return undefined
  let nearest: string | undefined
  let least = Infinity
  for (const candidate of known) {
    const target = bareName(candidate)
    const distance = bare === target ? 0 : distanceOf(bare, target)
    const allowed = Math.max(1, Math.floor(Math.max(bare.length, target.length) / 3))
    if (distance > allowed || distance >= least) continue
    nearest = candidate
    least = distance
  }
  return nearest ?? longestOf(known.filter((candidate) => isPart(bare, bareName(candidate))))
}

// Longer names are not slips of the pen, and the work grows with their square.
const NAME_CHARACTERS_MAX = 40

// `keepDaily` for `daily`, `min` for `minExclusive`: three letters and more in common say something.
function isPart(name: string, target: string): boolean {
  if (Math.min(name.length, target.length) < 3) return false
  return target.includes(name) || name.includes(target)
}

// `keepDaily` has both `keep` and `daily` in it: the longer one says more.
function longestOf(names: readonly string[]): string | undefined {
  return [...names].sort((a, b) => b.length - a.length)[0]
}

function bareName(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '')
}

// Damerau and Levenshtein, optimal string alignment: two neighbours exchanged are one slip.
function distanceOf(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) row.push(costAt(a, b, { rows, row, i, j }))
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? Infinity
}

function costAt(
  a: string,
  b: string,
  at: { rows: readonly number[][]; row: readonly number[]; i: number; j: number },
): number {
  const { rows, row, i, j } = at
  const above = rows[i - 1] as number[]
  const isSame = a[i - 1] === b[j - 1]
  const cost = Math.min(
    (above[j] as number) + 1,
    (row[j - 1] as number) + 1,
    (above[j - 1] as number) + (isSame ? 0 : 1),
  )
  const isExchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
  return isExchanged ? Math.min(cost, ((rows[i - 2] as number[])[j - 2] as number) + 1) : cost
}
