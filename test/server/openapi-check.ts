/**
 * Holds answers against the OpenAPI document, with a validator that knows nothing of us.
 *
 * @module
 */

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { openApiDocument } from '../../src/server/openapi/document.ts'

const DOCUMENT = openApiDocument()
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
ajv.addSchema(closed({ $id: 'document', components: DOCUMENT.components }) as object)
const validators = new Map<string, ValidateFunction>()

/** What was answered. */
export interface CheckedAnswer {
  method: string
  path: string
  status: number
  body: unknown
}

/** Throws if an answer is not one that the document promises. */
export function checkAnswer({ method, path, status, body }: CheckedAnswer): void {
  const bare = path.split('?')[0] ?? ''
  const template = Object.keys(DOCUMENT.paths).find((known) => patternOf(known).test(bare))
  const operation = DOCUMENT.paths[template ?? '']?.[method.toLowerCase()]
  const place = `${method} ${template ?? 'unknown'} ${status}`
  const response = operation?.responses[status] ?? operation?.responses['default'] ?? PROBLEM
  if (operation === undefined && status < 400) return
  // biome-ignore lint/suspicious/noExplicitAny: a document is what it is.
  const content = (response as any).content as Record<string, { schema: object }> | undefined
  const schema = content === undefined ? undefined : Object.values(content)[0]?.schema
  if (schema === undefined) {
    if (body !== undefined) throw new Error(`${place}: the document knows of no body`)
    return
  }
  const validate = validatorOf(place, schema)
  if (!validate(body))
    throw new Error(`${place}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`)
}

const PROBLEM = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

function validatorOf(place: string, schema: object): ValidateFunction {
  const known = validators.get(place)
  if (known !== undefined) return known
  const made = ajv.compile(withDocument(closed(schema)) as object)
  validators.set(place, made)
  return made
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`)
}

/** A schema in which no field may stand that is not named: what is answered must be documented. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.fromEntries(
    Object.entries(schema).map(([name, part]) => [name, closed(part)]),
  )
  const isObject = 'properties' in parts && 'type' in parts && !('additionalProperties' in parts)
  return isObject ? { ...parts, additionalProperties: false } : parts
}

function withDocument(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withDocument)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([name, part]) => [
      name,
      name === '$ref' ? String(part).replace(/^#/, 'document#') : withDocument(part),
    ]),
  )
}
