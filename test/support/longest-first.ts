/**
 * The order of files of tests: those that take longest begin, so that none of them is the last one to end.
 *
 * vitest knows how long files took only on machines that ran them before; else it begins with the largest.
 *
 * @module
 */

import { BaseSequencer, type TestSpecification } from 'vitest/node'

const LONGEST = [
  ...['server/page-in-browser', 'cli/demo', 'library/together', 'crash/full', 'cli/watch'],
  ...['crash/replay', 'redis/cluster-replicas', 'redis/cluster', 'cli/process', 'cli/help'],
  ...['check/check-store', 'contract/contract'],
]

/** As vitest orders files, behind those that are known to take long. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      LONGEST.some((name) => moduleId.endsWith(`/test/${name}.test.ts`))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
