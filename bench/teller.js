/**
 * The floor of what watching costs: a process that only writes. Whoever connects is told the newest number, in
 * rounds, as one frame that is made once; numbers come from the process that began this one.
 *
 *     node bench/teller.js BYTES
 *
 * @module
 */
import { createServer } from 'node:net'

const SLICE_MS = 5
const STRIDE = 32
const UPGRADED =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

const bytes = Number(process.argv[2])
const told = new Map()
let [number, frame, left, isTelling] = [0, frameOf(0), 0, false]
let round = told.entries()

const server = createServer({ noDelay: true }, (socket) => {
  socket.once('data', () => {
    socket.write(Buffer.concat([Buffer.from(UPGRADED), frame]))
    told.set(socket, number)
    left++
    socket.resume()
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => told.delete(socket))
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))

process.on('message', (next) => {
  number = next
  frame = frameOf(number)
  left = told.size
  if (isTelling) return
  isTelling = true
  setImmediate(tell)
})
process.on('disconnect', () => process.exit())

function tell() {
  const until = performance.now() + SLICE_MS
  for (let count = 1; left > 0 && told.size > 0; left--) {
    const [socket, last] = next()
    if (last === number) continue
    told.set(socket, number)
    socket.write(frame)
    if (count++ % STRIDE === 0 && performance.now() > until) break
  }
  isTelling = left > 0
  if (isTelling) setImmediate(tell)
}

function next() {
  let step = round.next()
  if (step.done) {
    round = told.entries()
    step = round.next()
  }
  return step.value
}

function frameOf(score) {
  const head = Buffer.from([0x81, 126, bytes >> 8, bytes & 0xff])
  return Buffer.concat([
    head,
    Buffer.from(`{"score":${score},"x":"`.padEnd(bytes - 2, 'x')),
    Buffer.from('"}'),
  ])
}
