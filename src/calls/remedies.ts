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
  value: true | string | Readonly<Record<string, string>>,
): string {
  if (typeof value !== 'object') return `${name}: ${JSON.stringify(value)}`
  const pairs = Object.entries(value).map(([key, text]) => `${key}: ${JSON.stringify(text)}`)
  return `${name}: { ${pairs.join(', ')} }`
}

const TEXT = String.raw`"(?:[^"\\]|\\.)*"`
const VALUE = String.raw`true|${TEXT}|\{ ([\w-]+): (${TEXT}) \}`

/**
 * Returns a refusal with the flags of the command line in place of the options of `names`.
 * `quote` writes a value as a shell takes it.
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
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      if (value === 'true') return flag
      if (key !== undefined) return `${flag} ${quote(`${key}=${textIn(text)}`)}`
      return `${flag} ${quote(textIn(value))}`
    },
  )
}

function textIn(json: string | undefined): string {
  return JSON.parse(json ?? '""') as string
}
