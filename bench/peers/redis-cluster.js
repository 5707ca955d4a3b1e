/**
 * A cluster of three nodes of our own, which share the slots evenly.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.js'
import { startRedis } from './redis-server.js'

const NODES = 3
const SLOTS = 16_384

/** Starts a cluster; returns the addresses of its nodes, what time its servers have used, and how to stop it. */
export async function startCluster(folder) {
  const { Redis } = await import('ioredis')
  const nodes = []
  for (let i = 0; i < NODES; i++) {
    const busPort = await freePort()
    const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)]
    const place = `${folder}/redis-node-${performance.now()}`
    const server = await startRedis(place, { appendonly: 'no', args })
    const admin = new Redis(server.port, '127.0.0.1')
    // A node that is stopped says so too.
    admin.on('error', () => {})
    nodes.push({ ...server, busPort, admin })
  }
  await join(nodes)
  async function cpuSeconds() {
    const all = await Promise.all(nodes.map(({ admin }) => admin.info('cpu')))
    return all.reduce((sum, info) => sum + secondsIn(info), 0)
  }
  async function stop() {
    for (const { admin, stop } of nodes) {
      admin.disconnect()
      await stop()
    }
  }
  return { urls: nodes.map(({ port }) => `redis://127.0.0.1:${port}`), cpuSeconds, stop }
}

async function join(nodes) {
  const [first] = nodes
  for (const [i, { admin, port, busPort }] of nodes.entries()) {
    await admin.cluster('SET-CONFIG-EPOCH', i + 1)
    const start = Math.floor((i * SLOTS) / NODES)
    await admin.cluster('ADDSLOTSRANGE', start, Math.floor(((i + 1) * SLOTS) / NODES) - 1)
    await first.admin.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
  }
  for (;;) {
    const all = await Promise.all(nodes.map(({ admin }) => admin.cluster('INFO')))
    const isOne = (info) => /cluster_state:ok/.test(info) && info.includes(`known_nodes:${NODES}`)
    if (all.every(isOne)) return
    await sleep(50)
  }
}

function secondsIn(info) {
  const of = (name) => Number(new RegExp(`^used_cpu_${name}_main_thread:(\\S+)`, 'm').exec(info)[1])
  return of('user') + of('sys')
}
