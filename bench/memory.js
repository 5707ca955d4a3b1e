/**
 * How much memory does the host give to us?
 *
 * Anonymous memory of a new process after many random calls (60 % ranks, 35 % other questions, 5 %
 * submits), less that of an idle node. The mapped file is not in it: the system takes that back when
 * somebody else needs the room.
 *
 * @module
 */
import { spawnSync } from 'node:child_process'

const CALLS = 1_000_000
const CALLS_SMALL = 20_000
const CHILD = new URL('child.js', import.meta.url).pathname

export async function memory({ players, small, stores }) {
  const calls = small ? CALLS_SMALL : CALLS
  return stores.withCopy('uniform', players, (path) => {
    const idle = run(['idle', path, players, 0])
    const ours = run(['memory', path, players, calls])
    const name = `after ${calls.toLocaleString('en')} random calls`
    return [
      { case: 'idle node', anonymousBytes: idle.anonymousBytes, heapBytes: idle.heapBytes },
      { case: name, anonymousBytes: ours.anonymousBytes, heapBytes: ours.heapBytes },
      { case: 'beyond idle', anonymousBytes: ours.anonymousBytes - idle.anonymousBytes },
    ]
  })
}

function run(args) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CHILD, ...args.map(String)])
  if (status !== 0) throw new Error(`Cannot run ${CHILD} ${args.join(' ')}: ${stderr}`)
  return JSON.parse(String(stdout))
}
