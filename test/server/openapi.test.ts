import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CALLS } from '../../src/calls/index.ts'
import { openApiDocument } from '../../src/server/openapi/document.ts'
import { Pages } from '../../src/server/pages.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { withServer } from './support.ts'

test('the document tells every route once, with all that the call takes', () => {
  const { paths, openapi } = openApiDocument()
  expect(openapi).toBe('3.1.0')
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[a-zA-Z]+$/)
  const entries = paths['/api/v1/boards/{board}/entries']?.['get']
  const names = entries?.parameters.map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining(['board', 'limit', 'after', 'first', 'min', 'rankMode']),
  )
  const ban = JSON.stringify(paths['/api/v1/players/{playerId}/ban']?.['put']?.requestBody)
  for (const name of Object.keys(CALLS.ban.options ?? {})) expect(ban).toContain(`"${name}":`)
})

test('the document and its page are served without a key, from the server alone', async () => {
  await withServer(async (server) => {
    const document = await server.ask('GET //openapi.json', { address: '10.0.0.1' })
    expect(document.body.paths).toHaveProperty(['/api/v1/boards'])
    const page = await server.ask('GET //docs', { address: '10.0.0.1' })
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.text).toContain('POST /api/v1/boards/{board}/scores')
    expect(page.text).not.toMatch(/<script|https?:\/\//)
  })
})

test('files of the page are sent by the names of the build alone', async () => {
  await withDirectory(async (directory) => {
    mkdirSync(join(directory, 'assets'))
    writeFileSync(join(directory, 'index.html'), '<!doctype html>')
    writeFileSync(join(directory, 'assets/main-1a2b.js'), 'x()')
    writeFileSync(join(directory, 'notes.txt'), 'not of the page')
    const pages = new Pages(directory)
    const ask = (path: string, etag = '') =>
      pages.answer(path, new Request('http://localhost/', { headers: { 'if-none-match': etag } }))
    const index = ask('/')
    expect(index?.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(index?.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(ask('/', index?.headers.get('etag') ?? '')?.status).toBe(304)
    expect(ask('/', `"x", ${index?.headers.get('etag')}`)?.status).toBe(304)
    expect(ask('/', '*')?.status).toBe(304)
    expect(ask('/assets/main-1a2b.js')?.headers.get('cache-control')).toContain('immutable')
    for (const path of [
      '/notes.txt',
      '/../openapi.test.ts',
      '/assets',
      '/index.html',
      '/assets/../notes.txt',
    ])
      expect(ask(path)).toBe(undefined)
  })
})
