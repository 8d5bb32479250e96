import process from 'node:process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IP_FAMILIES } from '../../sim/kube/proxy/address.js'
import type { ProxyConfiguration } from '../../sim/kube/proxy/configuration.js'
import { DEFAULT_PROXY_CONFIGURATION } from '../../sim/kube/proxy/configuration.js'
import { writeIptables } from '../../sim/kube/proxy/iptables/ruleset.js'
import { printIptables } from '../../sim/kube/proxy/iptables/save.js'
import { anonymousSet } from '../../sim/kube/proxy/nftables/anonymousSet.js'
import { printNftables } from '../../sim/kube/proxy/nftables/print.js'
import { writeNftables } from '../../sim/kube/proxy/nftables/table.js'
import type { ServiceAndSlices } from '../../sim/kube/proxy/objects.js'
import type { Prefix } from '../../sim/net/address.js'
import { formatIPv4, formatIPv6, parsePrefix } from '../../sim/net/address.js'
import { randomService, testNode } from '../kubeProxy/randomServices.js'
import { loadable } from './lab.js'
import { freshName, run, whyNotHere } from './shell.js'

const why = whyNotHere()
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

const IPV6: Readonly<Record<string, string>> = {
  '10.96': 'fd00:10:96:',
  '10.244': 'fd00:10:244:',
  '203.0': '2001:db8:203:',
  '198.51': '2001:db8:198:',
  '172.18': 'fd00:172:18:',
}

/** The same Service in IPv6: each address `a.b.c.d` becomes `prefix:c::d`. */
function toIpv6(source: ServiceAndSlices): ServiceAndSlices {
  const text = JSON.stringify({ ...source, slices: source.slices.map((slice) => ({ ...slice, addressType: 'IPv6' })) })
  const moved = text
    .replace(/0\.0\.0\.0\/0/g, '::/0')
    .replace(/\b(\d+\.\d+)\.(\d+)\.(\d+)(\/\d+)?/g, (_, net: string, c: string, d: string, length?: string) => {
      const bits = length === undefined ? '' : `/${Number(length.slice(1)) + 96}`
      return `${IPV6[net] ?? 'fd00:'}${c}::${d}${bits}`
    })
  return JSON.parse(moved) as ServiceAndSlices
}

const configuration: fc.Arbitrary<ProxyConfiguration> = fc
  .record({
    masqueradeAll: fc.boolean(),
    localhostNodePorts: fc.boolean(),
    masqueradeBit: fc.oneof(fc.constant(14), fc.integer({ min: 0, max: 31 })),
    clusterCIDRs: fc.constantFrom([], ['10.244.0.0/16', 'fd00:10:244::/56'], ['10.244.1.7/32', 'fd00::7/128']),
    detectLocalMode: fc.constantFrom('ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'),
    nodePortAddresses: fc.constantFrom([], ['172.18.0.0/16', '127.0.0.0/8', 'fd00:172::/32'], ['primary']),
    conntrackTcpBeLiberal: fc.boolean(),
  })
  .map((each) => ({ ...DEFAULT_PROXY_CONFIGURATION, bridgeInterface: 'cni0', interfaceNamePrefix: 'veth', ...each }))

const services = fc.uniqueArray(randomService(), { maxLength: 6, selector: (each) => each.key })

const serviceCIDRs = fc.subarray(['10.96.0.0/12', '10.112.0.0/16', '172.30.0.0/16', 'fd00:10:96::/48', 'fd00:10:97::/48'])

/** What the kernel holds once it has taken these rules, in the form in which it was given them. */
function throughKernel(save: string, program: 'iptables' | 'ip6tables'): string {
  const namespace = freshName()
  run(['ip', 'netns', 'add', namespace])
  try {
    run(['ip', 'netns', 'exec', namespace, `${program}-restore`], save)
    const printed = run(['ip', 'netns', 'exec', namespace, `${program}-save`])
    return inTableOrder(printed.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '[0:0]'))
  } finally {
    run(['ip', 'netns', 'del', namespace])
  }
}

function throughNft(text: string): string {
  const namespace = freshName()
  run(['ip', 'netns', 'add', namespace])
  try {
    run(['ip', 'netns', 'exec', namespace, 'nft', '-f', '-'], text)
    return run(['ip', 'netns', 'exec', namespace, 'nft', 'list', 'ruleset'])
  } finally {
    run(['ip', 'netns', 'del', namespace])
  }
}

/** What is left of several blocks keeps its braces only if several were written. */
function asWritten(text: string): string {
  return text.replace(/addr (!= )?\{ ([^,}]+) \}/g, 'addr $1{ $2, $2 }')
}

function inTableOrder(text: string): string {
  const tables = text.split(/(?<=^COMMIT\n)/m)
  return ['*mangle', '*filter', '*nat'].map((name) => tables.find((table) => table.startsWith(name)) ?? '').join('')
}

/** Loads in a run; `PODPATH_RULE_SETS` asks for more. */
const RUNS = Number(process.env['PODPATH_RULE_SETS'] ?? 70)

const blocks4 = fc.record({
  base: fc.oneof(
    fc.integer({ min: 0, max: 0xffff_ffff }),
    fc.integer({ min: 0, max: 7 }).map((n) => n * 256),
  ),
  length: fc.oneof(fc.integer({ min: 0, max: 32 }), fc.integer({ min: 22, max: 26 })),
})
const blocks6 = fc.record({
  base: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
  length: fc.oneof(fc.integer({ min: 0, max: 128 }), fc.constant(3)),
})
const blockSets: fc.Arbitrary<readonly Prefix[]> = fc
  .oneof(
    fc.array(blocks4, { minLength: 1, maxLength: 6 }).map((all) => all.map((each) => `${formatIPv4(each.base)}/${each.length}`)),
    fc.array(blocks6, { minLength: 1, maxLength: 6 }).map((all) => all.map((each) => `${formatIPv6(each.base)}/${each.length}`)),
  )
  .map((all) => all.map((text) => parsePrefix(text)).filter((each) => each !== undefined))

describe.skipIf(why !== undefined)('rules of any Services', () => {
  it('blocks in braces are joined as nft joins them', () => {
    fc.assert(
      fc.property(fc.array(blockSets, { minLength: 20, maxLength: 20 }), (all) => {
        const rule = (family: 'ip' | 'ip6', set: string): string => `\t\t${family} saddr != ${set} drop\n`
        const table = (family: 'ip' | 'ip6', print: (blocks: readonly Prefix[]) => string): string => {
          const own = all.filter((blocks) => blocks[0]?.family === (family === 'ip' ? 4 : 6))
          return `table ${family} t {\n\tchain c {\n${own.map((blocks) => rule(family, print(blocks))).join('')}\t}\n}\n`
        }
        const both = (print: (blocks: readonly Prefix[]) => string): string => table('ip', print) + table('ip6', print)
        const written = both((blocks) => `{ ${blocks.map(({ text }) => text).join(', ')} }`)
        expect(throughNft(written)).toBe(both(anonymousSet))
      }),
      { numRuns: RUNS },
    )
  })

  it.each(['IPv4', 'IPv6'] as const)(
    '%s: the kernel prints what we print (the nfacct match, which needs a counter object, is taken out)',
    (family) => {
      fc.assert(
        fc.property(services, configuration, (all, chosen) => {
          const text = loadable(
            printIptables(
              writeIptables({
                family,
                node: testNode('node1'),
                configuration: chosen,
                services: family === 'IPv4' ? all : all.map(toIpv6),
              }),
            ),
          )
          expect(throughKernel(text, family === 'IPv4' ? 'iptables' : 'ip6tables')).toBe(text)
        }),
        { numRuns: RUNS },
      )
    },
  )

  it('nftables, both families: the kernel lists what we list', () => {
    fc.assert(
      fc.property(services, configuration, serviceCIDRs, (all, chosen, ranges) => {
        const text = printNftables(
          IP_FAMILIES.map((family) =>
            writeNftables({
              family,
              node: testNode('node1'),
              configuration: { ...chosen, mode: 'nftables' },
              services: family === 'IPv4' ? all : all.map(toIpv6),
              serviceCIDRs: ranges,
            }),
          ),
        )
        expect(throughNft(asWritten(text))).toBe(text)
      }),
      { numRuns: RUNS },
    )
  })
})
