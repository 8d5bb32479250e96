import fc from 'fast-check'
import type { EndpointSlice, Service } from '../../generated/kubeTypes.js'
import type { ProxyNode } from '../../sim/kube/proxy/node.js'
import type { ServiceAndSlices } from '../../sim/kube/proxy/objects.js'

/** Node 1 of three, in zone a. */
export function testNode(name: string): ProxyNode {
  return {
    name,
    zone: 'zone-a',
    primary: { IPv4: '172.18.0.11', IPv6: 'fd00:172:18::11' },
    addresses: ['127.0.0.1', '::1', '172.18.0.11', '10.244.1.1', 'fd00:172:18::11'],
    podCIDRs: ['10.244.1.0/24', 'fd00:10:244:1::/64'],
  }
}

const endpoints = fc.array(
  fc.record({
    host: fc.integer({ min: 1, max: 9 }),
    node: fc.constantFrom('node1', 'node2', 'node3'),
    ready: fc.boolean(),
    terminating: fc.boolean(),
    serving: fc.boolean(),
    zone: fc.constantFrom('', 'zone-a', 'zone-b'),
  }),
  { maxLength: 4 },
)

/** Some lie within others, some beside others. */
const RANGES = [
  '172.18.0.0/16',
  ' 203.0.113.7/32',
  '203.0.113.100/30',
  '203.0.113.104/32',
  '198.51.100.0/24',
  '198.51.101.0/24',
  '198.51.102.0/25',
  '10.0.0.0/8',
  '0.0.0.0/0',
]

/** A Service of any kind with its slices, IPv4; one of a few names, so that changes meet what is there. */
export function randomService(): fc.Arbitrary<ServiceAndSlices> {
  return fc
    .record({
      index: fc.integer({ min: 1, max: 9 }),
      type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
      headless: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
      firstPort: fc.constantFrom(80, 443, 9_000),
      ports: fc.uniqueArray(fc.constantFrom('', 'http', 'dns'), { minLength: 1, maxLength: 2 }),
      protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'),
      externalLocal: fc.boolean(),
      internalLocal: fc.boolean(),
      affinity: fc.constantFrom(0, 0, 59, 600, 10_800, 86_400),
      externalIP: fc.boolean(),
      ranges: fc.subarray(RANGES),
      ipMode: fc.constantFrom('VIP', 'Proxy'),
      endpoints,
    })
    .map((each): ServiceAndSlices => {
      const name = `svc-${each.index}`
      const isExternal = each.type === 'NodePort' || each.type === 'LoadBalancer'
      const service: Service = {
        metadata: { name, namespace: 'default' },
        spec: {
          type: each.type,
          clusterIP: each.headless ? 'None' : `10.96.0.${each.index}`,
          ports: each.ports.map((port, at) => ({
            name: port,
            port: each.firstPort + at,
            protocol: each.protocol,
            ...(isExternal ? { nodePort: 30_000 + each.index * 10 + at } : {}),
          })),
          externalTrafficPolicy: each.externalLocal ? 'Local' : 'Cluster',
          internalTrafficPolicy: each.internalLocal ? 'Local' : 'Cluster',
          ...(each.affinity > 0
            ? { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: each.affinity } } }
            : {}),
          ...(each.externalIP ? { externalIPs: [`198.51.100.${each.index}`] } : {}),
          ...(each.type === 'LoadBalancer'
            ? { loadBalancerSourceRanges: each.ranges, healthCheckNodePort: 32_000 + each.index }
            : {}),
        },
        ...(each.type === 'LoadBalancer'
          ? { status: { loadBalancer: { ingress: [{ ip: `203.0.113.${100 + each.index}`, ipMode: each.ipMode }] } } }
          : {}),
      }
      const slice: EndpointSlice = {
        addressType: 'IPv4',
        metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
        ports: each.ports.map((port, at) => ({ name: port, port: 8_080 + at, protocol: each.protocol })),
        endpoints: each.endpoints.map((endpoint) => ({
          addresses: [`10.244.${endpoint.node.slice(4)}.${endpoint.host}`],
          nodeName: endpoint.node,
          conditions: {
            ready: endpoint.ready && !endpoint.terminating,
            serving: endpoint.serving,
            terminating: endpoint.terminating,
          },
          ...(endpoint.zone === '' ? {} : { hints: { forZones: [{ name: endpoint.zone }] } }),
        })),
      }
      return { key: `default/${name}`, service, slices: [slice] }
    })
}
