/**
 * What a bench needs another process for: node bench/child.js ROLE PATH PLAYERS …
 *
 *     open     opens, asks one rank, prints how long that took
 *     idle     prints how much memory a node takes that does nothing
 *     memory   asks and submits at random, prints the same
 *     read     asks ranks at full speed until it is killed
 *
 * and, with a file and a mode behind the path:
 *
 *     import   imports the file, prints times and the most memory that was resident
 *     export   exports to the file, prints how long that took
 *
 * Modules are loaded by the role that needs them: `open` is timed from outside as well.
 *
 * @module
 */
import { createWriteStream, readFileSync } from 'node:fs'

const SUBMITS_OUTSTANDING = 100

const [role, path, players, calls] = process.argv.slice(2)
if (role === 'import') await importFile(players, calls)
else if (role === 'export') await exportFile(players, calls)
else await { open, idle, memory, read }[role](Number(players), Number(calls))

async function open() {
  const start = performance.now()
  const { openLeaderboards } = await import('../dist/index.js')
  const loaded = performance.now()
  const store = openLeaderboards(path)
  const opened = performance.now()
  store.board('arena').rank('p00000004711')
  const asked = performance.now()
  print({ loadMs: loaded - start, openMs: opened - loaded, rankMs: asked - opened })
  await store.close()
}

async function memory(count, callCount) {
  const { openBoard } = await import('./stores.js')
  const { playerIdOf, random, updateOf } = await import('./workload.js')
  const { store, board } = openBoard(path, 'uniform')
  const waiting = []
  for (let i = 0; i < callCount; i++) {
    const which = random('call', i)
    const playerId = playerIdOf(Math.floor(count * random('asked', i)))
    if (which < 0.6) board.rank(playerId)
    else if (which < 0.7) board.get(playerId)
    else if (which < 0.8) board.standing(playerId)
    else if (which < 0.9) board.around(playerId)
    else if (which < 0.95) board.top(100)
    else {
      waiting.push(board.submit(playerId, updateOf('uniform', count, i).score))
    }
    if (waiting.length === SUBMITS_OUTSTANDING) await Promise.all(waiting.splice(0))
  }
  await Promise.all(waiting)
  idle()
  await store.close()
}

function idle() {
  const anonymous = /RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))
  print({ anonymousBytes: Number(anonymous[1]) * 1024, heapBytes: process.memoryUsage().heapUsed })
}

async function read(count) {
  const { openLeaderboards } = await import('../dist/index.js')
  const { asker } = await import('./workload.js')
  const board = openLeaderboards(path, { readOnly: true }).board('arena')
  const next = asker(count)
  print('reading')
  for (;;) {
    for (let i = 0; i < 1_000; i++) board.rank(next())
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function importFile(file, mode) {
  const { monitorEventLoopDelay } = await import('node:perf_hooks')
  const { openLeaderboards } = await import('../dist/index.js')
  const store = openLeaderboards(path)
  const board = store.board('arena', { mode })
  const turns = monitorEventLoopDelay({ resolution: 1 })
  turns.enable()
  const before = process.cpuUsage()
  const start = performance.now()
  await board.importFrom(file)
  board.entryAt(1)
  const importMs = performance.now() - start
  const { user, system } = process.cpuUsage(before)
  turns.disable()
  const residentBytes = process.resourceUsage().maxRSS * 1024
  const processorMs = (user + system) / 1000
  print({ importMs, processorMs, turnMs: turns.max / 1e6, residentBytes })
  await store.close()
}

async function exportFile(file, mode) {
  const { openLeaderboards } = await import('../dist/index.js')
  const store = openLeaderboards(path)
  const board = store.board('arena', { mode })
  const start = performance.now()
  await board.exportTo(createWriteStream(file), {
    format: file.endsWith('.csv') ? 'csv' : 'ndjson',
  })
  print({ exportMs: performance.now() - start })
  await store.close()
}

function print(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
