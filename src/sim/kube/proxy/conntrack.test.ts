import { describe, expect, it } from 'vitest'
import type { EndpointSlice } from '../../../generated/kubeTypes.js'
import type { ConntrackEntry } from '../../net/connections.js'
import { holdConnection, listConnections } from '../../net/ledger.js'
import { createNetState } from '../../net/state.js'
import { forgetStaleUdp } from './conntrack.js'
import type { ServiceAndSlices } from './objects.js'

const CLUSTER_IP = '10.96.0.10'
const LB = '1.2.3.4'
const EXTERNAL = '99.99.99.99'
const NODE_PORT = 30_080

type Conditions = Readonly<Record<string, boolean>>

function slice(name: string, ip: string, port: number, protocol: string, conditions: Conditions = {}): EndpointSlice {
  return {
    metadata: { name: `${name}-${ip}-${port}`, namespace: 'ns', labels: { 'kubernetes.io/service-name': name } },
    addressType: ip.includes(':') ? 'IPv6' : 'IPv4',
    ports: [{ name: 'p', port, protocol }],
    endpoints: [{ addresses: [ip], conditions }],
  }
}

function service(protocol: string, slices: readonly EndpointSlice[]): ServiceAndSlices {
  return {
    key: 'ns/s',
    service: {
      metadata: { name: 's', namespace: 'ns' },
      spec: {
        type: 'LoadBalancer',
        clusterIP: CLUSTER_IP,
        clusterIPs: [CLUSTER_IP, 'fd00::10'],
        ipFamilies: ['IPv4', 'IPv6'],
        externalIPs: [EXTERNAL],
        internalTrafficPolicy: 'Local',
        ports: [{ name: 'p', port: 8_000, protocol, nodePort: NODE_PORT }],
      },
      status: { loadBalancer: { ingress: [{ ip: LB }] } },
    },
    slices,
  }
}

function entry(proto: 'tcp' | 'udp', dst: string, dport: number, to: string, toPort: number, sport: number): ConntrackEntry {
  const src = dst.includes(':') ? 'fd00:1::9' : '10.244.9.9'
  return {
    original: { proto, src, sport, dst, dport },
    reply: { proto, src: to, sport: toPort, dst: src, dport: sport },
    replied: true,
    assured: false,
    dnat: true,
    snat: false,
    mark: 0,
    state: '',
    expires: 1_000_000_000,
  }
}

const SERVING = [
  slice('s', '10.0.0.1', 80, 'UDP'),
  slice('s', '10.0.0.2', 80, 'UDP', { ready: false, serving: true, terminating: true }),
]

/** Which of these connections are forgotten with these endpoints. */
function forgotten(entries: readonly ConntrackEntry[], slices: readonly EndpointSlice[], protocol = 'UDP'): readonly number[] {
  const net = createNetState()
  for (const each of entries) holdConnection(net, 'node1', each)
  const all = [service(protocol, slices)]
  const count = forgetStaleUdp(net, 'node1', all, 'IPv4') + forgetStaleUdp(net, 'node1', all, 'IPv6')
  const left = new Set(listConnections(net, 'node1', 0).map((each) => each.original.sport))
  const gone = entries.map((each) => each.original.sport).filter((sport) => !left.has(sport))
  expect(gone).toHaveLength(count)
  return gone
}

describe('connections that kube-proxy forgets', () => {
  it.each([
    ['the cluster IP', CLUSTER_IP, 8_000],
    ['a load balancer’s address', LB, 8_000],
    ['an external IP', EXTERNAL, 8_000],
    ['a NodePort', '172.18.0.11', NODE_PORT],
    ['a NodePort on loopback', '127.0.0.1', NODE_PORT],
  ])('[CT1] through %s: those to what no longer serves', (_name, dst, dport) => {
    const entries = [
      entry('udp', dst, dport, '10.0.0.1', 80, 1),
      entry('udp', dst, dport, '10.0.0.2', 80, 2),
      entry('udp', dst, dport, '10.0.0.3', 80, 3),
      entry('udp', dst, dport, '10.0.0.1', 81, 4),
      entry('udp', dst, dport, dst, dport, 5),
    ]
    expect(forgotten(entries, SERVING)).toEqual([3, 4, 5])
  })

  it('[CT2] not those to other ports and addresses, and none of TCP', () => {
    const entries = [
      entry('udp', CLUSTER_IP, 8_001, '10.0.0.3', 80, 1),
      entry('udp', '10.96.0.11', 8_000, '10.0.0.3', 80, 2),
      entry('tcp', CLUSTER_IP, 8_000, '10.0.0.3', 80, 3),
    ]
    expect(forgotten(entries, SERVING)).toEqual([])
    expect(forgotten([entry('tcp', CLUSTER_IP, 8_000, '10.0.0.3', 80, 1)], [slice('s', '10.0.0.1', 80, 'TCP')], 'TCP')).toEqual(
      [],
    )
  })

  it('[CT3] none of a Service that nobody serves: they wait for its next endpoint', () => {
    const entries = [entry('udp', CLUSTER_IP, 8_000, '10.0.0.3', 80, 1)]
    expect(forgotten(entries, [])).toEqual([])
    expect(forgotten(entries, [slice('s', '10.0.0.1', 80, 'UDP', { ready: false, serving: false })])).toEqual([])
    expect(forgotten(entries, SERVING)).toEqual([1])
  })

  it('[CT4] family by family', () => {
    const entries = [
      entry('udp', 'fd00::10', 8_000, 'fd00:1::3', 80, 1),
      entry('udp', 'fd00::10', 8_000, 'fd00:1::1', 80, 2),
      entry('udp', '172.18.0.11', NODE_PORT, '10.0.0.1', 80, 3),
      entry('udp', 'fc00::11', NODE_PORT, 'fd00:1::3', 80, 4),
    ]
    expect(forgotten(entries, [...SERVING, slice('s', 'fd00:1::1', 80, 'UDP')])).toEqual([1, 4])
  })
})
