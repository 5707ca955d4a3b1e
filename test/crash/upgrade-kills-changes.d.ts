import type { Leaderboards, openLeaderboards } from '../../src/index.ts'

export function changesOf(
  open: typeof openLeaderboards,
  path: string,
): AsyncGenerator<Leaderboards, void>
