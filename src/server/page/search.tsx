/**
 * Finds players by the beginning of a name, or by an id.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useEffect, useId, useState } from 'preact/hooks'
import type { EntryJson, PlayerJson } from './answers.ts'
import { AskError, ask } from './api.ts'
import { Field, Refusal } from './fields.tsx'
import type { PagePlace } from './place.ts'
import { countText, shownName, shownScore } from './text.ts'

const FOUND_MAX = 10
const TYPING_MS = 200

interface SearchProps {
  board: string
  place: PagePlace
  onPlayer: (playerId: string) => void
}

export function Search({ board, place, onPlayer }: SearchProps): VNode {
  const [text, setText] = useState('')
  const { found, problem } = useFound(board, { text: text.trim(), place })
  const listId = useId()
  const pick = (playerId: string): void => {
    setText('')
    onPlayer(playerId)
  }
  const first = (event: SubmitEvent): void => {
    event.preventDefault()
    const [entry] = found ?? []
    if (entry !== undefined) pick(entry.playerId)
  }
  return (
    <search>
      <form onSubmit={first}>
        <Field label="Find a player">
          <input
            type="search"
            value={text}
            placeholder="name or id"
            aria-controls={listId}
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </Field>
      </form>
      <Refusal of={problem} />
      <p class="unseen" role="status">
        {found === undefined ? '' : `${found.length} found`}
      </p>
      <ul id={listId} class="found">
        {found?.map((entry) => (
          <li key={entry.playerId}>
            <button type="button" onClick={() => pick(entry.playerId)}>
              <span class="rank">{countText(entry.rank)}</span>
              <bdi>{shownName(entry)}</bdi>
              <span class="score">{shownScore(entry.score)}</span>
            </button>
          </li>
        ))}
        {found?.length === 0 && <li class="empty">Nobody of this name or id is here.</li>}
      </ul>
    </search>
  )
}

interface Found {
  found?: EntryJson[]
  problem?: Error
}

function useFound(board: string, { text, place }: { text: string; place: PagePlace }): Found {
  const [state, setState] = useState<Found>({})
  const { window, season, ranks } = place
  useEffect(() => {
    if (text === '') {
      setState({})
      return undefined
    }
    const aborter = new AbortController()
    const timer = setTimeout(() => {
      const view = { window, season }
      findPlayers(board, { text, view, rankMode: ranks, signal: aborter.signal })
        .then((found) => setState({ found }))
        .catch((error) => {
          if (!aborter.signal.aborted) setState({ problem: error })
        })
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      aborter.abort()
    }
  }, [board, text, window, season, ranks])
  return state
}

interface Wanted {
  text: string
  view: { window: string; season: string }
  rankMode: string
  signal: AbortSignal
}

// The id stands first: who types a whole one means it.
async function findPlayers(board: string, wanted: Wanted): Promise<EntryJson[]> {
  const { text, view, rankMode, signal } = wanted
  const byId = ask<PlayerJson>('GET', ['boards', board, 'players', text], {
    query: { ...view, rankMode },
    signal,
  })
    .then(({ entry }) => [entry])
    .catch((error) => {
      if (error instanceof AskError && [400, 404].includes(error.status)) return []
      throw error
    })
  const byName = ask<{ result: EntryJson[] }>('GET', ['boards', board, 'find'], {
    query: { ...view, name: text, limit: FOUND_MAX },
    signal,
  })
  const [one, { result }] = await Promise.all([byId, byName])
  const others = result.filter(({ playerId }) => playerId !== one[0]?.playerId)
  return [...one, ...others].slice(0, FOUND_MAX)
}
