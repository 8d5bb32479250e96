import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testService } from '../../../../testing/kubeProxy/builders.js'
import { comparableNft } from '../../../../testing/kubeProxy/nftForm.js'
import { randomService, testNode } from '../../../../testing/kubeProxy/randomServices.js'
import { SECOND } from '../../../core/time.js'
import { parseNftRuleset } from '../../../net/nft/ruleset.js'
import { DEFAULT_PROXY_CONFIGURATION } from '../configuration.js'
import type { ProxyNode } from '../node.js'
import type { ServiceAndSlices } from '../objects.js'
import { servicePortsOf } from '../services.js'
import { loadNftables } from './load.js'
import { nftEndpointNames, nftServiceChains } from './names.js'
import { printNftables } from './print.js'
import { updateNftables, writeNftables } from './table.js'
import type { NftTable } from './types.js'

const NODE: ProxyNode = {
  name: 'test-node',
  zone: '',
  primary: { IPv4: '192.168.0.2', IPv6: '::1' },
  addresses: ['127.0.0.1', '192.168.0.2', '192.168.1.2'],
  podCIDRs: [],
}
const SITUATION = {
  family: 'IPv4' as const,
  node: NODE,
  configuration: { ...DEFAULT_PROXY_CONFIGURATION, mode: 'nftables' as const, clusterCIDRs: ['10.0.0.0/8'] },
  serviceCIDRs: ['172.30.0.0/16'],
}
const write = (services: readonly ServiceAndSlices[], table?: NftTable, now = 0): NftTable =>
  writeNftables({ ...SITUATION, services }, { table, now })

const P80 = [{ name: 'p80', port: 80 }]
const svc1 = testService('ns1/svc1', '172.30.0.41', P80, ['10.0.1.1'])
const svc2 = testService('ns2/svc2', '172.30.0.42', [{ name: 'p8080', port: 8080 }], ['10.0.2.1'])

/** Chains of Services and their rules, each on a line of its own. */
function chainsOf(table: NftTable): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(table.chains.filter(({ name }) => name.includes('/')).map(({ name, rules }) => [name, rules]))
}

function elementsOf(table: NftTable, set: string): readonly string[] {
  return [...(table.sets.find(({ name }) => name === set)?.elements ?? [])].map(([key, rest]) => `${key}${rest}`)
}

describe('the table of nftables', () => {
  it('[NT20] names chains as kube-proxy does, and cuts what is too long', () => {
    const first = (service: ServiceAndSlices) => {
      const [port] = servicePortsOf(service.service, 'IPv4')
      if (port === undefined) throw new Error('no port')
      return port
    }
    const long = {
      key: 'very-long-namespace-name-abcdefghijklmnopqrstuvwxyz0123456789xx/very-long-service-name-why-would-you-even-do-this-i-mean-really',
      name: 'port-443-providing-the-hypertext-transmission-protocol-with-tls',
    }
    const http = first(testService('testing/service', '10.96.0.1', [{ name: 'http', port: 80 }], []))
    const sctp = first(testService(long.key, '10.96.0.1', [{ name: long.name, port: 443, protocol: 'SCTP' }], []))
    expect(nftServiceChains(http).local).toBe('local-P4ZYZVCF-testing/service/tcp/http')
    expect(nftServiceChains(sctp).firewall).toBe(`firewall-KR6NACJP-${long.key}/sctp/${long.name}`)
    expect(
      (
        [
          [http, '10.180.0.1', 80],
          [http, 'fd80:abcd:12::a1b2:c3d4:e5f6:9999', 80],
          [sctp, '1234:5678:9abc:def0::abc:1234', 443],
          [sctp, '1234:5678:9abc:def0::abcd:1234:5678', 443],
          [sctp, '1234:5678:9abc:def0::abcd:1234:8765', 443],
        ] as const
      ).map(([port, ip, number]) => nftEndpointNames(port, { ip, port: number }).chain),
    ).toEqual([
      'endpoint-JO2XBXZR-testing/service/tcp/http__10.180.0.1/80',
      'endpoint-U7E2ET36-testing/service/tcp/http__fd80.abcd.12..a1b2.c3d4.e5f6.9999/80',
      `endpoint-5YS7AFEA-${long.key}/sctp/${long.name}__1234.5678.9abc.def0..abc.1234/443`,
      `endpoint-CI6C53Q3-${long.key}/sctp/${long.name}__1234.5678.9abc.def0..abcd.1234...`,
      `endpoint-2FLXFK6X-${long.key}/sctp/${long.name}__1234.5678.9abc.def0..abcd.1234...`,
    ])
  })

  it('[NT21] holds of Services of every kind what kube-proxy writes', () => {
    const table = write([
      testService('ns1/svc1', '172.30.0.41', P80, ['10.180.0.1']),
      testService('ns2/svc2', '172.30.0.42', [{ name: 'p80', port: 80, nodePort: 3001 }], ['10.180.0.2'], {
        spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', externalIPs: ['192.168.99.22'] },
        ingress: [{ ip: '1.2.3.4' }, { ip: '1.2.3.5', ipMode: 'Proxy' }, { ip: '1.2.3.6', ipMode: 'VIP' }],
      }),
      testService('ns3/svc3', '172.30.0.43', [{ name: 'p80', port: 80, nodePort: 3003 }], ['10.180.0.3'], {
        spec: { type: 'NodePort' },
      }),
      testService('ns4/svc4', '172.30.0.44', P80, ['10.180.0.4', '10.180.0.5@test-node'], {
        spec: { type: 'NodePort', externalIPs: ['192.168.99.33'] },
      }),
      testService('ns5/svc5', '172.30.0.45', [{ name: 'p80', port: 80, nodePort: 3002 }], ['10.180.0.3'], {
        spec: { type: 'LoadBalancer', loadBalancerSourceRanges: [' 203.0.113.0/25'], sessionAffinity: 'ClientIP' },
        ingress: [{ ip: '5.6.7.8' }],
      }),
      testService('ns6/svc6', '172.30.0.46', P80, undefined),
    ])
    const dnat = (...ends: readonly string[]): string =>
      `meta l4proto tcp dnat ip to numgen random mod ${ends.length} map { ${ends.map((end, at) => `${at} : ${end} . 80`).join(', ')} }`
    const mark = 'meta mark set meta mark | 0x00004000'
    const svc5 = 'ns5/svc5/tcp/p80__10.180.0.3/80'
    expect(chainsOf(table)).toEqual({
      'service-ULMVA6XW-ns1/svc1/tcp/p80': [dnat('10.180.0.1')],
      'service-42NFTM6N-ns2/svc2/tcp/p80': [dnat('10.180.0.2')],
      'external-42NFTM6N-ns2/svc2/tcp/p80': [
        'ip saddr 10.0.0.0/8 goto service-42NFTM6N-ns2/svc2/tcp/p80 comment "short-circuit pod traffic"',
        `fib saddr type local ${mark} comment "masquerade local traffic"`,
        'fib saddr type local goto service-42NFTM6N-ns2/svc2/tcp/p80 comment "short-circuit local traffic"',
      ],
      'service-4AT6LBPK-ns3/svc3/tcp/p80': [dnat('10.180.0.3')],
      'external-4AT6LBPK-ns3/svc3/tcp/p80': [`${mark} comment "masquerade"`, 'goto service-4AT6LBPK-ns3/svc3/tcp/p80'],
      'service-LAUZTJTB-ns4/svc4/tcp/p80': [dnat('10.180.0.4', '10.180.0.5')],
      'external-LAUZTJTB-ns4/svc4/tcp/p80': [`${mark} comment "masquerade"`, 'goto service-LAUZTJTB-ns4/svc4/tcp/p80'],
      [`endpoint-GTK6MW7G-${svc5}`]: [`update @affinity-GTK6MW7G-${svc5} { ip saddr }`, 'meta l4proto tcp dnat to 10.180.0.3:80'],
      'service-HVFWP5L3-ns5/svc5/tcp/p80': [
        `ip saddr @affinity-GTK6MW7G-${svc5} goto endpoint-GTK6MW7G-${svc5}`,
        `numgen random mod 1 vmap { 0 : goto endpoint-GTK6MW7G-${svc5} }`,
      ],
      'external-HVFWP5L3-ns5/svc5/tcp/p80': [`${mark} comment "masquerade"`, 'goto service-HVFWP5L3-ns5/svc5/tcp/p80'],
      'firewall-HVFWP5L3-ns5/svc5/tcp/p80': ['ip saddr != 203.0.113.0/25 drop'],
    })
    expect(elementsOf(table, 'cluster-ips')).toEqual([1, 2, 3, 4, 5, 6].map((n) => `172.30.0.4${n}`))
    expect(elementsOf(table, 'hairpin-connections')).toEqual(['10.180.0.5 . 10.180.0.5 . tcp . 80'])
    expect(elementsOf(table, 'service-ips')).toEqual([
      '172.30.0.41 . tcp . 80 : goto service-ULMVA6XW-ns1/svc1/tcp/p80',
      '172.30.0.42 . tcp . 80 : goto service-42NFTM6N-ns2/svc2/tcp/p80',
      '192.168.99.22 . tcp . 80 : goto external-42NFTM6N-ns2/svc2/tcp/p80',
      '1.2.3.4 . tcp . 80 : goto external-42NFTM6N-ns2/svc2/tcp/p80',
      '1.2.3.6 . tcp . 80 : goto external-42NFTM6N-ns2/svc2/tcp/p80',
      '172.30.0.43 . tcp . 80 : goto service-4AT6LBPK-ns3/svc3/tcp/p80',
      '172.30.0.44 . tcp . 80 : goto service-LAUZTJTB-ns4/svc4/tcp/p80',
      '192.168.99.33 . tcp . 80 : goto external-LAUZTJTB-ns4/svc4/tcp/p80',
      '172.30.0.45 . tcp . 80 : goto service-HVFWP5L3-ns5/svc5/tcp/p80',
      '5.6.7.8 . tcp . 80 : goto external-HVFWP5L3-ns5/svc5/tcp/p80',
    ])
    expect(elementsOf(table, 'service-nodeports')).toEqual([
      'tcp . 3001 : goto external-42NFTM6N-ns2/svc2/tcp/p80',
      'tcp . 3003 : goto external-4AT6LBPK-ns3/svc3/tcp/p80',
      'tcp . 3002 : goto external-HVFWP5L3-ns5/svc5/tcp/p80',
    ])
    expect(elementsOf(table, 'no-endpoint-nodeports')).toEqual(['tcp . 3001 comment "ns2/svc2:p80" : drop'])
    expect(elementsOf(table, 'no-endpoint-services')).toEqual([
      '192.168.99.22 . tcp . 80 comment "ns2/svc2:p80" : drop',
      '1.2.3.4 . tcp . 80 comment "ns2/svc2:p80" : drop',
      '1.2.3.6 . tcp . 80 comment "ns2/svc2:p80" : drop',
      '172.30.0.46 . tcp . 80 comment "ns6/svc6:p80" : goto reject-chain',
    ])
    expect(elementsOf(table, 'firewall-ips')).toEqual(['5.6.7.8 . tcp . 80 : goto firewall-HVFWP5L3-ns5/svc5/tcp/p80'])
    expect(table.sets.find(({ name }) => name.startsWith('affinity-'))?.properties).toEqual([
      'size 65535',
      'flags dynamic,timeout',
      'timeout 3h',
    ])
  })

  it('[NT22] reads addresses and blocks with zeros in front', () => {
    const table = write([
      testService('ns1/svc1', '172.30.0.041', [{ name: 'p80', port: 80, nodePort: 3001 }], ['10.180.00.001@test-node'], {
        spec: { type: 'LoadBalancer', externalIPs: ['192.168.099.022', 'none'], loadBalancerSourceRanges: ['203.0.113.000/025'] },
        ingress: [{ ip: '1.2.3.004' }],
      }),
    ])
    expect(elementsOf(table, 'service-ips').map((each) => each.split(' ')[0])).toEqual([
      '172.30.0.41',
      '192.168.99.22',
      '1.2.3.4',
    ])
    expect(elementsOf(table, 'hairpin-connections')).toEqual(['10.180.0.1 . 10.180.0.1 . tcp . 80'])
    expect(chainsOf(table)['firewall-ULMVA6XW-ns1/svc1/tcp/p80']).toEqual(['ip saddr != 203.0.113.0/25 drop'])
  })

  it.each([
    [['203.0.113.0/25', '203.0.113.128/25'], ['1.2.3.4'], '{ 203.0.113.0/24 }'],
    [['203.0.113.0/24', '198.51.100.7/32'], ['1.2.3.4'], '{ 198.51.100.7, 203.0.113.0/24 }'],
    [['192.168.0.0/16'], ['192.168.9.9'], '{ 192.168.0.0/16 }'],
    [['192.168.0.0/24'], ['1.2.3.4', '5.6.7.8'], '{ 1.2.3.4, 5.6.7.8, 192.168.0.0/24 }'],
    [['10.0.0.5/8'], ['1.2.3.4'], '10.0.0.0/8'],
    [['0.0.0.0/0', 'fd00::/8'], ['1.2.3.4'], '{ 0.0.0.0/0 }'],
    [['10.0.1.0/24', '10.0.2.0/24'], ['1.2.3.4'], '{ 10.0.1.0-10.0.2.255 }'],
  ])('[NT23] source ranges %j with load balancer %j let in %s', (ranges, ips, expected) => {
    const service = testService('ns1/svc1', '172.30.0.41', P80, ['10.180.0.1'], {
      spec: { type: 'LoadBalancer', loadBalancerSourceRanges: ranges },
      ingress: ips.map((ip) => ({ ip })),
    })
    expect(chainsOf(write([service]))['firewall-ULMVA6XW-ns1/svc1/tcp/p80']).toEqual([`ip saddr != ${expected} drop`])
  })

  it.each([
    ['ClusterCIDR', '10.1.0.0/16', 'ip saddr != 10.1.0.0/16'],
    ['ClusterCIDR', '10.1.0.7/32', 'ip saddr != 10.1.0.7'],
    ['BridgeInterface', 'cni0', 'iifname != "cni0"'],
    ['InterfaceNamePrefix', 'veth', 'iifname != "veth*"'],
  ] as const)('[NT24] tells Pods by %s %s: %s', (detectLocalMode, value, expected) => {
    const table = writeNftables({
      ...SITUATION,
      services: [],
      configuration: {
        ...SITUATION.configuration,
        detectLocalMode,
        clusterCIDRs: [value],
        bridgeInterface: value,
        interfaceNamePrefix: value,
      },
    })
    expect(table.chains.find(({ name }) => name === 'services')?.rules[0]).toBe(
      `ip daddr @cluster-ips ${expected} meta mark set meta mark | 0x00004000 comment "masquerade clusterIP traffic from outside cluster"`,
    )
  })
})

describe('syncs of nftables, one after another', () => {
  const CHAIN_2 = 'service-MHHHYRWA-ns2/svc2/tcp/p8080'

  it('[NT30] empty chains out of use at once, and delete them in a sync more than a second later', () => {
    const first = write([svc1, svc2])
    expect(chainsOf(first)[CHAIN_2]).toEqual(['meta l4proto tcp dnat ip to numgen random mod 1 map { 0 : 10.0.2.1 . 8080 }'])
    const gone = updateNftables(first, SITUATION, new Map([['ns2/svc2', undefined]]), 10 * SECOND)
    expect(chainsOf(gone ?? first)[CHAIN_2]).toEqual([])
    expect(elementsOf(gone ?? first, 'service-ips').join()).not.toContain('svc2')
    const soon = write([svc1], gone, 11 * SECOND)
    expect(chainsOf(soon)[CHAIN_2], 'every sync that finds it puts its time off').toEqual([])
    const still = write([svc1], soon, 12 * SECOND)
    expect(chainsOf(still)[CHAIN_2], 'not before the second is over').toEqual([])
    const later = write([svc1], still, 13 * SECOND + 1)
    expect(Object.keys(chainsOf(later))).toEqual(['service-ULMVA6XW-ns1/svc1/tcp/p80'])
  })

  it('[NT31] fill a chain again whose Service has endpoints again', () => {
    const first = write([svc1, svc2])
    const none = testService('ns2/svc2', '172.30.0.42', [{ name: 'p8080', port: 8080 }], [])
    const empty = updateNftables(first, SITUATION, new Map([['ns2/svc2', none]]), SECOND) ?? first
    expect(chainsOf(empty)[CHAIN_2]).toEqual([])
    expect(elementsOf(empty, 'no-endpoint-services')).toEqual([
      '172.30.0.42 . tcp . 8080 comment "ns2/svc2:p8080" : goto reject-chain',
    ])
    for (const at of [2 * SECOND, 60 * SECOND]) {
      const again = updateNftables(empty, SITUATION, new Map([['ns2/svc2', svc2]]), at) ?? empty
      expect(comparableNft(printNftables([again]))).toEqual(comparableNft(printNftables([first])))
    }
  })

  it('[NT32] leave the chains that stand for all Services as they are when everything is written anew', () => {
    const first = write([svc1])
    expect(printNftables([write([svc1], first, 9 * SECOND)])).toBe(printNftables([first]))
  })

  it('[NT34] leave chains and sets where they are, and put new ones last', () => {
    const sticky = (ends: readonly string[]) =>
      testService('ns1/svc1', '172.30.0.41', P80, ends, { spec: { sessionAffinity: 'ClientIP' } })
    const names = (table: NftTable): readonly string[] =>
      [...table.sets, ...table.chains].filter(({ name }) => name.includes('/')).map(({ name }) => name.replace(/-.{8}-/, ' '))
    const of = (kind: string, end: string): string => `${kind} ns1/svc1/tcp/p80__${end}/80`
    const first = write([sticky(['10.0.1.2', '10.0.1.3']), svc2])
    const last = ['service ns1/svc1/tcp/p80', 'service ns2/svc2/tcp/p8080']
    const [two, three, one] = ['10.0.1.2', '10.0.1.3', '10.0.1.1']
    const both = [of('affinity', two), of('affinity', three), of('endpoint', two), of('endpoint', three)]
    expect(names(first)).toEqual([...both, ...last])
    const changed = new Map([['ns1/svc1', sticky([one, three])]])
    const after = [
      of('affinity', three),
      of('affinity', one),
      of('endpoint', two),
      of('endpoint', three),
      ...last,
      of('endpoint', one),
    ]
    const partial = updateNftables(first, SITUATION, changed, SECOND) ?? first
    expect(names(partial)).toEqual(after)
    expect(names(write([...changed.values(), svc2], first, SECOND))).toEqual(after)
    const deleted = updateNftables(partial, SITUATION, new Map(), 3 * SECOND) ?? partial
    expect(names(deleted)).toEqual(after.filter((name) => name !== of('endpoint', two)))
  })

  it('[NT35] keep an element that two Services claim for the one that is left', () => {
    const claim = (name: string, address: string): ServiceAndSlices =>
      testService(`ns/${name}`, address, P80, ['10.0.1.1'], { spec: { externalIPs: ['192.168.99.9'] } })
    const [a, b] = [claim('a', '172.30.0.1'), claim('b', '172.30.0.2')]
    const of = (table: NftTable): string =>
      elementsOf(table, 'service-ips')
        .filter((each) => each.startsWith('192.168.99.9'))
        .join()
        .replace(/.*-ns\/(.).*/, '$1')
    const steps: readonly (readonly [ReadonlyMap<string, ServiceAndSlices | undefined>, string])[] = [
      [new Map([['ns/b', b]]), 'b'],
      [new Map([['ns/b', undefined]]), 'a'],
      [new Map([['ns/b', b]]), 'b'],
      [new Map([['ns/a', undefined]]), 'b'],
      [new Map([['ns/b', undefined]]), ''],
    ]
    let table = write([a])
    expect(of(table)).toBe('a')
    for (const [touched, expected] of steps) {
      table = updateNftables(table, SITUATION, touched, SECOND) ?? table
      expect(of(table)).toBe(expected)
    }
  })

  it('[NT33] of some Services end with what a sync of all would write, and what is read back is what was written', () => {
    const situation = { ...SITUATION, node: testNode('node1'), configuration: DEFAULT_PROXY_CONFIGURATION }
    const byKey = (all: readonly ServiceAndSlices[]) => new Map(all.map((each) => [each.key, each]))
    fc.assert(
      fc.property(fc.array(randomService(), { maxLength: 6 }), fc.array(randomService(), { maxLength: 4 }), (before, changes) => {
        const old = byKey(before)
        const changed = byKey(changes)
        const gone = [...old.keys()].find((key) => !changed.has(key))
        const now = new Map([...old, ...changed])
        if (gone !== undefined) now.delete(gone)
        const first = writeNftables({ ...situation, services: [...old.values()] })
        const touched = new Map([...changed, ...(gone === undefined ? [] : [[gone, undefined] as const])])
        const partial = updateNftables(first, situation, touched, 0) ?? first
        const settled = updateNftables(partial, situation, new Map(), 5 * SECOND) ?? partial
        const full = writeNftables({ ...situation, services: [...now.values()] })
        expect(comparableNft(printNftables([settled]))).toEqual(comparableNft(printNftables([full])))

        const read = parseNftRuleset(printNftables([full]))
        expect(read).toEqual({ ok: true, value: loadNftables([full], [first]) })
        expect(JSON.stringify(read)).not.toContain('"kind":"unknown"')
      }),
      { numRuns: 150 },
    )
  })
})
