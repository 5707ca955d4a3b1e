import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { submitFive, withCli } from './support.ts'

const PRELOAD = resolve(import.meta.dirname, '../support/network-file-system.js')
const ALLOW = '--allow-network-file-system'

test.each([['top'], ['check'], ['submit', 'zoe', '7'], ['backup', 'copy']])(
  '%s refuses a store on a network file system, unless it is allowed',
  (...args) =>
    withCli(async (cli) => {
      await submitFive(cli)
      const words = args.map((word) => (word === 'copy' ? cli.file(word) : word))
      const env = { NODE_OPTIONS: `--import=${PRELOAD}` }
      const refused = await cli.spawn(words, env).end()
      expect(refused).toMatchObject({ status: 4 })
      expect(refused.stderr).toContain('lies on a network file system (NFS)')
      expect(refused.stderr).toContain('allow network file systems')
      expect(await cli.spawn([ALLOW, ...words], env).end()).toMatchObject({ status: 0 })
    }),
)
