import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MS } from '../../sim/core/time.js'
import { expectSame } from './compare.js'
import type { Lab } from './lab.js'
import { layOut } from './lab.js'
import { addIptables, layCluster, NODES, PROBES, pod, to } from './samples.js'
import { whyNotHere } from './shell.js'
import type { Probe } from './simulate.js'
import { simulate, simulateAgain } from './simulate.js'
import type { Tracer } from './trace.js'
import { startTracer } from './trace.js'

const why = whyNotHere()
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

describe.skipIf(why !== undefined)('kube-proxy’s rules in the real kernel', () => {
  const net = layCluster()
  addIptables(net)
  let lab: Lab
  let tracer: Tracer
  const counts = { probes: 0, hops: 0 }

  beforeAll(async () => {
    lab = await layOut(net)
    tracer = await startTracer(lab, NODES)
  })

  afterAll(() => {
    tracer?.stop()
    lab?.tearDown()
    process.stdout.write(`${counts.probes} real connections, ${counts.hops} rules as the simulation says\n`)
  })

  it.each(PROBES)('$name', async (probe) => {
    const gateway = probe.deliverTo === undefined ? undefined : net.hosts.get(probe.deliverTo)?.addresses[0]
    if (gateway !== undefined) lab.inside('router', ['ip', 'route', 'replace', `${probe.ip}/32`, 'via', gateway])
    const { hops } = await expectSame(lab, tracer, probe, simulate(net, probe))
    counts.probes++
    counts.hops += hops
  })

  it('sends a client to the same endpoint while its affinity lasts, and chooses anew after it', async () => {
    const probe: Probe = { name: 'affinity', from: pod('b1'), ...to('sticky') }
    const first = await expectSame(lab, tracer, probe, simulate(net, probe))
    const who = first.told.who ?? ''
    for (let again = 0; again < 4; again++) {
      const { told } = await expectSame(lab, tracer, probe, simulateAgain(net, probe, who, 100 * MS))
      expect(told.who).toBe(who)
    }
    await new Promise((resolve) => setTimeout(resolve, 3_200))
    const later = simulateAgain(net, probe, who, 3_200 * MS)
    expect(new Set(later.map((outcome) => outcome.who))).toEqual(new Set([pod('a1'), pod('a2')]))
    await expectSame(lab, tracer, probe, later)
  })

  it('spreads 300 connections evenly', async () => {
    const counted = new Map<string, number>()
    for (let n = 0; n < 300; n++) {
      const result = await lab.connect(pod('b1'), { ...to('web'), timeout: 2_000 })
      const who = result.verdict === 'answered' ? result.who : result.verdict
      counted.set(who, (counted.get(who) ?? 0) + 1)
    }
    expect([...counted.keys()].toSorted()).toEqual([pod('a1'), pod('a2')])
    // Four standard deviations of a fair coin thrown 300 times.
    for (const count of counted.values()) expect(Math.abs(count - 150)).toBeLessThan(4 * Math.sqrt(300 / 4))
  })
})
