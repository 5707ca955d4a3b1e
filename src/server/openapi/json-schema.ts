/**
 * JSON Schema in few words, as OpenAPI 3.1 takes it.
 *
 * @module
 */

import type { CallFields, Kind } from '../../calls/index.ts'

/** A schema. */
export type JsonSchema = { readonly [name: string]: unknown }

export const TEXT_SCHEMA: JsonSchema = { type: 'string' }
export const NUMBER_SCHEMA: JsonSchema = { type: 'number' }
export const WHOLE_SCHEMA: JsonSchema = { type: 'integer', minimum: 0 }
export const BOOLEAN_SCHEMA: JsonSchema = { type: 'boolean' }
export const ANY_OBJECT: JsonSchema = { type: 'object' }

/** A score, or one end of a range of them. */
export const SCORE_SCHEMA: JsonSchema = { $ref: '#/components/schemas/Score' }

/** An object whose fields must all be there, but those whose name ends with `?`. */
export function objectOf(fields: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const names = Object.keys(fields)
  const properties = Object.fromEntries(
    names.map((name) => [name.replace('?', ''), fields[name] as JsonSchema]),
  )
  return { type: 'object', properties, required: names.filter((name) => !name.endsWith('?')) }
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items }
}

export function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] }
}

export function eitherOf(...words: readonly string[]): JsonSchema {
  return { type: 'string', enum: words }
}

export function refTo(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}

/** An answer that is not an object by itself. */
export function resultOf(schema: JsonSchema): JsonSchema {
  return objectOf({ result: schema })
}

/** Returns the schema of what an argument may be, from the table of calls. */
export function kindSchema(kind: Kind): JsonSchema {
  const schema = { ...typeSchema(kind), description: kind.words }
  return kind.takesNull === true ? nullable(schema) : schema
}

/** Returns the schema of a body with these fields. */
export function fieldsSchema(fields: CallFields, required: readonly string[]): JsonSchema {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, kind]) => [name, kindSchema(kind)]),
  )
  return {
    ...{ type: 'object', properties, additionalProperties: false },
    ...(required.length > 0 && { required }),
  }
}

function typeSchema({ type, choices, bounds, item, isTime }: Kind): JsonSchema {
  if (isTime) return { anyOf: [NUMBER_SCHEMA, { type: 'string', format: 'date-time' }] }
  if (type === 'list') return listOf(item === undefined ? {} : kindSchema(item))
  if (choices !== undefined) return eitherOf(...choices)
  if (type === 'score') return SCORE_SCHEMA
  if (type === 'object') return ANY_OBJECT
  if (type === 'boolean') return BOOLEAN_SCHEMA
  if (type === 'text') return TEXT_SCHEMA
  if (bounds === undefined) return NUMBER_SCHEMA
  return { type: 'integer', minimum: bounds.least, maximum: bounds.most }
}
