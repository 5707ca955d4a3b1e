import { spawnSync } from 'node:child_process'
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { CALLS, type Call } from '../../src/calls/table.ts'
import { ERROR_CODES } from '../../src/ground/errors.ts'
import * as library from '../../src/index.ts'
import { openLeaderboards } from '../../src/index.ts'
import { checkHere } from '../support/check-here.ts'
import { runExample } from '../support/doc-examples.ts'

checkHere()

const ROOT = resolve(import.meta.dirname, '../..')

/** Every `@example` of the public docstrings, with where it stands. */
function docExamples(): { place: string; code: string }[] {
  const rooms = readdirSync(join(ROOT, 'src/library')).map((name) => `library/${name}`)
  const files = ['index.ts', ...rooms.filter((name) => name.endsWith('.ts')).sort()]
  return files.flatMap((file) => {
    const text = readFileSync(join(ROOT, 'src', file), 'utf8')
    return [...text.matchAll(/@example\n((?:\s*\*(?! @)(?!\/).*\n)+)/g)].map((match) => {
      const code = (match[1] as string).replace(/^\s*\* ?/gm, '').split('\n@module')[0] as string
      return { place: `${file}: ${code.trim().split('\n').at(-1)}`, code }
    })
  })
}

test.each(docExamples())('the example in $place runs and says the truth', async ({ code }) => {
  const directory = mkdtempSync(join(tmpdir(), 'ladderdb-example-'))
  const store = openLeaderboards(join(directory, 'open'))
  try {
    // The examples that open a store themselves declare `store`.
    const isOwn = /const store =/.test(code)
    const board = /board\./.test(code) ? store.board('example') : undefined
    const given = {
      ...library,
      ...{ createReadStream, createWriteStream },
      openLeaderboards,
      path: join(directory, 'own'),
      expect,
      ...(isOwn ? {} : { store, board }),
    }
    await runExample(code, given)
    // The example of close() ends with a closed store.
    if (!code.includes('store.close()')) expect((await store.check()).findings).toEqual([])
  } finally {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  }
})

/** The files of the classes of boards and of stores, and of the functions of the module. */
const LIBRARY: Record<Call['owner'], RegExp> = {
  board: /-view\.ts$|^leaderboard\.ts$/,
  store: /-store\.ts$|^(leaderboards|moderation|store-log)\.ts$/,
  module: /^(open|backups|salvage)\.ts$/,
}

/** The texts of the files of calls. */
function textsOf(owner: Call['owner']): string[] {
  const folder = join(ROOT, 'src/library')
  return readdirSync(folder)
    .filter((file) => LIBRARY[owner].test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
}

/** The docstring in front of a call, empty if there is none. */
function docstringOf(name: string, owner: Call['owner']): string {
  const pattern = new RegExp(
    `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*(?:export )?(?:async )?(?:function )?\\*?(?:get )?${name}[(<]`,
  )
  return textsOf(owner)
    .map((text) => pattern.exec(text)?.[1] ?? '')
    .join('')
}

// The guard asked for eighteen examples, whosever they were: thirteen calls had none, seven no cost.
test.each(Object.entries(CALLS))(
  '%s() has a docstring with cost, example and errors',
  (name, call) => {
    const docstring = docstringOf(name, call.owner)
    expect(docstring).toMatch(/Cost:/)
    expect(docstring).toMatch(/@example/)
    if (name === 'close') return
    expect(docstring).toMatch(/@throws/)
    const codes = [...docstring.matchAll(/`([A-Z][A-Z_]{2,})`/g)].map((match) => match[1] as string)
    expect(codes.filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([])
  },
)

// A question that may have no answer names the case: players without an entry, boards that end before.
test.each(Object.entries(CALLS))('%s() says when its answer is undefined', (name, { owner }) => {
  const signature = new RegExp(
    `^  (?:async )?${name}(?:<[^(]*>)?\\([^{]*\\): ([^{]*undefined[^{]*) \\{$`,
    'm',
  )
  const answers = textsOf(owner).map((text) => signature.exec(text)?.[1])
  if (answers.some((answer) => answer !== undefined && !/^AsyncGenerator/.test(answer)))
    expect(docstringOf(name, owner)).toMatch(/undefined/i)
})

/** Fenced blocks of the README in a language. */
function readmeBlocks(language: string): string[] {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8')
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] as string,
  )
}

test.each(readmeBlocks('js'))('the README program runs as printed: %s', (code) => {
  const directory = mkdtempSync(join(tmpdir(), 'ladderdb-readme-'))
  try {
    const program = code.replaceAll("'ladderdb'", JSON.stringify(join(ROOT, 'dist/index.js')))
    const expected = [...code.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm)].map((match) => match[1])
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: directory,
      encoding: 'utf8',
    })
    expect(run.stderr).toBe('')
    expect(run.stdout.trim().split('\n')).toEqual(expected)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

test('the files that the README names exist', () => {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const links = [...text.matchAll(/\]\(((?!https?:|#)[^)]+)\)/g)].map((match) => match[1] as string)
  expect(links.length).toBeGreaterThan(5)
  for (const link of links) expect(existsSync(join(ROOT, link)), link).toBe(true)
})

// Sizes were made smaller, and the table went on to tell those of before.
test('the sizes that the crash tests tell are theirs', () => {
  const table = readFileSync(join(ROOT, 'test/crash/README.md'), 'utf8')
  const rows = [...table.matchAll(/^\| `([\w./-]+\.test\.ts)` \|.*$/gm)]
  const told = rows.flatMap(([row, file = '']) =>
    [...row.matchAll(/`(TORTURE_\w+)`, (?:every )?([\d,]+)/g)].map(([, name = '', size = '']) => {
      return { file, name, size: Number(size.replaceAll(',', '')) }
    }),
  )
  expect(told.length).toBeGreaterThan(14)
  for (const { file, name, size } of told) {
    const text = readFileSync(join(ROOT, 'test/crash', file), 'utf8')
    const [, actual = ''] = new RegExp(`sizeOf\\('${name}', \\{ test: ([\\d_]+)`).exec(text) ?? []
    expect([name, size]).toEqual([name, Number(actual.replaceAll('_', ''))])
  }
})
