import { describe, expect, it } from 'vitest'
import { clusterText, testService } from '../../../../testing/kubeProxy/builders.js'
import { openRestored } from '../../../../testing/kubeProxy/restored.js'
import { elementKey } from '../../../net/nft/setElements.js'
import { endpointText } from '../../../net/packet.js'
import type { World } from '../../context.js'
import { traceRequest } from '../../traffic/traceRequest.js'
import type { ServiceAndSlices } from '../objects.js'
import { rulesText } from '../rulesText.js'

/** Situations of kubernetes pkg/proxy/nftables/proxier_test.go and what becomes of packets there. */

const NODE = '192.168.0.2'
const OTHER_IP = '192.168.1.2'
const CLIENT = '203.0.113.2'
const BLOCKED = '203.0.113.130'
const POD = '10.0.0.2'
const NODE_IPS = [NODE, OTHER_IP, '192.168.99.11', '2001:db8::1', '2001:db8:1::2']

interface Settings {
  readonly masqueradeAll?: boolean
  readonly detects?: boolean
  readonly nodePortAddresses?: readonly string[]
}

function open(services: readonly ServiceAndSlices[], settings: Settings = {}): World {
  const kubeProxy = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    ...(settings.detects === false ? {} : { clusterCIDR: '10.0.0.0/8,fd00:10::/64' }),
    nodePortAddresses: settings.nodePortAddresses ?? [`${NODE}/32`, '2001:db8::1/128'],
    nftables: { masqueradeAll: settings.masqueradeAll ?? false },
  }
  return openRestored(clusterText('test-node', NODE_IPS, services), kubeProxy, 'nftables', '172.30.0.0/16,fd00:172:30::/112')
}

/** `10.0.1.1:80, 10.0.1.2:80`, `masq ...`, `DROP`, `REJECT`, or empty where no rule rewrites the packet. */
function told(world: World, src: string, ip: string, port: number, proto: 'tcp' | 'udp' | 'sctp' = 'tcp'): string {
  const spec = { kind: 'packet', at: 'test-node', src, dst: endpointText(ip, port), proto } as const
  const traced = traceRequest(world, spec, { all: true })
  if (!traced.ok) throw new Error(traced.error.message)
  const { outcomes } = traced.value
  const [first] = outcomes
  if (first?.verdict === 'dropped') return 'DROP'
  if (first?.verdict === 'rejected' && first.hops.some((hop) => /reject/.test(hop.text ?? ''))) return 'REJECT'
  const ends = [...new Set(outcomes.map(({ to }) => (to === undefined ? '' : endpointText(to.ip, to.port))))].sort()
  if (ends.length === 1 && ends[0] === endpointText(ip, port)) return ''
  const masqueraded = new Set(outcomes.map((each) => each.masqueraded))
  expect(masqueraded.size, 'all are masqueraded, or none').toBe(1)
  return `${masqueraded.has(true) ? 'masq ' : ''}${ends.join(', ')}`
}

type Row = readonly [source: string, to: string, port: number, told: string]

function check(world: World, rows: readonly Row[]): void {
  const seen = rows.map(([src, ip, port]) => [src, ip, port, told(world, src, ip, port)])
  expect(seen).toEqual(rows)
}

const LB = (policy: 'Local' | 'Cluster', ranges?: readonly string[]) =>
  ({
    type: 'LoadBalancer',
    externalTrafficPolicy: policy,
    ...(ranges === undefined ? {} : { loadBalancerSourceRanges: ranges }),
  }) as const

describe('where packets go in nftables', () => {
  it('[NT1] a Service without endpoints refuses, whichever way it is asked', () => {
    const world = open([
      testService('ns1/svc1', '172.30.0.41', [{ name: 'p80', port: 80, nodePort: 3001 }], undefined, {
        spec: { ...LB('Cluster'), externalIPs: ['192.168.99.11'] },
        ingress: [{ ip: '1.2.3.4' }],
      }),
    ])
    check(world, [
      [POD, '172.30.0.41', 80, 'REJECT'],
      [CLIENT, '192.168.99.11', 80, 'REJECT'],
      [POD, NODE, 3001, 'REJECT'],
      [CLIENT, NODE, 3001, 'REJECT'],
      [POD, '1.2.3.4', 80, 'REJECT'],
      [CLIENT, '1.2.3.4', 80, 'REJECT'],
      [CLIENT, OTHER_IP, 3001, ''],
    ])
  })

  it("[NT2] ports and protocols of a ClusterIP are told apart; a Pod reaches itself under the Node's address", () => {
    const world = open([
      testService('ns1/svc1', '172.30.0.41', [{ name: 'http', port: 80 }], ['10.180.0.1@test-node']),
      testService(
        'ns2/svc2',
        '172.30.0.42',
        [
          { name: 'http', port: 80 },
          { name: 'https', port: 443, target: 8443 },
          { name: 'dns-udp', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, target: 5353 },
          { name: 'dns-sctp', port: 53, protocol: 'SCTP' },
        ],
        ['10.180.0.1@test-node', '10.180.2.1@node2'],
      ),
    ])
    check(world, [
      ['10.180.0.2', '172.30.0.41', 80, '10.180.0.1:80'],
      ['10.180.0.1', '172.30.0.41', 80, 'masq 10.180.0.1:80'],
      ['10.180.0.2', '172.30.0.42', 80, '10.180.0.1:80, 10.180.2.1:80'],
      ['10.180.0.2', '172.30.0.42', 443, '10.180.0.1:8443, 10.180.2.1:8443'],
      ['10.180.0.2', '172.30.0.42', 53, '10.180.0.1:5353, 10.180.2.1:5353'],
      ['10.180.0.2', '172.30.0.41', 443, 'REJECT'],
      ['10.180.0.2', '172.30.0.50', 80, 'DROP'],
    ])
    expect(told(world, '10.180.0.2', '172.30.0.42', 53, 'udp')).toBe('10.180.0.1:53, 10.180.2.1:53')
    expect(told(world, '10.180.0.2', '172.30.0.42', 53, 'sctp')).toBe('10.180.0.1:53, 10.180.2.1:53')
    expect(told(world, '10.180.0.2', '172.30.0.42', 80, 'udp')).toBe('REJECT')
  })

  it("[NT3] source ranges hold for load balancer addresses alone, and let the Node's own looped packets in", () => {
    const world = open([
      testService('ns1/svc1', '172.30.0.41', [{ name: 'p80', port: 80, nodePort: 3001 }], ['10.180.0.1'], {
        spec: LB('Cluster', ['192.168.0.0/24', ' 203.0.113.0/25']),
        ingress: [{ ip: '1.2.3.4' }, { ip: '5.6.7.8' }],
      }),
    ])
    check(world, [
      [POD, '172.30.0.41', 80, '10.180.0.1:80'],
      [CLIENT, NODE, 3001, 'masq 10.180.0.1:80'],
      [BLOCKED, NODE, 3001, 'masq 10.180.0.1:80'],
      ...['1.2.3.4', '5.6.7.8'].flatMap((ip): readonly Row[] => [
        [CLIENT, ip, 80, 'masq 10.180.0.1:80'],
        [BLOCKED, ip, 80, 'DROP'],
        [POD, ip, 80, 'DROP'],
        [NODE, ip, 80, 'masq 10.180.0.1:80'],
        [ip, ip, 80, 'masq 10.180.0.1:80'],
      ]),
    ])
  })

  const MANY = ['192.168.0.0/24', '192.168.1.0/24', '2001:db8::/64', '2001:db8:1::2/128']
  it.each([
    { family: 'IPv4', nodePortAddresses: undefined, other: false },
    { family: 'IPv4', nodePortAddresses: MANY, other: true },
    { family: 'IPv6', nodePortAddresses: undefined, other: false },
    { family: 'IPv6', nodePortAddresses: MANY, other: true },
  ] as const)('[NT4] NodePorts of $family are served on the addresses that are asked for: $nodePortAddresses', (each) => {
    const isV4 = each.family === 'IPv4'
    const cluster = isV4 ? '172.30.0.41' : 'fd00:172:30::41'
    const endpoints = isV4 ? ['10.180.0.1', '10.180.2.1@test-node'] : ['fd00:10:180::1', 'fd00:10:180::2:1@test-node']
    const world = open(
      [
        testService('ns1/svc1', cluster, [{ name: 'p80', port: 80, nodePort: 3001 }], endpoints, {
          spec: { type: 'NodePort', ipFamilies: [each.family], clusterIPs: [cluster] },
        }),
      ],
      each.nodePortAddresses === undefined ? {} : { nodePortAddresses: each.nodePortAddresses },
    )
    const ends = isV4 ? '10.180.0.1:80, 10.180.2.1:80' : '[fd00:10:180::1]:80, [fd00:10:180::2:1]:80'
    const [pod, client, node, other] = isV4
      ? ['10.0.0.2', CLIENT, NODE, OTHER_IP]
      : ['fd00:10::2', '2600:5200::1', '2001:db8::1', '2001:db8:1::2']
    check(world, [
      [pod, cluster, 80, ends],
      [client, node, 3001, `masq ${ends}`],
      [node, node, 3001, `masq ${ends}`],
      [client, other, 3001, each.other ? `masq ${ends}` : ''],
    ])
  })

  it.each([
    {
      policy: 'Local',
      rows: [
        [POD, '172.30.0.41', 80, 'both'],
        [POD, '192.168.99.11', 80, 'both'],
        [CLIENT, '192.168.99.11', 80, 'local'],
        [POD, '1.2.3.4', 80, 'both'],
        [CLIENT, '1.2.3.4', 80, 'local'],
        [POD, NODE, 3001, 'both'],
        [CLIENT, NODE, 3001, 'local'],
      ],
    },
    {
      policy: 'Cluster',
      rows: [
        [POD, '172.30.0.41', 80, 'both'],
        [POD, '192.168.99.11', 80, 'masq both'],
        [CLIENT, '192.168.99.11', 80, 'masq both'],
        [POD, '1.2.3.4', 80, 'masq both'],
        [CLIENT, '1.2.3.4', 80, 'masq both'],
        [POD, NODE, 3001, 'masq both'],
        [CLIENT, NODE, 3001, 'masq both'],
      ],
    },
  ] as const)('[NT5] externalTrafficPolicy $policy', ({ policy, rows }) => {
    const world = open([
      testService(
        'ns1/svc1',
        '172.30.0.41',
        [{ name: 'p80', port: 80, nodePort: 3001 }],
        ['10.180.0.1', '10.180.2.1@test-node'],
        { spec: { ...LB(policy), externalIPs: ['192.168.99.11'] }, ingress: [{ ip: '1.2.3.4' }] },
      ),
    ])
    const meant = (text: string): string => text.replace('both', '10.180.0.1:80, 10.180.2.1:80').replace('local', '10.180.2.1:80')
    check(
      world,
      rows.map(([src, ip, port, what]): Row => [src, ip, port, meant(what)]),
    )
  })

  const PLACES = ['test-node', 'node1', 'node2'] as const
  it.each([
    { policy: 'Cluster', at: PLACES, told: '10.0.1.1:80, 10.0.1.2:80, 10.0.1.3:80' },
    { policy: 'Local', at: PLACES, told: '10.0.1.1:80' },
    { policy: 'Local', at: ['test-node', 'test-node', 'node2'], told: '10.0.1.1:80, 10.0.1.2:80' },
    { policy: 'Local', at: ['node0', 'node1', 'node2'], told: 'DROP' },
    { policy: 'Local', at: undefined, told: 'REJECT' },
    { policy: 'Cluster', at: undefined, told: 'REJECT' },
  ] as const)('[NT6] internalTrafficPolicy $policy with endpoints at $at', ({ policy, at, told: expected }) => {
    const endpoints = at?.map((node, index) => `10.0.1.${index + 1}@${node}`)
    const world = open([
      testService('ns1/svc1', '172.30.1.1', [{ port: 80 }], endpoints, { spec: { internalTrafficPolicy: policy } }),
    ])
    check(world, [[POD, '172.30.1.1', 80, expected]])
  })

  const READY = ['10.0.1.1@test-node', '10.0.1.2@test-node', '10.0.1.3@test-node~', '10.0.1.4@test-nodex', '10.0.1.5@node-1']
  const ALL = '10.0.1.1:80, 10.0.1.2:80, 10.0.1.5:80'
  it.each([
    { policy: 'Local', of: READY, pod: ALL, client: '10.0.1.1:80, 10.0.1.2:80' },
    {
      policy: 'Local',
      of: ['10.0.1.2@test-node~', '10.0.1.3@test-node~', '10.0.1.4@test-nodex', '10.0.1.5@node-1'],
      pod: '10.0.1.5:80',
      client: '10.0.1.2:80, 10.0.1.3:80',
    },
    { policy: 'Local', of: ['10.0.1.5@node-1~'], pod: '10.0.1.5:80', client: 'DROP' },
    { policy: 'Local', of: ['10.0.1.5@test-nodex', '10.0.1.5@node-1x'], pod: 'REJECT', client: 'REJECT' },
    { policy: 'Local', of: undefined, pod: 'REJECT', client: 'REJECT' },
    { policy: 'Cluster', of: READY, pod: ALL, client: `masq ${ALL}` },
    {
      policy: 'Cluster',
      of: ['10.0.1.2@test-node~', '10.0.1.3@test-node~', '10.0.1.4@another-nodex', '10.0.1.5@another-node~'],
      pod: '10.0.1.2:80, 10.0.1.3:80, 10.0.1.5:80',
      client: 'masq 10.0.1.2:80, 10.0.1.3:80, 10.0.1.5:80',
    },
    { policy: 'Cluster', of: ['10.0.1.5@node-1~'], pod: '10.0.1.5:80', client: 'masq 10.0.1.5:80' },
    { policy: 'Cluster', of: ['10.0.1.5@test-nodex', '10.0.1.5@node-1x'], pod: 'REJECT', client: 'REJECT' },
  ] as const)('[NT7] endpoints that end, policy $policy: $of', ({ policy, of, pod, client }) => {
    const world = open([
      testService('ns1/svc1', '172.30.1.1', [{ port: 80 }], of, { spec: LB(policy), ingress: [{ ip: '1.2.3.4' }] }),
    ])
    check(world, [
      [POD, '172.30.1.1', 80, pod],
      [CLIENT, '1.2.3.4', 80, client],
    ])
  })

  const three = [
    testService(
      'ns1/svc1',
      '172.30.0.41',
      [{ name: 'p80', port: 80, nodePort: 3001 }],
      ['10.180.0.1@test-node', '10.180.1.1@remote'],
      {
        spec: LB('Cluster'),
        ingress: [{ ip: '1.2.3.4' }],
      },
    ),
    testService(
      'ns2/svc2',
      '172.30.0.42',
      [{ name: 'p80', port: 80, nodePort: 3002 }],
      ['10.180.0.2@test-node', '10.180.1.2@remote'],
      {
        spec: LB('Local'),
        ingress: [{ ip: '5.6.7.8' }],
      },
    ),
    testService(
      'ns3/svc3',
      '172.30.0.43',
      [{ name: 'p80', port: 80, nodePort: 3003 }],
      ['10.180.0.3@test-node', '10.180.1.3@remote'],
      {
        spec: { ...LB('Cluster'), internalTrafficPolicy: 'Local' },
        ingress: [{ ip: '9.10.11.12' }],
      },
    ),
  ]
  const PLAIN: readonly (readonly [string, string, number, string])[] = [
    [POD, '172.30.0.41', 80, 'both1'],
    [POD, NODE, 3001, 'masq both1'],
    [POD, '1.2.3.4', 80, 'masq both1'],
    [NODE, '172.30.0.41', 80, 'masq both1'],
    [NODE, NODE, 3001, 'masq both1'],
    [NODE, '1.2.3.4', 80, 'masq both1'],
    [CLIENT, '172.30.0.41', 80, 'masq both1'],
    [CLIENT, NODE, 3001, 'masq both1'],
    [CLIENT, '1.2.3.4', 80, 'masq both1'],
    [POD, '172.30.0.42', 80, 'both2'],
    [POD, NODE, 3002, 'both2'],
    [POD, '5.6.7.8', 80, 'both2'],
    [NODE, '172.30.0.42', 80, 'masq both2'],
    [NODE, NODE, 3002, 'masq both2'],
    [NODE, '5.6.7.8', 80, 'masq both2'],
    [CLIENT, '172.30.0.42', 80, 'masq both2'],
    [CLIENT, NODE, 3002, 'here2'],
    [CLIENT, '5.6.7.8', 80, 'here2'],
    [POD, '172.30.0.43', 80, 'here3'],
    [POD, NODE, 3003, 'masq both3'],
    [POD, '9.10.11.12', 80, 'masq both3'],
    [NODE, '172.30.0.43', 80, 'masq here3'],
    [NODE, NODE, 3003, 'masq both3'],
    [NODE, '9.10.11.12', 80, 'masq both3'],
    [CLIENT, '172.30.0.43', 80, 'masq here3'],
    [CLIENT, NODE, 3003, 'masq both3'],
    [CLIENT, '9.10.11.12', 80, 'masq both3'],
  ]
  const isCluster = (ip: string): boolean => ip.startsWith('172.30.')
  it.each([
    { settings: {}, change: (_src: string, _ip: string, text: string) => text },
    {
      settings: { detects: false },
      change: (src: string, ip: string, text: string) =>
        isCluster(ip) ? text.replace('masq ', '') : src === POD ? text.replace('both2', 'here2') : text,
    },
    {
      settings: { masqueradeAll: true },
      change: (_src: string, ip: string, text: string) => (isCluster(ip) ? `masq ${text.replace('masq ', '')}` : text),
    },
    {
      settings: { masqueradeAll: true, detects: false },
      change: (src: string, ip: string, text: string) =>
        isCluster(ip) ? `masq ${text.replace('masq ', '')}` : src === POD ? text.replace('both2', 'here2') : text,
    },
  ])('[NT8] who is masqueraded with $settings', ({ settings, change }) => {
    const meant = (text: string): string =>
      text.replace(/both(\d)/, '10.180.0.$1:80, 10.180.1.$1:80').replace(/here(\d)/, '10.180.0.$1:80')
    check(
      open(three, settings),
      PLAIN.map(([src, ip, port, text]): Row => [src, ip, port, meant(change(src, ip, text))]),
    )
  })
})

describe('session affinity in nftables', () => {
  it('[NT9] lists the clients of an endpoint for as long as they are remembered', () => {
    const world = open([
      testService('ns1/svc1', '172.30.0.41', [{ port: 80 }], ['10.180.0.1@test-node'], {
        spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } },
      }),
    ])
    const listed = (): string =>
      /timeout 3h\n(?:\t\telements = \{ (.*?) \}\n)?\t\}/s.exec(rulesText(world, 'test-node'))?.[1] ?? ''
    expect(listed()).toBe('')
    const name =
      world.parts.proxy.nftables.get('test-node')?.[0]?.sets.find((each) => each.name.startsWith('affinity-'))?.name ?? ''
    const key = (ip: string): string => elementKey({ family: 'ip', name: 'kube-proxy' }, name, ip)
    const ago = (us: number) => ({ stamps: [world.now - us] })
    world.parts.net.recent.set(
      'test-node',
      new Map([
        [key('10.0.0.10'), ago(4_000)],
        [key('10.0.0.2'), ago(0)],
        [key('9.0.0.1'), ago(10_800_000_000)],
        [key('10.0.0.3'), ago(60_000_000)],
      ]),
    )
    expect(listed()).toBe('10.0.0.2 expires 3h, 10.0.0.3 expires 2h59m,\n\t\t\t     10.0.0.10 expires 2h59m59s996ms')
  })
})
