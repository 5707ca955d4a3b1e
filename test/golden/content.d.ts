import type { BoardSettings, Entry, Leaderboards, Score } from '../../src/index.ts'

export type BoardContent = BoardSettings & { entries: Entry<Score>[] }
export function contentOf(store: Leaderboards): { [name: string]: BoardContent }
export function historyOf(store: Leaderboards): unknown

export type SeasonContent = { season: string; sealed: boolean; entries: Entry<Score>[] }
export type WindowContent = { season?: string; seasons: SeasonContent[]; finals: object }
export function seasonsOf(store: Leaderboards): {
  [board: string]: { [window: string]: WindowContent }
}
export const SEASONS_END_MS: number
export function seasonStoreOf(store: Leaderboards): unknown
