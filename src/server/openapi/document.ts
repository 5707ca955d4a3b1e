/**
 * The OpenAPI document: from the routes, whose arguments are those of the table of calls.
 *
 * @module
 */

import type { CallFields } from '../../calls/index.ts'
import { LIVE_ROUTE } from '../live/subject.ts'
import { ownVersion } from '../packages.ts'
import { ROUTES } from '../routes/all.ts'
import type { Role, Route } from '../routes/route.ts'
import { isSeasonedRoute } from '../routes/seasoned.ts'
import { ANSWERS, PARTS, SEASON_FIELDS } from './answers.ts'
import {
  ANY_OBJECT,
  fieldsSchema,
  type JsonSchema,
  kindSchema,
  listOf,
  objectOf,
  refTo,
  TEXT_SCHEMA,
  WHOLE_SCHEMA,
} from './json-schema.ts'

/** One operation of the document. */
export interface ApiOperation {
  operationId: string
  tags: string[]
  summary: string
  description: string
  parameters: JsonSchema[]
  requestBody?: JsonSchema
  responses: Readonly<Record<string, JsonSchema>>
  security: JsonSchema[]
}

/** The document. */
export interface OpenApi {
  openapi: '3.1.0'
  info: JsonSchema
  servers: JsonSchema[]
  paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>
  components: JsonSchema
}

const BASE = '/api/v1'
const ROLES: Readonly<Record<Role, string>> = {
  read: 'Takes a key of the role read, or none if the server answers reads without.',
  write: 'Takes a key of the role write.',
  admin: 'Takes a key of the role admin.',
}
const PATH_WORDS: Readonly<Record<string, string>> = {
  board: 'name of the board, percent-encoded',
  playerId: 'id of the player, percent-encoded',
}
const PROBLEM = {
  description: 'refused, or failed: a problem document',
  content: { 'application/problem+json': { schema: refTo('Problem') } },
}
const MESSAGE = 'a LiveUpdate with its id'
const EVENTS = 'event: update, with a LiveUpdate as data; event: end, with a Problem: no more comes'
const HEALTH = objectOf({ status: TEXT_SCHEMA, 'sequence?': WHOLE_SCHEMA })

/** Returns the document. */
export function openApiDocument(): OpenApi {
  const paths: Record<string, Record<string, ApiOperation>> = {}
  const add = (path: string, method: string, operation: ApiOperation): void => {
    paths[path] = { ...paths[path], [method]: operation }
  }
  const seen = new Set<string>()
  for (const route of ROUTES)
    add(`${BASE}${route.path}`, route.method.toLowerCase(), operationOf(route, seen))
  add(`${BASE}${LIVE_ROUTE.path}`, 'get', liveOperation(seen))
  for (const path of ['/healthz', '/readyz']) add(path, 'get', healthOperation(path))
  return {
    openapi: '3.1.0',
    info: { title: 'ladderdb', version: ownVersion(), summary: 'A durable leaderboard over HTTP' },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: PARTS,
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operationOf(route: Route, seen: Set<string>): ApiOperation {
  const { method, path, role, does, query, body, required = [] } = route
  const good = {
    description: does,
    content: { 'application/json': { schema: answerSchema(route) } },
  }
  const calls = `Calls ${route.calls.join(', ')}.`
  return {
    operationId: idOf(route, seen),
    tags: [tagOf(path)],
    summary: does,
    description: `${ROLES[role]} ${calls}`,
    parameters: [...pathParameters(path), ...queryParameters(query, required), ...headersOf(route)],
    ...(body !== undefined && { requestBody: bodyOf(body) }),
    responses: {
      ...{ [method === 'POST' && isMaking(route) ? '201' : '200']: good },
      ...(method === 'POST' && isMaking(route) && { '200': good }),
      ...(method === 'GET' && { '304': { description: 'what If-None-Match says is so' } }),
      default: PROBLEM,
    },
    security: role === 'read' ? [{ key: [] }, {}] : [{ key: [] }],
  }
}

function answerSchema(route: Route): JsonSchema {
  const schema = ANSWERS[route.answer] ?? ANY_OBJECT
  return isSeasonedRoute(route) ? withSeason(schema) : schema
}

// What is read of a window says of which season it is.
function withSeason(schema: JsonSchema): JsonSchema {
  const { anyOf, $ref, properties } = schema as {
    anyOf?: JsonSchema[]
    $ref?: string
    properties?: object
  }
  if (anyOf !== undefined) return { ...schema, anyOf: anyOf.map(withSeason) }
  const part = PARTS[$ref?.slice($ref.lastIndexOf('/') + 1) ?? '']
  if (part?.['properties'] !== undefined) return withSeason(part)
  return properties === undefined
    ? schema
    : { ...schema, properties: { ...(SEASON as object), ...properties } }
}

const { properties: SEASON = {} } = objectOf(SEASON_FIELDS)

// What is made has an address of its own.
function isMaking({ path }: Route): boolean {
  return path === '/boards' || path === '/backups'
}

// The name of the call, or what tells two routes of one call apart.
function idOf({ calls, method, path }: Route, seen: Set<string>): string {
  const [call = ''] = calls
  const last = path.split('/').findLast((word) => word !== '' && !word.startsWith('{')) ?? ''
  const id = seen.has(call) ? `${call}${last[0]?.toUpperCase()}${last.slice(1)}` : call
  const unique = seen.has(id) ? `${id}${method}` : id
  seen.add(unique)
  return unique.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function tagOf(path: string): string {
  if (path.includes('/players')) return 'players'
  return path.startsWith('/boards') ? 'boards' : 'store'
}

function pathParameters(path: string): JsonSchema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    ...{ name, in: 'path', required: true, schema: TEXT_SCHEMA },
    description: PATH_WORDS[name],
  }))
}

function queryParameters(query: CallFields, required: readonly string[]): JsonSchema[] {
  return Object.entries(query).map(([name, kind]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema: kindSchema(kind) },
    ...(kind.type === 'list' && { style: 'form', explode: false }),
    description: kind.words,
  }))
}

function headersOf({ method, calls }: Route): JsonSchema[] {
  const header = (name: string, description: string): JsonSchema => ({
    ...{ name, in: 'header', required: false, schema: TEXT_SCHEMA, description },
  })
  if (calls.includes('submit'))
    return [header('Idempotency-Key', 'the same submit under the same key counts once')]
  if (calls.includes('watch')) return [header('Last-Event-ID', 'the id of the last one that came')]
  if (method === 'GET') return [header('If-None-Match', 'an ETag, or *: 304 if it holds')]
  return []
}

function bodyOf({ fields, required, items }: NonNullable<Route['body']>): JsonSchema {
  const one = fieldsSchema(fields, required)
  const schema = items === undefined ? one : { anyOf: [one, listOf(fieldsSchema(items, required))] }
  return { required: true, content: { 'application/json': { schema } } }
}

function liveOperation(seen: Set<string>): ApiOperation {
  const update = { 'text/event-stream': { schema: { ...TEXT_SCHEMA, description: EVENTS } } }
  return {
    ...operationOf(LIVE_ROUTE, seen),
    responses: {
      '101': { description: `with Upgrade: websocket; each text message is ${MESSAGE}` },
      '200': { description: 'server-sent events', content: update },
      default: PROBLEM,
    },
  }
}

function healthOperation(path: string): ApiOperation {
  const isReady = path === '/readyz'
  const answer = (description: string): JsonSchema => ({
    description,
    content: { 'application/json': { schema: HEALTH } },
  })
  return {
    operationId: isReady ? 'ready' : 'health',
    tags: ['server'],
    summary: isReady ? 'whether the server takes requests' : 'whether the server lives',
    description: 'Takes no key.',
    parameters: [],
    responses: { '200': answer('it does'), '503': answer('it does not') },
    security: [{}],
  }
}
