/**
 * Runs that a rule took for review: each is accepted or taken back.
 *
 * @module
 */

import type { VNode } from 'preact'
import type { LogJson, RecordJson } from '../answers.ts'
import { ask } from '../api.ts'
import { Refusal, useAct } from '../fields.tsx'
import { SureButton } from '../panel.tsx'
import { shownScore, timeText } from '../text.ts'
import { useAnswer } from './use-answer.ts'

const LOOK_MS = 10_000
const FLAGS_MAX = 50

export function Flags(): VNode {
  const { answer, problem, look } = useAnswer<LogJson>(['log'], {
    query: { flagged: true, limit: FLAGS_MAX },
    everyMs: LOOK_MS,
  })
  const act = useAct<string>()
  const resolve = (seq: number, verdict: 'accepted' | 'undone'): void => {
    void act.run(async () => {
      await ask('POST', ['resolve'], { body: { seq, verdict } })
      look()
      return `Run ${seq}: ${verdict === 'accepted' ? 'accepted' : 'taken back'}.`
    })
  }
  return (
    <>
      <p role="status">{act.answer}</p>
      <Refusal of={act.problem ?? problem} />
      {answer?.records.length === 0 && <p class="empty">No run waits for review.</p>}
      <ul class="items">
        {answer?.records.map((record) => (
          <li key={record.seq}>
            <Flagged record={record} />
            <span class="acts">
              <button type="button" onClick={() => resolve(record.seq, 'accepted')}>
                Accept<span class="unseen"> run {record.seq}</span>
              </button>
              <SureButton
                label={`Take back run ${record.seq}`}
                onSure={() => resolve(record.seq, 'undone')}
              />
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Flagged({ record }: { record: RecordJson }): VNode {
  const { seq, at, board, playerId, submitted, previousScore, flags = [] } = record
  return (
    <span>
      {`${seq} · ${timeText(at)} · ${board} · `}
      <bdi>{playerId}</bdi>
      {`: ${shownScore(submitted)}, before ${shownScore(previousScore)} (${flags.join(', ')})`}
    </span>
  )
}
