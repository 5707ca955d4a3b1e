/**
 * The program of a child process: checks the store in the directory given, and prints where it is and
 * what it found, a line of JSON each. Damage that makes LMDB end a process by a signal ends this one.
 *
 * @module
 */

import { writeSync } from 'node:fs'
import type { ChildLine } from '../check/check-in-child.ts'
import { answerOfCheck } from './answer-of-check.ts'

const [directory, ...words] = process.argv.slice(2)

// Not buffered: the last line must be out when a signal ends the process.
function print(line: ChildLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

// Ctrl-C goes to all processes of a terminal: when to end, the parent says.
process.on('SIGINT', () => undefined)
print(await answerOfCheck(directory as string, words, print))
