import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { tellCounts } from '../../../testing/tellCounts.js'
import { runNext } from '../../core/engine.js'
import { endpointText } from '../../net/packet.js'
import { getRuleset } from '../../net/rules/ruleset.js'
import { printIptablesSave } from '../../net/rules/save.js'
import { listen } from '../../net/topology.js'
import type { Manifest } from '../api/client.js'
import { createCluster } from '../bootstrap/createCluster.js'
import type { World } from '../context.js'
import type { Messages } from '../messages.js'
import type { Parts } from '../parts.js'
import { behaviours } from '../registry.js'
import type { TraceOutcome } from './outcome.js'
import { traceRequest } from './traceRequest.js'

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
  readonly expect: Path & { readonly paths?: Readonly<Record<string, Path>> }
}

interface Case {
  readonly id: string
  readonly manifests: string
  readonly probes: readonly Probe[]
  /** Of overlays: what joins the Nodes. */
  readonly network?: 'host-gw' | 'vxlan'
  /** Rules of a NetworkPolicy written by hand, put before kube-proxy's. */
  readonly rulesAddedToNode?: Readonly<Record<string, string>>
  /** Who listens where, if the manifests do not say it all. */
  readonly pods?: readonly { readonly name: string; readonly tcp?: readonly number[]; readonly udp?: readonly number[] }[]
}

/** The same probes as the network's own test; here the rules are those that our kube-proxy writes, on Nodes and Pods laid from the manifests. */
const data = new URL('../../net/conformance/data/', import.meta.url)

/** flannel's own configuration, as a cluster with it holds it. */
function flannel(type: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-flannel-cfg', namespace: 'kube-flannel' },
    data: { 'net-conf.json': JSON.stringify({ Network: '10.244.0.0/16', Backend: { Type: type } }) },
  } as Manifest
}

function open(test: Case, mode: 'iptables' | 'nftables'): World {
  const manifests = parseAllDocuments(test.manifests).map((document): Manifest => document.toJS())
  const restore = test.network === undefined ? manifests : [...manifests, flannel(test.network)]
  const kubeProxy = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode,
    clusterCIDR: '10.244.0.0/16',
  }
  const world = createCluster({ seed: 'probes', restore, controllers: '-*', kubeProxy })
  for (let guard = 0; world.foreground > 0 && guard < 100_000; guard++)
    runNext<Parts, Messages>(world, behaviours as never, () => undefined)
  expect(world.parts.cluster.refused).toEqual([])
  for (const pod of test.pods ?? []) {
    const name = `pod/${pod.name.replace('.', '/')}`
    const response = { status: 200, body: '', latencyUs: 0, servedBy: name }
    for (const port of pod.tcp ?? []) listen(world.parts.net, name, { proto: 'tcp', port, owner: name, response })
    for (const port of pod.udp ?? []) listen(world.parts.net, name, { proto: 'udp', port, owner: name, response })
  }
  return world
}

/** The lab's kernel had no nfacct: the match is taken out, and with it the one rule that has it beside an address. */
function normal(text: string): string {
  return text.replace(/ -m nfacct --nfacct-name {2}\S+/, '').replace(/ -d 127\.0\.0\.0\/8(?= -p \w+ .*-j KUBE-EXT)/, '')
}

/** Where no address changed between Nodes, the lab could not tell which Node came first: hops are compared Node by Node. */
function byNode(hops: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const nodes = [...new Set(hops.map((hop) => hop[0] ?? ''))].sort()
  return nodes.flatMap((node) => hops.filter((hop) => hop[0] === node))
}

function expectPath(outcome: TraceOutcome, path: Path): void {
  const list = (hops: readonly Hop[]) => byNode(hops.map((hop) => [hop.node, hop.hook, hop.table, hop.chain, normal(hop.rule)]))
  const mine = (hops: TraceOutcome['hops']) =>
    byNode(hops.map((hop) => [hop.node, hop.hook, hop.table, hop.chain, normal(hop.text)]))
  expect({
    verdict: outcome.verdict,
    ...(path.to === null || outcome.to === undefined ? {} : { to: endpointText(outcome.to.ip, outcome.to.port) }),
    ...(path.sourceSeen === undefined ? {} : { sourceSeen: outcome.sourceSeen }),
    masqueraded: outcome.masqueraded,
    hops: mine(outcome.hops),
    replyHops: mine(outcome.reply),
  }).toEqual({
    verdict: path.verdict,
    ...(path.to === null ? {} : { to: path.to }),
    ...(path.sourceSeen === undefined ? {} : { sourceSeen: path.sourceSeen }),
    masqueraded: path.masqueraded,
    hops: list(path.hops),
    replyHops: list(path.replyHops),
  })
}

const FILES = ['kernel', 'nftables', 'policy', 'overlay'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, data)).map((name) => `${folder}/${name}`),
)

/** `whole cluster: nftables/04-nodeport.json` */
tellCounts(([group = '']) => {
  const folder = group.replace('whole cluster: ', '').split('/')[0] ?? ''
  return `kernel/${folder === 'kernel' ? 'iptables' : folder}, with our rules`
})

for (const name of FILES) {
  const test: Case = JSON.parse(readFileSync(new URL(name, data), 'utf8'))
  const world = open(test, name.startsWith('nftables/') ? 'nftables' : 'iptables')
  const rules = new Map(
    Object.entries(test.rulesAddedToNode ?? {}).map(([node, added]) => [
      node,
      `${printIptablesSave(getRuleset(world.parts.net, node))}${added}`,
    ]),
  )
  describe(`whole cluster: ${name}`, () => {
    it.each(test.probes.map((each) => [each.name, each] as const))(
      '%s',
      (_name, { from, to, proto, deliverTo, expect: expected }) => {
        const traced = traceRequest(
          world,
          { kind: 'request', from, to, proto, ...(deliverTo === undefined ? {} : { deliverTo }) },
          { all: true, rules },
        )
        if (!traced.ok) throw new Error(traced.error.message)
        const { outcomes } = traced.value
        if (expected.paths === undefined) {
          expect(outcomes).toHaveLength(1)
          for (const outcome of outcomes) expectPath(outcome, expected)
          return
        }
        const reached = outcomes.map(({ to: end }) => (end === undefined ? '' : endpointText(end.ip, end.port)))
        expect([...reached].sort()).toEqual(Object.keys(expected.paths).sort())
        for (const [index, outcome] of outcomes.entries()) {
          const path = expected.paths[reached[index] ?? '']
          if (path !== undefined) expectPath(outcome, path)
        }
      },
    )
  })
}
