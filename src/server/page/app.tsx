/**
 * The whole page: which board, what it shows now, and what can be done.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import { Admin } from './admin/admin.tsx'
import type { BoardJson } from './answers.ts'
import { storeKey } from './api.ts'
import { BoardTable } from './board-table.tsx'
import { Choosers } from './choosers.tsx'
import { Refusal } from './fields.tsx'
import { KeyForm } from './key-form.tsx'
import { Panel } from './panel.tsx'
import { type PagePlace, usePlace } from './place.ts'
import { RankCard } from './rank-card.tsx'
import { Search } from './search.tsx'
import { Status } from './status.tsx'
import { SubmitForm } from './submit-form.tsx'
import { useBoards } from './use-boards.ts'
import { type FeedView, useFeed } from './use-feed.ts'

export function App(): VNode {
  const [place, goTo] = usePlace()
  const [keyCount, setKeyCount] = useState(0)
  const { boards, problem, look } = useBoards(keyCount)
  const board = boards?.find(({ name }) => name === place.board) ?? shownFirst(boards, place.board)
  const feed = useFeed(board?.name, { ...place, keyCount })
  // Where the feed is there again, so is the rest.
  useEffect(() => {
    if (feed.state === 'live') look()
  }, [feed.state])
  const giveKey = useCallback((key: string): void => {
    storeKey(key)
    setKeyCount((count) => count + 1)
  }, [])
  const refusal = problem ?? feed.problem
  return (
    <>
      <header>
        <h1>ladderdb</h1>
        <Status feed={feed} problem={refusal} hasBoard={board !== undefined} />
        <KeyForm onKey={giveKey} isNeeded={refusal?.needsKey === true} />
      </header>
      <main>
        <Refusal of={refusal} />
        {boards !== undefined && (
          <Choosers
            {...{ boards, board, place, goTo, keyCount }}
            seasonOn={feed.update?.season ?? undefined}
          />
        )}
        {board === undefined ? (
          <Nothing boards={boards} name={place.board} />
        ) : (
          <Shown board={board} feed={feed} place={place} goTo={goTo} keyCount={keyCount} />
        )}
        {board !== undefined && (
          <Panel title="Submit a score">
            {() => <SubmitForm key={board.name} board={board} />}
          </Panel>
        )}
        {boards !== undefined && (
          <Admin
            key={keyCount}
            board={board}
            player={place.player}
            onBoard={(name) => {
              look()
              goTo({ board: name, window: '', season: '', player: '', first: 1 })
            }}
          />
        )}
      </main>
      <footer>
        <a href="docs">interface</a> <a href="openapi.json">OpenAPI</a> <a href="healthz">health</a>
      </footer>
    </>
  )
}

interface ShownProps {
  board: BoardJson
  feed: FeedView
  place: PagePlace
  goTo: (to: Partial<PagePlace>) => void
  keyCount: number
}

function Shown({ board, feed, place, goTo, keyCount }: ShownProps): VNode {
  const { name } = board
  const { window, season, ranks, player, first } = place
  const onPlayer = (playerId: string): void => goTo({ player: playerId })
  return (
    <div class="columns">
      <div>
        <Search board={name} place={place} onPlayer={onPlayer} />
        <p class="began" role="status">
          {feed.began == null ? '' : `A new season began: ${feed.began}`}
        </p>
        <BoardTable
          key={JSON.stringify([name, window, season, ranks, first, feed.update?.season])}
          {...{ board, feed, place, goTo, keyCount, onPlayer }}
        />
      </div>
      {player !== '' && (
        <RankCard key={JSON.stringify([name, player])} {...{ board, place, keyCount, goTo }} />
      )}
    </div>
  )
}

// A link to a board that is not there shows that, and no other one.
function shownFirst(
  boards: readonly BoardJson[] | undefined,
  asked: string,
): BoardJson | undefined {
  return asked === '' ? boards?.[0] : undefined
}

function Nothing({
  boards,
  name,
}: {
  boards: BoardJson[] | undefined
  name: string
}): VNode | null {
  if (boards === undefined) return null
  if (name !== '') return <p class="empty">There is no board “{name}”.</p>
  return <p class="empty">There is no board yet. The first submit makes one.</p>
}
