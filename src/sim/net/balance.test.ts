import { describe, expect, it } from 'vitest'
import type { Prefix } from './address.js'
import { parsePrefix } from './address.js'
import { layLoadBalancer } from './layout.js'
import type { LoadBalancer } from './loadBalancer.js'
import type { NetState } from './state.js'
import { exploreTo, load, sendTo, testNet } from './testNet.js'

const NODE_PORT = 30_080

/** Two Nodes that send their NodePort (and, for a packet that keeps its address, the load balancer's) to a Pod of their own. */
function balanced(kind: LoadBalancer['kind'], masquerade: boolean, more: Partial<LoadBalancer> = {}): NetState {
  const net = testNet()
  for (const node of [1, 2]) {
    load(
      net,
      `node${node}`,
      [
        `nat PREROUTING: -d 172.18.0.1${node} -p tcp -m tcp --dport ${NODE_PORT} -j DNAT --to-destination 10.244.${node}.10:8080`,
        `nat PREROUTING: -d 172.18.0.100 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.${node}.10:8080`,
        ...(masquerade ? ['nat POSTROUTING: -m conntrack --ctstate DNAT -j MASQUERADE --random-fully'] : []),
      ].join('\n'),
    )
  }
  layLoadBalancer(net, {
    kind,
    namespace: 'default',
    service: 'web',
    addresses: ['172.18.0.100'],
    ports: [
      {
        proto: 'tcp',
        port: 80,
        nodePort: NODE_PORT,
        endpoints: [10, 11].map((last) => ({ ip: `10.244.2.${last}`, port: 8080 })),
      },
    ],
    nodes: [1, 2].map((node) => ({ node: `node${node}`, ips: [`172.18.0.1${node}`] })),
    excluded: [{ node: 'control-plane', why: 'control-plane' }],
    ...more,
  })
  return net
}

const CLIENT = 'client/203.0.113.7'

const range = (text: string): readonly Prefix[] => [parsePrefix(text)].flatMap((each) => each ?? [])

describe('load balancers outside the cluster', () => {
  it.each(['nodeport', 'proxy', 'direct'] as const)('%s: lets only its source ranges in', (kind) => {
    const verdictOf = (sourceRanges: readonly Prefix[]) =>
      exploreTo(balanced(kind, true, { sourceRanges }), CLIENT, '172.18.0.100', 80).map(({ value }) => value.ending)
    expect(verdictOf(range('203.0.113.0/28')).every(({ verdict }) => verdict === 'delivered')).toBe(true)
    expect(verdictOf(range('198.51.100.0/24'))).toMatchObject([{ verdict: 'dropped', with: 'loadBalancerSourceRanges' }])
    expect(verdictOf(range('2001:db8::/64')).every(({ verdict }) => verdict === 'delivered')).toBe(true)
  })

  it('pass-through: leaves source ranges to the rules of the Node', () => {
    const net = balanced('pass-through', false, { sourceRanges: range('198.51.100.0/24') })
    const outcomes = exploreTo(net, CLIENT, '172.18.0.100', 80)
    expect(outcomes.every(({ value }) => value.ending.verdict === 'delivered')).toBe(true)
  })

  it.each([
    ['nodeport', false, ['10.244.1.10', '10.244.2.10'], '203.0.113.7'],
    ['pass-through', false, ['10.244.1.10', '10.244.2.10'], '203.0.113.7'],
    ['proxy', false, ['10.244.1.10', '10.244.2.10'], '172.18.0.100'],
    ['direct', false, ['10.244.2.10', '10.244.2.11'], '203.0.113.7'],
  ] as const)('%s: halves the connections and answers from its own address', (kind, masquerade, ends, source) => {
    const outcomes = exploreTo(balanced(kind, masquerade), CLIENT, '172.18.0.100', 80)
    expect(outcomes.map(({ value }) => value.ending.to.ip)).toEqual(ends)
    for (const { value, probability } of outcomes) {
      expect(probability).toBe(0.5)
      expect(value.ending).toMatchObject({ verdict: 'delivered', sourceSeen: source, masqueraded: source !== '203.0.113.7' })
    }
  })

  it('nodeport with masquerading Nodes: the Pod sees the Node, the answer still comes home through the load balancer', () => {
    const [first] = exploreTo(balanced('nodeport', true), CLIENT, '172.18.0.100', 80)
    expect(first?.value.ending).toMatchObject({ verdict: 'delivered', sourceSeen: '10.244.1.1' })
    const hosts = first?.value.entries.flatMap((entry) =>
      entry.kind === 'rewrite' && entry.facts.by === 'load-balancer' ? [entry.facts.what] : [],
    )
    expect(hosts).toEqual(['dnat', 'undo-dnat'])
  })

  it('a port that it does not serve is refused; without a backend nobody answers', () => {
    const net = balanced('nodeport', false)
    expect(sendTo(net, CLIENT, '172.18.0.100', 81).ending.verdict).toBe('refused')
    const known = net.loadBalancers.get('lb/default/web')
    if (known !== undefined) layLoadBalancer(net, { ...known, nodes: [] })
    expect(sendTo(net, CLIENT, '172.18.0.100', 80).ending.verdict).toBe('timeout')
  })
})
