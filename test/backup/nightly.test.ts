/**
 * The nightly routine of the README, as written: the crontab line as cron would run it, the units as
 * systemd reads them, and the drill.
 *
 * @module
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { openLeaderboards, verifyBackup } from '../../src/index.ts'
import { BIN } from '../cli/support.ts'
import { withDirectory } from '../support/temporary-store.ts'

const README = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')
const GAME = '/srv/game'
const NODE = dirname(process.execPath)

function blocks(language: string): string[] {
  const found = README.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))
  return [...found].map(([, text]) => text as string)
}

/** Runs a line by `sh` with nothing in the environment, in a directory. */
function shell(line: string, directory: string): string {
  const { status, stdout, stderr } = spawnSync('/usr/bin/env', ['-i', '/bin/sh', '-c', line], {
    cwd: directory,
    env: {},
    encoding: 'utf8',
  })
  expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: '' })
  return stdout
}

/** A game's directory with the package, a store, and an earlier backup that is too old to stay. */
async function withGame(body: (directory: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    mkdirSync(join(directory, 'node_modules', '.bin'), { recursive: true })
    mkdirSync(join(directory, 'backups'))
    symlinkSync(BIN, join(directory, 'node_modules', '.bin', 'ladderdb'))
    const store = openLeaderboards(join(directory, 'leaderboards'))
    await store.board('arena').submit('ann', 1)
    await store.close()
    await body(directory)
  })
}

async function expectBackup(directory: string): Promise<void> {
  const [name, ...others] = readdirSync(join(directory, 'backups'))
  expect(others).toEqual([])
  expect(name).toMatch(/^\d{4}-\d\d-\d\d\.ladder$/)
  expect((await verifyBackup(join(directory, 'backups', name as string))).boards).toEqual([
    { name: 'arena', size: 1 },
  ])
}

function inGame(text: string, directory: string): string {
  return text.replaceAll(GAME, directory)
}

test('the crontab line and the drill work as written, in an empty environment', () =>
  withGame(async (directory) => {
    const [setting, line, ...others] = (blocks('crontab')[0] as string).trim().split('\n')
    expect(others).toEqual([])
    expect(setting).toMatch(/^PATH=/)
    const command = /^15 4 \* \* \* (.*)$/.exec(line as string)?.[1] as string
    // Cron takes the backslash off; an unescaped % would have ended the command.
    expect(command.replaceAll('\\%', '')).not.toContain('%')
    const asCron = inGame(command.replaceAll('\\%', '%'), directory)
    // The machine's node may be elsewhere than where the README's reader has it.
    const path = `${setting}:${NODE}`
    shell(`export ${path}; ${asCron}`, '/')
    await expectBackup(directory)
    expect(readFileSync(join(directory, 'backups.log'), 'utf8')).toMatch(/^backed up to .*\n$/)
    const drill = blocks('sh').find((text) => text.includes('--db drill')) as string
    const shown = shell(`export ${path}; ${drill}`, directory)
    expect(shown).toMatch(/all is well/)
    expect(shown).toMatch(/^arena /m)
    expect(readdirSync(directory)).not.toContain('drill')
  }))

test('the command of the systemd unit works as written', () =>
  withGame(async (directory) => {
    const [service] = blocks('ini') as [string]
    const exec = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(service)?.[1] as string
    // systemd turns doubled signs into single ones.
    const line = exec.replaceAll('$$', '$').replaceAll('%%', '%')
    expect(exec.replaceAll('$$', '').replaceAll('%%', '')).not.toMatch(/[$%]/)
    expect(service).toContain(`WorkingDirectory=${GAME}\n`)
    const path = `PATH=/usr/local/bin:/usr/bin:/bin:${NODE}`
    shell(`export ${path}; ${line}`, directory)
    await expectBackup(directory)
  }))

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
if (!hasSystemd) console.warn('SKIPPED: systemd-analyze is not here: the units are not verified')

test.skipIf(!hasSystemd)('the systemd units are without a complaint', () =>
  withDirectory(async (directory) => {
    const [service, timer, server] = blocks('ini') as [string, string, string]
    const names = ['ladderdb-backup.service', 'ladderdb-backup.timer', 'ladderdb.service']
    const paths = names.map((name) => join(directory, name))
    // The user of the README is not on this machine.
    writeFileSync(paths[0] as string, service.replace('User=game', 'User=root'))
    writeFileSync(paths[1] as string, timer)
    const ours = server.replace('/srv/game/node_modules/.bin/ladderdb', process.execPath)
    writeFileSync(paths[2] as string, ours.replace('User=game', 'User=root'))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], {
      encoding: 'utf8',
    })
    const complaints = stderr.split('\n').filter((line) => line.includes('ladderdb'))
    expect({ status, complaints }).toEqual({ status: 0, complaints: [] })
  }),
)
