import type { NftRuleset, Ruleset, StoredOf } from '../sim/index.js'
import { fromTimestamp, getRuleset, proxyConfigurationOf, proxyLag, thing } from '../sim/index.js'
import { behindOf } from './behind.js'
import { remember } from './remember.js'
import type { SceneNode } from './scene.js'
import type { SessionWorld } from './world.js'

const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane'

/** @param firstPodAt virtual time at which the first Pods of a person were placed; infinite before. */
export function nodeEntry(world: SessionWorld, node: StoredOf<'nodes'>, firstPodAt: number): SceneNode {
  const { name } = node.metadata
  const machine = world.parts.cluster.machines.get(name)
  const rules4 = countHeld(world, name, 4)
  const rules6 = countHeld(world, name, 6)
  const tables = tablesHeld(world, name)
  const proxy = world.parts.proxy.processes.get(name)
  const stale = proxy !== undefined && (!proxy.running || proxy.pending.length > 0)
  const proxyMode = modeOn(world, name)
  const behind = behindOf(proxy)
  const configuration = proxyConfigurationOf(world.parts.proxy, proxy)
  const lag = proxyLag({ world }, name)
  return remember(node, [machine, rules4, rules6, tables, stale, firstPodAt, proxyMode, behind, configuration, lag], () => {
    const condition = node.status?.conditions?.find((each) => each.type === 'Ready')
    const createdAt = fromTimestamp(node.metadata.creationTimestamp) ?? 0
    const ip = node.status?.addresses?.find((each) => each.type === 'InternalIP')?.address ?? machine?.address ?? ''
    const [ruleCount, otherRuleCount] = ip.includes(':') ? [rules6, rules4] : [rules4, rules6]
    return {
      id: thing.node(name),
      name,
      ip,
      podCIDR: node.spec?.podCIDR ?? '',
      controlPlane: node.metadata.labels?.[CONTROL_PLANE_LABEL] !== undefined,
      ready: readiness(condition?.status),
      powered: machine?.powered ?? true,
      connected: machine?.connected ?? true,
      unschedulable: node.spec?.unschedulable ?? false,
      taints: (node.spec?.taints ?? []).map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`),
      kubelet: (machine?.kubelet ?? 'running') !== 'stopped',
      kubeProxy: (machine?.kubeProxy ?? 'running') === 'running',
      proxyMode,
      rulesStale: stale,
      ...(behind === undefined ? {} : { behind }),
      pace: { minSyncPeriod: configuration.minSyncPeriod, syncPeriod: configuration.syncPeriod, lag },
      ruleCount,
      otherRuleCount,
      tables,
      joinedLater: machine?.joinedLater ?? createdAt > firstPodAt,
      createdAt,
    }
  })
}

/** What the Node's kernel holds now; its proxy may have been told of another mode and not have written its rules yet. */
function modeOn(world: SessionWorld, node: string): SceneNode['proxyMode'] {
  const { proxy } = world.parts
  const { mode } = proxyConfigurationOf(proxy, proxy.processes.get(node))
  return proxy.nftables.has(node)
    ? 'nftables'
    : mode === 'nftables' && getRuleset(world.parts.net, node).tables.size > 0
      ? 'iptables'
      : mode
}

/** Rules of one family, as the tool of that family prints them; nftables' tables of both count in each. */
function countHeld(world: SessionWorld, node: string, family: 4 | 6): number {
  const held = world.parts.net.nftables.get(node)
  if (held === undefined) return countRules(getRuleset(world.parts.net, node, family))
  return remember(held, [], () => ({ 4: countTables(held, 'ip6'), 6: countTables(held, 'ip') }))[family]
}

function countTables(held: NftRuleset, except: string): number {
  return held.tables
    .filter((table) => table.family !== except)
    .reduce((sum, table) => sum + [...table.chains.values()].reduce((rules, chain) => rules + chain.rules.length, 0), 0)
}

/** The same array while the kernel holds the same rules. */
function tablesHeld(world: SessionWorld, node: string): readonly string[] {
  const held = world.parts.net.nftables.get(node)
  const ruleset = getRuleset(world.parts.net, node)
  const plain = remember(ruleset.tables, [], () =>
    [...ruleset.tables.values()].flatMap((table) =>
      [...table.chains.values()]
        .filter((chain) => chain.policy !== undefined && chain.rules.length > 0)
        .map((chain) => `${table.name} ${chain.name}`),
    ),
  )
  if (held === undefined) return plain
  return remember(held.tables, [plain], () => [
    ...plain,
    ...held.tables.flatMap((table) =>
      [...table.chains.values()].flatMap(({ base, rules }) =>
        base === undefined || rules.length === 0 ? [] : [`${base.type} ${base.hook.toUpperCase()}`],
      ),
    ),
  ])
}

function countRules(ruleset: Ruleset): number {
  return remember(ruleset, [], () => {
    let rules = 0
    for (const table of ruleset.tables.values()) for (const chain of table.chains.values()) rules += chain.rules.length
    return rules
  })
}

function readiness(status: string | undefined): SceneNode['ready'] {
  return status === 'True' || status === 'False' ? status : 'Unknown'
}
