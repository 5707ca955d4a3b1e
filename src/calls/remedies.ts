/**
 * Options of calls as refusals name them, so that each caller reads them in its own words.
 *
 *     library        columns: { score: "Pts" }      ignoreExtra: true      force: true
 *     command line   --columns score=Pts            --ignore-extra         --force
 *
 * Refusals are written with {@link optionInWords}; the command line turns them with {@link withFlags}.
 * Texts of files stand in double quotes in a refusal, so they are never taken for an option.
 *
 * @module
 */

/** Returns an option and its value as a caller of the library writes them. */
export function optionInWords(
  name: string,
  value: true | number | string | Readonly<Record<string, string>>,
): string {
  if (typeof value !== 'object') return `${name}: ${JSON.stringify(value)}`
  const pairs = Object.entries(value).map(([key, text]) => `${key}: ${JSON.stringify(text)}`)
  return `${name}: { ${pairs.join(', ')} }`
}

const DAY_MS = 86_400_000

const TEXT = String.raw`"(?:[^"\\]|\\.)*"`
const VALUE = String.raw`true|\d+|${TEXT}|\{ ([\w-]+): (${TEXT}) \}`

/**
 * Returns a refusal with the flags of the command line in place of the options of `names`.
 * `quote` writes a value as a shell takes it. Cost: O(length).
 *
 * @example
 * const words = { names: ['skipBad'], quote: (text) => text }
 * withFlags('leave it out with skipBad: true', words) // 'leave it out with --skip-bad'
 */
export function withFlags(
  message: string,
  words: { names: readonly string[]; quote: (text: string) => string },
): string {
  const { names, quote } = words
  const option = new RegExp(String.raw`\b(${names.join('|')}): (${VALUE})|${TEXT}`, 'g')
  return message.replace(
    option,
    (found, name?: string, value?: string, key?: string, text?: string) => {
      if (name === undefined || value === undefined) return found
      const flag = flagOf(name)
      if (name.endsWith('Ms')) return `${flag.slice(0, -'-ms'.length)} ${spanOf(Number(value))}`
      if (value === 'true') return flag
      if (key !== undefined) return `${flag} ${quote(`${key}=${textIn(text)}`)}`
      return `${flag} ${quote(String(JSON.parse(value)))}`
    },
  )
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

// Milliseconds as the command line takes a span of time.
function spanOf(ms: number): string {
  return ms % DAY_MS === 0 ? `${ms / DAY_MS}d` : `${ms / 1000}s`
}

function textIn(json: string | undefined): string {
  return JSON.parse(json ?? '""') as string
}
