/**
 * Loaded before a program: every file system says that it is NFS.
 *
 * @module
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const NFS = 0x6969
const { statfsSync } = fs

fs.statfsSync = (...words) => ({ ...statfsSync(...words), type: NFS })
syncBuiltinESMExports()
