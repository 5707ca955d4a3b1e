/**
 * Which board, which window and season of it, how many rows, and what a rank means in a tie.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { BoardJson, RanksJson, SeasonJson, WindowJson } from './answers.ts'
import { ask } from './api.ts'
import { Field } from './fields.tsx'
import { type PagePlace, RANK_MODES, ROWS } from './place.ts'
import { countText, durationText } from './text.ts'
import { useLooks } from './use-looks.ts'

interface ChoosersProps {
  boards: readonly BoardJson[]
  board: BoardJson | undefined
  place: PagePlace
  goTo: (to: Partial<PagePlace>) => void
  keyCount: number
  /** The season that is watched: with a new one, the lists are others. */
  seasonOn: string | undefined
}

interface Option {
  value: string
  text: string
}

/** What else makes the lists be asked for again. */
type LookBy = Pick<ChoosersProps, 'keyCount' | 'seasonOn'>

/** How many past seasons can be chosen. */
const SEASONS_MAX = 100
const LOOK_MS = 30_000

export function Choosers({ boards, board, place, goTo, ...by }: ChoosersProps): VNode {
  const windows = useWindows(board, by)
  const seasons = useSeasons(board, { window: place.window, ...by })
  const isOn = windows.find(({ window }) => window === place.window)
  return (
    <div class="choosers">
      <Choice
        label="Board"
        value={board?.name ?? ''}
        options={boards.map(({ name, size }) => ({
          value: name,
          text: `${name} (${countText(size)})`,
        }))}
        onValue={(name) => goTo({ board: name, window: '', season: '', player: '', first: 1 })}
      />
      {windows.length > 0 && (
        <Choice
          label="Window"
          value={place.window}
          options={[
            { value: '', text: 'all time' },
            ...windows.map(({ window }) => ({ value: window, text: window })),
          ]}
          onValue={(window) => goTo({ window, season: '', first: 1 })}
        />
      )}
      {place.window !== '' && (
        <Choice
          label="Season"
          value={place.season}
          options={[{ value: '', text: seasonNow(isOn) }, ...pastSeasons(seasons, isOn)]}
          onValue={(season) => goTo({ season, first: 1 })}
        />
      )}
      <Choice
        label="Rows"
        value={String(place.rows)}
        options={ROWS.map((rows) => ({ value: String(rows), text: String(rows) }))}
        onValue={(rows) => goTo({ rows: Number(rows), first: 1 })}
      />
      <Choice
        label="Ties"
        value={place.ranks}
        options={RANK_MODES.map((mode) => ({ value: mode, text: TIES[mode] }))}
        onValue={(mode) => goTo({ ranks: mode as RanksJson })}
      />
    </div>
  )
}

const TIES = { ordinal: '1 2 3 4', competition: '1 2 2 4', dense: '1 2 2 3' }

function Choice({
  label,
  value,
  options,
  onValue,
}: {
  label: string
  value: string
  options: readonly Option[]
  onValue: (value: string) => void
}): VNode {
  const isKnown = options.some((option) => option.value === value)
  return (
    <Field label={label}>
      <select value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
        {!isKnown && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </Field>
  )
}

function seasonNow(on: WindowJson | undefined): string {
  if (on?.season == null) return 'the one that is on'
  return on.to == null
    ? `${on.season}, on now`
    : `${on.season}, ${durationText(on.to - Date.now())} left`
}

function pastSeasons(seasons: readonly SeasonJson[], on: WindowJson | undefined): Option[] {
  return seasons
    .filter(({ season }) => season !== on?.season)
    .map(({ season, sealed, size }) => ({
      value: season,
      text: `${season}${sealed ? '' : ', open'} (${countText(size)})`,
    }))
}

function useWindows(board: BoardJson | undefined, by: LookBy): WindowJson[] {
  const has = (board?.windows?.length ?? 0) > 0
  const path = has && board !== undefined ? ['boards', board.name, 'windows'] : undefined
  return useList<WindowJson>(path, { query: {}, ...by })
}

function useSeasons(
  board: BoardJson | undefined,
  { window, ...by }: { window: string } & LookBy,
): SeasonJson[] {
  const path = board === undefined || window === '' ? undefined : ['boards', board.name, 'seasons']
  return useList<SeasonJson>(path, { query: { window, limit: SEASONS_MAX }, ...by })
}

// A list that a failure leaves empty: what is wrong the board itself says.
function useList<T>(
  path: readonly string[] | undefined,
  { query, keyCount, seasonOn }: { query: Record<string, string | number> } & LookBy,
): T[] {
  const [list, setList] = useState<T[]>([])
  const asked = JSON.stringify([path, query])
  useEffect(() => setList([]), [asked, keyCount, seasonOn])
  const look =
    path &&
    ((signal: AbortSignal): Promise<void> =>
      ask<{ result: T[] }>('GET', path, { query, signal })
        .then(({ result }) => setList(result))
        .catch(() => undefined))
  useLooks(look, { everyMs: LOOK_MS, inputs: [asked, keyCount, seasonOn] })
  return list
}
