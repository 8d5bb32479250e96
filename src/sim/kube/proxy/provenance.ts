import type { StepId } from '../../core/step.js'
import { getRuleset } from '../../net/rules/ruleset.js'
import { cacheOf } from '../api/informer.js'
import type { Ctx } from '../context.js'
import { IP_FAMILIES } from './address.js'
import { endpointsOf } from './endpoints.js'
import { isServiceChain } from './iptables/chainNames.js'
import type { ServiceFragment } from './iptables/fragment.js'
import { serviceKeyOfSlice } from './objects.js'
import type { Protocol } from './services.js'
import { proxyStateOf } from './syncIptables.js'

/** Why a rule stands in a Node's kernel. */
export interface RuleOrigin {
  /** `namespace/name` of the Service. */
  readonly service: string
  readonly portName: string
  readonly protocol: Protocol
  readonly port: number
  /** `ip:port`, where the rule is about one endpoint. */
  readonly endpoint?: string
  /** EndpointSlice, `namespace/name`, that names the endpoint now; absent when none does any more: the rule is stale. */
  readonly slice?: string
  /** The `proxy-sync` step that wrote it last. */
  readonly writtenBy?: StepId
}

interface ChainOwner {
  readonly service: string
  readonly index: number
  readonly endpoint?: string
}

/** Owners of chains by name, for each Map of fragments. Can be rebuilt. */
const owners = new WeakMap<ReadonlyMap<string, ServiceFragment>, ReadonlyMap<string, ChainOwner>>()

/**
 * The Service, port and endpoint for whose sake a rule stands on a Node; undefined for rules that kube-proxy always writes, and for
 * those of others.
 *
 * @param rule its chain and its text as iptables-save prints it.
 */
export function ruleOrigin(
  ctx: Pick<Ctx, 'world'>,
  node: string,
  rule: { readonly chain: string; readonly text: string },
): RuleOrigin | undefined {
  const services = proxyStateOf(getRuleset(ctx.world.parts.net, node))?.services
  if (services === undefined) return undefined
  const target = / -[jg] (\S+)$/.exec(rule.text)?.[1] ?? ''
  const index = ownersOf(services)
  // In a Service's chain the target says more (the endpoint); in shared chains it is all there is.
  const owner = [target, rule.chain]
    .filter(isServiceChain)
    .map((name) => index.get(name))
    .find((each) => each !== undefined)
  const found = owner ?? ownerOfShared(services, rule)
  const info = found === undefined ? undefined : services.get(found.service)?.ports[found.index]?.info
  if (found === undefined || info === undefined) return undefined
  const slice = found.endpoint === undefined ? undefined : sliceWith(ctx, node, found.service, found.endpoint)
  const writtenBy = ctx.world.parts.proxy.processes.get(node)?.writtenBy.get(found.service)
  return {
    service: found.service,
    portName: info.portName,
    protocol: info.protocol,
    port: info.port,
    ...(found.endpoint === undefined ? {} : { endpoint: found.endpoint }),
    ...(slice === undefined ? {} : { slice }),
    ...(writtenBy === undefined ? {} : { writtenBy }),
  }
}

function ownersOf(services: ReadonlyMap<string, ServiceFragment>): ReadonlyMap<string, ChainOwner> {
  const known = owners.get(services)
  if (known !== undefined) return known
  const made = new Map<string, ChainOwner>()
  for (const [service, fragment] of services) {
    for (const [index, { rules }] of fragment.ports.entries()) {
      for (const [chain, lines] of rules.chains) {
        const endpoint = / --to-destination (\S+)/.exec(lines.at(-1) ?? '')?.[1]
        made.set(chain, { service, index, ...(endpoint === undefined ? {} : { endpoint }) })
      }
    }
  }
  owners.set(services, made)
  return made
}

/** Rules that refuse, and health check ports, have no chain of the Service's own; their comment names it. */
function ownerOfShared(
  services: ReadonlyMap<string, ServiceFragment>,
  rule: { readonly chain: string; readonly text: string },
): ChainOwner | undefined {
  const service = /--comment "([^/" ]+\/[^:" ]+)/.exec(rule.text)?.[1]
  const ports = service === undefined ? undefined : services.get(service)?.ports
  const index = ports?.findIndex(({ rules }) => [...rules.shared.values()].some((lines) => lines.includes(rule.text))) ?? -1
  return service === undefined || index < 0 ? undefined : { service, index }
}

function sliceWith(ctx: Pick<Ctx, 'world'>, node: string, service: string, endpoint: string): string | undefined {
  // Only the world is read, so a context of any event would do.
  const cache = cacheOf(ctx as Ctx, 'kube-proxy', node)
  const namespace = service.slice(0, service.indexOf('/'))
  const found = cache
    .list('endpointslices', namespace)
    .filter((slice) => serviceKeyOfSlice(slice) === service)
    .find((slice) =>
      IP_FAMILIES.some((family) =>
        [...endpointsOf([slice], family, node).values()].flat().some((each) => each.text === endpoint),
      ),
    )
  return found === undefined ? undefined : `${namespace}/${found.metadata.name}`
}

/** A rule of a Service's own on a Node, and where it stands. */
export interface ServiceRule {
  readonly table: 'filter' | 'nat'
  readonly chain: string
  /** Counts from 1 within its chain. */
  readonly rule: number
  readonly text: string
}

/** All rules that stand on a Node for a Service's sake, table by table. */
export function rulesOfService(ctx: Pick<Ctx, 'world'>, node: string, service: string): readonly ServiceRule[] {
  const ruleset = getRuleset(ctx.world.parts.net, node)
  const fragment = proxyStateOf(ruleset)?.services.get(service)
  if (fragment === undefined) return []
  const own = new Set(fragment.ports.flatMap(({ rules }) => [...rules.chains.keys()]))
  const shared = new Set(fragment.ports.flatMap(({ rules }) => [...rules.shared.values()].flat()))
  const result: ServiceRule[] = []
  for (const table of ['filter', 'nat'] as const) {
    const chains = ruleset.tables.get(table)?.chains
    const names = new Set([...own, ...[...shared].map((line) => line.split(' ', 2)[1] ?? '')])
    for (const name of names) {
      for (const { text, position } of chains?.get(name)?.rules ?? []) {
        if (own.has(name) || shared.has(text)) result.push({ table, chain: name, rule: position, text })
      }
    }
  }
  return result
}
