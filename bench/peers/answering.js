/**
 * A server as small as one can be, over what would be used instead of ladderdb: node bench/peers/answering.js KIND [URL]
 *
 *     constant                  answers the same to everything, and looks at nothing: what HTTP itself takes
 *     redis redis://…           ZADD and ZREVRANK in one round trip, by ioredis
 *     postgres postgres://…     a table with an index on the score; a rank is a COUNT(*), by pg
 *
 *     GET  /api/v1/boards/arena/players/{playerId}/rank    {"result":1}
 *     POST /api/v1/boards/arena/scores                     takes {"playerId":"ada","score":900}
 *
 * Prints where it listens, as `ladderdb serve --json` does. No keys, no limits, no checks, no live streams.
 *
 * @module
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { BOARD_KEY, RANK_OF_PLAYER, SET_SCORE } from './places.js'

// PostgreSQL makes one process for each.
const CONNECTIONS = 16
const TYPE = 'application/json; charset=utf-8'

const [kind, url] = process.argv.slice(2)
const listener = kind === 'constant' ? constant : listenerOf(await { redis, postgres }[kind](url))
const server = createServer(listener)
await once(server.listen(0, '127.0.0.1'), 'listening')
console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }))
process.once('SIGTERM', () => process.exit())

function constant(asked, answer) {
  const send = () => write(answer, '{"result":4711}')
  if (asked.method === 'GET') send()
  else asked.resume().once('end', send)
}

function listenerOf({ rank, submit }) {
  return async (asked, answer) => {
    const result =
      asked.method === 'GET'
        ? { result: await rank(asked.url.split('/')[6]) }
        : await submit(JSON.parse(await bodyOf(asked)))
    write(answer, JSON.stringify(result))
  }
}

function write(answer, text) {
  const length = Buffer.byteLength(text)
  answer.writeHead(200, ['Content-Type', TYPE, 'Content-Length', length]).end(text)
}

async function bodyOf(asked) {
  let text = ''
  for await (const part of asked.setEncoding('utf8')) text += part
  return text
}

async function redis(place) {
  const { Redis } = await import('ioredis')
  const client = new Redis(place)
  return {
    rank: async (playerId) => 1 + (await client.zrevrank(BOARD_KEY, playerId)),
    async submit({ playerId, score }) {
      const both = client.pipeline().zadd(BOARD_KEY, score, playerId).zrevrank(BOARD_KEY, playerId)
      const [[failure], [, index]] = await both.exec()
      if (failure) throw failure
      return { playerId, score, rank: 1 + index }
    },
  }
}

async function postgres(place) {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString: place, max: CONNECTIONS })
  return {
    async rank(playerId) {
      const { rows } = await pool.query({ name: 'rank', text: RANK_OF_PLAYER, values: [playerId] })
      return Number(rows[0].rank)
    },
    // Without a rank: to count it would take a hundred times as long as all else.
    async submit({ playerId, score }) {
      await pool.query({ name: 'submit', text: SET_SCORE, values: [playerId, score] })
      return { playerId, score }
    },
  }
}
