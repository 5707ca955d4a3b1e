import type { Leaderboards } from '../../src/index.ts'

export class Contradiction extends Error {}
export function hashOf(store: Leaderboards): string
