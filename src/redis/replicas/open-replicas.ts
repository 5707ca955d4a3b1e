/**
 * Finds the replicas of a primary, and connects to them.
 *
 * @module
 */

import { LadderError } from '../../ground/errors.ts'
import type { ServerCall, SingleConnection } from '../client/connection.ts'
import { connectByAddress } from '../client/ioredis-connection.ts'
import { ReplicaGroup } from './replica-group.ts'
import { isForReplica } from './replica-questions.ts'
import { type PlaceOfSlot, ReplicaReads, type ReplicaSource } from './replica-reads.ts'

/** Which replicas, and how late they may be. */
export interface ReplicaOptions {
  /** Address of the primary, if it was given by one. */
  address: string | undefined
  /** Undefined: those that the primary names. */
  replicas: readonly string[] | undefined
  maxLagMs: number
}

interface OpenReplica {
  address: string
  connection: SingleConnection
}

/**
 * Returns a connection whose questions go to replicas.
 *
 * @throws {LadderError} `UNSUPPORTED` if no replica is known, `UNAVAILABLE` if none can be reached.
 */
export async function withReplicas(
  primary: SingleConnection,
  { address, replicas, maxLagMs }: ReplicaOptions,
): Promise<ReplicaReads> {
  const addresses = replicas ?? (await namedReplicas(primary, address))
  if (addresses.length === 0)
    throw new LadderError(
      'UNSUPPORTED',
      'Cannot read from replicas: the primary names none; start one, or give their addresses as replicas',
    )
  const reached = await Promise.allSettled(addresses.map(connectByAddress))
  const open = reached.flatMap((one, i) =>
    one.status === 'fulfilled' ? [{ address: addresses[i] as string, connection: one.value }] : [],
  )
  const options = { maxLagMs, clock: () => performance.now() }
  if (open.length > 0) return new ReplicaReads(new SingleSource(primary, open, options), options)
  throw new LadderError(
    'UNAVAILABLE',
    `Cannot read from replicas: none of ${addresses.length} can be reached; give addresses that this machine reaches as replicas`,
    { cause: (reached[0] as PromiseRejectedResult).reason },
  )
}

/** One primary, with the replicas that were reached at the beginning. */
class SingleSource implements ReplicaSource {
  readonly primaries: SingleConnection
  readonly #replicas: readonly OpenReplica[]
  readonly #place: PlaceOfSlot

  constructor(
    primary: SingleConnection,
    replicas: readonly OpenReplica[],
    options: { maxLagMs: number; clock: () => number },
  ) {
    this.primaries = primary
    this.#replicas = replicas
    const group = new ReplicaGroup(primary, options)
    const servers = replicas.map(({ address, connection }) => ({
      address,
      by: () => connection.by(),
      replication: () => connection.replication(),
      read: (call: ServerCall) => connection.call(call),
    }))
    group.setReplicas(servers)
    this.#place = { group, sinceMs: Number.NEGATIVE_INFINITY }
  }

  asReplicaCall(call: ServerCall): ServerCall | undefined {
    return isForReplica(call) ? call : undefined
  }

  placeOf(): PlaceOfSlot {
    return this.#place
  }

  groups(): ReplicaGroup[] {
    return [this.#place.group]
  }

  async close(): Promise<void> {
    await Promise.all(this.#replicas.map(({ connection }) => connection.close()))
  }
}

// User, password and database are those of the primary.
async function namedReplicas(
  primary: SingleConnection,
  address: string | undefined,
): Promise<string[]> {
  if (address === undefined) return []
  const { replicas } = await primary.replication()
  return replicas.map(({ host, port }) => {
    const url = new URL(address)
    url.hostname = host.includes(':') ? `[${host}]` : host
    url.port = String(port)
    return url.href
  })
}
