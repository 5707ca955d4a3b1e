/**
 * What the name of a file says of its rows.
 *
 * @module
 */

import type { FileFormat } from '../words/index.ts'

/**
 * Returns the format that a file name stands for, or undefined if it ends in none of `.csv`,
 * `.ndjson`, `.jsonl` and `.json`, each with or without `.gz`, in upper or lower case.
 * Cost: O(length).
 *
 * @example
 * formatOf('scores.csv.gz') // { format: 'csv', gzip: true }
 */
export function formatOf(path: string): { format: FileFormat; gzip: boolean } | undefined {
  const match = /\.(csv|ndjson|jsonl|json)(\.gz)?$/i.exec(path)
  if (match === null) return undefined
  const ending = match[1]?.toLowerCase()
  const format = ending === 'csv' || ending === 'json' ? ending : 'ndjson'
  return { format, gzip: match[2] !== undefined }
}
