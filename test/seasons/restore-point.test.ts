/**
 * Restores up to a point in time of boards with windows: what seasons were then, they are again.
 *
 * @module
 */

import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLeaderboards } from '../../src/index.ts'
import { PointRestore } from '../../src/library/restore-point.ts'
import { checkHere } from '../support/check-here.ts'
import { Random, runSeed } from '../support/random.ts'
import { logOf } from '../support/random-history.ts'
import {
  passTime,
  type SeasonScene,
  seasonChange,
  seasonSceneOf,
} from '../support/random-seasons.ts'
import { sizeOf } from '../support/sizes.ts'
import { type TemporaryStore, withStore } from '../support/temporary-store.ts'

checkHere()

/** Of the changes, the share behind which it is noted what the store is: that takes longer than a change. */
const NOTED = sizeOf('POINT_SCENES', { test: 0.2, torture: 1 })

/** A random history with a backup somewhere in it, and what the store was behind some of its changes. */
async function history(
  random: Random,
  { store, clock }: TemporaryStore,
  backup: string,
): Promise<Map<number, SeasonScene>> {
  const scenes = new Map<number, SeasonScene>()
  const changes = sizeOf('POINT_CHANGES', { test: 60, torture: 400 })
  const backupAt = random.below(changes / 2)
  let last = -1
  for (let i = 0; i < changes; i++) {
    passTime(random, clock)
    if (i === backupAt) {
      await store.backup(backup)
      scenes.clear()
      last = -1
    } else await seasonChange(random, store, clock)
    const seq = store.log({ before: 1e9, limit: 1 }).records[0]?.seq ?? 0
    if (seq === last) continue
    last = seq
    if (scenes.size === 0 || i > changes - 5 || random.chance(NOTED))
      scenes.set(seq, seasonSceneOf(store, clock.now))
  }
  return scenes
}

async function expectSame(path: string, scene: SeasonScene, seed: number): Promise<void> {
  const restored = openLeaderboards(path, { readOnly: true, clock: () => scene.nowMs })
  try {
    expect(seasonSceneOf(restored, scene.nowMs), `SEED=${seed}`).toEqual(scene)
    const { findings } = await restored.check({ history: true })
    expect(findings, `SEED=${seed}`).toEqual([])
  } finally {
    await restored.close()
  }
}

test('a restore up to a point makes the seasons of windows what they were then', async () => {
  const random = new Random(runSeed('point of seasons'))
  await withStore(
    async (temporary) => {
      const { path } = temporary
      const backup = join(path, 'backup')
      const scenes = [...(await history(random, temporary, backup)).values()]
      const points = sizeOf('POINTS', { test: 3, torture: 200 })
      for (let i = 0; i < points; i++) {
        const scene = i === 0 ? (scenes.at(-1) as SeasonScene) : random.pick(scenes)
        const target = join(path, `restored ${i}`)
        await mkdir(target)
        await copyFile(join(backup, 'data.mdb'), join(target, 'data.mdb'))
        const work = new PointRestore(target, { log: path, seq: scene.seq })
        await work.prepare(backup)
        const point = await work.replay(target)
        await work.close()
        expect(point.seq, `SEED=${random.seed}`).toBe(scene.seq)
        await expectSame(target, scene, random.seed)
        await rm(target, { recursive: true })
      }
      expect(logOf(temporary.store).length).toBeGreaterThan(0)
    },
    { durability: 'relaxed' },
  )
}, 120_000)
