/**
 * Functions fit a screen: the compiler's own parser counts their lines.
 *
 * @module
 */

import { relative, resolve } from 'node:path'
import type { Node, SourceFile } from 'typescript/unstable/ast'
import * as is from 'typescript/unstable/ast/is'
import { API } from 'typescript/unstable/sync'
import { afterAll, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const LINES_MAX = 60
const FUNCTIONS = [
  ...[is.isFunctionDeclaration, is.isFunctionExpression, is.isArrowFunction],
  ...[is.isMethodDeclaration, is.isConstructorDeclaration],
  ...[is.isGetAccessorDeclaration, is.isSetAccessorDeclaration],
]

const api = new API({ cwd: ROOT })
afterAll(() => api.close())

/** Parses all files of the source. */
function sourceFiles(): SourceFile[] {
  // The page is for browsers, and a project of its own.
  const openProjects = ['tsconfig.json', 'src/server/page/tsconfig.json'].map((name) =>
    resolve(ROOT, name),
  )
  const projects = api.updateSnapshot({ openProjects }).getProjects()
  expect(projects).toHaveLength(openProjects.length)
  return projects.flatMap(({ program }) =>
    program
      .getSourceFileNames()
      .filter((name) => relative(ROOT, name).startsWith('src'))
      .flatMap((name) => program.getSourceFile(name) ?? []),
  )
}

/** Returns where functions begin that have more lines than `linesMax`, from their first word to their end. */
function longFunctions(file: SourceFile, linesMax: number): string[] {
  const found: string[] = []
  const linesOf = (start: number, end: number) => file.text.slice(start, end).split('\n').length
  const walk = (node: Node): void => {
    if (FUNCTIONS.some((isOne) => isOne(node))) {
      const start = node.getStart(file)
      const lines = linesOf(start, node.end)
      if (lines > linesMax)
        found.push(`${relative(ROOT, file.fileName)}:${linesOf(0, start)}: ${lines} lines`)
    }
    node.forEachChild(walk)
  }
  walk(file)
  return found
}

// The style says so and nothing held it. A suite of tests is a list of them, and no function to read.
test('functions of the source stay within 60 lines', () => {
  const files = sourceFiles()
  expect(files.length).toBeGreaterThan(200)
  expect(files.flatMap((file) => longFunctions(file, LINES_MAX))).toEqual([])
  // The count counts: there are longer ones than the 8 lines that a function aims at.
  expect(files.flatMap((file) => longFunctions(file, 40))).not.toEqual([])
})
