/**
 * Where the chains of two players lead on from a move: the field 06 in the tail of the note of a move.
 *
 *     | boardId 4 | last of the one who was moved 8 | last of the one who received 8 |   for each board
 *
 * All integers are big-endian, boards ascending; 0 for no runs.
 * ON DISK: read FORMAT.md before changing a byte.
 *
 * @module
 */

const CHAIN_BYTES = 20

/** The newest runs of two players on one board. */
export interface MovedChain {
  boardId: number
  fromLast: number
  toLast: number
}

export function encodeMovedChains(chains: readonly MovedChain[]): Buffer {
  const sorted = [...chains].sort((a, b) => a.boardId - b.boardId)
  const bytes = Buffer.alloc(CHAIN_BYTES * chains.length)
  for (const [i, { boardId, fromLast, toLast }] of sorted.entries()) {
    bytes.writeUInt32BE(boardId, CHAIN_BYTES * i)
    bytes.writeBigUInt64BE(BigInt(fromLast), CHAIN_BYTES * i + 4)
    bytes.writeBigUInt64BE(BigInt(toLast), CHAIN_BYTES * i + 12)
  }
  return bytes
}

/** Reads them, none from a note that has none; undefined if the bytes are not whole. */
export function decodeMovedChains(bytes: Buffer | undefined): MovedChain[] | undefined {
  if (bytes === undefined) return []
  if (bytes.length % CHAIN_BYTES !== 0) return undefined
  return Array.from({ length: bytes.length / CHAIN_BYTES }, (_, i) => {
    const at = CHAIN_BYTES * i
    return {
      boardId: bytes.readUInt32BE(at),
      fromLast: Number(bytes.readBigUInt64BE(at + 4)),
      toLast: Number(bytes.readBigUInt64BE(at + 12)),
    }
  })
}
