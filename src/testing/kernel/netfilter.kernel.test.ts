import process from 'node:process'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { layClient, layNode, layPod } from '../../sim/net/layout.js'
import type { NetState } from '../../sim/net/state.js'
import { createNetState } from '../../sim/net/state.js'
import { listen } from '../../sim/net/topology.js'
import { NETFILTER_CASES } from './cases/index.js'
import { NFT_CASES } from './cases/nft.js'
import { VXLAN_CASES } from './cases/vxlan.js'
import type { NetfilterBench } from './netfilterBench.js'
import { openNetfilterBench } from './netfilterBench.js'
import { layCluster } from './samples.js'
import { hasIpset, whyNotHere } from './shell.js'

const why = whyNotHere()
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

/** On a machine that does much else packets are sent again and lines of a trace come late; what differs always differs again. */
const PATIENT = { retry: 2 }

const RESPONSE = { status: 200, body: '', latencyUs: 0, servedBy: '' }

function useBench(what: string, lay: () => NetState): () => NetfilterBench {
  let bench: NetfilterBench | undefined
  beforeAll(async () => {
    bench = await openNetfilterBench(lay(), ['node1', 'node2'])
  })
  afterAll(() => {
    bench?.tearDown()
    const { cases = 0, connections = 0, rules = 0 } = bench?.counts ?? {}
    process.stdout.write(
      `kernel ${what}: ${cases} rule sets, ${connections} real connections, ${rules} rules as the simulation says\n`,
    )
  })
  return () => {
    if (bench === undefined) throw new Error('no bench')
    return bench
  }
}

describe.skipIf(why !== undefined)('netfilter, item by item, in the real kernel', () => {
  const bench = useBench('netfilter', () => {
    const net = layCluster()
    for (const proto of ['tcp', 'udp'] as const)
      listen(net, 'pod/default/b1', { proto, port: 9_000, owner: 'b1', response: RESPONSE })
    return net
  })
  const canAskSets = why === undefined && hasIpset()
  if (why === undefined && !canAskSets) process.stdout.write('sets are not compared: `apt-get install ipset`\n')

  const able = NETFILTER_CASES.filter((test) => test.sets === undefined || canAskSets)
  it.each(able.map((test) => [test.name, test] as const))('%s', PATIENT, async (_name, test) => {
    await bench().load(test)
    await bench().sendAll(test)
    bench().counts.cases++
  })

  it.each(NFT_CASES.map((test) => [test.name, test] as const))('nftables: %s', PATIENT, async (_name, test) => {
    await bench().loadNft(test)
    await bench().sendAll(test)
    bench().counts.cases++
  })
})

/** Two Nodes joined by VXLAN, with two Pods each, and a client. */
function layVxlanCluster(): NetState {
  const net = createNetState()
  for (const number of [1, 2]) {
    const name = `node${number}`
    layNode(net, { name, addresses: [`172.18.0.1${number}`], podCIDRs: [`10.244.${number}.0/24`], overlay: 'vxlan' })
    for (const [pod, last] of [
      ['a', 2],
      ['b', 3],
    ] as const) {
      const host = `${pod}${number}`
      layPod(net, { node: name, namespace: 'default', name: host, ips: [`10.244.${number}.${last}`] })
      listen(net, `pod/default/${host}`, { proto: 'tcp', port: 8_080, owner: host, response: RESPONSE })
      listen(net, `pod/default/${host}`, { proto: 'udp', port: 5_353, owner: host, response: RESPONSE })
    }
  }
  layClient(net, '203.0.113.7')
  return net
}

describe.skipIf(why !== undefined)('VXLAN in the real kernel', () => {
  const bench = useBench('VXLAN', layVxlanCluster)
  it.each(VXLAN_CASES.map((test) => [test.name, test] as const))('%s', PATIENT, async (_name, test) => {
    await bench().load({ ...test, others: { node2: test.rules } })
    await bench().sendAll(test)
    bench().counts.cases++
  })
})
