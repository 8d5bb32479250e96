import type { Node, Service } from '../../../generated/kubeTypes.js'
import type { LoadBalancerKind } from '../../core/vocabulary.js'
import type { Family } from '../../net/address.js'
import { addressAt, familyOf } from '../../net/address.js'
import { UNDERLAY6_PREFIX } from '../../net/layout.js'
import type { Ctx } from '../context.js'

/** Label by which a Node asks to be left out: kubeadm puts it on control-plane Nodes. */
export const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers'
const SCALED_DOWN_TAINT = 'ToBeDeletedByClusterAutoscaler'

export interface NodeChoice {
  readonly nodes: readonly string[]
  readonly excluded: readonly { readonly node: string; readonly why: string }[]
}

/** Which Nodes stand behind a load balancer. Source: kubernetes staging cloud-provider controllers/service/controller.go stableNodeSetPredicates */
export function chooseNodes(nodes: readonly Node[]): NodeChoice {
  const chosen: string[] = []
  const excluded: { node: string; why: string }[] = []
  for (const node of nodes) {
    const name = node.metadata?.name ?? ''
    if (node.metadata?.labels?.[EXCLUDE_LABEL] !== undefined) excluded.push({ node: name, why: 'excluded-by-label' })
    else if (node.metadata?.deletionTimestamp !== undefined) excluded.push({ node: name, why: 'being-deleted' })
    else if (node.spec?.taints?.some((taint) => taint.key === SCALED_DOWN_TAINT))
      excluded.push({ node: name, why: 'being-scaled-down' })
    else chosen.push(name)
  }
  return { nodes: chosen, excluded }
}

const FIRST_ADDRESS = 100
const LAST_ADDRESS = 250

/**
 * A load balancer's addresses, one for each family of its Service in the Service's order: those that it has already, the one that
 * the Service asks for, else the first free ones of the pool.
 */
export function addressesFor(ctx: Ctx, service: Service, present: readonly string[]): readonly string[] {
  const families = service.spec?.ipFamilies ?? []
  const wanted: readonly Family[] =
    families.length === 0 ? [familyOf(service.spec?.clusterIP ?? '')] : families.map((each) => (each === 'IPv6' ? 6 : 4))
  return wanted.flatMap((family) => {
    const own = present.filter((ip) => familyOf(ip) === family)
    return own.length > 0 ? own : [freeAddress(ctx, service, family)]
  })
}

function freeAddress(ctx: Ctx, service: Service, family: Family): string {
  const asked = service.spec?.loadBalancerIP ?? ''
  const isIPv6 = family === 6
  const used = new Set([...ctx.world.parts.cloud.loadBalancers.values()].flatMap((each) => each.addresses))
  if (asked !== '' && familyOf(asked) === family && !used.has(asked)) return asked
  for (let high = 0; high < 256; high++) {
    for (let low = high === 0 ? FIRST_ADDRESS : 1; low <= LAST_ADDRESS; low++) {
      const ip = isIPv6 ? addressAt(UNDERLAY6_PREFIX, (high << 8) + low) : `172.18.${high}.${low}`
      if (!used.has(ip) && !ctx.world.parts.net.owners.has(ip)) return ip
    }
  }
  return asked
}

/** What kind of load balancer a Service gets: its annotation `podpath.dev/load-balancer`, else the cluster's default. */
export function describeBalancer(ctx: Ctx, service: Service): { readonly kind: LoadBalancerKind } {
  const asked = service.metadata?.annotations?.['podpath.dev/load-balancer']
  switch (asked) {
    case 'nodeport':
    case 'pass-through':
    case 'proxy':
    case 'direct':
      return { kind: asked }
    default:
      return { kind: ctx.world.parts.cluster.config.loadBalancerKind }
  }
}
