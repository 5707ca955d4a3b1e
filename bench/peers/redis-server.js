/**
 * A Redis of our own: started on a free port of the loopback, with its files in a temporary folder.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { freePort } from './free-port.js'

const NO_SNAPSHOTS = ['--save', '']
const NO_REWRITES = ['--auto-aof-rewrite-percentage', '0']

/** Returns the version of the server that is installed, or undefined. */
export function redisVersion() {
  const { stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  return /v=(\S+)/.exec(stdout ?? '')?.[1]
}

/** Starts a server; `appendonly` is yes or no, `args` are settings more. Returns its process id, its port and how to stop it. */
export async function startRedis(folder, { appendonly, args: more = [] }) {
  mkdirSync(folder)
  const port = await freePort()
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  const files = [...NO_SNAPSHOTS, ...NO_REWRITES, '--logfile', 'redis.log']
  const args = [...place, ...files, '--appendonly', appendonly, ...more]
  const server = spawn('redis-server', args, { stdio: 'inherit' })
  // However this process ends, the server does not outlive it.
  process.on('exit', () => server.kill())
  async function stop() {
    server.kill()
    await once(server, 'exit')
  }
  return { pid: server.pid, port, stop }
}
