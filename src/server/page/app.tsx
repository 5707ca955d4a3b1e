/**
 * The whole page: which board, what it shows now, and what can be done.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { BoardJson } from './answers.ts'
import { storeKey } from './api.ts'
import { BoardTable } from './board-table.tsx'
import { Choosers } from './choosers.tsx'
import { Refusal } from './fields.tsx'
import { KeyForm } from './key-form.tsx'
import { usePlace } from './place.ts'
import { RankCard } from './rank-card.tsx'
import { Search } from './search.tsx'
import { Status } from './status.tsx'
import { useBoards } from './use-boards.ts'
import { useFeed } from './use-feed.ts'

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
        <Status feed={feed} isReached={problem?.code !== 'OFFLINE'} />
        <KeyForm onKey={giveKey} isNeeded={refusal?.needsKey === true} />
      </header>
      <main>
        <Refusal of={refusal} />
        {boards !== undefined && (
          <Choosers boards={boards} board={board} place={place} goTo={goTo} keyCount={keyCount} />
        )}
        {board === undefined ? (
          <Nothing boards={boards} name={place.board} />
        ) : (
          <div class="columns">
            <div>
              <Search board={board.name} place={place} onPlayer={(player) => goTo({ player })} />
              <BoardTable
                key={`${board.name}\n${place.window}\n${place.season}\n${place.ranks}`}
                board={board}
                feed={feed}
                place={place}
                onPlayer={(player) => goTo({ player })}
              />
            </div>
            {place.player !== '' && (
              <RankCard
                key={`${board.name}\n${place.player}`}
                board={board}
                place={place}
                keyCount={keyCount}
                goTo={goTo}
              />
            )}
          </div>
        )}
      </main>
      <footer>
        <a href="docs">interface</a> <a href="openapi.json">OpenAPI</a> <a href="healthz">health</a>
      </footer>
    </>
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
