/**
 * What submits are to know of profiles: asked only if the board says so, of newcomers and of submits that give another name.
 *
 *     submit ──► refused, asks for profiles of some players ──► profiles ──► submit again, with these ──► the name to all
 *
 * @module
 */

import { LadderError } from '../ground/errors.ts'
import type { SubmitRequest } from '../words/index.ts'
import type { RemoteContext } from './remote-context.ts'
import {
  finishNaming,
  formProfile,
  type NamingSubmit,
  type ProfileReply,
} from './remote-profiles.ts'
import { nameChange } from './submit-arguments.ts'

/** How often a call is made again because names were given under it. */
const ATTEMPTS = 100

/** Codes of calls of which it is not known what became of them. */
const LOST: ReadonlySet<string | undefined> = new Set(['UNKNOWN', 'UNAVAILABLE', 'CLOSED'])

/** Players with the names that submits give them. */
type Named = Pick<SubmitRequest, 'playerId' | 'name'>

/** What is asked, and for which board. */
interface Asked {
  board: string
  submits: readonly Named[]
  /** Rows of a file give no name to a player with a profile. */
  areRows: boolean
}

/** What is known of profiles, as the function takes it, and the submits that are noted for it. */
interface Words {
  text: string
  noted: readonly NamingSubmit[]
}

/** Makes a call that takes what is known of profiles: at first nothing. */
export async function withNames<T>(
  context: RemoteContext,
  asked: Asked,
  make: (words: string) => Promise<T>,
): Promise<T> {
  const players = new Set<string>()
  const noted: NamingSubmit[] = []
  let words = ''
  for (let i = 1; ; i++) {
    try {
      const made = await make(words)
      if (noted.length > 0) await finish(context, noted)
      return made
    } catch (error) {
      const { code, found: asking } = error as { code?: string; found?: readonly unknown[] }
      if (code !== 'NAMES' || i === ATTEMPTS) {
        // What may still be under way is left to others.
        if (!LOST.has(code)) await finish(context, noted)
        throw code === 'NAMES' ? namedAgain(asked.board) : error
      }
      for (const playerId of asking ?? []) players.add(String(playerId))
      const found = await askWords(context, asked, players)
      noted.push(...found.noted)
      words = found.text
    }
  }
}

async function askWords(
  context: RemoteContext,
  { board, submits, areRows }: Asked,
  players: ReadonlySet<string>,
): Promise<Words> {
  const some = submits.filter(({ playerId }) => players.has(playerId))
  const pairs = some.flatMap(({ playerId, name }) => {
    return [playerId, areRows ? 'k' : nameChange(playerId, name)]
  })
  const args = [context.givenMicros() ?? '', board, ...pairs]
  const [version, found] = (await context.ofAll('words', args)) as WordsReply
  const numbers = new Map<string, number>()
  const words = new Map<string, readonly [string, number, string]>()
  const forming = new Set<string>()
  for (const [i, { playerId }] of some.entries()) {
    const [profile, number] = found[i] as [ProfileReply | null, number]
    if (number > 0) numbers.set(playerId, number)
    if (profile?.[4] === 1) forming.add(playerId)
    words.set(playerId, [playerId, profile === null ? 0 : 1, profile?.[1]?.toString() ?? ''])
  }
  const noted = [...numbers].map(([playerId, number]) => ({ number, playerId, board }))
  if (forming.size > 0) {
    for (const playerId of forming) await formProfile(context, playerId)
    const again = await askWords(context, { board, submits, areRows }, players)
    return { ...again, noted: [...noted, ...again.noted] }
  }
  const told = [...words.values()].map((word) => [...word, numbers.get(word[0]) ?? 0])
  return { text: JSON.stringify([Number(version), told]), noted }
}

type WordsReply = [version: Buffer, [profile: ProfileReply | null, number: number][]]

// The submits were made, or refused: a failure here is not one of theirs.
async function finish(context: RemoteContext, noted: readonly NamingSubmit[]): Promise<void> {
  try {
    for (const one of noted) await finishNaming(context, one, { isOthers: false })
  } catch (cause) {
    throw new LadderError(
      'UNKNOWN',
      `Cannot tell whether all boards show the name: ${(cause as Error).message}; the submit itself was answered, do not repeat it; the next check tells all boards`,
      { cause },
    )
  }
}

function namedAgain(board: string): LadderError {
  return new LadderError(
    'BUSY',
    `Cannot submit to board "${board}": others give its players names all the time; nothing was changed, call again`,
  )
}
