import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkDaily, dayAround } from '../../src/calls/index.ts'
import type { KeepRules } from '../../src/index.ts'
import { BackupMaker } from '../../src/server/backups/maker.ts'
import { NightlyBackups, type NightlyReport } from '../../src/server/backups/nightly.ts'
import { createServer } from '../../src/server/index.ts'
import { checkHere } from '../support/check-here.ts'
import { type TemporaryStore, withDirectory, withStore } from '../support/temporary-store.ts'
import { withServer } from './support.ts'

checkHere()

const HOUR = 3_600_000

/** Nightly backups of a store whose clock a test sets. */
class Nights {
  readonly directory: string
  readonly maker: BackupMaker
  readonly reports: NightlyReport[] = []
  readonly errors: unknown[] = []
  #nightly: NightlyBackups
  readonly #start: () => NightlyBackups
  readonly #clock: TemporaryStore['clock']

  constructor(
    { store, clock }: TemporaryStore,
    options: { directory: string; zone?: string; keep?: KeepRules },
  ) {
    const { directory, zone = 'UTC', keep } = options
    this.directory = directory
    this.maker = new BackupMaker(store, directory)
    this.#clock = clock
    this.#start = () =>
      new NightlyBackups({
        ...{ store, maker: this.maker, nights: checkDaily('02:30', zone), keep, clock: clock.read },
        onBackup: (report) => this.reports.push(report),
        onError: (error) => this.errors.push(error),
      })
    this.#nightly = this.#start()
  }

  /** Sets the clock, and looks. */
  async at(time: string): Promise<void> {
    this.#clock.now = Date.parse(time)
    await this.#nightly.look()
  }

  /** As if the server had ended and another one began. */
  async restart(): Promise<void> {
    await this.#nightly.end()
    this.#nightly = this.#start()
  }

  async end(): Promise<void> {
    await this.#nightly.end()
  }

  /** The times of the backups that are there, in UTC. */
  get made(): string[] {
    return readdirSync(this.directory).map((name) => name.slice(5, 16))
  }
}

function withNights(
  body: (nights: Nights) => Promise<void>,
  options: { zone?: string; keep?: KeepRules } = {},
): Promise<void> {
  return withDirectory((directory) =>
    withStore(async (temporary) => {
      await temporary.store.createBoard('arena')
      const nights = new Nights(temporary, { directory: join(directory, 'backups'), ...options })
      try {
        await body(nights)
      } finally {
        await nights.end()
      }
    }),
  )
}

test('a backup is made once in each night, and the first at once', () =>
  withNights(async (nights) => {
    for (const time of ['12:00', '12:01', '23:59']) await nights.at(`2026-11-20T${time}Z`)
    expect(nights.made).toEqual(['11-20T12-00'])
    for (const time of ['02:29:59', '02:30', '02:31', '12:00'])
      await nights.at(`2026-11-21T${time}Z`)
    expect(nights.made).toEqual(['11-20T12-00', '11-21T02-30'])
    expect(nights.reports.map(({ removed }) => removed)).toEqual([[], []])
  }))

test('a night that was missed is made up for, one that was not is not', () =>
  withNights(async (nights) => {
    await nights.at('2026-11-20T02:30Z')
    await nights.restart()
    await nights.at('2026-11-20T03:00Z')
    expect(nights.made).toHaveLength(1)
    await nights.restart()
    await nights.at('2026-11-23T18:00Z')
    expect(nights.made).toEqual(['11-20T02-30', '11-23T18-00'])
    // Asleep, not ended.
    await nights.at('2026-11-26T18:00Z')
    await nights.at('2026-11-27T02:30Z')
    expect(nights.made.slice(2)).toEqual(['11-26T18-00', '11-27T02-30'])
    expect(nights.maker.counts).toEqual({ made: 4, failed: 0 })
  }))

// On 2026-03-29 the clock of Berlin has no 02:30, on 2026-10-25 it shows it twice.
test('a time that the clock skips comes late, one that it shows twice counts once', () =>
  withNights(
    async (nights) => {
      await nights.at('2026-03-28T12:00Z')
      for (const time of ['00:30', '00:59', '01:00', '01:30'])
        await nights.at(`2026-03-29T${time}Z`)
      await nights.at('2026-03-30T00:29Z')
      await nights.at('2026-03-30T00:30Z')
      expect(nights.made).toEqual(['03-28T12-00', '03-29T01-00', '03-30T00-30'])
      await nights.at('2026-10-24T12:00Z')
      for (const time of ['00:29', '00:30', '01:30', '02:30'])
        await nights.at(`2026-10-25T${time}Z`)
      await nights.at('2026-10-26T01:30Z')
      expect(nights.made.slice(3)).toEqual(['10-24T12-00', '10-25T00-30', '10-26T01-30'])
    },
    { zone: 'Europe/Berlin' },
  ))

test('a clock that is set back a year has a backup in its next night', () =>
  withNights(async (nights) => {
    await nights.at('2026-11-20T12:00Z')
    await nights.at('2025-11-20T12:00Z')
    expect(nights.made).toHaveLength(1)
    await nights.at('2025-11-21T02:30Z')
    expect(nights.made).toHaveLength(2)
  }))

test('older backups go by the rules', () =>
  withNights(
    async (nights) => {
      for (let day = 10; day < 15; day++) await nights.at(`2026-11-${day}T02:30Z`)
      expect(nights.made).toEqual(['11-13T02-30', '11-14T02-30'])
      expect(nights.reports.at(-1)?.removed).toEqual([
        join(nights.directory, '2026-11-12T02-30-00-000Z.ladder'),
      ])
    },
    { keep: { daily: 2 } },
  ))

test('what fails is told, counted, and tried again, not at every look', () =>
  withNights(async (nights) => {
    const { directory } = nights
    writeFileSync(directory, 'no directory')
    for (const time of ['12:00', '12:10', '12:15']) await nights.at(`2026-11-20T${time}Z`)
    expect(nights.errors).toHaveLength(2)
    expect(nights.maker.counts).toEqual({ made: 0, failed: 2 })
    rmSync(directory)
    mkdirSync(directory)
    await nights.at('2026-11-20T12:29Z')
    expect(nights.made).toEqual([])
    await nights.at('2026-11-20T12:30Z')
    expect(nights.made).toEqual(['11-20T12-30'])
    await nights.at('2026-11-20T12:50Z')
    expect(nights.maker.counts).toEqual({ made: 1, failed: 2 })
  }))

test('a backup that is asked for meanwhile is waited for, and the end gives one up', () =>
  withNights(async (nights) => {
    const asked = nights.maker.make(Date.parse('2026-11-20T11:00Z'))
    await nights.at('2026-11-20T12:00Z')
    await asked
    expect(nights.errors).toEqual([])
    expect(nights.made).toHaveLength(1)
    const looked = nights.at('2026-11-21T12:00Z')
    await nights.end()
    await looked
    expect(nights.errors).toEqual([])
    expect(nights.maker.counts.failed).toBe(0)
  }))

test('days begin in the zone of the machine unless one is named', () => {
  const at = Date.parse('2026-07-01T12:00Z')
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone
  expect(dayAround(checkDaily('04:15'), at)).toEqual(dayAround(checkDaily('04:15', here), at))
  const { fromMs, toMs } = dayAround(checkDaily('04:15', 'America/New_York'), at)
  expect([fromMs, toMs - fromMs]).toEqual([Date.parse('2026-07-01T08:15Z'), 24 * HOUR])
})

test('createServer() refuses options of nights that go with nothing', () =>
  withStore(({ store }) => {
    const refused = (options: object, words: string): void =>
      expect(() => createServer(store, options)).toThrow(words)
    refused({ backupAt: '04:15' }, 'without backups')
    refused({ keepBackups: { daily: 7 } }, 'keepBackups without backupAt')
    refused({ backupTimeZone: 'UTC' }, 'backupTimeZone without backupAt')
    refused({ backups: 'b', backupAt: '24:00' }, '"24:00" as a time of day')
    refused({ backups: 'b', backupAt: '04:15', backupTimeZone: 'Mars/X' }, '"Mars/X" as timeZone')
    refused({ backups: 'b', backupAt: '04:15', keepBackups: { daily: 0 } }, 'keep none')
  }))

// The directory is made by the first backup: until then, /metrics failed as a whole.
test('/metrics tells of backups, also while there is no directory for them', () =>
  withDirectory((directory) =>
    withServer(
      async (server) => {
        const told = async (): Promise<string> => (await server.ask('GET //metrics')).text
        expect(await told()).toContain('ladderdb_backup_age_seconds +Inf')
        await server.ask('POST /backups', { body: {} })
        const lines = ['ladderdb_backup_age_seconds 0', 'ladderdb_backups_total 1']
        for (const line of [...lines, 'ladderdb_backup_failures_total 0'])
          expect(await told()).toContain(`${line}\n`)
      },
      { backups: join(directory, 'later') },
    ),
  ))
