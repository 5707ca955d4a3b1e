/**
 * A long-lived child that opens one store after another and says what it finds. Where LMDB ends it by a
 * signal, its parent starts another.
 *
 * It is told { path, readOnly } and answers { hash }, { findings } or { error }; with `goOn` it also
 * writes to the store, opens it once more and checks again; with `show` the answer has the content too.
 *
 * @module
 */

import { openLeaderboards } from '../../dist/index.js'
import { contentOf, hashOf } from './content.js'

process.on('message', async (job) => process.send(await answerOf(job)))
process.on('disconnect', () => process.exit())
process.send('ready')

async function answerOf(job) {
  try {
    const answer = await look(job.path, { readOnly: job.readOnly, show: job.show })
    if (job.goOn && answer.hash !== undefined) {
      await writeOn(job.path)
      const later = await look(job.path, { readOnly: true })
      if (later.hash === undefined) return later
    }
    return answer
  } catch (error) {
    return { error: { code: error.code, message: error.message } }
  }
}

async function look(path, { readOnly, show }) {
  const store = openLeaderboards(path, { readOnly, clock })
  try {
    const { findings } = await store.check()
    if (findings.length > 0) return { findings: findings.slice(0, 5) }
    return { hash: hashOf(store), ...(show && { content: contentOf(store) }) }
  } finally {
    await store.close()
  }
}

// It is far behind: seasons go by the last time of the store, as they did for whoever wrote it.
function clock() {
  return 1
}

async function writeOn(path) {
  const store = openLeaderboards(path, { clock })
  try {
    const board = store.board('after the crash')
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        board.submit(`survivor ${i}`, i, { name: 'x'.repeat(1 + i) }),
      ),
    )
    if (board.rank('survivor 19') !== 1) throw new Error('What was submitted is not there')
  } finally {
    await store.close()
  }
}
