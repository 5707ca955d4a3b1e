/**
 * The page as it is built: what it weighs, what it may load, and that the server hands it out.
 *
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { withServer } from './support.ts'

const PAGE = resolve(import.meta.dirname, '../../dist/server/page')
const GZIP_BYTES_MAX = 60_000

const files = readdirSync(PAGE, { recursive: true, encoding: 'utf8', withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name))

test('the whole page is at most 60 kB of gzip', () => {
  const sizes = files.map((file) => gzipSync(readFileSync(file)).length)
  const whole = sizes.reduce((sum, size) => sum + size, 0)
  expect(whole).toBeGreaterThan(10_000)
  expect(whole).toBeLessThanOrEqual(GZIP_BYTES_MAX)
})

test('the page has no script and no style in its document, and nothing of another site', () => {
  const html = readFileSync(join(PAGE, 'index.html'), 'utf8')
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=/)
  const places = [...html.matchAll(/\b(?:src|href)="([^"]*)"/g)].map((match) => match[1])
  expect(places.length).toBeGreaterThan(2)
  expect(places.filter((place) => !place?.startsWith('./'))).toEqual([])
  const names = new Set(
    files.flatMap((file) => readFileSync(file, 'utf8').match(/https?:\/\/[\w.-]+/g) ?? []),
  )
  // Names of XML, which nobody asks for.
  expect([...names].filter((name) => name !== 'http://www.w3.org')).toEqual([])
})

test('the server answers / and all that it names, under a policy that allows nothing else', async () => {
  await withServer(async (server) => {
    const page = await server.ask('GET //')
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ])
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toContain('unsafe')
    for (const [, place = ''] of page.text.matchAll(/\b(?:src|href)="\.([^"]*)"/g)) {
      const { status, headers } = await server.ask(`GET /${place}`)
      expect([place, status]).toEqual([place, 200])
      const isFixed = place.startsWith('/assets/')
      expect([place, headers.get('cache-control')?.includes('immutable')]).toEqual([place, isFixed])
    }
  })
})
