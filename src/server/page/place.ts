/**
 * What the page shows, as its address says: a link leads to the same board, season and player.
 *
 *     /#board=arena&window=week&season=2026-W48&player=ada
 *
 * @module
 */

import { useEffect, useState } from 'preact/hooks'
import type { RanksJson } from './answers.ts'

export interface PagePlace {
  board: string
  /** Empty: the whole board. */
  window: string
  /** Empty: the season that is on. */
  season: string
  /** Whose card is open; empty: nobody's. */
  player: string
  rows: number
  /** The first place that is shown: 1, or that of a later page. */
  first: number
  ranks: RanksJson
}

export const ROWS: readonly number[] = [10, 25, 50, 100]
export const RANK_MODES: readonly RanksJson[] = ['ordinal', 'competition', 'dense']

const ROWS_USUAL = 25

/** Returns the place, and how to go to another one: what is not named stays. */
export function usePlace(): [PagePlace, (to: Partial<PagePlace>) => void] {
  const [place, setPlace] = useState(readPlace)
  useEffect(() => {
    const follow = (): void => setPlace(readPlace())
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return [place, goTo]
}

function goTo(to: Partial<PagePlace>): void {
  location.hash = hashOf({ ...readPlace(), ...to })
}

function readPlace(): PagePlace {
  const given = new URLSearchParams(location.hash.slice(1))
  const text = (name: string): string => given.get(name) ?? ''
  const rows = Number(text('rows'))
  const first = Number(text('first'))
  return {
    ...{ board: text('board'), window: text('window'), season: text('season') },
    player: text('player'),
    rows: ROWS.includes(rows) ? rows : ROWS_USUAL,
    first: Number.isSafeInteger(first) && first > 1 ? first : 1,
    ranks: RANK_MODES.find((mode) => mode === text('ranks')) ?? 'ordinal',
  }
}

function hashOf(place: PagePlace): string {
  const usual = { rows: ROWS_USUAL, first: 1, ranks: 'ordinal' } as Record<string, unknown>
  const said = Object.entries(place).filter(([name, value]) => value !== (usual[name] ?? ''))
  return new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString()
}
