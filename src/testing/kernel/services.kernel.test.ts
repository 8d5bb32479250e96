import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MS } from '../../sim/core/time.js'
import type { IpFamily } from '../../sim/kube/proxy/address.js'
import { IP_FAMILIES } from '../../sim/kube/proxy/address.js'
import type { NetState } from '../../sim/net/state.js'
import { expectSame } from './compare.js'
import type { Lab } from './lab.js'
import { layOut } from './lab.js'
import { addIptables, addNftables, layCluster, NODES, nftablesOf, pod, probesOver, to } from './samples.js'
import { whyNotHere } from './shell.js'
import type { Probe } from './simulate.js'
import { simulate, simulateAgain } from './simulate.js'
import type { Tracer } from './trace.js'
import { startTracer } from './trace.js'

const why = whyNotHere()
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

/** Connections to a Service of three endpoints, and the most that any of them may be off: four standard deviations. */
const MANY = 300
const SHARE = MANY / 3
const DEVIATION = Math.sqrt(MANY * (1 / 3) * (2 / 3))

/** A network with the rules of one kube-proxy, simulated and real. */
interface Bench {
  readonly proxy: 'iptables' | 'nftables'
  readonly net: NetState
  readonly lab: Lab
  readonly tracer: Tracer
  readonly counts: { probes: number; hops: number }
}

async function openBench(proxy: Bench['proxy']): Promise<Bench> {
  const net = layCluster()
  if (proxy === 'iptables') addIptables(net)
  else addNftables(net)
  const lab = await layOut(net)
  try {
    if (proxy === 'nftables') for (const node of NODES) lab.inside(node, ['nft', '-f', '-'], nftablesOf(node))
    return { proxy, net, lab, tracer: await startTracer(lab, NODES), counts: { probes: 0, hops: 0 } }
  } catch (error) {
    lab.tearDown()
    throw error
  }
}

/** Lets the router hand packets for an address that no host has to a Node. */
function deliver({ net, lab }: Bench, { ip, deliverTo }: Probe): void {
  if (deliverTo === undefined) return
  const isIpv6 = ip.includes(':')
  const via = net.hosts.get(deliverTo)?.addresses.find((each) => each.includes(':') === isIpv6) ?? ''
  lab.inside('router', ['ip', 'route', 'replace', `${ip}/${isIpv6 ? 128 : 32}`, 'via', via])
}

describe.skipIf(why !== undefined)('kube-proxy’s rules in the real kernel, iptables and nftables', () => {
  const benches: Bench[] = []
  /** Two networks that know nothing of each other: the same is done in both at once. */
  const inBoth = async (what: (bench: Bench) => Promise<void>): Promise<void> => {
    await Promise.all(benches.map(what))
  }

  beforeAll(async () => {
    for (const proxy of ['iptables', 'nftables'] as const) benches.push(await openBench(proxy))
  })

  afterAll(() => {
    for (const { proxy, lab, tracer, counts } of benches) {
      tracer.stop()
      lab.tearDown()
      process.stdout.write(`kernel ${proxy}: ${counts.probes} real connections, ${counts.hops} rules as the simulation says\n`)
    }
  })

  it.each(IP_FAMILIES.flatMap(probesOver))('$name', async (probe) => {
    await inBoth(async (bench) => {
      deliver(bench, probe)
      const named = { ...probe, name: `${bench.proxy}: ${probe.name}` }
      const { hops } = await expectSame(bench.lab, bench.tracer, named, simulate(bench.net, probe))
      bench.counts.probes++
      bench.counts.hops += hops
    })
  })

  it('sends a client to the same endpoint while its affinity lasts, and chooses anew after it', async () => {
    const probeOf = (family: IpFamily): Probe => ({ name: `${family}: affinity`, from: pod('b1'), ...to(family, 'sticky') })
    await inBoth(async ({ net, lab, tracer }) => {
      const chosen = new Map<IpFamily, string>()
      for (const family of IP_FAMILIES) {
        const probe = probeOf(family)
        const first = await expectSame(lab, tracer, probe, simulate(net, probe))
        const who = first.told.who ?? ''
        chosen.set(family, who)
        for (let again = 0; again < 3; again++) {
          const { told } = await expectSame(lab, tracer, probe, simulateAgain(net, probe, who, 100 * MS))
          expect(told.who).toBe(who)
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 3_200))
      for (const [family, who] of chosen) {
        const probe = probeOf(family)
        const later = simulateAgain(net, probe, who, 3_200 * MS)
        expect(new Set(later.map((outcome) => outcome.who))).toEqual(new Set([pod('a1'), pod('a2')]))
        await expectSame(lab, tracer, probe, later)
      }
    })
  })

  it.each(IP_FAMILIES)(`%s: spreads ${MANY} connections over three endpoints evenly`, async (family) => {
    await inBoth(async ({ lab }) => {
      const counted = new Map<string, number>()
      for (let n = 0; n < MANY; n++) {
        const result = await lab.connect(pod('b1'), { ...to(family, 'three'), timeout: 2_000 })
        const who = result.verdict === 'answered' ? result.who : result.verdict
        counted.set(who, (counted.get(who) ?? 0) + 1)
      }
      expect([...counted.keys()].toSorted()).toEqual([pod('a1'), pod('a2'), pod('a3')])
      for (const count of counted.values()) expect(Math.abs(count - SHARE)).toBeLessThan(4 * DEVIATION)
    })
  })
})
