import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Told } from './compare.js'
import { sameTold, TIMEOUT_MS, toldByKernel, toldBySimulation } from './compare.js'
import type { Lab } from './lab.js'
import { layOut } from './lab.js'
import { addIptables, layCluster, NODES, nftablesOf, PROBES } from './samples.js'
import { whyNotHere } from './shell.js'
import type { Probe } from './simulate.js'
import { simulate } from './simulate.js'

const why = whyNotHere()
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

/** What the nftables proxy does otherwise than the iptables proxy, on purpose. */
const DIFFERENT: Readonly<Record<string, Told>> = {
  // It never serves NodePorts on loopback.
  'Node to NodePort on 127.0.0.1': { verdict: 'refused' },
}

/**
 * Both proxies mean the same by a Service: what the simulation says of the iptables rules, the kernel must do with our nftables rules,
 * but for the differences that are named here.
 */
describe.skipIf(why !== undefined)('nftables rules in the real kernel', () => {
  const simulated = layCluster()
  addIptables(simulated)
  let lab: Lab

  beforeAll(async () => {
    lab = await layOut(layCluster())
    for (const node of NODES) lab.inside(node, ['nft', '-f', '-'], nftablesOf(node))
  })

  afterAll(() => lab?.tearDown())

  async function tell(probe: Probe): Promise<Told> {
    const { from, proto, ip, port } = probe
    return toldByKernel(await lab.connect(from, { proto, ip, port, timeout: TIMEOUT_MS }))
  }

  it.each(PROBES)('$name', async (probe) => {
    const gateway = probe.deliverTo === undefined ? undefined : simulated.hosts.get(probe.deliverTo)?.addresses[0]
    if (gateway !== undefined) lab.inside('router', ['ip', 'route', 'replace', `${probe.ip}/32`, 'via', gateway])
    const different = DIFFERENT[probe.name]
    const wanted = different === undefined ? simulate(simulated, probe).map(toldBySimulation) : [different]
    let told = await tell(probe)
    const mayBeLate = !wanted.some((each) => each.verdict === 'timeout')
    for (let again = 0; again < 3 && mayBeLate && told.verdict === 'timeout'; again++) told = await tell(probe)
    expect(
      wanted.some((each) => sameTold(each, told)),
      `${JSON.stringify(told)} is none of ${JSON.stringify(wanted)}`,
    ).toBe(true)
  })
})
