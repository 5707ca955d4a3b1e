/**
 * A long-lived child that is shown damaged stores, { path, readOnly, steps }, and says what the product
 * makes of each: { opening, reading, checking }, each of them undefined where it did not come to that, else
 * { error } or what it found.
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'
import { hashOf } from './content.js'

process.on('message', async (job) => process.send(await answerOf(job)))
process.on('disconnect', () => process.exit())
process.send('ready')

async function answerOf({ path, readOnly, steps = ['reading', 'checking'] }) {
  const answer = {}
  let store
  try {
    store = openLeaderboards(path, { readOnly, create: false })
  } catch (error) {
    return { opening: failed(error) }
  }
  try {
    if (steps.includes('reading')) answer.reading = { hash: hashOf(store) }
  } catch (error) {
    answer.reading = failed(error)
  }
  try {
    if (steps.includes('checking'))
      answer.checking = { findings: (await store.check()).findings.slice(0, 3) }
  } catch (error) {
    answer.checking = failed(error)
  }
  try {
    await store.close()
  } catch (error) {
    answer.closing = failed(error)
  }
  return answer
}

function failed({ name, code, message }) {
  return { error: { name, code, message } }
}
