import { expect, test } from 'vitest'
import { LadderError } from '../../src/index.ts'
import { withLibrary } from '../../src/redis/client/with-library.ts'

function server(losses: number) {
  let [calls, loads] = [0, 0]
  const call = async (): Promise<string> => {
    calls++
    if (calls > losses) return 'done'
    throw new LadderError('IO', 'no', { cause: new Error('ERR Function not found') })
  }
  const load = async (): Promise<void> => {
    loads++
  }
  return { call, load, told: () => ({ calls, loads }) }
}

test('withLibrary() gives the functions again as often as a server loses them, five times', async () => {
  for (const losses of [0, 1, 2, 5]) {
    const { call, load, told } = server(losses)
    expect(await withLibrary(call, load)).toBe('done')
    expect(told()).toEqual({ calls: losses + 1, loads: losses })
  }
})

test('withLibrary() ends with the failure of a server that loses them each time', async () => {
  const { call, load, told } = server(6)
  await expect(withLibrary(call, load)).rejects.toThrow('no')
  expect(told()).toEqual({ calls: 6, loads: 5 })
})

test('withLibrary() passes on all other failures at once', async () => {
  const { load, told } = server(0)
  const call = (): Promise<string> => Promise.reject(new LadderError('BUSY', 'busy'))
  await expect(withLibrary(call, load)).rejects.toThrow('busy')
  expect(told().loads).toBe(0)
})
