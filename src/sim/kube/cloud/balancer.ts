import type { Node, Service } from '../../../generated/kubeTypes.js'
import type { LoadBalancerKind } from '../../core/vocabulary.js'
import { addressAt } from '../../net/address.js'
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
 * The address asked for in the Service, else the first free one of the pool.
 *
 * Simplified: a load balancer has one address, of its Service's first family.
 */
export function freeAddress(ctx: Ctx, service: Service): string {
  const asked = service.spec?.loadBalancerIP ?? ''
  const isIPv6 = service.spec?.ipFamilies?.[0] === 'IPv6'
  const used = new Set([...ctx.world.parts.cloud.loadBalancers.values()].map((each) => each.ip))
  if (asked !== '' && !used.has(asked)) return asked
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
