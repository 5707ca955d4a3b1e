/**
 * Rules in Lua against those of domain/rules.ts, case by case, without a board.
 *
 * @module
 */

import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { checkRange, judgedOf, judgeGain } from '../../src/domain/rules.ts'
import { encodeEntryKey } from '../../src/format/entry-key.ts'
import { ScoreShape } from '../../src/format/score-shape.ts'
import { LIBRARY, LIBRARY_NAME } from '../../src/redis/client/function-library.ts'
import { shapeLetters } from '../../src/redis/slot/board-keys.ts'
import { judgeText, rulesOfText, storedRules } from '../../src/redis/slot/board-rules.ts'
import { decidingGains } from '../../src/redis/slot/judged-gains.ts'
import { submitArguments } from '../../src/redis/slot/submit-arguments.ts'
import type {
  BoardRules,
  Score,
  ScoreCell,
  ScoreType,
  SubmitRequest,
} from '../../src/words/index.ts'
import { MODES } from '../model/calls.ts'
import { Random, runSeed } from '../support/random.ts'
import { describeOnRedis, redisSizeOf, withRedis } from '../support/redis-server.ts'

const CASES = redisSizeOf('REDIS_JUDGEMENTS', { test: 4_000, whole: 1_000_000 })
const BATCH = 500
const TIMEOUT_MS = Math.max(120_000, CASES)

// Answers the kind of the rule that refuses, a pair that cannot be told, or that all is well.
const ASKED = `
redis.register_function('${LIBRARY_NAME}_judge', function(keys, args)
  local answers, shape = {}, args[1]
  local names = { 'e', 'p', 'd', 'm', 'r', 'q', 'h', 'b' }
  for at = 2, #args, SUBMIT_ARGUMENTS + 2 do
    local one = submit_of(args, at + 2)
    redis.call('DEL', 'p')
    if args[at] ~= '' then redis.call('HSET', 'p', one.id, args[at]) end
    local work = { keys = names, shape = shape, width = 8 * (#shape - 1), keep = 0, judge = rules.of(args[at + 1]) }
    rules.begin(work, '')
    local refused = rules.refused_alone(work, one, 1)
    answers[#answers + 1] = refused and refused[5] or work.undecided[1] or 'fine'
  end
  return answers
end)
`

/** A submit with what its player has, and the rules. */
interface Case {
  rules: BoardRules
  submit: SubmitRequest
  previous: Score | undefined
}

describeOnRedis('the library', () => {
  test(
    `judges as domain/rules.ts does in ${CASES} random cases`,
    () =>
      withRedis(async ({ url }) => {
        const random = new Random(runSeed('judge'))
        const client = new Redis(url)
        await client.call('FUNCTION', 'LOAD', 'REPLACE', LIBRARY + ASKED)
        const counts: Record<string, number> = {}
        for (let made = 0; made < CASES; made += BATCH) {
          const shape = randomShape(random)
          const cases = Array.from({ length: BATCH }, () => randomCase(random, shape))
          const args = cases.flatMap((one) => argumentsOf(one, shape))
          const name = `${LIBRARY_NAME}_judge`
          const replies = await client.call('FCALL', name, 0, shapeLetters(shape), ...args)
          for (const [i, one] of cases.entries()) {
            const expected = told(one, shape)
            const reply = (replies as string[])[i] as string
            const isAsked = reply.length > 5
            const actual = isAsked ? await decided(reply) : reply
            const kind = isAsked ? `${actual}, asked` : actual
            counts[kind] = (counts[kind] ?? 0) + 1
            if (actual !== expected)
              expect(actual, `SEED=${random.seed}: ${inspect({ one, shape }, { depth: 9 })}`).toBe(
                expected,
              )
          }
        }
        // Every outcome comes, and few are asked about.
        const kinds = ['fine', 'fine, asked', 'score', 'score, asked']
        expect(Object.keys(counts).sort()).toEqual(kinds)
        await client.quit()
      }),
    TIMEOUT_MS,
  )
})

function told({ rules, submit, previous }: Case, shape: ScoreShape): string {
  try {
    const { judged } = judgedOf(shape, submit, previous)
    checkRange(rules, shape, judged)
    judgeGain(rules, shape, judged)
    return 'fine'
  } catch {
    return 'score'
  }
}

async function decided(pair: string): Promise<string> {
  const found = await decidingGains('arena', async (text) => {
    if (text === '') throw Object.assign(new Error(), { code: 'JUDGE', found: [Buffer.from(pair)] })
    return text
  })
  return (JSON.parse(found) as Record<string, number>)[pair] === 1 ? 'score' : 'fine'
}

function randomShape(random: Random): ScoreShape {
  const order = (): 'ascending' | 'descending' => random.pick(['descending', 'ascending'])
  const columns = ['points', 'time'].map((name) => ({ name, order: order() }))
  const some = columns.slice(0, 1 + random.below(2)) as [(typeof columns)[number]]
  return new ScoreShape(random.pick(['number', 'number', 'int64']), some)
}

function randomCase(random: Random, shape: ScoreShape): Case {
  const { type } = shape
  const first = randomCell(random, type)
  const by = size(randomCell(random, type))
  // Many gains lie next to the bound.
  const cell = (): ScoreCell => {
    const sum = random.chance(0.5) ? plus(first, by) : plus(first, negative(by))
    return random.pick([sum, sum, near(random, sum), first, randomCell(random, type)])
  }
  const score = (one: ScoreCell): Score =>
    shape.scoreOf(shape.columns.map((_, i) => (i === 0 ? one : randomCell(random, type))))
  const previous = random.chance(0.8) ? score(first) : undefined
  const mode = random.pick(MODES)
  const added = random.pick([by, negative(by), near(random, by), cell()])
  const submitted = score(mode === 'increment' ? added : cell())
  const submit = { playerId: 'ann', mode, score: submitted } as SubmitRequest
  const rules: BoardRules = {
    ...(random.chance(0.2) && { min: cell() }),
    ...(random.chance(0.2) && { max: cell() }),
    ...(random.chance(0.9) && { maxGain: { by, action: 'refuse' as const } }),
  }
  return { rules, submit, previous }
}

// As people write them, at the edges, and any.
function randomCell(random: Random, type: ScoreType): ScoreCell {
  if (type === 'int64') {
    const edges = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, 2n ** 53n + 1n]
    if (random.chance(0.3)) return random.pick(edges)
    return BigInt(Math.floor((random.next() - 0.5) * 2 ** random.below(53)))
  }
  const edges = [0, 5e-324, 1e-300, 1.5e308, -1.5e308, 2 ** 53, 2 ** 53 - 1, 1e22, 0.1, 0.3]
  const digits = 10 ** random.below(4)
  const kinds = [
    () => random.pick(edges),
    () => (random.below(20_000) - 10_000) / digits,
    () => (random.below(20_000) - 10_000) / digits,
    () => (random.next() - 0.5) * 2 ** (random.below(200) - 100),
  ]
  return random.pick(kinds)() + 0
}

function plus(a: ScoreCell, b: ScoreCell): ScoreCell {
  if (typeof a === 'bigint') return BigInt.asIntN(64, a + (b as bigint))
  const sum = a + (b as number)
  return Number.isFinite(sum) ? sum : 0
}

function negative(cell: ScoreCell): ScoreCell {
  return typeof cell === 'bigint' ? BigInt.asIntN(64, -cell) : 0 - cell
}

function size(cell: ScoreCell): ScoreCell {
  if (typeof cell === 'number') return Math.abs(cell)
  const positive = cell < 0n ? -cell : cell
  return positive === 2n ** 63n ? positive - 1n : positive
}

// Some last bits away.
function near(random: Random, cell: ScoreCell): ScoreCell {
  const steps = random.below(7) - 3
  if (typeof cell === 'bigint') return BigInt.asIntN(64, cell + BigInt(steps))
  const bits = Buffer.alloc(8)
  bits.writeDoubleBE(cell)
  bits.writeBigInt64BE(BigInt.asIntN(64, bits.readBigInt64BE() + BigInt(steps)))
  const moved = bits.readDoubleBE()
  return Number.isFinite(moved) ? moved + 0 : cell
}

function argumentsOf(
  { rules, submit, previous }: Case,
  shape: ScoreShape,
): (string | number | Buffer)[] {
  // What is stored says the same.
  expect(rulesOfText(storedRules(rules), shape)).toEqual(rules)
  const record =
    previous === undefined
      ? ''
      : encodeEntryKey({ score: previous, atMicros: 0, playerId: '' }, shape)
  const judge = judgeText(rules, shape)
  return [record, judge === '' ? '{}' : judge, ...submitArguments(submit, shape)]
}
