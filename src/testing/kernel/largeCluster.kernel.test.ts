import process from 'node:process'
import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Service } from '../../generated/kubeTypes.js'
import { joinServices } from '../../sim/kube/proxy/objects.js'
import { expectSame } from './compare.js'
import { layOut } from './lab.js'
import { addIptables, addNftables, client, layCluster, NODES, nftablesOf, pod, to } from './samples.js'
import { whyNotHere } from './shell.js'
import type { Probe } from './simulate.js'
import { simulate } from './simulate.js'
import { startTracer } from './trace.js'

const why = whyNotHere()
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

/** So many that kube-proxy leaves comments out. */
const ENDPOINTS = 1_100
const PER_SLICE = 100

function crowd(): readonly ReturnType<typeof joinServices>[number][] {
  const service: Service = {
    metadata: { name: 'crowd', namespace: 'default' },
    spec: {
      type: 'NodePort',
      clusterIP: '10.96.9.9',
      clusterIPs: ['10.96.9.9'],
      ipFamilies: ['IPv4'],
      ports: [{ port: 80, targetPort: 8_080, protocol: 'TCP', nodePort: 31_999 }],
    },
  }
  const slices = Array.from(
    { length: ENDPOINTS / PER_SLICE },
    (_, slice): EndpointSlice => ({
      metadata: { name: `crowd-${slice}`, namespace: 'default', labels: { 'kubernetes.io/service-name': 'crowd' } },
      addressType: 'IPv4',
      ports: [{ name: '', port: 8_080, protocol: 'TCP' }],
      endpoints: Array.from({ length: PER_SLICE }, (_each, index) => ({
        addresses: [`10.244.${100 + slice}.${index + 1}`],
        nodeName: 'node3',
      })),
    }),
  )
  return joinServices([service], slices)
}

const PROBES: readonly Probe[] = [
  // Nobody has its endpoints' addresses: the router says so.
  { name: 'a Pod to the crowd', from: pod('b1'), proto: 'tcp', ip: '10.96.9.9', port: 80 },
  { name: 'a client to the crowd’s NodePort', from: client('IPv4'), proto: 'tcp', ip: '172.18.0.12', port: 31_999 },
  { name: 'a Pod to a ClusterIP', from: pod('b1'), ...to('IPv4', 'web') },
  { name: 'a Node to a ClusterIP', from: 'node2', ...to('IPv4', 'web') },
  { name: 'a client to a NodePort', from: client('IPv4'), proto: 'tcp', ip: '172.18.0.13', port: 30_000 },
  { name: 'a Pod to a Service without endpoints', from: pod('b1'), ...to('IPv4', 'none') },
  { name: 'a Pod to a datagram’s Service', from: pod('a2'), ...to('IPv4', 'dns'), proto: 'udp', port: 53 },
]

describe.skipIf(why !== undefined)(`kube-proxy’s rules of a cluster with more than ${ENDPOINTS} endpoints`, () => {
  it.each(['iptables', 'nftables'] as const)('%s', async (proxy) => {
    const net = layCluster()
    const more = crowd()
    if (proxy === 'iptables') addIptables(net, more)
    else addNftables(net, more)
    const lab = await layOut(net)
    let hops = 0
    try {
      if (proxy === 'nftables') for (const node of NODES) lab.inside(node, ['nft', '-f', '-'], nftablesOf(node, more))
      const tracer = await startTracer(lab, NODES)
      if (proxy === 'iptables') expect(lab.inside('node1', ['iptables-save'])).not.toContain('default/web -> ')
      for (const probe of PROBES) {
        const outcomes = simulate(net, probe)
        hops += (await expectSame(lab, tracer, { ...probe, name: `${proxy}: ${probe.name}` }, outcomes)).hops
      }
      tracer.stop()
    } finally {
      lab.tearDown()
    }
    process.stdout.write(`large cluster, ${proxy}: ${PROBES.length} real connections, ${hops} rules as the simulation says\n`)
  })
})
