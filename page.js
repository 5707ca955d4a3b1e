/**
 * The third part of a build: the live page of the server, whole, with nothing to load from elsewhere.
 *
 * @module
 */

import { build } from 'vite'

await build({
  configFile: false,
  root: 'src/server/page',
  // The page is where its address says, below a proxy too.
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../dist/server/page',
    emptyOutDir: true,
    // A strict policy allows neither scripts in the document nor data: in styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    reportCompressedSize: false,
  },
})
