/**
 * The replicas of a cluster: those of the primary that holds the slot of a question, as the map of slots says it.
 *
 * The map may be late, and the owner of a slot may alter while it is asked. So
 *
 *     new owner     replicas of a primary that the map names for a slot since a moment ago must have all that it had
 *                   written at that moment, and so all keys that came with the slot.
 *     old owner     its replicas may still have some keys of a slot that leaves, or left: they answer only about boards
 *                   that are all there, see replicas.lua. That does not cover seasons, so questions about them go to the
 *                   primary.
 *
 * @module
 */

import type { ServerCall } from '../client/connection.ts'
import type { RedisNode } from '../client/ioredis-client.ts'
import type { ClusterConnection } from '../client/ioredis-cluster.ts'
import { slotOf } from '../client/key-slots.ts'
import { type AskedReplica, ReplicaGroup } from './replica-group.ts'
import { wholeRead } from './replica-questions.ts'
import { type PlaceOfSlot, ReplicaReads, type ReplicaSource } from './replica-reads.ts'

/**
 * Returns a connection whose questions go to the replicas of a cluster, those that come later too. The primaries answer
 * while it has none.
 */
export function withClusterReplicas(
  primaries: ClusterConnection,
  { maxLagMs }: { maxLagMs: number },
): ReplicaReads {
  const options = { maxLagMs, clock: () => performance.now() }
  return new ReplicaReads(new ClusterReplicas(primaries, options), options)
}

interface Owner {
  primary: RedisNode
  /** When this process first saw it as the owner. */
  sinceMs: number
}

class ClusterReplicas implements ReplicaSource {
  readonly primaries: ClusterConnection
  readonly #options: { maxLagMs: number; clock: () => number }
  readonly #groups = new Map<RedisNode, ReplicaGroup>()
  readonly #servers = new Map<string, NodeServer>()
  readonly #owners = new Map<number, Owner>()

  constructor(primaries: ClusterConnection, options: { maxLagMs: number; clock: () => number }) {
    this.primaries = primaries
    this.#options = options
  }

  asReplicaCall(call: ServerCall): ServerCall | undefined {
    return wholeRead(call)
  }

  placeOf({ keys: [key = ''] }: ServerCall): PlaceOfSlot | undefined {
    const slot = slotOf(key)
    const found = this.primaries.nodesOf(slot)
    if (found === undefined) return undefined
    const { primary, replicas } = found
    let owner = this.#owners.get(slot)
    if (owner?.primary !== primary) {
      owner = { primary, sinceMs: this.#options.clock() }
      this.#owners.set(slot, owner)
    }
    const group = this.#groupOf(primary)
    group.setReplicas(replicas.map((address) => this.#serverAt(address)))
    return { group, sinceMs: owner.sinceMs }
  }

  groups(): Iterable<ReplicaGroup> {
    for (const { primary, replicas } of this.primaries.shards())
      this.#groupOf(primary).setReplicas(replicas.map((address) => this.#serverAt(address)))
    return this.#groups.values()
  }

  // The connections belong to the client of the cluster, and end with it.
  async close(): Promise<void> {}

  #groupOf(primary: RedisNode): ReplicaGroup {
    let group = this.#groups.get(primary)
    if (group === undefined) {
      // Nodes that are gone, or are replicas now, are let go.
      const nodes = new Set(this.primaries.primaries())
      for (const known of this.#groups.keys()) if (!nodes.has(known)) this.#groups.delete(known)
      const server = {
        by: () => primary,
        replication: () => this.primaries.replicationOf(primary),
      }
      group = new ReplicaGroup(server, this.#options)
      this.#groups.set(primary, group)
    }
    return group
  }

  #serverAt(address: string): NodeServer {
    let server = this.#servers.get(address)
    if (server === undefined) {
      server = new NodeServer(this.primaries, address)
      this.#servers.set(address, server)
    }
    return server
  }
}

/** A replica by its address, whose connection may be another one each time. */
class NodeServer implements AskedReplica {
  readonly address: string
  readonly #cluster: ClusterConnection
  #node: RedisNode | undefined

  constructor(cluster: ClusterConnection, address: string) {
    this.#cluster = cluster
    this.address = address
  }

  by(): RedisNode | undefined {
    const node = this.#node
    if (node !== undefined && node.status !== 'end' && node.options.readOnly === true) return node
    this.#node = this.#cluster.replicaAt(this.address)
    return this.#node
  }

  replication() {
    return this.#cluster.replicationOf(this.#known())
  }

  read(call: ServerCall): Promise<unknown> {
    return this.#cluster.readOn(this.#known(), call)
  }

  #known(): RedisNode {
    const node = this.by()
    if (node === undefined) throw new Error(`The cluster knows no replica at ${this.address}`)
    return node
  }
}
