import type { StepId } from '../../core/step.js'
import { getRuleset } from '../../net/rules/ruleset.js'
import { cacheOf } from '../api/informer.js'
import type { Ctx } from '../context.js'
import type { IpFamily } from './address.js'
import { familyNumber, IP_FAMILIES } from './address.js'
import { endpointsOf } from './endpoints.js'
import type { LookedUp } from './nftables/owners.js'
import { linesOwnedBy, nftTableName, ownerOfNftRule } from './nftables/owners.js'
import { serviceKeyOfSlice } from './objects.js'
import type { RuleOwner } from './ruleOwners.js'
import { ownerOfRule, rulesOwnedBy } from './ruleOwners.js'

/** Why a rule stands in a Node's kernel. */
export interface RuleOrigin extends RuleOwner {
  /** The Service's resourceVersion as the Node's kube-proxy knows it; absent when it is gone: the rule is stale. */
  readonly serviceVersion?: string
  /** EndpointSlice, `namespace/name`, that names the endpoint now; absent when none does any more: the rule is stale. */
  readonly slice?: string
  readonly sliceVersion?: string
  /** The `proxy-sync` step that wrote it last. */
  readonly writtenBy?: StepId
}

/** A rule as a step or a person names it. */
export interface AskedRule {
  readonly chain: string
  /** As the Node's own tool prints it. */
  readonly text: string
  /** Of the step, where there is one: `goto service-...`. A map of nftables stands for all Services; the packet says which. */
  readonly action?: string
  readonly packet?: LookedUp
}

/**
 * The Service, port and endpoint for whose sake a rule stands on a Node, the objects that it was made of and the sync that wrote it;
 * undefined for rules that kube-proxy always writes, and for those of others. All of it is read off the world's own data.
 */
export function ruleOrigin(ctx: Pick<Ctx, 'world'>, node: string, rule: AskedRule): RuleOrigin | undefined {
  const owner = ownerOn(ctx, node, rule)
  if (owner === undefined) return undefined
  // Only the world is read, so a context of any event would do.
  const service = cacheOf(ctx as Ctx, 'kube-proxy', node).get('services', owner.service)
  const slice = owner.endpoint === undefined ? undefined : sliceWith(ctx, node, owner.service, owner.endpoint)
  const writtenBy = ctx.world.parts.proxy.processes.get(node)?.writtenBy.get(owner.service)
  return {
    ...owner,
    port: owner.port === 0 ? portOf(service?.spec?.ports, owner) : owner.port,
    ...(service?.metadata.resourceVersion === undefined ? {} : { serviceVersion: service.metadata.resourceVersion }),
    ...slice,
    ...(writtenBy === undefined ? {} : { writtenBy }),
  }
}

function ownerOn(ctx: Pick<Ctx, 'world'>, node: string, rule: AskedRule): RuleOwner | undefined {
  const { net, proxy } = ctx.world.parts
  const tables = proxy.nftables.get(node)
  for (const family of IP_FAMILIES) {
    const table = tables?.find((each) => each.family === family)
    const owner =
      table === undefined ? ownerOfRule(getRuleset(net, node, familyNumber(family)), rule) : ownerOfNftRule(table, rule)
    if (owner !== undefined) return owner
  }
  return undefined
}

function portOf(
  ports: readonly { readonly name?: string; readonly protocol?: string; readonly port: number }[] | undefined,
  owner: RuleOwner,
): number {
  return ports?.find((port) => (port.name ?? '') === owner.portName && (port.protocol ?? 'TCP') === owner.protocol)?.port ?? 0
}

function sliceWith(
  ctx: Pick<Ctx, 'world'>,
  node: string,
  service: string,
  endpoint: string,
): Pick<RuleOrigin, 'slice' | 'sliceVersion'> {
  const cache = cacheOf(ctx as Ctx, 'kube-proxy', node)
  const namespace = service.slice(0, service.indexOf('/'))
  const found = cache
    .list('endpointslices', namespace)
    .filter((slice) => serviceKeyOfSlice(slice) === service)
    .find((slice) =>
      IP_FAMILIES.some((family) => [...endpointsOf([slice], family).values()].flat().some((each) => each.text === endpoint)),
    )
  if (found === undefined) return {}
  return { slice: `${namespace}/${found.metadata.name}`, sliceVersion: found.metadata.resourceVersion }
}

/** A rule of a Service's own on a Node, and where it stands. */
export interface ServiceRule {
  readonly family: IpFamily
  /** `filter`, `nat`; `ip kube-proxy`, `ip6 kube-proxy`. */
  readonly table: string
  /** Of nftables also a set or map. */
  readonly chain: string
  /** Counts from 1 within its chain; 0 for an element of a set or map. */
  readonly rule: number
  readonly text: string
}

/** All rules that stand on a Node for a Service's sake, of both families, whichever proxy wrote them. */
export function rulesOfService(ctx: Pick<Ctx, 'world'>, node: string, service: string): readonly ServiceRule[] {
  const { net, proxy } = ctx.world.parts
  const tables = proxy.nftables.get(node)
  const { clusterIP = '', clusterIPs } = cacheOf(ctx as Ctx, 'kube-proxy', node).get('services', service)?.spec ?? {}
  return IP_FAMILIES.flatMap((family): readonly ServiceRule[] => {
    const table = tables?.find((each) => each.family === family)
    if (table !== undefined) {
      const name = nftTableName(family)
      return linesOwnedBy(table, service, clusterIPs ?? [clusterIP]).map((line) => ({ family, table: name, ...line }))
    }
    const rules = rulesOwnedBy(getRuleset(net, node, familyNumber(family)), service)
    return rules.map(({ table: name, chain, position, text }) => ({ family, table: name, chain, rule: position, text }))
  })
}

/** All rules of a Service on every Node that has any: what a line of its YAML becomes. */
export function rulesOnEveryNode(ctx: Pick<Ctx, 'world'>, service: string): ReadonlyMap<string, readonly ServiceRule[]> {
  const nodes = [...ctx.world.parts.proxy.processes.keys()].sort()
  const rules = nodes.map((node) => [node, rulesOfService(ctx, node, service)] as const)
  return new Map(rules.filter(([, list]) => list.length > 0))
}
