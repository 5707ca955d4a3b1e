/**
 * What a server tells of its stream of changes, by `INFO replication`.
 *
 * @module
 */

/** Where a server stands in the stream of changes. */
export interface Replication {
  /** Names the stream: another one after each failover, and after a primary lost what it had. */
  stream: string
  /** Bytes of the stream that it has written, or as a replica taken in. */
  offset: number
  isPrimary: boolean
  /** Whether it is a replica that hears from its primary. */
  isReplica: boolean
  /** Those of a primary. */
  replicas: { host: string; port: number }[]
}

/** Returns what the text of the server says. */
export function readReplication(text: string): Replication {
  const field = (name: string): string =>
    new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? ''
  const isPrimary = field('role') === 'master'
  const found = text.matchAll(/^slave\d+:ip=([^,]+),port=(\d+),/gm)
  return {
    stream: field('master_replid'),
    offset: Number(field(isPrimary ? 'master_repl_offset' : 'slave_repl_offset')),
    isPrimary,
    isReplica: !isPrimary && field('master_link_status') === 'up',
    replicas: [...found].map(([, host = '', port]) => ({ host, port: Number(port) })),
  }
}
