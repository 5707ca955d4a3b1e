/**
 * Submits a score to the board that is shown. It takes a key that may write, unless the page is asked from the
 * server's own machine.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useRef } from 'preact/hooks'
import type { BoardJson, CellJson, ScoreJson, SubmittedJson } from './answers.ts'
import { ask, randomId } from './api.ts'
import { Field, Refusal, textsOf, useAct } from './fields.tsx'
import { countText, shownScore } from './text.ts'

export function SubmitForm({ board }: { board: BoardJson }): VNode {
  const act = useAct<SubmittedJson>()
  const requestOf = useRequests()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const { playerId, name, ...texts } = textsOf(event.currentTarget as HTMLFormElement)
    const body = { playerId, score: scoreOf(texts, board), ...(name !== undefined && { name }) }
    const idempotencyKey = requestOf(JSON.stringify([board.name, body]))
    void act.run(async () => {
      const answer = await ask<SubmittedJson>('POST', ['boards', board.name, 'scores'], {
        body,
        idempotencyKey,
      })
      requestOf(undefined)
      return answer
    })
  }
  return (
    <>
      <form onSubmit={submit} autocomplete="off">
        <Field label="Player id">
          <input name="playerId" required maxLength={1000} spellcheck={false} />
        </Field>
        <Field label="Name, if new">
          <input name="name" spellcheck={false} />
        </Field>
        {fieldsOf(board).map(({ name, label }) => (
          <Field key={name} label={label}>
            <input
              name={name}
              required
              inputMode="text"
              pattern="\s*[+\-]?[0-9.]+(e[+\-]?[0-9]+)?\s*"
            />
          </Field>
        ))}
        <button type="submit" disabled={act.isBusy}>
          Submit
        </button>
      </form>
      <p role="status">{act.answer === undefined ? '' : outcomeText(act.answer)}</p>
      <Refusal of={act.problem} />
    </>
  )
}

// What is sent again after no answer came counts once.
function useRequests(): (body: string | undefined) => string {
  const last = useRef({ body: '', id: '' })
  return (body) => {
    if (body === undefined) last.current = { body: '', id: '' }
    else if (last.current.body !== body) last.current = { body, id: randomId() }
    return last.current.id
  }
}

const PREFIX = 'score.'

function fieldsOf({ columns }: BoardJson): { name: string; label: string }[] {
  if (columns === undefined) return [{ name: PREFIX, label: 'Score' }]
  return columns.map(({ name }) => ({ name: PREFIX + name, label: name }))
}

function scoreOf(texts: Record<string, string>, { columns, scoreType }: BoardJson): ScoreJson {
  const cell = (text = ''): CellJson => (scoreType === 'int64' ? text : Number(text))
  if (columns === undefined) return cell(texts[PREFIX])
  return Object.fromEntries(columns.map(({ name }) => [name, cell(texts[PREFIX + name])]))
}

function outcomeText({ playerId, score, rank, previousRank, changed }: SubmittedJson): string {
  const place = rank === null ? 'not on the board' : `rank ${countText(rank)}`
  if (!changed) return `Nothing changed: ${playerId} stays at ${shownScore(score)}, ${place}.`
  const before = previousRank === null ? 'new here' : `before ${countText(previousRank)}`
  return `${playerId} has ${shownScore(score)}: ${place}, ${before}.`
}
