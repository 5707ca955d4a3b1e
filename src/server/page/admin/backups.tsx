/**
 * Backups of the server: those that are there, and a new one.
 *
 * @module
 */

import type { VNode } from 'preact'
import { ask } from '../api.ts'
import { Refusal, useAct } from '../fields.tsx'
import { countText, timeText } from '../text.ts'
import { useAnswer } from './use-answer.ts'

interface ManifestJson {
  createdAt: string
  bytes: number
}

interface BackupsJson {
  backups: { path: string; manifest: ManifestJson }[]
}

/** A large store takes its time. */
const BACKUP_MS = 600_000

export function Backups(): VNode {
  const { answer, problem, look } = useAnswer<BackupsJson>(['backups'])
  const act = useAct<{ path: string; bytes: number }>()
  const make = (): void => {
    void act.run(async () => {
      const made = await ask<{ path: string; bytes: number }>('POST', ['backups'], {
        body: {},
        timeoutMs: BACKUP_MS,
      })
      look()
      return made
    })
  }
  const made = act.answer === undefined ? '' : `Stored as ${act.answer.path}.`
  return (
    <>
      <p>
        <button type="button" disabled={act.isBusy} onClick={make}>
          Back up now
        </button>
      </p>
      <p role="status">{act.isBusy ? 'The store is being backed up…' : made}</p>
      <Refusal of={act.problem ?? problem} />
      {answer?.backups.length === 0 && <p class="empty">There is no backup yet.</p>}
      <ul class="items">
        {answer?.backups.map(({ path, manifest }) => (
          <li key={path}>
            <span>{path.split('/').at(-1)}</span>
            <span>{`${timeText(Date.parse(manifest.createdAt))} · ${countText(manifest.bytes)} bytes`}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
