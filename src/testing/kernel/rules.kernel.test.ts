import process from 'node:process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IP_FAMILIES } from '../../sim/kube/proxy/address.js'
import type { ProxyConfiguration } from '../../sim/kube/proxy/configuration.js'
import { DEFAULT_PROXY_CONFIGURATION } from '../../sim/kube/proxy/configuration.js'
import { writeIptables } from '../../sim/kube/proxy/iptables/ruleset.js'
import { printIptables } from '../../sim/kube/proxy/iptables/save.js'
import { printNftables } from '../../sim/kube/proxy/nftables/print.js'
import { writeNftables } from '../../sim/kube/proxy/nftables/table.js'
import type { ServiceAndSlices } from '../../sim/kube/proxy/objects.js'
import { comparableNft } from '../kubeProxy/nftForm.js'
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
    masqueradeBit: fc.constantFrom(0, 14, 31),
    clusterCIDRs: fc.constantFrom([], ['10.244.0.0/16', 'fd00:10:244::/56']),
    detectLocalMode: fc.constantFrom('ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'),
    nodePortAddresses: fc.constantFrom([], ['172.18.0.0/16', '127.0.0.0/8', 'fd00:172::/32'], ['primary']),
    conntrackTcpBeLiberal: fc.boolean(),
  })
  .map((each) => ({ ...DEFAULT_PROXY_CONFIGURATION, bridgeInterface: 'cni0', interfaceNamePrefix: 'veth', ...each }))

const services = fc.uniqueArray(randomService(), { maxLength: 6, selector: (each) => each.key })

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
    run(['ip', '-n', namespace, 'link', 'add', 'cni0', 'type', 'bridge'])
    run(['ip', 'netns', 'exec', namespace, 'nft', '-f', '-'], text)
    return run(['ip', 'netns', 'exec', namespace, 'nft', 'list', 'ruleset'])
  } finally {
    run(['ip', 'netns', 'del', namespace])
  }
}

function inTableOrder(text: string): string {
  const tables = text.split(/(?<=^COMMIT\n)/m)
  return ['*mangle', '*filter', '*nat'].map((name) => tables.find((table) => table.startsWith(name)) ?? '').join('')
}

/** Loads in a run; `PODPATH_RULE_SETS` asks for more. */
const RUNS = Number(process.env['PODPATH_RULE_SETS'] ?? 70)

describe.skipIf(why !== undefined)('rules of any Services', () => {
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
      fc.property(services, configuration, (all, chosen) => {
        // A device that a rule names must exist.
        const detectLocalMode = chosen.detectLocalMode === 'InterfaceNamePrefix' ? 'ClusterCIDR' : chosen.detectLocalMode
        const text = printNftables(
          IP_FAMILIES.map((family) =>
            writeNftables({
              family,
              node: testNode('node1'),
              configuration: { ...chosen, mode: 'nftables', detectLocalMode },
              services: family === 'IPv4' ? all : all.map(toIpv6),
              serviceCIDRs: ['10.96.0.0/12', 'fd00:10:96::/48'],
            }),
          ),
        )
        expect(comparableNft(throughNft(text))).toEqual(comparableNft(text))
      }),
      { numRuns: RUNS },
    )
  })
})
