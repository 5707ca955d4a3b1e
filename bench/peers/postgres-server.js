/**
 * A PostgreSQL of our own: a cluster in a temporary directory, on a free port of the loopback.
 *
 * It will not run as root. Who is root has it run as the user `postgres`, whom Debian makes for it.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.js'

const DEBIAN = '/usr/lib/postgresql'
const START_MS = 30_000
const ASK_MS = 100

/** Returns the version of the server that is installed, or undefined. */
export function postgresVersion() {
  const { stdout } = spawnSync(program('postgres'), ['--version'], { encoding: 'utf8' })
  return /(\d+\.\d+)/.exec(stdout ?? '')?.[1]
}

/**
 * Starts a server with settings as they come, which sync each commit. Returns its process id, how a client connects,
 * how a file becomes one that it can read, and how to stop it.
 */
export async function startPostgres() {
  const user = serverUser()
  const folder = mkdtempSync(join(tmpdir(), 'ladderdb-postgres-'))
  const give = (path) => user.uid !== undefined && chownSync(path, user.uid, user.gid)
  give(folder)
  const data = join(folder, 'data')
  const password = randomBytes(16).toString('hex')
  const write = (name, text) => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    give(path)
    return path
  }
  const access = ['--auth=scram-sha-256', `--pwfile=${write('password', password)}`]
  const text = ['--username=postgres', '--encoding=UTF8', '--locale=C']
  const made = spawnSync(program('initdb'), ['-D', data, ...access, ...text], {
    ...user,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`Cannot make a cluster: ${made.stderr}`)
  const port = await freePort()
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', '']
  const server = spawn(program('postgres'), args, { ...user, stdio: 'ignore' })
  const exited = once(server, 'exit')
  // However this process ends, the server does not outlive it.
  const end = () => {
    server.kill('SIGQUIT')
    rmSync(folder, { recursive: true, force: true })
  }
  process.on('exit', end)
  async function stop() {
    process.off('exit', end)
    server.kill('SIGINT')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  await readiness(port, server)
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  return { pid: server.pid, url, write, stop }
}

async function readiness(port, server) {
  const deadline = performance.now() + START_MS
  const args = ['-h', '127.0.0.1', '-p', String(port), '-q']
  while (spawnSync(program('pg_isready'), args).status !== 0) {
    if (server.exitCode !== null || performance.now() > deadline)
      throw new Error(`Cannot start PostgreSQL: it ended with ${server.exitCode}`)
    await sleep(ASK_MS)
  }
}

// Debian keeps the programs of each version in a folder of its own, away from PATH.
function program(name) {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number).filter(Boolean) : []
  return versions.length === 0 ? name : join(DEBIAN, String(Math.max(...versions)), 'bin', name)
}

function serverUser() {
  if (process.getuid() !== 0) return {}
  const idOf = (option) =>
    Number(spawnSync('id', [option, 'postgres'], { encoding: 'utf8' }).stdout)
  const [uid, gid] = [idOf('-u'), idOf('-g')]
  if (uid > 0) return { uid, gid }
  throw new Error('Cannot start PostgreSQL as root: there is no user postgres to run it')
}
