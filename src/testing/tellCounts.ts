import process from 'node:process'
import { afterAll, afterEach } from 'vitest'

/**
 * Says at a file's end how many cases of each kind agreed: `conformance kernel/iptables: 390 of 390`.
 *
 * @param kindOf the kind of a case from the names of its test and the groups around it, outermost first.
 */
export function tellCounts(kindOf: string | ((names: readonly string[]) => string)): void {
  const counts = new Map<string, { all: number; same: number }>()
  afterEach(({ task }) => {
    const names: string[] = [task.name]
    for (let suite = task.suite; suite !== undefined; suite = suite.suite) names.unshift(suite.name)
    const kind = typeof kindOf === 'string' ? kindOf : kindOf(names)
    const count = counts.get(kind) ?? { all: 0, same: 0 }
    counts.set(kind, count)
    count.all++
    if (task.result?.state !== 'fail') count.same++
  })
  afterAll(() => {
    for (const [kind, { all, same }] of counts) process.stdout.write(`conformance ${kind}: ${same} of ${all}\n`)
  })
}
