/**
 * The hub of everybody who watches boards on a server of Redis.
 *
 *     each board that somebody watches ──► the number of its changes, every 10 ms, in one small round trip
 *                                              └─► if it is another number: a look at each thing that is watched
 *
 * So the number of viewers makes no difference to the server, and a board that nobody watches costs it nothing.
 *
 * @module
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { LadderError, type Score } from '../../index.ts'
import type { RemoteBoard, RemoteLeaderboards } from '../../redis/index.ts'
import { REMOTE_LOOK_MS, SEND_SLICE_MS, TOPICS_MAX } from '../limits.ts'
import { seasonSeen } from '../routes/route.ts'
import { keyOfSubject, type LiveHub, once, tooManyTopics } from './hub.ts'
import { type LiveSubject, type LookNow, Topic, type Viewer } from './topic.ts'

/** Looks that are asked for at once. */
const LOOKS_AT_ONCE = 64

/** What is watched of a board. */
interface WatchedTopic {
  readonly subject: LiveSubject
  readonly topic: Topic
  /** Resolves when it was first looked at. */
  ready: Promise<void>
  look: LookNow | undefined
  /** How many watch it, those who wait for its first look among them. */
  users: number
}

/** A board of which something is watched. */
interface WatchedBoard {
  readonly name: string
  readonly board: RemoteBoard<Score>
  readonly topics: Map<string, WatchedTopic>
  readonly end: AbortController
}

/** Everybody who watches boards on a server. */
export class RemoteHub implements LiveHub {
  readonly #remote: RemoteLeaderboards
  readonly #boot: string
  readonly #boards = new Map<string, Promise<WatchedBoard>>()
  #topics = 0
  #viewers = 0

  constructor(remote: RemoteLeaderboards, boot: string) {
    this.#remote = remote
    this.#boot = boot
  }

  get viewers(): number {
    return this.#viewers
  }

  get topics(): number {
    return this.#topics
  }

  /**
   * Adds a viewer, as `Hub.add` does, after a round trip or two.
   *
   * @throws {LadderError} `NO_BOARD`, `UNAVAILABLE`, and those of reads.
   * @throws {HttpError} `TOO_MANY_VIEWERS` if too many things are watched.
   */
  async add(subject: LiveSubject, viewer: Viewer, seen?: string): Promise<() => void> {
    let watched = await this.#boardOf(subject.board)
    // Its last viewer may have left meanwhile.
    while (watched.end.signal.aborted) watched = await this.#boardOf(subject.board)
    const key = keyOfSubject(subject)
    const found = this.#topicOf(watched, key, subject)
    const leave = once(() => this.#leave(watched, key, found))
    try {
      await found.ready
      watched.end.signal.throwIfAborted()
      found.topic.add(viewer, seen)
    } catch (error) {
      leave()
      throw error
    }
    this.#viewers++
    return once(() => {
      this.#viewers--
      found.topic.remove(viewer)
      leave()
    })
  }

  // Changes through this server are seen as those of others are: at the next question.
  soon(): void {}

  end(error: unknown): void {
    for (const opening of this.#boards.values())
      opening.then(
        (watched) => this.#endBoard(watched, error),
        () => undefined,
      )
  }

  #boardOf(name: string): Promise<WatchedBoard> {
    let opening = this.#boards.get(name)
    if (opening === undefined) {
      opening = this.#open(name)
      this.#boards.set(name, opening)
      opening.catch(() => this.#boards.delete(name))
    }
    return opening
  }

  async #open(name: string): Promise<WatchedBoard> {
    const board = (await this.#remote.openBoard(name)) as unknown as RemoteBoard<Score>
    return { name, board, topics: new Map(), end: new AbortController() }
  }

  #topicOf(watched: WatchedBoard, key: string, subject: LiveSubject): WatchedTopic {
    const { topics } = watched
    let found = topics.get(key)
    if (found === undefined) {
      if (this.#topics >= TOPICS_MAX) throw tooManyTopics()
      found = this.#newTopic(watched, subject)
      this.#topics++
      topics.set(key, found)
      if (topics.size === 1) void this.#follow(watched)
    }
    found.users++
    return found
  }

  #newTopic(watched: WatchedBoard, subject: LiveSubject): WatchedTopic {
    const made: WatchedTopic = {
      subject,
      topic: new Topic(subject, { lookAt: () => made.look as LookNow, boot: this.#boot }),
      ready: Promise.resolve(),
      look: undefined,
      users: 0,
    }
    made.ready = this.#lookAt(watched, made)
    // Viewers who wait for it are told of a failure.
    made.ready.catch(() => undefined)
    return made
  }

  #leave(watched: WatchedBoard, key: string, found: WatchedTopic): void {
    found.users--
    if (found.users > 0 || watched.topics.get(key) !== found) return
    this.#topics--
    watched.topics.delete(key)
    if (watched.topics.size === 0) this.#forget(watched, undefined)
  }

  // Ends the questions; the next viewer opens the board again.
  #forget({ name, end }: WatchedBoard, reason: unknown): void {
    if (end.signal.aborted) return
    this.#boards.delete(name)
    end.abort(reason)
  }

  #endBoard(watched: WatchedBoard, error: unknown): void {
    this.#forget(watched, error)
    const { topics } = watched
    this.#topics -= topics.size
    for (const { topic } of topics.values()) topic.end(error)
    topics.clear()
  }

  async #follow(watched: WatchedBoard): Promise<void> {
    const { board, end } = watched
    const changes = board.changes({ intervalMs: REMOTE_LOOK_MS, signal: end.signal })
    try {
      for await (const _ of changes) await this.#lookAtAll(watched)
      if (!end.signal.aborted) this.#endBoard(watched, closed())
    } catch (error) {
      this.#endBoard(watched, error)
    }
  }

  async #lookAtAll({ board, topics }: WatchedBoard): Promise<void> {
    const all = [...topics.values()]
    for (let start = 0; start < all.length; start += LOOKS_AT_ONCE) {
      const some = all.slice(start, start + LOOKS_AT_ONCE)
      await Promise.all(some.map((one) => this.#update(board, one)))
    }
  }

  async #update(board: RemoteBoard<Score>, watched: WatchedTopic): Promise<void> {
    // Its first look may be older than the change, so it is looked at again. If that failed, its viewers are told.
    await watched.ready.catch(() => undefined)
    if (watched.look === undefined) return
    const look = await lookOnServer(board, watched.subject)
    watched.look = look
    const { topic } = watched
    topic.update(look.sequence)
    while (topic.isBehind) {
      topic.send(performance.now() + SEND_SLICE_MS)
      if (topic.isBehind) await nextTurn()
    }
  }

  async #lookAt({ board }: WatchedBoard, made: WatchedTopic): Promise<void> {
    made.look = await lookOnServer(board, made.subject)
  }
}

// The first update of a watch is a look.
async function lookOnServer(
  board: RemoteBoard<Score>,
  { top, playerId, rankMode, window, season }: LiveSubject,
): Promise<LookNow> {
  const view = window === undefined ? board : await board.window(window, season)
  const what = playerId === undefined ? { top } : { playerId }
  const updates = view.watch({ ...what, rankMode })
  const { value } = await updates.next()
  await updates.return()
  if (value === undefined) throw closed()
  const { sequence, total, entries } = value
  return { sequence, ...seasonSeen(view), total, entries }
}

function closed(): LadderError {
  return new LadderError('CLOSED', 'Cannot watch: the store was closed')
}
