/**
 * The rule in Lua against that of domain/decide.ts, case by case, without a board.
 *
 * @module
 */

import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { checkScore } from '../../src/calls/scores.ts'
import { decideSubmit, type Held } from '../../src/domain/decide.ts'
import { encodeEntryKey } from '../../src/format/entry-key.ts'
import { ScoreShape } from '../../src/format/score-shape.ts'
import { LIBRARY, LIBRARY_NAME } from '../../src/redis/client/function-library.ts'
import { shapeLetters } from '../../src/redis/slot/board-keys.ts'
import { submitArguments } from '../../src/redis/slot/submit-arguments.ts'
import type { Score, ScoreColumn, SubmitRequest } from '../../src/words/index.ts'
import { MODES } from '../model/calls.ts'
import { randomScore } from '../model/random-scores.ts'
import { Random, runSeed } from '../support/random.ts'
import { describeOnRedis, redisSizeOf, withRedis } from '../support/redis-server.ts'

const CASES = redisSizeOf('REDIS_DECISIONS', { test: 4_000, whole: 1_000_000 })
const BATCH = 500
const TIMEOUT_MS = Math.max(120_000, CASES)

// The functions see what is local in the library: one more function is put behind them.
const ASKED = `
redis.register_function('${LIBRARY_NAME}_decide', function(keys, args)
  local answers = {}
  for at = 2, #args, SUBMIT_ARGUMENTS + 1 do
    local head, width = args[at], 8 * (#args[1] - 1)
    local previous = head ~= '' and string.sub(head, 1, width) or nil
    local previous_at = head ~= '' and string.sub(head, width + 1) or nil
    local score, accepted, moves = decide(args[1], submit_of(args, at + 1), previous, previous_at)
    answers[#answers + 1] = { score or false, accepted and 1 or 0, moves and 1 or 0 }
  end
  return answers
end)
`

const COLUMNS: ScoreColumn[] = [
  { name: 'points', order: 'descending' },
  { name: 'time', order: 'ascending' },
  { name: 'lives', order: 'descending' },
]

/** A random decision: what a player has, and what comes. */
interface Case {
  submit: SubmitRequest
  previous: Held | undefined
}

type Reply = [score: Buffer | null, accepted: number, moves: number]

describeOnRedis('the library', () => {
  test(
    `decides as domain/decide.ts does in ${CASES} random cases`,
    () =>
      withRedis(async ({ url }) => {
        const random = new Random(runSeed('decide'))
        const client = new Redis(url)
        client.on('error', () => undefined)
        await client.call('FUNCTION', 'LOAD', 'REPLACE', LIBRARY + ASKED)
        for (let made = 0; made < CASES; made += BATCH) {
          const shape = randomShape(random)
          const cases = Array.from({ length: BATCH }, () => randomCase(random, shape))
          const args = cases.flatMap((one) => argumentsOf(one, shape))
          const name = `${LIBRARY_NAME}_decide`
          const replies = await client.callBuffer('FCALL', name, 0, shapeLetters(shape), ...args)
          cases.forEach((one, i) => {
            const expected = told(one, shape)
            const actual = toldBy((replies as Reply[])[i] as Reply)
            // vitest's own comparison is slow, and needed for its message only.
            if (actual !== expected)
              expect(actual, `SEED=${random.seed}: ${inspect({ one, shape }, { depth: 9 })}`).toBe(
                expected,
              )
          })
        }
        await client.quit()
      }),
    TIMEOUT_MS,
  )
})

function told({ submit, previous }: Case, shape: ScoreShape): string {
  try {
    const { score, accepted, moves } = decideSubmit(shape, submit, previous)
    const bytes = Buffer.alloc(shape.bytes)
    shape.write(bytes, 0, score)
    return toldBy([bytes, Number(accepted), Number(moves)])
  } catch {
    return 'refused'
  }
}

// Where a submit is refused, what else is said has no meaning.
function toldBy([score, accepted, moves]: Reply): string {
  return score === null ? 'refused' : `${score.toString('hex')} ${accepted} ${moves}`
}

function randomShape(random: Random): ScoreShape {
  const columns = COLUMNS.slice(0, 1 + random.below(3)).map(({ name }) => ({
    name,
    order: random.pick(['descending', 'ascending'] as const),
  }))
  return new ScoreShape(random.pick(['number', 'int64']), columns as [ScoreColumn])
}

function randomCase(random: Random, shape: ScoreShape): Case {
  const score = (): Score => anyScore(random, shape)
  const previous = random.chance(0.8)
    ? { score: score(), atMicros: randomMicros(random) }
    : undefined
  const submit = {
    ...{ playerId: 'ann', mode: random.pick(MODES), score: score() },
    atMicros: random.chance(0.5) ? randomMicros(random) : undefined,
    only: random.chance(0.1) ? random.pick(['new', 'existing'] as const) : undefined,
    expected: random.pick([undefined, undefined, undefined, null, score(), previous?.score]),
  } as SubmitRequest
  return { submit, previous }
}

// Few values, those at the edges, and any bits whatever.
function anyScore(random: Random, shape: ScoreShape): Score {
  if (random.chance(0.7)) {
    const score = randomScore(random, shape, 'any')
    // Those that no board takes are left to other tests.
    return Array.isArray(score) ? anyScore(random, shape) : checkScore(score, shape)
  }
  const bits = Buffer.alloc(8)
  const cells = shape.columns.map(() => {
    bits.writeInt32BE(random.below(2 ** 32) - 2 ** 31)
    bits.writeUInt32BE(random.below(2 ** 32), 4)
    if (shape.type === 'int64') return bits.readBigInt64BE() >> BigInt(random.below(40))
    const double = random.chance(0.7)
      ? (random.next() - 0.5) * 2 ** random.below(56)
      : bits.readDoubleBE()
    return Number.isFinite(double) ? double + 0 : 0
  })
  return shape.scoreOf(cells)
}

function randomMicros(random: Random): number {
  return random.pick([0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 52 - 1, random.below(2 ** 51)])
}

function argumentsOf({ submit, previous }: Case, shape: ScoreShape): (string | number | Buffer)[] {
  const head =
    previous === undefined
      ? ''
      : encodeEntryKey({ ...previous, playerId: '' }, shape).subarray(0, shape.headBytes)
  return [head, ...submitArguments(submit, shape)]
}
