import { expect, test } from 'vitest'
import { outcomeOf } from '../../src/calls/outcomes.ts'
import { ERROR_CODES, type ErrorCode } from '../../src/index.ts'

test('every code has an exit status, one of HTTP, and says whether to try again', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const { exit, http, retry } = outcomeOf(code)
    expect([1, 2, 3, 4, 5, 130], code).toContain(exit)
    expect(http, code).toBeGreaterThanOrEqual(400)
    expect(typeof retry, code).toBe('boolean')
  }
  expect(outcomeOf('BUSY')).toEqual({ exit: 5, http: 503, retry: true })
  expect(outcomeOf('CORRUPT')).toMatchObject({ exit: 4, retry: false })
})
