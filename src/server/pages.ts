/**
 * What the server shows to people: the files of the built page at `/`, and the page of the interface at `/docs`.
 *
 * The files are read once, by the names that the build gave them: no path of a request names a file.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DOCS_POLICY, docsPage } from './openapi/docs-page.ts'

/** One file, ready to be sent. */
interface PageFile {
  bytes: Uint8Array<ArrayBuffer>
  headers: Readonly<Record<string, string>>
}

/** The page may load what the server has, and ask it; nothing else. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
}

const SAFE = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
} as const

// Built beside the compiled server; the same place seen from its sources.
const DIRECTORY = fileURLToPath(new URL('../../dist/server/page/', import.meta.url))

/** The pages of the server. */
export class Pages {
  readonly #files: ReadonlyMap<string, PageFile>
  #docs: PageFile | undefined

  constructor(directory: string = DIRECTORY) {
    this.#files = existsSync(directory) ? readFiles(directory) : new Map()
  }

  /** Whether the page at `/` was built. */
  get hasPage(): boolean {
    return this.#files.has('/')
  }

  /** Returns the answer of a path, or undefined if no file has it. */
  answer(path: string, request: Request): Response | undefined {
    const file = path === '/docs' ? this.#docsFile() : this.#files.get(path)
    if (file === undefined) return undefined
    const { bytes, headers } = file
    const tags = request.headers.get('if-none-match')
    if (tags === '*' || tags?.includes(headers['ETag'] as string))
      return new Response(null, { status: 304, headers })
    return new Response(bytes, { headers })
  }

  #docsFile(): PageFile {
    this.#docs ??= fileOf(Buffer.from(docsPage()), { type: '.html', policy: DOCS_POLICY })
    return this.#docs
  }
}

function readFiles(directory: string): Map<string, PageFile> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(directory, name)).isFile())
    .filter((name) => Object.hasOwn(TYPES, extname(name)))
  return new Map(
    names.map((name) => {
      const file = fileOf(readFileSync(join(directory, name)), {
        ...{ type: extname(name), policy: PAGE_POLICY },
        isFixed: name.startsWith('assets/'),
      })
      return [name === 'index.html' ? '/' : `/${name}`, file]
    }),
  )
}

// What the build names by its content never changes under that name.
function fileOf(bytes: Buffer, of: { type: string; policy: string; isFixed?: boolean }): PageFile {
  const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
  const cache = of.isFixed === true ? 'public, max-age=31536000, immutable' : 'no-cache'
  return {
    bytes: new Uint8Array(bytes),
    headers: {
      'Content-Type': TYPES[of.type] ?? 'application/octet-stream',
      ...{ 'Content-Security-Policy': of.policy, 'Cache-Control': cache, ETag: `"${digest}"` },
      ...SAFE,
    },
  }
}
