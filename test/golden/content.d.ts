import type { BoardSettings, Entry, Leaderboards, Score } from '../../src/index.ts'

export type BoardContent = BoardSettings & { entries: Entry<Score>[] }
export function contentOf(store: Leaderboards): { [name: string]: BoardContent }
export function historyOf(store: Leaderboards): unknown
