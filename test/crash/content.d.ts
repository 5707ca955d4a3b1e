import type { Entry, Leaderboards, Mode, Order } from '../../src/index.ts'

export class Contradiction extends Error {}
export function hashOf(store: Leaderboards): string
export function contentOf(
  store: Leaderboards,
): { name: string; order: Order; mode: Mode; entries: Entry[] }[]
