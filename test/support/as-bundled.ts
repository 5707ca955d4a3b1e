/**
 * Source and tests as the bundler would leave them: literals that are spread into literals become one.
 *
 * Users have the bundles. Without this an object like that of a log record takes ten times as long to make, and
 * the check at the end of a test three times as long as theirs. vitest.config.ts has it applied.
 *
 * @module
 */

import { resolve } from 'node:path'
import { minifySync } from 'rolldown/experimental'
import type { Plugin } from 'vitest/config'

const ROOT = resolve(import.meta.dirname, '../..')
const OURS = [`${ROOT}/src/`, `${ROOT}/test/`]
const NAMES = { function: true, class: true }

/** Simplifies each module of ours, behind what takes its types away. */
export const asBundled: Plugin = {
  name: 'as-bundled',
  enforce: 'post',
  transform(code, id) {
    if (!id.endsWith('.ts') || !OURS.some((folder) => id.startsWith(folder))) return undefined
    const compress = { keepNames: NAMES }
    const options = { compress, mangle: false, codegen: { removeWhitespace: false } }
    const { code: simple, map, errors } = minifySync(id, code, { ...options, sourcemap: true })
    if (errors.length > 0) throw new Error(`Cannot simplify ${id}: ${errors[0]?.message}`)
    return { code: simple, map: map ?? null }
  },
}
