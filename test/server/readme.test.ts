// The chapter of the README on the server, run as it is printed.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { createKey } from '../../src/server/index.ts'
import { run, runServing } from '../cli/support.ts'
import { checkHere } from '../support/check-here.ts'
import { withDirectory } from '../support/temporary-store.ts'
import { type TestServer, withServer } from './support.ts'

checkHere()

const README = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')
const CHAPTER = /^## Server\n[\s\S]*?(?=^## )/m.exec(README)?.[0] ?? ''
const BLOCKS = [...CHAPTER.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block)
const HERE = 'http://127.0.0.1:7350'

function blockWith(words: string): string {
  return BLOCKS.find((block) => block.includes(words)) ?? ''
}

async function withListening(
  body: (server: TestServer, url: string) => Promise<void>,
  options = {},
): Promise<void> {
  await withServer(async (server) => {
    const { url } = await server.server.listen({ port: 0 })
    try {
      await body(server, url)
    } finally {
      await server.server.close()
    }
  }, options)
}

async function shell(script: string): Promise<string> {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  return text(child.stdout)
}

test('the examples with curl are answered as the README says', async () => {
  await withListening(async (server, url) => {
    const lines = blockWith('curl -s $URL').replaceAll(HERE, url).trim().split('\n')
    const isCall = (line: string): boolean => line.startsWith('curl ')
    const variables = lines.filter((line) => !isCall(line)).join('\n')
    const calls = lines.filter(isCall)
    expect(calls.length).toBeGreaterThan(10)
    for (const call of calls) {
      const answer = JSON.parse(await shell(`${variables}\n${call}`))
      expect([call, answer.code, answer.status]).toEqual([call, undefined, undefined])
    }
    const { entries } = (await server.ask('GET /boards/arena/entries')).body
    expect(entries.map(({ name }: { name: string }) => name)).toEqual(['bob', 'Alice'])
  })
})

test('the board is watched live with curl', async () => {
  await withListening(async (server, url) => {
    await server.store.createBoard('arena')
    const script = blockWith('curl -sN').replaceAll(HERE, url).trim()
    const child = spawn('sh', ['-c', `exec ${script}`], { stdio: ['ignore', 'pipe', 'ignore'] })
    let told = ''
    child.stdout.on('data', (data) => {
      told += String(data)
    })
    await expect.poll(() => told, { interval: 10 }).toContain('event: update')
    await server.store.board('arena').submit('alice', 1500)
    await expect.poll(() => told, { interval: 10 }).toContain('"kind":"entered"')
    child.kill()
    await once(child, 'close')
  })
})

test('keys are made, and served with, as the README says', async () => {
  await withDirectory(async (directory) => {
    const lines = blockWith('ladderdb key create').trim().split('\n')
    expect(lines).toHaveLength(3)
    for (const line of lines) {
      const words = line.replace('keys.json', join(directory, 'keys.json')).split(' ').slice(1)
      const isServer = words[0] === 'serve'
      const args = [
        '--db',
        join(directory, 'store'),
        ...words,
        ...(isServer ? ['--port', '0'] : []),
      ]
      const signal = isServer ? AbortSignal.abort() : new AbortController().signal
      const { status, stderr } = await run(args, { signal })
      expect([line, status, stderr]).toEqual([line, 0, expect.any(String)])
    }
  })
})

test('every address of the table of the README is one', async () => {
  const { ROUTES } = await import('../../src/server/routes/all.ts')
  const known = new Set([...ROUTES.map(({ path }) => path), '/boards/{board}/live'])
  const cells = [...CHAPTER.matchAll(/^\| (`(?:GET|POST|DELETE)`.*?) \|/gm)].map(
    ([, cell = '']) => cell,
  )
  expect(cells.length).toBeGreaterThan(8)
  const told = cells.flatMap((cell) => {
    const paths = [...cell.matchAll(/`((?:\/|…)[^`]*)`/g)].map(([, path = '']) => path)
    const [first = ''] = paths
    const player = first.startsWith('…') ? '/boards/{board}' : first
    const parent = (path: string): string => {
      if (path.startsWith('…/players')) return `${player}${path.slice(1)}`
      if (path.startsWith('…')) return `/players/{playerId}${path.slice(1)}`
      return path
    }
    return paths.map((path) => {
      const whole = parent(path)
      if (known.has(whole)) return whole
      const base = parent(first)
      return base.slice(0, base.lastIndexOf('/')) + path
    })
  })
  expect(told.filter((path) => !known.has(path))).toEqual([])
})

/** Runs `body` in a directory of a game, as far as the chapters speak of it. */
async function inGame(body: (admin: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    const origin = process.cwd()
    process.chdir(directory)
    try {
      const { id } = await createKey('keys.json', { role: 'admin' })
      for (const line of [
        'create arena --mode best',
        '--board arena submit alice 1500',
        'backup backups/first.ladder',
      ])
        expect((await run(line.split(' '))).status).toBe(0)
      await body(id)
    } finally {
      process.chdir(origin)
    }
  })
}

test('the service starts with the command of its unit', () =>
  inGame(async () => {
    const [, line = ''] = /^ExecStart=\S*\/ladderdb (.*)$/m.exec(CHAPTER) ?? []
    const words = ['--json', ...line.split(' '), '--port', '0']
    const { status, stderr } = await runServing(words, async (url) => {
      expect((await fetch(`${url}/api/v1/boards`)).status).toBe(200)
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  }))

test('the commands of the checklist work', () =>
  inGame(async (admin) => {
    const chapter = /^## Operation\n[\s\S]*?(?=^## )/m.exec(README)?.[0] ?? ''
    const all = [...chapter.matchAll(/`(ladderdb [^`]*)`(?! stands)/g)].map(([, it = '']) => it)
    const commands = new Set(all)
    expect(commands.size).toBeGreaterThan(10)
    for (const command of commands) {
      const words = command.replace(' ID ', ` ${admin} `).split(' ').slice(1)
      const isLive = words.includes('watch')
      const { status, stderr } = await run([...words, ...(isLive ? ['--count', '1'] : [])])
      expect([command, status, status === 0 ? '' : stderr]).toEqual([command, 0, ''])
    }
  }))

// A second client, of another language and with nothing of ours: what the README says must be enough.
test('a game in Python plays, retries over cut connections and watches', async () => {
  await withDirectory(async (directory) => {
    const keys = join(directory, 'keys.json')
    const { key: read } = await createKey(keys, { role: 'read' })
    const { key: write } = await createKey(keys, { role: 'write', name: 'game' })
    await withListening(
      async (server, url) => {
        await server.store.createBoard('arena', { mode: 'increment' })
        const game = resolve(import.meta.dirname, 'game.py')
        const child = spawn('python3', [game, url, read, write])
        const [out, told] = await Promise.all([text(child.stdout), text(child.stderr)])
        expect(told).toBe('')
        expect(JSON.parse(out)).toEqual({
          ...{ ann: 100, players: 52, refused: [403, 400, 404, 'REQUEST_REUSED', 401] },
          updates: expect.any(Number),
        })
      },
      { keys },
    )
  })
})
