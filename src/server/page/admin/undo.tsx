/**
 * Undo: first what it would change, then, if the log has not moved on, that.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { BoardJson, ScoreJson } from '../answers.ts'
import { ask } from '../api.ts'
import { Field, Refusal, textsOf, useAct } from '../fields.tsx'
import { SureButton } from '../panel.tsx'
import { countText, shownScore } from '../text.ts'

interface UndoneJson {
  score: ScoreJson
  hidden?: boolean
}

interface UndoJson {
  seq: number | null
  count: number
  changes: {
    board: string
    season?: string
    playerId: string
    from: UndoneJson | null
    to: UndoneJson | null
  }[]
  lost: { board: string; playerId: string }[]
  partial?: boolean
  skipped?: string[]
}

type Asked = Record<string, unknown>

const SHOWN_MAX = 50

export function Undo({ board, player }: { board: BoardJson; player: string }): VNode {
  const [asked, setAsked] = useState<Asked>({})
  const preview = useAct<UndoJson>()
  const undone = useAct<UndoJson>()
  const look = (event: SubmitEvent): void => {
    event.preventDefault()
    const body = askedOf(textsOf(event.currentTarget as HTMLFormElement))
    setAsked(body)
    undone.clear()
    void preview.run(() => ask('POST', ['undo'], { body: { ...body, dryRun: true } }))
  }
  const undo = (expectedSeq: number): void => {
    preview.clear()
    void undone.run(() => ask('POST', ['undo'], { body: { ...asked, expectedSeq } }))
  }
  const seq = preview.answer?.seq ?? undefined
  return (
    <>
      <UndoForm board={board} player={player} isBusy={preview.isBusy} onSubmit={look} />
      <Refusal of={preview.problem ?? undone.problem} />
      <p role="status">{statusText(preview.answer, undone.answer)}</p>
      {preview.answer !== undefined && <Changes of={preview.answer} />}
      {seq !== undefined && (
        <SureButton label="Take them back" isBusy={undone.isBusy} onSure={() => undo(seq)} />
      )}
    </>
  )
}

interface FormProps {
  board: BoardJson
  player: string
  isBusy: boolean
  onSubmit: (event: SubmitEvent) => void
}

function UndoForm({ board, player, isBusy, onSubmit }: FormProps): VNode {
  return (
    <form onSubmit={onSubmit} autocomplete="off">
      <Field label="Player id, or everybody">
        <input name="playerId" defaultValue={player} key={player} spellcheck={false} />
      </Field>
      <Field label="Board">
        <select name="board">
          <option value={board.name}>{board.name}</option>
          <option value="">all boards</option>
        </select>
      </Field>
      <Field label="From">
        <input name="from" type="datetime-local" step="1" />
      </Field>
      <Field label="To">
        <input name="to" type="datetime-local" step="1" />
      </Field>
      <Field label="Runs, by number">
        <input name="seqs" placeholder="12, 15" pattern="[0-9 ,]*" />
      </Field>
      <Field label="Reason">
        <input name="reason" />
      </Field>
      <button type="submit" disabled={isBusy}>
        Preview
      </button>
    </form>
  )
}

function askedOf({ from, to, seqs, ...texts }: Record<string, string>): Asked {
  return {
    ...texts,
    ...(from !== undefined && { from: Date.parse(from) }),
    ...(to !== undefined && { to: Date.parse(to) }),
    ...(seqs !== undefined && { seqs: (seqs.match(/\d+/g) ?? []).map(Number) }),
  }
}

function statusText(preview: UndoJson | undefined, done: UndoJson | undefined): string {
  if (done !== undefined) return `${countText(done.count)} runs were taken back.`
  if (preview === undefined) return ''
  if (preview.seq === null) return 'There is nothing to take back.'
  return `${countText(preview.count)} runs would be taken back; ${countText(preview.changes.length)} entries would change.`
}

function Changes({ of }: { of: UndoJson }): VNode {
  const more = of.changes.length - SHOWN_MAX
  return (
    <>
      <ul class="items">
        {of.changes.slice(0, SHOWN_MAX).map(({ board, season, playerId, from, to }) => (
          <li key={JSON.stringify([board, season, playerId])}>
            <span>
              <bdi>{playerId}</bdi> on {season === undefined ? board : `${board}, ${season}`}
            </span>
            <span>{`${shownScore(from?.score)} → ${to === null ? 'gone' : shownScore(to.score)}`}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p>and {countText(more)} more</p>}
      {of.lost.length > 0 && <p>{countText(of.lost.length)} entries cannot come back.</p>}
      {of.partial === true && (
        <p>Runs that changed nothing were not kept: they cannot come back.</p>
      )}
      {of.skipped !== undefined && <p>Boards without a log: {of.skipped.join(', ')}</p>}
    </>
  )
}
