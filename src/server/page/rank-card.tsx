/**
 * The card of one player: rank, score, plays, share, neighbours, and the curve of the scores.
 *
 * @module
 */

import type { ComponentChildren, VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { BoardJson, EntryJson, LogJson, PlayerJson, RecordJson } from './answers.ts'
import { AskError, ask } from './api.ts'
import { Curve } from './curve.tsx'
import { openFeed } from './feed.ts'
import { Refusal } from './fields.tsx'
import type { PagePlace } from './place.ts'
import { countText, percentText, shownName, shownScore, timeText } from './text.ts'
import { Pace } from './use-feed.ts'

interface CardProps {
  board: BoardJson
  place: PagePlace
  keyCount: number
  goTo: (to: Partial<PagePlace>) => void
}

interface Card {
  player: PlayerJson
  around: EntryJson[]
  /** Newest first; empty where the board keeps none. */
  runs: RecordJson[]
}

const NEIGHBOURS = 3
const RUNS_MAX = 500

export function RankCard({ board, place, keyCount, goTo }: CardProps): VNode {
  const { card, problem } = useCard(board.name, { place, keyCount })
  const heading = useRef<HTMLHeadingElement>(null)
  // Who opens a card by keyboard or ear is led to it.
  useEffect(() => heading.current?.focus(), [])
  const name = card === undefined ? place.player : shownName(card.player.entry)
  return (
    <section class="card" aria-labelledby="card-name">
      <h2 id="card-name" tabIndex={-1} ref={heading}>
        <bdi>{name}</bdi>
      </h2>
      <button type="button" class="close" onClick={() => goTo({ player: '' })}>
        Close<span class="unseen"> the card of {name}</span>
      </button>
      <Refusal of={problem} />
      {card !== undefined && <Facts card={card} />}
      {card !== undefined && (
        <Neighbours
          entries={card.around}
          of={place.player}
          onPlayer={(player) => goTo({ player })}
        />
      )}
      {card !== undefined && <Curve runs={card.runs} />}
    </section>
  )
}

function Facts({ card }: { card: Card }): VNode {
  const { entry, standing, bucket } = card.player
  const plays = card.runs.find((run) => run.plays !== undefined)?.plays
  const { tier, next, percentile } = standing
  return (
    <dl>
      <Fact name="Rank">{`${countText(entry.rank)} of ${countText(standing.total)}`}</Fact>
      <Fact name="Score">{shownScore(entry.score)}</Fact>
      {plays !== undefined && <Fact name="Plays">{countText(plays)}</Fact>}
      <Fact name="Share">{bucket}</Fact>
      <Fact name="Better than">{percentText(percentile)}</Fact>
      {tier !== undefined && <Fact name="Tier">{tier}</Fact>}
      {next != null && <Fact name={`Next: ${next.name}`}>{shownScore(next.score)}</Fact>}
      {standing.equal > 1 && <Fact name="Tied with">{countText(standing.equal - 1)}</Fact>}
      <Fact name="Since">{timeText(entry.at)}</Fact>
      <Fact name="Id">
        <bdi>{entry.playerId}</bdi>
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

interface NeighboursProps {
  entries: readonly EntryJson[]
  of: string
  onPlayer: (playerId: string) => void
}

function Neighbours({ entries, of, onPlayer }: NeighboursProps): VNode {
  return (
    <>
      <h3>Neighbours</h3>
      <ol class="around">
        {entries.map((entry) => (
          <li key={entry.playerId}>
            <button
              type="button"
              aria-current={entry.playerId === of}
              onClick={() => onPlayer(entry.playerId)}
            >
              <span class="rank">{countText(entry.rank)}</span>
              <bdi>{shownName(entry)}</bdi>
              <span class="score">{shownScore(entry.score)}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}

interface CardState {
  card?: Card
  problem?: AskError
}

// The player is watched: each change of score or rank asks for the card again.
function useCard(
  board: string,
  { place, keyCount }: { place: PagePlace; keyCount: number },
): CardState {
  const [state, setState] = useState<CardState>({})
  const { player, window, season, ranks } = place
  useEffect(() => {
    const aborter = new AbortController()
    const fail = (error: unknown): void => {
      // What was there stays while the server does not answer: the page says that it is stale.
      if (!(error instanceof AskError)) return
      setState((before) => (error.code === 'OFFLINE' ? before : { problem: error }))
    }
    const look = new Pace(() => {
      readCard(board, { player, view: { window, season }, rankMode: ranks, signal: aborter.signal })
        .then((card) => setState({ card }))
        .catch(fail)
    })
    const query = { player, window, season, rankMode: ranks }
    const end = openFeed(board, query, {
      onUpdate: () => look.take(undefined),
      onState: () => undefined,
      onRefused: fail,
    })
    return () => {
      end()
      look.end()
      aborter.abort()
    }
  }, [board, player, window, season, ranks, keyCount])
  return state
}

interface WantedCard {
  player: string
  view: { window: string; season: string }
  rankMode: string
  signal: AbortSignal
}

async function readCard(board: string, wanted: WantedCard): Promise<Card> {
  const { player, view, rankMode, signal } = wanted
  const path = ['boards', board, 'players', player]
  const query = { ...view, rankMode }
  const [one, { entries }, { records }] = await Promise.all([
    ask<PlayerJson>('GET', path, { query, signal }),
    ask<{ entries: EntryJson[] }>('GET', [...path, 'around'], {
      query: { ...query, above: NEIGHBOURS, below: NEIGHBOURS },
      signal,
    }),
    readRuns(path, { view, signal }),
  ])
  return { player: one, around: entries, runs: records }
}

// A board without a log has no history, and a card all the same.
async function readRuns(
  path: readonly string[],
  { view, signal }: Pick<WantedCard, 'view' | 'signal'>,
): Promise<LogJson> {
  try {
    return await ask<LogJson>('GET', [...path, 'history'], {
      query: { ...view, limit: RUNS_MAX },
      signal,
    })
  } catch (error) {
    if (error instanceof AskError && error.status >= 400 && error.status < 500)
      return { records: [] }
    throw error
  }
}
