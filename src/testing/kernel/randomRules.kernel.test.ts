import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NetfilterCase } from './cases/case.js'
import type { NetfilterBench } from './netfilterBench.js'
import { openNetfilterBench } from './netfilterBench.js'
import { randomRules } from './randomRules.js'
import { layCluster } from './samples.js'
import { whyNotHere } from './shell.js'

const why = whyNotHere()
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

/** Rule sets in a run and connections under each; `PODPATH_RULESETS` and `PODPATH_PROBES` ask for more, `PODPATH_SEED` for other ones. */
const RULESETS = Number(process.env['PODPATH_RULESETS'] ?? 15)
const FIRST_SEED = Number(process.env['PODPATH_SEED'] ?? 1)
const PROBES = Number(process.env['PODPATH_PROBES'] ?? 6)

/** The message of a failed comparison, with both sides where they are lists of rules. */
function tell(failed: Error): string {
  if (!('actual' in failed && 'expected' in failed)) return failed.message
  return `${failed.message}\n  kernel ${JSON.stringify(failed.actual)}\n  ours   ${JSON.stringify(failed.expected)}`
}

/** What differs; on a machine that does much else packets come late, but what differs always differs again. */
async function differenceOf(bench: NetfilterBench, test: NetfilterCase): Promise<string | undefined> {
  const attempt = async (): Promise<undefined> => {
    await bench.load(test)
    await bench.sendAll(test)
  }
  const failed = await attempt().catch(() => attempt().catch((error: unknown) => error))
  if (failed === undefined) {
    bench.counts.cases++
    return undefined
  }
  const others = Object.entries(test.others ?? {}).map(([node, rules]) => `\n# ${node}\n${rules}`)
  return `${tell(failed instanceof Error ? failed : new Error(String(failed)))}\n${test.rules}${others.join('')}`
}

describe.skipIf(why !== undefined)('any rules, any traffic', () => {
  let bench: NetfilterBench | undefined
  beforeAll(async () => {
    bench = await openNetfilterBench(layCluster(), ['node1', 'node2'])
  })
  afterAll(() => {
    bench?.tearDown()
    const { cases = 0, connections = 0, rules = 0 } = bench?.counts ?? {}
    process.stdout.write(
      `random rules: ${cases} rule sets, ${connections} real connections, ${rules} rules as the simulation says\n`,
    )
  })
  it(
    `seeds ${FIRST_SEED} to ${FIRST_SEED + RULESETS - 1}`,
    async () => {
      const differences: string[] = []
      for (let seed = FIRST_SEED; seed < FIRST_SEED + RULESETS; seed++) {
        const difference = bench === undefined ? 'no bench' : await differenceOf(bench, randomRules(seed, PROBES))
        if (difference !== undefined) differences.push(`seed ${seed}: ${difference}`)
      }
      expect(differences).toEqual([])
    },
    RULESETS * 10_000,
  )
})
