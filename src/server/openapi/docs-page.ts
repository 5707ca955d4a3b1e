/**
 * The page of the document for people: plain HTML, without a script and without the internet.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { escapeHtml } from '../html.ts'
import { type ApiOperation, type OpenApi, openApiDocument } from './document.ts'

const STYLE = `
:root { color-scheme: dark; }
body { background: #0f0f1e; color: #e0e0ff; font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
h1, h2 { color: #00ff88; } h3 { color: #00d4ff; font-size: 1rem; margin: 2rem 0 .25rem; overflow-wrap: anywhere; }
a { color: #00d4ff; } code, pre { font-family: ui-monospace, monospace; font-size: .9rem; }
table { border-collapse: collapse; width: 100%; } td, th { border-bottom: 1px solid #33335a; padding: .25rem .5rem .25rem 0; text-align: left; vertical-align: top; }
pre { background: #17172b; border-radius: .25rem; overflow-x: auto; padding: .5rem; }
`

/** What the page may load: its own style and nothing else. */
export const DOCS_POLICY: string = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Returns the page. */
export function docsPage(): string {
  const document = openApiDocument()
  const tags = ['boards', 'players', 'store', 'server']
  const sections = tags.map((tag) => `<h2>${tag}</h2>${operations(document, tag).join('')}`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>ladderdb: the interface</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head>
<body><h1>ladderdb</h1>
<p>Every address, with what it takes and who may ask. For programs: <a href="/openapi.json">/openapi.json</a>.
Keys are sent as <code>Authorization: Bearer KEY</code>, bodies as <code>Content-Type: application/json</code>.
Failures are problem documents with a <code>code</code>. Reads carry an <code>ETag</code>.</p>
${sections.join('\n')}
</body></html>
`
}

function operations({ paths }: OpenApi, tag: string): string[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(tag))
      .map(([method, operation]) => section(path, method, operation)),
  )
}

function section(path: string, method: string, operation: ApiOperation): string {
  const { summary, description, operationId } = operation
  return `<h3 id="${escapeHtml(operationId)}"><code>${method.toUpperCase()} ${escapeHtml(path)}</code></h3>
<p>${escapeHtml(summary)}. ${escapeHtml(description)}</p>${table(rowsOf(operation))}`
}

interface Field {
  name: string
  where: string
  words: string
}

function rowsOf({ parameters, requestBody }: ApiOperation): Field[] {
  const asked = parameters.map(({ name, in: where, description }) => ({
    ...{ name: String(name), where: String(where), words: String(description ?? '') },
  }))
  return [...asked, ...bodyRows(requestBody)]
}

function bodyRows(body: ApiOperation['requestBody']): Field[] {
  // The document is ours: what it holds is known.
  // biome-ignore lint/suspicious/noExplicitAny: a schema may be anything.
  const schema = (body as any)?.content['application/json'].schema
  const { properties = {} } = schema?.anyOf?.[0] ?? schema ?? {}
  return Object.entries(properties as Record<string, { description?: string }>).map(
    ([name, { description = 'see the table of calls' }]) => ({
      name,
      where: 'body',
      words: description,
    }),
  )
}

function table(fields: readonly Field[]): string {
  if (fields.length === 0) return ''
  const rows = fields.map(
    ({ name, where, words }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(where)}</td><td>${escapeHtml(words)}</td></tr>`,
  )
  return `<table><tr><th>name</th><th>in</th><th>what it is</th></tr>${rows.join('')}</table>`
}
