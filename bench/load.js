/**
 * Clients who ask a server over HTTP as fast as it answers: each has a connection and sends the next request when
 * the last answer is there.
 *
 * They write to the socket and look for no more than the status and the length of what comes back: of a processor
 * that they share with the server, a client of Node's would take more than the server does.
 *
 * @module
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { createHistogram } from 'node:perf_hooks'

const NS_PER_MS = 1e6
const HEAD_END = '\r\n\r\n'
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i

/** Returns the text of a request; with a body it posts that as JSON. */
export function requestText(path, body) {
  const head = `Host: 127.0.0.1\r\n`
  if (body === undefined) return `GET ${path} HTTP/1.1\r\n${head}\r\n`
  const json = JSON.stringify(body)
  const length = Buffer.byteLength(json)
  return `POST ${path} HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${json}`
}

/**
 * Asks for some seconds, or until so many `requests` were sent, what `next` returns, over that many connections. Resolves with how many answers came, how
 * many requests the server refused because it had too much to do (503), and with the times of both.
 *
 * @throws {Error} for any other answer than 200 and 503.
 */
export async function load(port, next, { connections, seconds, requests = Infinity }) {
  const sockets = Array.from({ length: connections }, () => connect({ port, host: '127.0.0.1' }))
  await Promise.all(sockets.map((socket) => once(socket.setNoDelay(), 'connect')))
  const run = { answers: 0, refused: 0, times: createHistogram(), next, left: requests }
  const begin = performance.now()
  run.endMs = begin + seconds * 1000
  await Promise.all(sockets.map((socket) => askOn(socket, run)))
  const elapsed = (performance.now() - begin) / 1000
  for (const socket of sockets) socket.destroy()
  const { answers, refused, times } = run
  return { answers, refused, times, seconds: elapsed }
}

// Asks over one connection until the time is over and the last answer is there.
function askOn(socket, run) {
  return new Promise((resolve, reject) => {
    let text = ''
    let startMs = 0
    const ask = () => {
      startMs = performance.now()
      if (startMs >= run.endMs || run.left-- <= 0) resolve()
      else socket.write(run.next(), 'latin1')
    }
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('Cannot go on: the server closed a connection')))
    socket.on('data', (part) => {
      text += part
      const status = statusOf(text)
      if (status === undefined) return
      if (status === '200') run.answers++
      else if (status === '503') run.refused++
      else return reject(new Error(`Cannot go on: an answer was ${text}`))
      text = ''
      run.times.record(Math.max(1, Math.round((performance.now() - startMs) * NS_PER_MS)))
      ask()
    })
    ask()
  })
}

// Undefined until all of the answer is there.
function statusOf(text) {
  const end = text.indexOf(HEAD_END)
  if (end < 0) return undefined
  const length = LENGTH.exec(text)
  if (length === null) throw new Error(`Cannot read an answer without a length: ${text}`)
  return text.length < end + HEAD_END.length + Number(length[1]) ? undefined : text.slice(9, 12)
}
