/**
 * The page in a browser, as a reader has it. Without a browser on the machine these tests are left out.
 *
 * @module
 */

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKey } from '../../src/server/index.ts'
import { DEFLATE_VIEWERS_MIN } from '../../src/server/limits.ts'
import { createServer, type LadderServer, type ServerOptions } from '../../src/server/server.ts'
import { checkHere } from '../support/check-here.ts'
import { type TemporaryStore, withDirectory, withStore } from '../support/temporary-store.ts'

checkHere()

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const hasBrowser = existsSync(CHROMIUM)
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PHONE = { width: 360, height: 740 }
const MARKUP = '<img src=x onerror="document.title=1"><b>bold</b>'

const COUNT_MOVES = `{
  const { animate } = Element.prototype
  window.moves = 0
  Element.prototype.animate = function (...given) {
    window.moves++
    return animate.apply(this, given)
  }
}`

let browser: Browser

beforeAll(async () => {
  if (!hasBrowser) {
    console.warn(`left out: the page in a browser, for there is no ${CHROMIUM}`)
    return
  }
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
})
afterAll(async () => browser?.close())

/** What a test has: a store that is served, and how to look at it. */
interface Scene {
  temporary: TemporaryStore
  url: string
  /** What went wrong in a tab, and what it asked of others. */
  faults: string[]
  open(place?: string, viewport?: typeof PHONE): Promise<Page>
  /** Ends the server; the answer starts another one in its place. */
  stop(): Promise<() => Promise<void>>
}

async function withPage(
  body: (scene: Scene) => Promise<void>,
  options: ServerOptions = {},
): Promise<void> {
  await withStore(async (temporary) => {
    const faults: string[] = []
    const context = await browser.newContext({ locale: 'en', timezoneId: 'UTC' })
    const started = (): LadderServer =>
      createServer(temporary.store, {
        clock: temporary.clock.read,
        eventLoopDelay: () => 0,
        ...options,
      })
    let server = started()
    const { url, port } = await server.listen({ port: 0 })
    const open = async (place = '', viewport = PHONE): Promise<Page> => {
      const page = await context.newPage()
      await page.setViewportSize(viewport)
      page.setDefaultTimeout(20_000)
      page.on('pageerror', ({ message }) => faults.push(message))
      page.on('console', (message) => {
        if (/Content Security|violat/i.test(message.text())) faults.push(message.text())
      })
      page.on('request', (request) => {
        if (!request.url().startsWith(url)) faults.push(request.url())
      })
      await page.goto(`${url}/${place}`)
      return page
    }
    const stop = async (): Promise<() => Promise<void>> => {
      await server.close()
      return async () => {
        server = started()
        await server.listen({ port })
      }
    }
    try {
      await body({ temporary, url, faults, open, stop })
      expect(faults).toEqual([])
    } finally {
      await context.close()
      await server.close()
    }
  })
}

function rowsOf(page: Page): Promise<string[]> {
  return page.locator('.board tbody th').allInnerTexts()
}

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const { violations } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string }[] }[]
  }
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

test.skipIf(!hasBrowser)(
  'rows move in every tab, with arrows; a name of markup is text',
  async () => {
    await withPage(async ({ temporary, open }) => {
      const board = await temporary.store.createBoard('arena', { mode: 'best' })
      await board.submitMany([
        { playerId: 'ann', score: 30 },
        { playerId: 'bob', name: MARKUP, score: 20 },
        { playerId: 'cyd', score: 10 },
      ])
      const [one, two] = [await open(), await open()]
      await two.emulateMedia({ reducedMotion: 'reduce' })
      for (const tab of [one, two]) {
        await tab.getByText('3 of 3').waitFor()
        await tab.evaluate(COUNT_MOVES)
      }
      expect(await rowsOf(one)).toEqual(['ann', MARKUP, 'cyd'])
      expect(await one.locator('.board img, .board b').count()).toBe(0)
      // From one tab to the other.
      await one.getByText('Submit a score').click()
      await one.getByLabel('Player id').fill('cyd')
      await one.getByLabel('Score', { exact: true }).fill('99.5')
      await one.getByRole('button', { name: 'Submit', exact: true }).click()
      await one.getByText('cyd has 99.5: rank 1, before 3.').waitFor()
      for (const tab of [one, two]) {
        await tab.locator('tbody tr:first-child .up', { hasText: '▲ 2' }).waitFor()
        expect(await rowsOf(tab)).toEqual(['cyd', 'ann', MARKUP])
      }
      expect(await one.locator('.down').allInnerTexts()).toEqual([
        expect.stringContaining('down 1'),
        expect.stringContaining('down 1'),
      ])
      // Three rows moved; not for the reader who asked for less motion.
      for (const [tab, moves] of [
        [one, 3],
        [two, 0],
      ] as const)
        expect(await tab.evaluate('window.moves')).toBe(moves)
      await one.getByRole('button', { name: 'Clear arrows' }).click()
      await one.locator('.up').waitFor({ state: 'detached' })
      expect(await two.locator('.up').count()).toBe(1)
    })
  },
)

test.skipIf(!hasBrowser)('all of it fits a phone, a keyboard and a screen reader', async () => {
  await withPage(async ({ temporary, open }) => {
    const { store } = temporary
    const board = await store.createBoard('arena', { mode: 'best', windows: ['week'] })
    await store.alter('arena', {
      maxGain: { by: 50, action: 'flag' },
      tiers: [{ name: 'gold', rank: 1 }, { name: 'iron' }],
    })
    for (const score of [10, 20, 300]) await board.submit('ann', score)
    await board.submit('a-name-without-any-place-to-break-it-that-is-long', 5)
    await store.ban('mallory', { reason: 'cheats' })
    const page = await open('#board=arena&window=week')
    await page.getByText('2 of 2').waitFor()
    // By keyboard alone: to the first name, and its card open.
    const name = page.getByRole('button', { name: 'ann', exact: true })
    for (
      let i = 0;
      i < 30 &&
      !(await name.evaluate(
        'this === document.activeElement || document.activeElement.innerText === "ann"',
      ));
      i++
    )
      await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('.card dl').waitFor()
    const facts = await page.locator('.card dl').innerText()
    expect(facts.replace(/\s+/g, ' ')).toMatch(
      /Rank 1 of 2 Score 300 Plays 3 Share top 1 % Better than 100 % Tier gold/,
    )
    await page.locator('.curve canvas').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('card-name')
    for (const part of [
      'Submit a score',
      'Bans',
      'Undo',
      'Flags',
      'Backups',
      'Metrics',
      'New board',
    ])
      await page.locator('summary', { hasText: part }).click()
    for (const text of ['mallory', 'Accept', 'updates a second'])
      await page.getByText(text).first().waitFor()
    expect(await violationsOf(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width)
  })
})

test.skipIf(!hasBrowser)('a server that ends is told, and its return needs no reload', async () => {
  await withPage(async ({ temporary, open, stop }) => {
    const board = await temporary.store.createBoard('arena')
    await board.submit('ann', 1)
    const page = await open()
    await page.locator('.status.live').waitFor()
    await page.evaluate('window.isTheSame = true')
    const start = await stop()
    await page.getByText('stale: the server does not answer').waitFor()
    expect(await rowsOf(page)).toEqual(['ann'])
    await board.submit('bob', 2)
    await start()
    await page.locator('.status.live').waitFor()
    await page.getByText('2 of 2').waitFor()
    expect(await rowsOf(page)).toEqual(['bob', 'ann'])
    expect(await page.evaluate('window.isTheSame')).toBe(true)
  })
})

// Nobody saw who stood behind the first hundred, and a border looked as if all players had left.
test.skipIf(!hasBrowser)('a board is shown page by page, and a new season is told', async () => {
  await withPage(async ({ temporary, open }) => {
    const { store, clock } = temporary
    const board = await store.createBoard('arena', { windows: ['day'] })
    const players = Array.from({ length: 230 }, (_, i) => ({ playerId: `p${i + 1}`, score: -i }))
    await board.submitMany(players)
    const page = await open('#board=arena&window=day&rows=100')
    await page.getByText('100 of 230').waitFor()
    expect(await page.getByRole('button', { name: 'Previous' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Next 100' }).click()
    await page.getByText('101 to 200 of 230').waitFor()
    expect((await rowsOf(page)).slice(0, 2)).toEqual(['p101', 'p102'])
    // What changes in front of a page is seen on it.
    await board.submit('late', 1)
    await page.getByText('101 to 200 of 231').waitFor()
    await page.locator('tbody tr:first-child', { hasText: 'p100' }).waitFor()
    await page.getByRole('button', { name: 'Next 100' }).click()
    await page.getByText('201 to 231 of 231').waitFor()
    expect(await violationsOf(page)).toEqual([])
    const again = await open(`#${new URL(page.url()).hash.slice(1)}`)
    await again.getByText('201 to 231 of 231').waitFor()
    await page.getByRole('button', { name: 'Previous 100' }).click()
    await page.getByRole('button', { name: 'Previous 100' }).click()
    await page.getByText('100 of 231').waitFor()
    const before = board.window('day').season
    clock.advance(86_400_000)
    await page.getByText(`A new season began: ${board.window('day').season}`).waitFor()
    await page.getByText('Nobody is here yet.').waitFor()
    await page.getByLabel('Season').selectOption(before ?? '')
    await page.getByText('100 of 231').waitFor()
    expect(await page.locator('.began').innerText()).toBe('')
  })
})

test.skipIf(!hasBrowser)('undo is previewed, then done when it is asked for twice', async () => {
  await withPage(async ({ temporary, open }) => {
    const board = await temporary.store.createBoard('arena')
    await board.submit('ann', 1)
    await board.submit('ann', 7)
    const page = await open('#player=ann')
    await page.locator('summary', { hasText: 'Undo' }).click()
    await page.getByLabel('Runs, by number').fill('3')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('7 → 1').waitFor()
    expect(board.get('ann')?.score).toBe(7)
    await page.getByRole('button', { name: 'Take them back' }).click()
    expect(board.get('ann')?.score).toBe(7)
    await page.getByRole('button', { name: 'Sure? Take them back' }).click()
    await page.getByText('1 runs were taken back.').waitFor()
    expect(board.get('ann')?.score).toBe(1)
  })
})

test.skipIf(!hasBrowser)(
  'a server with keys is looked at with a key, which stays in its tab',
  async () => {
    await withDirectory(async (directory) => {
      const keys = join(directory, 'keys.json')
      const { key } = await createKey(keys, { role: 'read' })
      await withPage(
        async ({ temporary, open }) => {
          await (await temporary.store.createBoard('arena')).submit('ann', 1)
          const page = await open()
          await page.getByText('(NO_KEY)').waitFor()
          await page.getByLabel('Key').fill(key)
          await page.getByRole('button', { name: 'Use it in this tab' }).click()
          await page.locator('.status.live').waitFor()
          expect(await rowsOf(page)).toEqual(['ann'])
          // It reads, and no more.
          await page.locator('summary', { hasText: 'Bans' }).click()
          await page.getByText('(FORBIDDEN)').waitFor()
          const other = await open()
          await other.getByText('(NO_KEY)').waitFor()
        },
        { keys },
      )
    })
  },
)

// In a browser, whose inflater is not that of our other tests.
const WATCH_TOGETHER = `async (count) => {
  const address = new URL('api/v1/boards/arena/live', document.baseURI)
  address.protocol = 'ws:'
  window.sockets = Array.from({ length: count }, () => new WebSocket(address))
  for (const socket of sockets) socket.onmessage = ({ data }) => {
    socket.total = JSON.parse(data).total
  }
}`

const WAIT = { timeout: 20_000 }

test.runIf(hasBrowser)('a browser inflates what is deflated once for all', async () => {
  await withPage(async ({ temporary, open }) => {
    const board = await temporary.store.createBoard('arena')
    const page = await open()
    await page.evaluate(`(${WATCH_TOGETHER})(${2 * DEFLATE_VIEWERS_MIN})`)
    const haveAll = (total: number): Promise<unknown> =>
      page.evaluate(`sockets.every((socket) => socket.total === ${total})`)
    await expect.poll(() => haveAll(0), WAIT).toBe(true)
    for (let i = 0; i < 30; i++) await board.submit(`player-${i}`, i)
    await expect.poll(() => haveAll(30), WAIT).toBe(true)
    const extensions = await page.evaluate('sockets.map(({ extensions }) => extensions)')
    for (const one of extensions as string[]) expect(one).toContain('permessage-deflate')
  })
})
