/**
 * The second half of a build: what is entered from outside is bundled into few files.
 *
 * Node spends half a millisecond on each file that it loads, and a process needs a hundred modules to
 * answer. The types are what tsc made, as are the modules beside them, which benches and tests may
 * look into and no package has.
 *
 * @module
 */

import { readFileSync, rmSync } from 'node:fs'
import { build } from 'rolldown'

const OUT = 'dist'

// Chunks of an earlier build would go into packages.
rmSync(`${OUT}/chunks`, { recursive: true, force: true })

await build({
  input: Object.fromEntries(entries().map((name) => [name, `src/${name}.ts`])),
  platform: 'node',
  // Whoever enters elsewhere needs those modules late, or never.
  checks: { ineffectiveDynamicImport: false },
  // Packages stay packages.
  external: /^[^./]/,
  output: {
    dir: OUT,
    cleanDir: false,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: {
      // What is loaded later stays apart; --help and the table of calls need no store. A program may
      // be in neither, for it begins as soon as it is loaded.
      groups: [
        {
          name: 'words',
          test: /src.(ground|words|calls|format|domain|measures)./,
          tags: ['$initial'],
        },
        {
          name: 'library',
          test: /src.(?!cli|server|redis|library.check-child)/,
          tags: ['$initial'],
        },
      ],
    },
    minifyInternalExports: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
})

// All that package.json names, and what bin/ imports.
function entries() {
  const { exports, imports } = JSON.parse(readFileSync('package.json', 'utf8'))
  const targets = Object.values({ ...exports, ...imports }).map((to) => to.default ?? to)
  const built = targets.filter((to) => to.startsWith(`./${OUT}/`))
  return [...built.map((to) => to.slice(OUT.length + 3, -'.js'.length)), 'cli/main']
}
