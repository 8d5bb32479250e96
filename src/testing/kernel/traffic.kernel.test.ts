import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { expectSame, toldByKernel, toldBySimulation } from './compare.js'
import type { Lab } from './lab.js'
import { layOut } from './lab.js'
import type { RandomCluster } from './randomTraffic.js'
import { layRandomCluster, randomCluster } from './randomTraffic.js'
import { NODES } from './samples.js'
import { whyNotHere } from './shell.js'
import type { Outcome, Probe } from './simulate.js'
import { simulate } from './simulate.js'
import { startTracer } from './trace.js'

const why = whyNotHere()
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

/** Clusters in a run and connections in each; `PODPATH_CLUSTERS` and `PODPATH_PROBES` ask for more, `PODPATH_SEED` for other ones. */
const CLUSTERS = Number(process.env['PODPATH_CLUSTERS'] ?? 2)
const FIRST_SEED = Number(process.env['PODPATH_SEED'] ?? 1)
const PROBES = Number(process.env['PODPATH_PROBES'] ?? 20)

/** Each connection begins without a memory, in the kernel as in the simulation. */
const FORGET = `for each in /proc/net/xt_recent/*; do if [ -w "$each" ]; then echo / > "$each"; fi; done
for family in ip ip6; do
  for set in $(nft list sets $family 2>/dev/null | sed -n 's/^.*set \\(affinity-[^ ]*\\) {.*/\\1/p'); do nft flush set $family kube-proxy "$set"; done
done`

function prepare(lab: Lab, { ip, deliverTo }: Probe): void {
  for (const node of NODES) lab.inside(node, ['sh', '-c', FORGET])
  if (deliverTo === undefined) return
  const isIpv6 = ip.includes(':')
  const via = isIpv6 ? `fc00:f853:ccd:e793::1${deliverTo.slice(4)}` : `172.18.0.1${deliverTo.slice(4)}`
  lab.inside('router', ['ip', 'route', 'replace', `${ip}/${isIpv6 ? 128 : 32}`, 'via', via])
}

/** The message of a failed comparison, with both sides where they are lists of rules. */
function tell(failed: Error): string {
  if (!('actual' in failed && 'expected' in failed) || typeof failed.actual !== 'object') return failed.message
  return `${failed.message}\n  kernel ${JSON.stringify(failed.actual)}\n  ours   ${JSON.stringify(failed.expected)}`
}

/**
 * What goes in circles is told once round; errors over loopback cannot be told from those of the tracer's own packets; and IPv6's TCP
 * hears a refusal only with its second try, whose rules come on top.
 */
function cannotBeTraced({ ip }: Probe, outcomes: readonly Outcome[]): boolean {
  return outcomes.some(({ circles, verdict }) => circles === true || (/^127\.|:/.test(ip) && verdict === 'rejected'))
}

/** Makes every connection of a cluster; tells of each that went another way than the simulation says. */
async function differencesOf(cluster: RandomCluster, proxy: 'iptables' | 'nftables'): Promise<readonly string[]> {
  const { net, nftables } = layRandomCluster(cluster, proxy)
  const lab = await layOut(net)
  const differences: string[] = []
  try {
    for (const [node, text] of nftables) lab.inside(node, ['nft', '-f', '-'], text)
    const tracer = await startTracer(lab, NODES)
    let hops = 0
    for (const probe of cluster.probes) {
      const attempt = async (): Promise<void> => {
        prepare(lab, probe)
        const outcomes = simulate(net, probe)
        if (cannotBeTraced(probe, outcomes)) {
          const told = toldByKernel(await lab.connect(probe.from, { ...probe, timeout: 2_500 }))
          expect(outcomes.map(toldBySimulation), probe.name).toContainEqual(told)
        } else hops += (await expectSame(lab, tracer, probe, outcomes)).hops
      }
      // On a machine that does much else packets come late; what differs always differs again.
      const failed = await attempt().catch(() => attempt().catch((error: unknown) => error))
      if (failed instanceof Error) differences.push(tell(failed))
    }
    tracer.stop()
    process.stdout.write(`random ${proxy}: ${cluster.probes.length} real connections, ${hops} rules as the simulation says\n`)
  } finally {
    lab.tearDown()
  }
  return differences
}

describe.skipIf(why !== undefined)('any Services, any traffic', () => {
  const seeds = Array.from({ length: CLUSTERS }, (_, index) => FIRST_SEED + index)
  it.each(seeds.flatMap((seed) => (['iptables', 'nftables'] as const).map((proxy) => [seed, proxy] as const)))(
    'cluster %i, %s',
    async (seed, proxy) => {
      expect(await differencesOf(randomCluster(seed, PROBES), proxy)).toEqual([])
    },
  )
})
