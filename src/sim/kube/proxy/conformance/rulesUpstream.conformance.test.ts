import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dataPath, hasData, parseSave, readCluster, readData } from '../../../../testing/kubeProxy/load.js'
import { comparableRule } from '../../../../testing/kubeProxy/upstreamForm.js'
import { tellCounts } from '../../../../testing/tellCounts.js'
import type { ProxyConfiguration } from '../configuration.js'
import { DEFAULT_PROXY_CONFIGURATION } from '../configuration.js'
import { chainHash } from '../iptables/chainNames.js'
import { fixedFilterChains } from '../iptables/fixedRules.js'
import { writtenProbability } from '../iptables/probability.js'
import { writeIptables } from '../iptables/ruleset.js'
import { printIptables } from '../iptables/save.js'
import { proxyNodeOf } from '../node.js'

interface Case {
  readonly id: string
  readonly node: string
  readonly mode?: 'full' | 'partial' | 'full-with-stale-deletion'
  readonly proxy: {
    readonly nodeIPs: readonly string[]
    readonly localDetector: { readonly type: string; readonly cidr?: string } | null
    readonly masqueradeAll: boolean
    readonly localhostNodePorts: boolean
    readonly nodePortAddresses: readonly string[] | null
    readonly conntrackTCPLiberal: boolean
  }
  readonly manifestsFile: string
  readonly rulesFile: string
}

/** Rules of these come for all Services and in no stable order. */
const UNORDERED = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-EXTERNAL-SERVICES', 'KUBE-PROXY-FIREWALL']
/** Chains that the real program makes with other calls than iptables-restore, so that its text lacks them. */
const NOT_RESTORED = ['KUBE-PROXY-CANARY', 'INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING']

function configurationOf(proxy: Case['proxy']): ProxyConfiguration {
  return {
    ...DEFAULT_PROXY_CONFIGURATION,
    clusterCIDRs: proxy.localDetector?.cidr === undefined ? [] : [proxy.localDetector.cidr],
    masqueradeAll: proxy.masqueradeAll,
    localhostNodePorts: proxy.localhostNodePorts,
    nodePortAddresses: proxy.nodePortAddresses ?? [],
    conntrackTcpBeLiberal: proxy.conntrackTCPLiberal,
  }
}

function comparable(text: string): Map<string, readonly string[]> {
  const result = new Map<string, readonly string[]>()
  for (const [place, lines] of parseSave(text).rules) {
    const chain = place.split(' ')[1] ?? ''
    if (place.startsWith('mangle') || NOT_RESTORED.includes(chain)) continue
    const rules = lines.map(comparableRule)
    result.set(place, UNORDERED.includes(chain) ? rules.toSorted() : rules)
  }
  return result
}

function writeCase(each: Case): string {
  const cluster = readCluster(readData(`rules-upstream/${each.manifestsFile}`))
  const node = cluster.nodes.find((one) => one.metadata?.name === each.node)
  if (node === undefined) throw new Error(`no Node ${each.node}`)
  const configuration = configurationOf(each.proxy)
  return printIptables(
    writeIptables({
      family: 'IPv4',
      node: proxyNodeOf(node, each.proxy.nodeIPs),
      configuration,
      services: cluster.services,
    }),
  )
}

tellCounts('rules-upstream')

describe('rules in upstream unit tests', () => {
  const names = readdirSync(dataPath('rules-upstream')).filter((file) =>
    hasData(`rules-upstream/${file.replace('.json', '.rules.txt')}`),
  )
  for (const file of names.filter((each) => each.endsWith('.json')).toSorted()) {
    const each = JSON.parse(readData(`rules-upstream/${file}`)) as Case
    it(`${each.id} (${each.mode ?? 'full'})`, () => {
      const ours = comparable(writeCase(each))
      const theirs = comparable(readData(`rules-upstream/${each.rulesFile}`))
      if (each.mode === 'partial') {
        for (const [place, rules] of theirs) if (rules.length > 0) expect(ours.get(place), place).toEqual(rules)
      } else {
        expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs))
      }
    })
  }
})

interface Facts {
  readonly kubeForwardChain: readonly {
    readonly conntrackTCPLiberal: boolean
    readonly nfacctEnsured: boolean
    readonly rules: readonly string[]
  }[]
  readonly computeProbability: { readonly table: Readonly<Record<string, string>> }
  readonly loadBalancerIPMode: {
    readonly cases: readonly {
      readonly name: string
      readonly lbIP: string
      readonly ruleExpected: boolean
      readonly manifests: string
    }[]
  }
}

describe('facts of upstream unit tests', () => {
  const facts = JSON.parse(readData('rules-upstream/facts.json')) as Facts

  it('names chains by their hash', () => {
    const { examples } = JSON.parse(readData('rules-upstream/chain-names.json')) as {
      examples: { servicePortName: string; protocol: string; endpoint?: string; chain: string }[]
    }
    for (const each of examples) {
      expect(each.chain.slice(each.chain.lastIndexOf('-') + 1)).toBe(
        chainHash(each.servicePortName, each.protocol, each.endpoint),
      )
    }
    expect(examples.length).toBeGreaterThan(20)
  })

  it('writes probabilities', () => {
    for (const [count, text] of Object.entries(facts.computeProbability.table))
      expect(writtenProbability(Number(count))).toBe(text)
  })

  // Our kube-proxy always has its nfacct counters, as the real one on a Node.
  it.each(facts.kubeForwardChain.filter((each) => each.nfacctEnsured || each.conntrackTCPLiberal))(
    'KUBE-FORWARD with tcp_be_liberal $conntrackTCPLiberal',
    (each) => {
      const chains = fixedFilterChains({
        family: 'IPv4',
        mark: '0x4000',
        localhostNodePorts: true,
        nodePortIPs: undefined,
        conntrackTcpBeLiberal: each.conntrackTCPLiberal,
      })
      expect(chains.get('KUBE-FORWARD')?.map(comparableRule)).toEqual(each.rules.map(comparableRule))
    },
  )

  it.each(facts.loadBalancerIPMode.cases)('$name', ({ lbIP, ruleExpected, manifests }) => {
    const cluster = readCluster(manifests)
    const [node] = cluster.nodes
    if (node === undefined) throw new Error('no Node')
    const rules = writeIptables({
      family: 'IPv4',
      node: proxyNodeOf(node),
      configuration: DEFAULT_PROXY_CONFIGURATION,
      services: cluster.services,
    })
    const lines = rules.tables.get('nat')?.get('KUBE-SERVICES') ?? []
    expect(lines.some((line) => line.includes(`-d ${lbIP}/32`))).toBe(ruleExpected)
  })
})
