import { expect, test } from 'vitest'
import { seal } from '../../src/format/checksum.ts'
import {
  decodeNode,
  encodeNode,
  type NodeContent,
  nodeVersion,
} from '../../src/format/tree-node.ts'
import { Random, runSeed } from '../support/random.ts'
import { sizeOf } from '../support/sizes.ts'
import { damages, flips, hex } from './bytes.ts'

/** Words of a head: score and time. */
const HEAD_WORDS = 4
const RANDOM_NODES = sizeOf('TORTURE_NODES', { test: 100, torture: 5_000 })

// The head of score 1500 at 2026-11-21T00:00:01Z on a descending board, and those of 40 and of 7 at midnight.
const HEAD_1500 = [0x3f688fff, 0xffffffff, 0x000660be, 0x0ac50240]
const HEAD_40 = [0x3fbbffff, 0xffffffff, 0x000660be, 0x0ab5c000]
const HEAD_7 = [0x3fe3ffff, 0xffffffff, 0x000660be, 0x0ab5c000]
const HEAD_1 = [0x400fffff, 0xffffffff, 0x00000000, 0x00000005]
const LOWEST = [0, 0, 0, 0]

const NODES: [name: string, key: string, node: NodeContent, hex: string][] = [
  [
    'the root of an empty board',
    '01 00000000',
    node({
      level: 0,
      version: 1,
      nextNodeId: 1,
      counts: [0],
      groups: [0],
      versions: [1],
      heads: LOWEST,
    }),
    `48531f9a 00 00 0100 000000000000f03f 01000000
     00000000 00000000 000000000000f03f 00000000000000000000000000000000`,
  ],
  [
    'the root of a board with two entries',
    '01 00000000',
    node({
      level: 0,
      version: 2,
      nextNodeId: 1,
      counts: [2],
      groups: [2],
      versions: [2],
      heads: LOWEST,
    }),
    `b8a66e27 00 00 0100 0000000000000040 01000000
     02000000 02000000 0000000000000040 00000000000000000000000000000000`,
  ],
  [
    'a root with two spans',
    '01 00000000',
    node({
      level: 0,
      version: 7,
      nextNodeId: 1,
      counts: [200, 150],
      groups: [180, 90],
      versions: [7, 5],
      heads: [...LOWEST, ...HEAD_1500],
    }),
    `60888951 00 00 0200 0000000000001c40 01000000
     c8000000 96000000  b4000000 5a000000  0000000000001c40 0000000000001440
     00000000000000000000000000000000 ff8f683f ffffffff be600600 4002c50a`,
  ],
  [
    'a root above other nodes',
    '01 00000000',
    node({
      level: 1,
      version: 9,
      nextNodeId: 4,
      counts: [7, 6],
      groups: [5, 4],
      versions: [9, 8],
      children: [1, 3],
      heads: [...LOWEST, ...HEAD_40],
    }),
    `93b7c35e 01 00 0200 0000000000002240 04000000
     07000000 06000000  05000000 04000000  0000000000002240 0000000000002040  01000000 03000000
     00000000000000000000000000000000 ffffbb3f ffffffff be600600 00c0b50a`,
  ],
  [
    'a node whose separators need their tails',
    'f13c 00000003',
    node({
      level: 0,
      version: 2 ** 40 + 1,
      nextNodeId: 0,
      counts: [3, 2, 1],
      groups: [1, 0, 0],
      versions: [2 ** 40 + 1, 3, 4],
      heads: [...LOWEST, ...HEAD_7, ...HEAD_7],
      tails: ['', 'bo', 'café'],
    }),
    `c3967581 00 01 0300 0010000000007042 00000000
     03000000 02000000 01000000  01000000 00000000 00000000
     0010000000007042 0000000000000840 0000000000001040
     00000000000000000000000000000000 ffffe33f ffffffff be600600 00c0b50a ffffe33f ffffffff be600600 00c0b50a
     0000 0200 0500  626f 636166c3a9`,
  ],
  [
    'a node of level 2 with tails and large numbers',
    'f13c 00000003',
    node({
      level: 2,
      version: 12,
      nextNodeId: 0,
      counts: [4_000_000_000, 1],
      groups: [1, 0],
      versions: [12, 11],
      children: [70_000, 2 ** 32 - 1],
      heads: [...HEAD_1, ...HEAD_1],
      tails: ['a', 'b'],
    }),
    `1c49edd2 02 01 0200 0000000000002840 00000000
     00286bee 01000000  01000000 00000000  0000000000002840 0000000000002640  70110100 ffffffff
     ffff0f40 ffffffff 00000000 05000000  ffff0f40 ffffffff 00000000 05000000
     0100 0100  61 62`,
  ],
]

const PLAIN = `00 0100 0000000000000040 01000000 02000000 02000000 0000000000000040 ${'00'.repeat(16)}`
const WITH_TAIL = `01 0100 0000000000000040 01000000 02000000 02000000 0000000000000040 ${'00'.repeat(16)}`

// Values whose checksum is right and whose form is not.
const WRONG: [name: string, value: string][] = [
  ['a level above all', `00000000 11 ${PLAIN} 00000000`],
  ['the highest level of a byte', `00000000 ff ${PLAIN} 00000000`],
  ['an unknown flag', `00000000 00 02 ${PLAIN.slice(3)}`],
  ['an unknown flag beside tails', `00000000 00 03 ${WITH_TAIL.slice(3)} 0000`],
  ['no children', '00000000 00 00 0000 0000000000000040 01000000'],
  ['more children than columns', `00000000 00 00 0200 ${PLAIN.slice(8)}`],
  ['fewer children than columns', `00000000 00 ${PLAIN} ${'00'.repeat(32)}`],
  ['a level that has no column of children', `00000000 01 ${PLAIN}`],
  ['tails where none are said to be', `00000000 00 ${PLAIN} 0000`],
  ['no lengths of tails', `00000000 00 ${WITH_TAIL}`],
  ['a tail that ends behind the value', `00000000 00 ${WITH_TAIL} 0300 6162`],
  ['a tail that ends before the value', `00000000 00 ${WITH_TAIL} 0100 6162`],
  ['a header alone', '00000000 00 00 0100 0000000000000040 01000000'],
  ['half a header', '00000000 00 00 0100'],
  ['a level alone', '00000000 00'],
]

test.each(NODES)('encodeNode() and decodeNode() agree on %s', (_name, key, value, digits) => {
  const bytes = hex(digits.replaceAll(/\s/g, ''))
  expect(encodeNode(hex(key), value, HEAD_WORDS)).toEqual(bytes)
  expect(decodeNode(hex(key), bytes, HEAD_WORDS)).toEqual(value)
  expect(nodeVersion(bytes)).toBe(value.version)
})

test.each(NODES)(
  'decodeNode() refuses %s that is damaged, or under another key',
  (_name, key, _node, digits) => {
    const bytes = hex(digits.replaceAll(/\s/g, ''))
    for (const [where, copy] of damages(bytes))
      expect(decodeNode(hex(key), copy, HEAD_WORDS), where).toBeUndefined()
    for (const [where, copy] of flips(hex(key)))
      expect(decodeNode(copy, bytes, HEAD_WORDS), where).toBeUndefined()
  },
)

test.each(WRONG)('decodeNode() refuses %s under a right checksum', (_name, value) => {
  const key = hex('01 00000000')
  expect(decodeNode(key, seal(key, hex(value)), HEAD_WORDS)).toBeUndefined()
})

test('decodeNode() takes the nodes that the wrong ones were made from', () => {
  const key = hex('01 00000000')
  const values = [
    `00000000 00 ${PLAIN}`,
    `00000000 10 ${PLAIN} 00000000`,
    `00000000 00 ${WITH_TAIL} 0000`,
  ]
  for (const value of values)
    expect(decodeNode(key, seal(key, hex(value)), HEAD_WORDS)).toMatchObject({
      size: 1,
      version: 2,
    })
})

test('nodeVersion() answers -1 where there is no node', () => {
  expect(nodeVersion(hex(''))).toBe(-1)
  expect(nodeVersion(Buffer.alloc(19))).toBe(-1)
})

test('encodeNode() leaves out the room that a draft keeps behind its children', () => {
  const [, key, value, digits] = NODES[3] as (typeof NODES)[number]
  const roomy: NodeContent = {
    ...value,
    counts: Uint32Array.of(...value.counts, 99),
    groups: Uint32Array.of(...value.groups, 99),
    versions: Float64Array.of(...value.versions, 99),
    children: Uint32Array.of(...value.children, 99),
    heads: Uint32Array.of(...value.heads, 9, 9, 9, 9),
  }
  expect(encodeNode(hex(key), roomy, HEAD_WORDS)).toEqual(hex(digits.replaceAll(/\s/g, '')))
})

test('decodeNode() returns what encodeNode() took, for random nodes with heads of any size', () => {
  const random = new Random(runSeed('tree-node'))
  for (let i = 0; i < RANDOM_NODES; i++) {
    const headWords = 1 + random.below(6)
    const value = randomNode(random, headWords)
    const key = Buffer.from(`key ${i}`)
    expect(decodeNode(key, encodeNode(key, value, headWords), headWords)).toEqual(value)
  }
})

function node(
  parts: Pick<NodeContent, 'level' | 'version' | 'nextNodeId'> & {
    counts: number[]
    groups: number[]
    versions: number[]
    children?: number[]
    heads: number[]
    tails?: string[]
  },
): NodeContent {
  const { level, version, nextNodeId } = parts
  return {
    level,
    size: parts.counts.length,
    version,
    nextNodeId,
    counts: Uint32Array.from(parts.counts),
    groups: Uint32Array.from(parts.groups),
    versions: Float64Array.from(parts.versions),
    children: Uint32Array.from(parts.children ?? []),
    heads: Uint32Array.from(parts.heads),
    tails: parts.tails?.map((tail) => Buffer.from(tail)),
  }
}

function randomNode(random: Random, headWords: number): NodeContent {
  const size = 1 + random.below(64)
  const level = random.below(4)
  const words = (length: number) => Array.from({ length }, () => random.below(2 ** 32))
  const parts = {
    level,
    version: random.below(2 ** 48),
    nextNodeId: random.below(2 ** 32),
    counts: words(size),
    groups: words(size),
    versions: Array.from({ length: size }, () => random.below(2 ** 48)),
    children: words(level > 0 ? size : 0),
    heads: words(size * headWords),
  }
  if (random.chance(0.5)) return node(parts)
  return node({ ...parts, tails: words(size).map((word) => 'é'.repeat(word % 40)) })
}
