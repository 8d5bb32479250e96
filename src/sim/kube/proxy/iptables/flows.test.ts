import { describe, expect, it } from 'vitest'
import { clusterText, testService } from '../../../../testing/kubeProxy/builders.js'
import { openRestored } from '../../../../testing/kubeProxy/restored.js'
import { endpointText } from '../../../net/packet.js'
import type { World } from '../../context.js'
import { traceRequest } from '../../traffic/traceRequest.js'
import type { ServiceAndSlices } from '../objects.js'
import { rulesText } from '../rulesText.js'

/** Situations of kubernetes pkg/proxy/iptables/proxier_test.go and what becomes of packets there. */

const NODE = '192.168.0.2'
const OTHER_IP = '192.168.1.2'
const NODE6 = '2001:db8::1'
const OTHER_IP6 = '2001:db8:1::2'
const CLIENT = '203.0.113.2'
const BLOCKED = '203.0.113.130'
const POD = '10.0.0.2'
const HERE = 'test-node'
const NODE_IPS = [NODE, OTHER_IP, '192.168.99.11', NODE6, OTHER_IP6]

interface Settings {
  readonly masqueradeAll?: boolean
  readonly detects?: boolean
  readonly localhostNodePorts?: boolean
  readonly nodePortAddresses?: readonly string[]
}

function open(services: readonly ServiceAndSlices[], settings: Settings = {}): World {
  const kubeProxy = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    ...(settings.detects === false ? {} : { clusterCIDR: '10.0.0.0/8,fd00:10::/64' }),
    nodePortAddresses: settings.nodePortAddresses ?? [],
    iptables: { masqueradeAll: settings.masqueradeAll ?? false, localhostNodePorts: settings.localhostNodePorts ?? true },
  }
  return openRestored(clusterText(HERE, NODE_IPS, services), kubeProxy, 'iptables')
}

/** `10.0.1.1:80, 10.0.1.2:80`, `masq ...`, `DROP`, `REJECT`, `ACCEPT` by a rule, or empty where no rule cares. */
function told(world: World, src: string, ip: string, port: number, proto: 'tcp' | 'udp' | 'sctp' = 'tcp'): string {
  const spec = { kind: 'packet', at: HERE, src, dst: endpointText(ip, port), proto } as const
  const traced = traceRequest(world, spec, { all: true })
  if (!traced.ok) throw new Error(traced.error.message)
  const { outcomes } = traced.value
  const texts = outcomes[0]?.hops.map((hop) => hop.text ?? '') ?? []
  if (texts.some((text) => text.endsWith('-j DROP'))) return 'DROP'
  if (texts.some((text) => text.includes('-j REJECT'))) return 'REJECT'
  if (texts.some((text) => text.includes('-j DNAT'))) {
    const ends = [...new Set(outcomes.map(({ to }) => (to === undefined ? '' : endpointText(to.ip, to.port))))].sort()
    // A masquerade mark stands for it: a packet that the sender itself gets back is never seen to be masked otherwise.
    const marked = new Set(outcomes.map((each) => each.hops.some((hop) => hop.chain === 'KUBE-MARK-MASQ')))
    expect(marked.size, 'all are masqueraded, or none').toBe(1)
    return `${marked.has(true) ? 'masq ' : ''}${ends.join(', ')}`
  }
  return texts.some((text) => text.endsWith('-j ACCEPT')) ? 'ACCEPT' : ''
}

type Row = readonly [source: string, to: string, port: number, told: string, proto?: 'udp' | 'sctp']

function check(world: World, rows: readonly Row[]): void {
  const seen = rows.map(([src, ip, port, , proto]) => [
    src,
    ip,
    port,
    told(world, src, ip, port, proto),
    ...(proto ? [proto] : []),
  ])
  expect(seen).toEqual(rows)
}

const LB = { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' } as const
const LOCAL = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } as const
const P80 = [{ name: 'p80', port: 80, nodePort: 3001 }] as const

describe('where packets go in iptables', () => {
  it('[IT1] TCP, UDP and SCTP share a port; a Pod reaches itself under the Node’s address', () => {
    const ports = [
      { name: 'http', port: 80 },
      { name: 'https', port: 443, target: 8443 },
      { name: 'dns-udp', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, target: 5353 },
      { name: 'dns-sctp', port: 53, protocol: 'SCTP' },
    ]
    const world = open([
      testService('ns1/svc1', '172.30.0.41', [{ name: 'http', port: 80 }], [`10.180.0.1@${HERE}`]),
      testService('ns2/svc2', '172.30.0.42', ports, [`10.180.0.1@${HERE}`, '10.180.2.1@node2']),
    ])
    check(world, [
      ['10.180.0.2', '172.30.0.41', 80, '10.180.0.1:80'],
      ['10.180.0.1', '172.30.0.41', 80, 'masq 10.180.0.1:80'],
      ['10.180.0.2', '172.30.0.42', 443, '10.180.0.1:8443, 10.180.2.1:8443'],
      ['10.180.0.2', '172.30.0.42', 53, '10.180.0.1:5353, 10.180.2.1:5353'],
      ['10.180.0.2', '172.30.0.42', 53, '10.180.0.1:53, 10.180.2.1:53', 'udp'],
      ['10.180.0.2', '172.30.0.42', 53, '10.180.0.1:53, 10.180.2.1:53', 'sctp'],
      ['10.180.0.2', '172.30.0.42', 80, '', 'udp'],
      ['10.180.0.2', '172.30.0.41', 443, ''],
    ])
  })

  const both = '10.180.0.1:80, 10.180.2.1:80'
  it.each([
    ['served on localhost', {}, `masq ${both}`, `masq ${both}`, true],
    ['not on localhost', { localhostNodePorts: false }, '', `masq ${both}`, false],
    [
      'not on localhost though it is listed',
      { localhostNodePorts: false, nodePortAddresses: ['192.168.0.0/24', '127.0.0.1/32'] },
      '',
      '',
      false,
    ],
    ['on localhost since it is listed', { nodePortAddresses: ['192.168.0.0/24', '127.0.0.0/8'] }, `masq ${both}`, '', true],
    [
      'on several blocks',
      { localhostNodePorts: false, nodePortAddresses: ['192.168.0.0/24', '192.168.1.0/24', '2001:db8::/64'] },
      '',
      `masq ${both}`,
      false,
    ],
    ['not on localhost, which no block holds', { nodePortAddresses: ['192.168.0.0/24'] }, '', '', false],
    [
      'on everything of the other family’s blocks',
      { nodePortAddresses: ['2001:db8::/64'] },
      `masq ${both}`,
      `masq ${both}`,
      true,
    ],
  ] as const)('[IT2] a NodePort of IPv4 is %s', (_, settings, onLocalhost, onOther, hasFirewall) => {
    const spec = { type: 'NodePort' } as const
    const world = open([testService('ns1/svc1', '172.30.0.41', P80, ['10.180.0.1', `10.180.2.1@${HERE}`], { spec })], settings)
    check(world, [
      [POD, '172.30.0.41', 80, both],
      [CLIENT, NODE, 3001, `masq ${both}`],
      [NODE, NODE, 3001, `masq ${both}`],
      ['127.0.0.1', '127.0.0.1', 3001, onLocalhost],
      [CLIENT, OTHER_IP, 3001, onOther],
    ])
    expect(rulesText(world, HERE).includes('block incoming localnet connections')).toBe(hasFirewall)
  })

  const both6 = '[fd00:10:180::1]:80, [fd00:10:180::2:1]:80'
  it.each([
    ['by itself', {}, `masq ${both6}`],
    ['whatever is said of localhost', { localhostNodePorts: false }, `masq ${both6}`],
    ['on its blocks', { nodePortAddresses: ['192.168.0.0/24', '192.168.1.0/24', '2001:db8::/64'] }, ''],
  ] as const)('[IT3] a NodePort of IPv6 is never served on localhost: %s', (_, settings, onOther) => {
    const spec = { type: 'NodePort', ipFamilies: ['IPv6'], clusterIPs: ['fd00:172:30::41'] } as const
    const endpoints = ['fd00:10:180::1', `fd00:10:180::2:1@${HERE}`]
    const world = open([testService('ns1/svc1', 'fd00:172:30::41', P80, endpoints, { spec })], settings)
    check(world, [
      ['fd00:10::2', 'fd00:172:30::41', 80, both6],
      ['2600:5200::1', NODE6, 3001, `masq ${both6}`],
      [NODE6, NODE6, 3001, `masq ${both6}`],
      ['::1', '::1', 3001, ''],
      ['2600:5200::1', OTHER_IP6, 3001, onOther],
    ])
  })

  it('[IT4] the port of a health check is let in at every address, with endpoints or without', () => {
    const spec = { ...LOCAL, healthCheckNodePort: 30_000 }
    const world = open([testService('ns1/svc1', '172.30.0.42', P80, undefined, { spec })], { nodePortAddresses: ['127.0.0.0/8'] })
    check(world, [['1.2.3.4', NODE, 30_000, 'ACCEPT']])
    const gone = open([], { nodePortAddresses: ['127.0.0.0/8'] })
    check(gone, [['1.2.3.4', NODE, 30_000, '']])
  })

  it('[IT5] source ranges hold for the load balancer’s addresses alone, and let the Node’s own packets in', () => {
    const spec = { ...LB, loadBalancerSourceRanges: ['192.168.0.0/24', ' 203.0.113.0/25'] }
    const ingress = [{ ip: '1.2.3.4' }, { ip: '5.6.7.8' }]
    const world = open([testService('ns1/svc1', '172.30.0.41', P80, ['10.180.0.1'], { spec, ingress })])
    const one = 'masq 10.180.0.1:80'
    check(
      world,
      ingress.flatMap(({ ip }): readonly Row[] => [
        [CLIENT, ip, 80, one],
        [BLOCKED, ip, 80, 'DROP'],
        [POD, ip, 80, 'DROP'],
        [NODE, ip, 80, one],
        [ip, ip, 80, one],
        [BLOCKED, NODE, 3001, one],
      ]),
    )
  })

  it.each([
    [
      'ready ones',
      ['10.0.1.1', '10.0.1.2', '10.0.1.3~', '10.0.1.4x'],
      ['10.0.1.5'],
      '10.0.1.1:80, 10.0.1.2:80, 10.0.1.5:80',
      '10.0.1.1:80, 10.0.1.2:80',
    ],
    ['here only such as end', ['10.0.1.2~', '10.0.1.3~', '10.0.1.4x'], ['10.0.1.5'], '10.0.1.5:80', '10.0.1.2:80, 10.0.1.3:80'],
    ['only one that ends, elsewhere', [], ['10.0.1.5~'], '10.0.1.5:80', 'DROP'],
    ['none that serves', ['10.0.1.4x'], ['10.0.1.5x'], 'REJECT', 'REJECT'],
    ['none that is ready', ['10.0.1.4!'], ['10.0.1.5!'], 'REJECT', 'REJECT'],
  ] as const)(
    '[IT6] endpoints that end serve where nobody else does, for each policy by itself: %s',
    (_, here, there, inside, outside) => {
      const endpoints = [
        ...here.map((each) => each.replace(/^([\d.]+)/, `$1@${HERE}`)),
        ...there.map((each) => each.replace(/^([\d.]+)/, '$1@other')),
      ]
      const ports = [{ port: 80 }]
      const local = { spec: { ...LOCAL, healthCheckNodePort: 30_000 }, ingress: [{ ip: '1.2.3.4' }] }
      check(open([testService('ns1/svc1', '172.30.1.1', ports, endpoints, local)]), [
        [POD, '172.30.1.1', 80, inside],
        [CLIENT, '1.2.3.4', 80, outside],
      ])
      const cluster = { spec: LB, ingress: [{ ip: '1.2.3.4' }] }
      check(open([testService('ns1/svc1', '172.30.1.1', ports, endpoints, cluster)]), [
        [POD, '172.30.1.1', 80, inside],
        [CLIENT, '1.2.3.4', 80, inside === 'REJECT' ? 'REJECT' : `masq ${inside}`],
      ])
    },
  )

  it.each([
    ['Cluster', ['test-node', 'node1', 'node2'], '10.0.1.1:80, 10.0.1.2:80, 10.0.1.3:80'],
    ['Local', ['test-node', 'node1', 'node2'], '10.0.1.1:80'],
    ['Local', ['test-node', 'test-node', 'node2'], '10.0.1.1:80, 10.0.1.2:80'],
    ['Local', ['node0', 'node1', 'node2'], 'DROP'],
    ['Local', [], 'REJECT'],
  ] as const)('[IT7] internalTrafficPolicy %s with endpoints on %s', (internalTrafficPolicy, nodes, wanted) => {
    const endpoints = nodes.map((node, index) => `10.0.1.${index + 1}@${node}`)
    const world = open([testService('ns1/svc1', '172.30.1.1', [{ port: 80 }], endpoints, { spec: { internalTrafficPolicy } })])
    check(world, [[POD, '172.30.1.1', 80, wanted]])
  })

  it.each([
    ['VIP', true],
    [undefined, true],
    ['Proxy', false],
  ] as const)('[IT8] the address of a load balancer of mode %s', (ipMode, isKnown) => {
    const ingress = [{ ip: '1.2.3.4', ...(ipMode === undefined ? {} : { ipMode }) }]
    const world = open([testService('ns1/svc1', '172.30.0.41', P80, ['10.180.0.1'], { spec: LB, ingress })])
    expect(rulesText(world, HERE).includes('-d 1.2.3.4/32')).toBe(isKnown)
  })
})

/** What three kinds of traffic policies and two settings make of the same packets. */
describe('who is masqueraded in iptables', () => {
  const services = [
    testService('ns1/svc1', '172.30.0.41', P80, [`10.180.0.1@${HERE}`, '10.180.1.1@remote'], {
      spec: LB,
      ingress: [{ ip: '1.2.3.4' }],
    }),
    testService(
      'ns2/svc2',
      '172.30.0.42',
      [{ name: 'p80', port: 80, nodePort: 3002 }],
      [`10.180.0.2@${HERE}`, '10.180.1.2@remote'],
      {
        spec: { ...LOCAL, healthCheckNodePort: 30_002 },
        ingress: [{ ip: '5.6.7.8' }],
      },
    ),
    testService(
      'ns3/svc3',
      '172.30.0.43',
      [{ name: 'p80', port: 80, nodePort: 3003 }],
      [`10.180.0.3@${HERE}`, '10.180.1.3@remote'],
      {
        spec: { ...LB, internalTrafficPolicy: 'Local' },
        ingress: [{ ip: '9.10.11.12' }],
      },
    ),
  ]
  const of = (n: number): string => `10.180.0.${n}:80, 10.180.1.${n}:80`
  const BASE: readonly Row[] = [
    [POD, '172.30.0.41', 80, of(1)],
    [POD, NODE, 3001, `masq ${of(1)}`],
    [POD, '1.2.3.4', 80, `masq ${of(1)}`],
    [NODE, '172.30.0.41', 80, `masq ${of(1)}`],
    [NODE, NODE, 3001, `masq ${of(1)}`],
    ['127.0.0.1', '127.0.0.1', 3001, `masq ${of(1)}`],
    [NODE, '1.2.3.4', 80, `masq ${of(1)}`],
    [CLIENT, '172.30.0.41', 80, `masq ${of(1)}`],
    [CLIENT, NODE, 3001, `masq ${of(1)}`],
    [CLIENT, '1.2.3.4', 80, `masq ${of(1)}`],
    [POD, '172.30.0.42', 80, of(2)],
    [POD, NODE, 3002, of(2)],
    [POD, '5.6.7.8', 80, of(2)],
    [NODE, '172.30.0.42', 80, `masq ${of(2)}`],
    ['127.0.0.1', '127.0.0.1', 3002, `masq ${of(2)}`],
    [NODE, '5.6.7.8', 80, `masq ${of(2)}`],
    [CLIENT, '172.30.0.42', 80, `masq ${of(2)}`],
    [CLIENT, NODE, 3002, '10.180.0.2:80'],
    [CLIENT, '5.6.7.8', 80, '10.180.0.2:80'],
    [POD, '172.30.0.43', 80, '10.180.0.3:80'],
    [POD, NODE, 3003, `masq ${of(3)}`],
    [POD, '9.10.11.12', 80, `masq ${of(3)}`],
    [NODE, '172.30.0.43', 80, 'masq 10.180.0.3:80'],
    [NODE, NODE, 3003, `masq ${of(3)}`],
    ['127.0.0.1', '127.0.0.1', 3003, `masq ${of(3)}`],
    [NODE, '9.10.11.12', 80, `masq ${of(3)}`],
    [CLIENT, '172.30.0.43', 80, 'masq 10.180.0.3:80'],
    [CLIENT, NODE, 3003, `masq ${of(3)}`],
    [CLIENT, '9.10.11.12', 80, `masq ${of(3)}`],
  ]
  const toClusterIP = ([, ip]: Row): boolean => ip.startsWith('172.30.')
  const plain = (row: Row): Row => [row[0], row[1], row[2], row[3].replace('masq ', '')]
  const masked = (row: Row): Row => [row[0], row[1], row[2], `masq ${plain(row)[3]}`]
  const localOnly = (row: Row): Row =>
    row[0] === POD && row[3] === of(2) && !toClusterIP(row) ? [row[0], row[1], row[2], '10.180.0.2:80'] : row

  it.each([
    ['by default', {}, BASE],
    ['without a local detector', { detects: false }, BASE.map((row) => localOnly(toClusterIP(row) ? plain(row) : row))],
    ['with masqueradeAll', { masqueradeAll: true }, BASE.map((row) => (toClusterIP(row) ? masked(row) : row))],
    [
      'with masqueradeAll and no local detector',
      { masqueradeAll: true, detects: false },
      BASE.map((row) => localOnly(toClusterIP(row) ? masked(row) : row)),
    ],
  ] as const)('[IT9] %s', (_, settings, rows) => {
    check(open(services, settings), rows)
  })
})
