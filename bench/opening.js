/**
 * How soon does a new process know a rank?
 *
 * Each run starts a process that opens the store and asks one rank, and beside it one that does
 * nothing; the difference is ours. The file is in the page cache.
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { median } from './measure.js'

const RUNS = 21
const RUNS_SMALL = 3
const CHILD = new URL('child.js', import.meta.url).pathname

export async function opening({ players, small, stores }) {
  const path = await stores.imported('uniform', players)
  const runs = Array.from({ length: small ? RUNS_SMALL : RUNS }, () => {
    const idle = run(['-e', '0'])
    const ours = run([CHILD, 'open', path])
    return { ...JSON.parse(ours.text), wholeMs: ours.ms, idleMs: idle.ms }
  })
  const figure = (key) => median(runs.map((run) => run[key]))
  return [
    row('new process: open, first rank, close', figure('wholeMs') - figure('idleMs'), {
      note: `${figure('idleMs').toFixed(0)} ms of an idle node taken off`,
    }),
    row('inside it: loading the modules', figure('loadMs')),
    row('inside it: openLeaderboards', figure('openMs')),
    row('inside it: first rank', figure('rankMs')),
  ]
}

function row(name, ms, more = {}) {
  return { case: name, medianUs: ms * 1000, ...more }
}

function run(args) {
  const start = performance.now()
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const ms = performance.now() - start
  if (status !== 0) throw new Error(`Cannot run node ${args.join(' ')}: ${stderr}`)
  return { ms, text: stdout }
}
