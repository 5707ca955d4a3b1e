/**
 * Bans: who is out of sight, and how to take a player there and back.
 *
 * @module
 */

import type { VNode } from 'preact'
import type { BoardJson } from '../answers.ts'
import { ask } from '../api.ts'
import { Field, Refusal, textsOf, useAct } from '../fields.tsx'
import { timeText } from '../text.ts'
import { useAnswer } from './use-answer.ts'

interface BanJson {
  playerId: string
  board?: string
  reason?: string
  until?: number
}

export function Bans({ board, player }: { board: BoardJson; player: string }): VNode {
  const { answer, problem, look } = useAnswer<{ result: BanJson[] }>(['bans'])
  const act = useAct<string>()
  const ban = (event: SubmitEvent): void => {
    event.preventDefault()
    const { playerId = '', until, ...texts } = textsOf(event.currentTarget as HTMLFormElement)
    const body = { ...texts, ...(until !== undefined && { until: Date.parse(until) }) }
    void act.run(async () => {
      await ask('PUT', ['players', playerId, 'ban'], { body })
      look()
      return `${playerId} is banned.`
    })
  }
  const unban = ({ playerId, board: from }: BanJson): void => {
    void act.run(async () => {
      await ask('DELETE', ['players', playerId, 'ban'], { query: { board: from } })
      look()
      return `The ban of ${playerId} is lifted.`
    })
  }
  return (
    <>
      <form onSubmit={ban} autocomplete="off">
        <Field label="Player id">
          <input name="playerId" defaultValue={player} key={player} required spellcheck={false} />
        </Field>
        <Field label="Where">
          <select name="board">
            <option value="">everywhere</option>
            <option value={board.name}>{board.name} alone</option>
          </select>
        </Field>
        <Field label="Until, or for good">
          <input name="until" type="datetime-local" />
        </Field>
        <Field label="Submits meanwhile">
          <select name="submits">
            <option value="refuse">are refused</option>
            <option value="keep">are kept unseen</option>
          </select>
        </Field>
        <Field label="Reason">
          <input name="reason" />
        </Field>
        <button type="submit" class="danger" disabled={act.isBusy}>
          Ban
        </button>
      </form>
      <p role="status">{act.answer}</p>
      <Refusal of={act.problem ?? problem} />
      {answer !== undefined && <BanList bans={answer.result} onLift={unban} />}
    </>
  )
}

function BanList({ bans, onLift }: { bans: BanJson[]; onLift: (ban: BanJson) => void }): VNode {
  if (bans.length === 0) return <p class="empty">Nobody is banned.</p>
  return (
    <ul class="items">
      {bans.map((ban) => (
        <li key={JSON.stringify([ban.playerId, ban.board])}>
          <span>
            <bdi>{ban.playerId}</bdi> {ban.board === undefined ? 'everywhere' : `on ${ban.board}`}
            {ban.until !== undefined && `, until ${timeText(ban.until)}`}
            {ban.reason !== undefined && `: ${ban.reason}`}
          </span>
          <button type="button" onClick={() => onLift(ban)}>
            Lift<span class="unseen"> the ban of {ban.playerId}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
