import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { tellCounts } from '../../testing/tellCounts.js'
import { explore } from './chooser.js'
import type { Ending } from './follow.js'
import { firstPacket, followRequest } from './follow.js'
import { hopsOf } from './hops.js'
import { createKernel, createScratch } from './kernel.js'
import { layClient, layNode, layPod } from './layout.js'
import { parseNftRuleset, setNftRuleset } from './nft/ruleset.js'
import type { Note } from './note.js'
import { endpointText } from './packet.js'
import { setRuleset } from './rules/ruleset.js'
import { parseIptablesSave } from './rules/save.js'
import type { NetState } from './state.js'
import { createNetState } from './state.js'
import { listen } from './topology.js'

interface Hop {
  readonly node: string
  readonly hook: string
  readonly table: string
  readonly chain: string
  readonly rule: string
}

interface Path {
  readonly verdict: string
  readonly to: string | null
  readonly sourceSeen?: string
  readonly sourcePortKept?: boolean
  readonly masqueraded: boolean
  readonly hops: readonly Hop[]
  readonly replyHops: readonly Hop[]
}

interface Probe {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly proto: 'tcp' | 'udp' | 'sctp'
  readonly deliverTo?: string
  readonly expect: Path & { readonly random: boolean; readonly paths?: Readonly<Record<string, Path>> }
}

interface Case {
  readonly id: string
  readonly manifests: string
  readonly responders: Readonly<
    Record<string, { readonly ip: string; readonly tcp: readonly number[]; readonly udp: readonly number[] }>
  >
  readonly probes: readonly Probe[]
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec?: { readonly nodeName?: string; readonly podCIDRs?: readonly string[] }
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly podIPs?: readonly { readonly ip: string }[]
  }
}

const data = new URL('./conformance/data/', import.meta.url)

function lay(test: Case, folder: string): NetState {
  const isNft = folder === 'nftables'
  const net = createNetState()
  const documents = parseAllDocuments(test.manifests).map((document): Manifest => document.toJS())
  layNode(net, { name: 'apiserver', addresses: ['172.18.0.2'], podCIDRs: [] })
  for (const { kind, metadata, spec, status } of documents) {
    if (kind !== 'Node') continue
    const addresses = (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address)
    layNode(net, { name: metadata.name, addresses, podCIDRs: spec?.podCIDRs ?? [], routeLocalnet: !isNft })
    if (isNft) {
      const nft = parseNftRuleset(readFileSync(new URL(`rules-real-nft/${test.id}.${metadata.name}.nft`, data), 'utf8'))
      if (!nft.ok) throw new Error(`${nft.error.line}: ${nft.error.message}`)
      setNftRuleset(net, metadata.name, nft.value)
      continue
    }
    const dump = readFileSync(new URL(`rules-real/${test.id}.${metadata.name}.iptables-save`, data), 'utf8')
    const parsed = parseIptablesSave(dump)
    if (!parsed.ok) throw new Error(`${parsed.error.line}: ${parsed.error.message}`)
    setRuleset(net, metadata.name, parsed.value)
  }
  for (const { kind, metadata, spec, status } of documents) {
    if (kind !== 'Pod') continue
    const ips = (status?.podIPs ?? []).map(({ ip }) => ip)
    layPod(net, { node: spec?.nodeName ?? '', namespace: metadata.namespace ?? 'default', name: metadata.name, ips })
  }
  for (const [host, responder] of Object.entries(test.responders)) {
    if (!net.hosts.has(host)) continue
    const response = { status: 200, body: '', latencyUs: 0, servedBy: host }
    for (const port of responder.tcp) listen(net, host, { proto: 'tcp', port, owner: host, response })
    for (const port of responder.udp) listen(net, host, { proto: 'udp', port, owner: host, response })
  }
  return net
}

function probe(net: NetState, { from, to, proto, deliverTo }: Probe) {
  const host = from.startsWith('client/') ? layClient(net, from.slice(7)) : from.replace(/^node\//, '')
  const colon = to.lastIndexOf(':')
  const target = { proto, ip: to.slice(0, colon), port: Number(to.slice(colon + 1)) }
  return explore((chooser) => {
    const notes: Note[] = []
    const kernel = createKernel({
      net,
      scratch: createScratch(),
      chooser,
      random: () => 0.5,
      trace: (note) => notes.push(note),
      deliverTo: deliverTo === undefined ? undefined : { ip: target.ip, node: deliverTo },
    })
    const packet = firstPacket(kernel, host, target, 40_000)
    if (packet === undefined) throw new Error('no source address')
    return { ending: followRequest(kernel, { kind: 'own', host }, packet), notes }
  })
}

/** The lab's kernel had no nfacct: the match is taken out, and with it the one rule that has it beside an address. */
function normal(text: string): string {
  return text.replace(/ -m nfacct --nfacct-name {2}\S+/, '').replace(/ -d 127\.0\.0\.0\/8(?= -p \w+ .*-j KUBE-EXT)/, '')
}

/** Where no address changed between Nodes, the lab could not tell which Node came first: hops are compared Node by Node. */
const byNode = (hops: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  hops
    .map((hop, index) => ({ hop, index }))
    .sort((a, b) => (a.hop[0] === b.hop[0] ? a.index - b.index : (a.hop[0] ?? '') < (b.hop[0] ?? '') ? -1 : 1))
    .map(({ hop }) => hop)

function expectPath(ending: Ending, notes: readonly Note[], path: Path): void {
  const { hops, reply } = hopsOf(notes)
  const list = (each: readonly Hop[]) => each.map((hop) => [hop.node, hop.hook, hop.table, hop.chain, normal(hop.rule)])
  const mine = (each: typeof hops) => each.map((hop) => [hop.node, hop.hook, hop.table, hop.chain, normal(hop.text)])
  expect({
    verdict: ending.verdict,
    ...(path.to === null ? {} : { to: endpointText(ending.to.ip, ending.to.port) }),
    ...(path.sourceSeen === undefined ? {} : { sourceSeen: ending.sourceSeen, sourcePortKept: ending.sourcePortKept }),
    masqueraded: ending.masqueraded,
    hops: byNode(mine(hops)),
    replyHops: byNode(mine(reply)),
  }).toEqual({
    verdict: path.verdict,
    ...(path.to === null ? {} : { to: path.to }),
    ...(path.sourceSeen === undefined ? {} : { sourceSeen: path.sourceSeen, sourcePortKept: path.sourcePortKept }),
    masqueraded: path.masqueraded,
    hops: byNode(list(path.hops)),
    replyHops: byNode(list(path.replyHops)),
  })
}

const FILES = ['kernel', 'nftables'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, data)).map((name) => [folder, name] as const),
)

tellCounts(([group = '']) => `kernel/${group.startsWith('real nftables') ? 'nftables' : 'iptables'}`)

for (const [folder, name] of FILES) {
  const test: Case = JSON.parse(readFileSync(new URL(`${folder}/${name}`, data), 'utf8'))
  describe(`real ${folder}: ${test.id}`, () => {
    // Probes leave nothing behind: all of a file share one network.
    const net = lay(test, folder)
    it.each(test.probes.map((each) => [each.name, each] as const))('%s', (_name, each) => {
      const outcomes = probe(net, each)
      expect(outcomes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9)
      const { paths } = each.expect
      if (paths === undefined) {
        expect(outcomes).toHaveLength(1)
        for (const { value } of outcomes) expectPath(value.ending, value.notes, each.expect)
        return
      }
      const reached = outcomes.map(({ value }) => endpointText(value.ending.to.ip, value.ending.to.port))
      expect([...reached].sort()).toEqual(Object.keys(paths).sort())
      for (const [index, { value }] of outcomes.entries()) {
        const path = paths[reached[index] ?? '']
        if (path !== undefined) expectPath(value.ending, value.notes, path)
      }
    })
  })
}
