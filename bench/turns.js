/**
 * Is this checkout slower than another? node bench/turns.js --against DIR [--rounds 3] [OPTIONS of main.js]
 *
 * Runs the benches of both, built already, in turns (A B, B A, …), so that both get their share of
 * whatever else the machine does. Prints the medians over the rounds and their ratio, for every row that
 * both have by name. Each runs its own files in bench/: give both the same ones where their workloads differ.
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { printTable } from './report.js'

const HERE = resolve(import.meta.dirname, '..')
// One figure a row: the first of these that it has.
const FIGURES = ['cpuUs', 'medianUs', 'eachUs', 'anonymousBytes']

const { values, tokens } = parseArgs({
  strict: false,
  tokens: true,
  options: { against: { type: 'string' }, rounds: { type: 'string', default: '3' } },
})
if (typeof values.against !== 'string') throw new TypeError('Cannot compare: give --against DIR')
const passedOn = tokens
  .filter(({ kind, name }) => kind === 'option' && name !== 'against' && name !== 'rounds')
  .flatMap(({ rawName, value }) => (value === undefined ? [rawName] : [`${rawName}=${value}`]))
const positionals = tokens.filter(({ kind }) => kind === 'positional').map(({ value }) => value)
if (positionals.length > 0)
  throw new TypeError(`Cannot use ${positionals.join(' ')}: write options as --name=value`)

const sides = [
  { name: 'other', path: resolve(values.against), figures: new Map() },
  { name: 'this', path: HERE, figures: new Map() },
]
for (let round = 0; round < Number(values.rounds); round++)
  for (const side of round % 2 === 0 ? sides : [...sides].reverse()) take(side)
printTable('medians over the rounds; ratio: this over other', rowsOf(...sides))

function take({ path, figures }) {
  const folder = mkdtempSync(join(tmpdir(), 'ladderdb-turns-'))
  const file = join(folder, 'figures.json')
  const run = spawnSync(process.execPath, ['bench/main.js', '--json', file, ...passedOn], {
    cwd: path,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (run.status !== 0) throw new Error(`Cannot run the benches of ${path}: status ${run.status}`)
  for (const { bench, players, rows } of JSON.parse(readFileSync(file, 'utf8')).results)
    for (const row of rows) {
      const key = `${bench} ${players.toLocaleString('en')}: ${row.case ?? row.name}`
      for (const figure of FIGURES)
        if (row[figure] !== undefined) push(figures, `${key}, ${figure}`, row[figure])
    }
  rmSync(folder, { recursive: true })
}

function push(figures, key, value) {
  figures.set(key, [...(figures.get(key) ?? []), value])
}

function rowsOf(other, mine) {
  return [...mine.figures]
    .filter(([key]) => other.figures.has(key))
    .map(([key, figures]) => {
      const [now, before] = [median(figures), median(other.figures.get(key))]
      return { case: key, other: before, this: now, ratio: now / before }
    })
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
