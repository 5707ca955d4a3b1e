/**
 * The live board: rows move to their new places, arrows say where they went since you looked.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { BoardJson, EntryJson } from './answers.ts'
import type { PagePlace } from './place.ts'
import { keepRanks, movedSince, type Ranks, ranksOf } from './since-looked.ts'
import { countText, shownName, shownScore, timeText } from './text.ts'
import type { FeedView } from './use-feed.ts'
import { useMoves } from './use-moves.ts'
import { usePage } from './use-page.ts'

interface BoardTableProps {
  board: BoardJson
  feed: FeedView
  place: PagePlace
  goTo: (to: Partial<PagePlace>) => void
  keyCount: number
  onPlayer: (playerId: string) => void
}

export function BoardTable(props: BoardTableProps): VNode {
  const { board, feed, place, goTo, keyCount, onPlayer } = props
  const { update, state } = feed
  const entries = usePage({ board: board.name, place, feed, keyCount })
  const { ranks, look } = useLook(viewOf(props), entries)
  const body = useMoves(entries)
  if (update === undefined || entries === undefined)
    return <p class="empty">{state === 'stale' ? '' : 'Loading…'}</p>
  const { total } = update
  const hasMoved = entries.some((entry) => movedSince(ranks, entry) !== 0)
  return (
    <section class={state === 'live' ? 'board' : 'board faded'} aria-label={`Board ${board.name}`}>
      <p class="summary">
        {total === 0
          ? 'Nobody is here yet.'
          : `${shownPlaces(place.first, entries.length)} of ${countText(total)}`}
        {hasMoved && (
          <button type="button" onClick={look}>
            Clear arrows
          </button>
        )}
      </p>
      <table>
        <caption class="unseen">{`${board.name}, the best first; arrows count since you looked`}</caption>
        <thead>
          <tr>
            <th scope="col" class="rank">
              Rank
            </th>
            <th scope="col" class="moved">
              <span class="unseen">Since you looked</span>
            </th>
            <th scope="col">Player</th>
            <th scope="col" class="score">
              Score
            </th>
            <th scope="col" class="wide">
              When
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {entries.map((entry) => (
            <Row
              key={entry.playerId}
              entry={entry}
              moved={movedSince(ranks, entry)}
              isOpen={entry.playerId === place.player}
              onPlayer={onPlayer}
            />
          ))}
        </tbody>
      </table>
      <Pages {...{ place, goTo, total }} />
    </section>
  )
}

// Each season, and each page, has a look of its own.
function viewOf({ board, feed, place }: BoardTableProps): string {
  const { window, season, ranks, first } = place
  const on = season === '' ? feed.update?.season : season
  return JSON.stringify([board.name, window, on ?? '', ranks, ...(first > 1 ? [first] : [])])
}

function shownPlaces(first: number, count: number): string {
  if (first === 1 || count === 0) return countText(count)
  return `${countText(first)} to ${countText(first + count - 1)}`
}

interface PagesProps {
  place: PagePlace
  goTo: (to: Partial<PagePlace>) => void
  total: number
}

function Pages({ place: { first, rows }, goTo, total }: PagesProps): VNode | null {
  const hasMore = first + rows <= total
  if (first === 1 && !hasMore) return null
  return (
    <nav class="pages" aria-label="Pages of the board">
      {first > 1 && (
        <button type="button" onClick={() => goTo({ first: Math.max(1, first - rows) })}>
          Previous {rows}
        </button>
      )}
      {hasMore && (
        <button type="button" onClick={() => goTo({ first: first + rows })}>
          Next {rows}
        </button>
      )}
    </nav>
  )
}

interface RowProps {
  entry: EntryJson
  moved: number | 'new'
  isOpen: boolean
  onPlayer: (playerId: string) => void
}

function Row({ entry, moved, isOpen, onPlayer }: RowProps): VNode {
  return (
    <tr class={isOpen ? 'open' : ''}>
      <td class="rank">{countText(entry.rank)}</td>
      <td class="moved">
        <Moved by={moved} />
      </td>
      <th scope="row">
        <button type="button" aria-pressed={isOpen} onClick={() => onPlayer(entry.playerId)}>
          <bdi>{shownName(entry)}</bdi>
        </button>
      </th>
      <td class="score">{shownScore(entry.score)}</td>
      <td class="wide">{timeText(entry.at)}</td>
    </tr>
  )
}

function Moved({ by }: { by: number | 'new' }): VNode | null {
  if (by === 0) return null
  if (by === 'new') return <span class="up">new</span>
  const count = countText(Math.abs(by))
  return (
    <span class={by > 0 ? 'up' : 'down'}>
      <span aria-hidden="true">{`${by > 0 ? '▲' : '▼'} ${count}`}</span>
      <span class="unseen">{`${by > 0 ? 'up' : 'down'} ${count}`}</span>
    </span>
  )
}

// A look ends when the page is hidden or left: what moves then has moved when the reader is back.
function useLook(
  view: string,
  entries: readonly EntryJson[] | undefined,
): { ranks: Ranks | undefined; look: () => void } {
  const [ranks, setRanks] = useState(() => ranksOf(view))
  const seen = useRef(entries)
  seen.current = entries
  const look = (): void => {
    if (seen.current !== undefined) setRanks(keepRanks(view, seen.current))
  }
  const isFirst = ranks === undefined && entries !== undefined
  useEffect(() => {
    if (isFirst) look()
  }, [isFirst])
  useEffect(() => {
    const leave = (): void => {
      if (document.visibilityState === 'hidden') look()
    }
    document.addEventListener('visibilitychange', leave)
    addEventListener('pagehide', look)
    return () => {
      document.removeEventListener('visibilitychange', leave)
      removeEventListener('pagehide', look)
      if (seen.current !== undefined) keepRanks(view, seen.current)
    }
  }, [])
  return { ranks, look }
}
