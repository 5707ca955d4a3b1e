import { expect, test } from 'vitest'
import { openLeaderboards } from '../../src/index.ts'
import { checkFileSystem } from '../../src/store/datafile/preflight.ts'
import { withDirectory } from '../support/temporary-store.ts'

const NETWORKS: [name: string, type: number][] = [
  ['NFS', 0x6969],
  ['SMB', 0x517b],
  ['SMB2', 0xfe534d42],
  ['CIFS', 0xff534d42],
  ['9p', 0x01021997],
  ['FUSE', 0x65735546],
  ['Ceph', 0x00c36400],
  ['AFS', 0x5346414f],
  ['Lustre', 0x0bd00bd0],
]

const LOCALS: [name: string, type: number][] = [
  ['ext4', 0xef53],
  ['xfs', 0x58465342],
  ['btrfs', 0x9123683e],
  ['tmpfs', 0x01021994],
  ['overlayfs', 0x794c7630],
  ['zfs', 0x2fc12fc1],
]

test.each(NETWORKS)('checkFileSystem() refuses %s unless it is allowed', (name, type) => {
  const typeOf = (): number => type
  expect(() => checkFileSystem('/srv/game', { isAllowed: false, typeOf })).toThrow(
    `Cannot open /srv/game: it lies on a network file system (${name}), where LMDB loses data`,
  )
  checkFileSystem('/srv/game', { isAllowed: true, typeOf })
})

test.each(LOCALS)('checkFileSystem() takes %s', (_, type) => {
  checkFileSystem('/srv/game', { isAllowed: false, typeOf: () => type })
})

test('openLeaderboards() takes the word of the caller', () =>
  withDirectory(async (path) => {
    const store = openLeaderboards(path, { allowNetworkFileSystem: true })
    await store.close()
  }))
