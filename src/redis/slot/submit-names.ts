/**
 * What submits are to know of profiles: asked only if the board says so, of newcomers and of submits that give another name.
 *
 *     submit ──► refused, asks for profiles of some players ──► profiles ──► submit again, with these ──► the name to all
 *
 * @module
 */

import { LadderError } from '../../ground/errors.ts'
import type { SubmitRequest } from '../../words/index.ts'
import { type Contest, settleContest } from './name-contests.ts'
import type { RemoteContext } from './remote-context.ts'
import { nameChange, ownedName } from './submit-arguments.ts'
import { finishNaming, formProfile, type NamingSubmit, type ProfileReply } from './told-names.ts'

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
  /** Returns the refusal of a submit that gives a name of somebody else; undefined: the function tells it of each row. */
  refusal: ((i: number, owner: string) => Error) | undefined
}

/** Whose profiles are asked for, and the submits that are noted beside these. */
interface Asking {
  players: Set<string>
  /** Of them those of whom names are asked for, too. */
  named: Set<string>
  noted: NamingSubmit[]
}

/** Makes a call that takes what is known of profiles: at first nothing. */
export async function withNames<T>(
  context: RemoteContext,
  asked: Asked,
  make: (words: string) => Promise<T>,
): Promise<T> {
  // Nearly all calls have nothing to ask, and pay for no more than this.
  try {
    return await make('')
  } catch (error) {
    if (!isAsking(error)) throw error
    return withFoundNames(context, asked, { make, refused: error })
  }
}

/** A call that was refused because it has to ask first. */
interface Refused<T> {
  make: (words: string) => Promise<T>
  refused: AskingRefusal
}

/** Names players. */
interface AskingRefusal {
  code: 'NAMES' | 'PROFILES'
  found?: readonly unknown[]
}

function isAsking(error: unknown): error is AskingRefusal {
  const { code } = error as { code?: unknown }
  return code === 'NAMES' || code === 'PROFILES'
}

async function withFoundNames<T>(
  context: RemoteContext,
  asked: Asked,
  call: Refused<T>,
): Promise<T> {
  const asking: Asking = { players: new Set(), named: new Set(), noted: [] }
  let made: T
  try {
    made = await makeAsking(context, { ...asked, ...asking }, call)
  } catch (error) {
    // What may still be under way is left to others.
    if (!LOST.has((error as LadderError).code)) await finish(context, asking.noted)
    throw error
  }
  await finish(context, asking.noted)
  return made
}

async function makeAsking<T>(
  context: RemoteContext,
  asked: Asked & Asking,
  { make, refused }: Refused<T>,
): Promise<T> {
  let { code, found = [] } = refused
  for (let i = 1; ; i++) {
    if (i === ATTEMPTS) throw namedAgain(asked.board)
    for (const playerId of found.map(String)) {
      asked.players.add(playerId)
      if (code === 'NAMES') asked.named.add(playerId)
    }
    const words = await askWords(context, asked)
    try {
      return await make(words)
    } catch (error) {
      if (!isAsking(error)) throw error
      ;({ code, found = [] } = error)
    }
  }
}

// As the function takes it. Asks again as long as first names were found or names were taken over.
async function askWords(context: RemoteContext, asked: Asked & Asking): Promise<string> {
  for (let i = 1; ; i++) {
    const words = await foundWords(context, asked)
    const taken: TakenName[] = []
    const isUnsettled = await settleAll(context, { ...asked, found: words.found, taken })
    if (!isUnsettled) return wordsText({ ...asked, ...words, taken })
    if (i === ATTEMPTS) throw namedAgain(asked.board)
  }
}

/** What was found for a submit. */
interface Found {
  i: number
  submit: Named
  profile: ProfileReply | null
  number: number
  contest: Contest | null
}

/** What was found for all, and up to which version it holds. */
interface FoundWords {
  version: Buffer
  found: readonly Found[]
  areOwned: number
}

/** A name that is somebody else's. */
type TakenName = [playerId: string, name: string, owner: string]

async function foundWords(
  context: RemoteContext,
  { board, submits, areRows, players, named, noted }: Asked & Asking,
): Promise<FoundWords> {
  const some = submits.flatMap((submit, i) => (players.has(submit.playerId) ? [{ i, submit }] : []))
  const names = some.flatMap(({ submit: { playerId, name } }) =>
    areRows || !named.has(playerId)
      ? [playerId, 'k', '']
      : [playerId, nameChange(playerId, name), ownedName(playerId, name)],
  )
  const reply = await context.ofAll('words', [context.givenMicros() ?? '', board, ...names])
  const [version, answers, areOwned] = reply as WordsReply
  const found = some.map((one, n): Found => {
    const [profile, number, contest] = answers[n] as WordsReply[1][number]
    return { ...one, profile, number, contest }
  })
  const numbers = new Map(
    found.flatMap(({ number, submit }) => (number > 0 ? [[number, submit.playerId] as const] : [])),
  )
  for (const [number, playerId] of numbers) noted.push({ number, playerId, board })
  return { version, found, areOwned }
}

// Whether the profiles are to be asked for again.
async function settleAll(
  context: RemoteContext,
  { found, refusal, taken }: Asked & { found: readonly Found[]; taken: TakenName[] },
): Promise<boolean> {
  const forming = new Set<string>()
  let isSettled = true
  for (const { i, submit, profile, contest } of found) {
    const { playerId, name } = submit
    if (profile?.[4] === 1) forming.add(playerId)
    if (contest === null) continue
    const folded = ownedName(playerId, name)
    const owner = await settleContest(context, { playerId, folded, contest })
    isSettled &&= owner !== undefined
    if (owner === undefined) continue
    if (refusal !== undefined) throw refusal(i, owner)
    taken.push([playerId, nameChange(playerId, name), owner])
  }
  for (const playerId of forming) await formProfile(context, playerId)
  return !isSettled || forming.size > 0
}

function wordsText({
  version,
  found,
  areOwned,
  named,
  areRows,
  taken,
}: Asking & Asked & FoundWords & { taken: readonly TakenName[] }): string {
  const words = new Map<string, [string, number, string, number, number]>()
  for (const { submit, profile, number } of found) {
    const { playerId } = submit
    const most = Math.max(words.get(playerId)?.[3] ?? 0, number)
    const name = profile?.[1]?.toString() ?? ''
    const isNamed = areRows || named.has(playerId) ? 1 : 0
    words.set(playerId, [playerId, profile === null ? 0 : 1, name, most, isNamed])
  }
  return JSON.stringify([Number(version), [...words.values()], taken, areOwned])
}

type WordsReply = [
  version: Buffer,
  [profile: ProfileReply | null, number: number, contest: Contest | null][],
  areOwned: number,
]

// The submits were made, or refused: a failure here is not one of theirs.
async function finish(context: RemoteContext, noted: readonly NamingSubmit[]): Promise<void> {
  try {
    await Promise.all(noted.map((one) => finishNaming(context, one, { isOthers: false })))
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
