/**
 * Every fault that a recorded run can be given.
 *
 * @module
 */

import { type Fault, type Operation, readLog } from './shim.ts'

const KINDS = ['write', 'sync', 'meta', 'open', 'truncate', 'rename'] as const

/** What an operation fails with. */
export const FAULTS = { ENOSPC: 28, EIO: 5, EDQUOT: 122, EFBIG: 27, short: 'short' } as const

/** Returns every fault for a run with this log: each operation of each kind, once and for good. */
export function everyFaultOf(log: string): Fault[] {
  const operations = readLog(log)
  return KINDS.flatMap((kind) => {
    const count = operations.filter((operation) => isOf(operation, kind)).length
    return Array.from({ length: count }, (_, i) => i + 1).flatMap((at) => {
      return Object.values(FAULTS).flatMap((fault) => {
        if (fault === 'short' && kind !== 'write' && kind !== 'meta') return []
        return [false, true].map((isSticky): Fault => ({ kind, at, fault, isSticky }))
      })
    })
  })
}

function isOf({ type, isSynced, isMeta }: Operation, kind: Fault['kind']): boolean {
  if (kind === 'write') return type === 'W'
  if (kind === 'sync') return type === 'B' || (type === 'W' && isSynced)
  if (kind === 'meta') return type === 'W' && isMeta
  if (kind === 'open') return type === 'O'
  return type === (kind === 'truncate' ? 'T' : 'L')
}

/** Returns a fault in words. */
export function nameOfFault({ kind, at, fault, isSticky }: Fault): string {
  const [name] = Object.entries(FAULTS).find(([, value]) => value === fault) as [string, unknown]
  return `${kind} ${at} ${name} ${isSticky ? 'for good' : 'once'}`
}
