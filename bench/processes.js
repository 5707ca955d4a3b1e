/**
 * What processes have taken so far; on Linux.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs'

const TICKS = 100

/** Returns user and system time of a process, all of its threads and children, those that ended among them, in seconds. */
export function cpuSecondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ')
  // Its own user and system time, then that of children that ended: proc(5), fields 14 to 17.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return childrenOf(pid).reduce((sum, child) => sum + cpuSecondsOf(child), ticks / TICKS)
}

// A thread may have started them.
function childrenOf(pid) {
  const folder = `/proc/${pid}/task`
  return readdirSync(folder).flatMap((task) =>
    readFileSync(`${folder}/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  )
}
