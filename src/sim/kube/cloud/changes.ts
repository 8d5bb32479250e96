import type { Service } from '../../../generated/kubeTypes.js'
import type { StoredOf } from '../api/resources.js'

/** What a change of a Service means to the service controller, and the event that it records of it, if any. */
export interface ServiceChange {
  readonly needsSync: boolean
  readonly reason?: string
  readonly message?: string
}

/** Source: kubernetes staging cloud-provider controllers/service/controller.go wantsLoadBalancer */
export function wantsBalancer(service: Service): boolean {
  return service.spec?.type === 'LoadBalancer' && service.spec.loadBalancerClass === undefined
}

const NO_CHANGE: ServiceChange = { needsSync: false }
const QUIET_CHANGE: ServiceChange = { needsSync: true }
/** A Service that appears or goes. */
export const ADDED = QUIET_CHANGE

/**
 * Whether a Service's load balancer must be looked at again. The first difference decides, in the controller's order.
 *
 * Source: kubernetes staging cloud-provider controllers/service/controller.go needsUpdate, needsCleanup
 */
export function changeOf(old: StoredOf<'services'>, now: StoredOf<'services'>): ServiceChange {
  if (wantsBalancer(old) !== wantsBalancer(now)) return told('Type', `${old.spec?.type ?? ''} -> ${now.spec?.type ?? ''}`)
  if (wantsBalancer(now)) {
    for (const find of DIFFERENCES) {
      const found = find(old, now)
      if (found !== undefined) return found
    }
  }
  return old.metadata.deletionTimestamp === now.metadata.deletionTimestamp ? NO_CHANGE : QUIET_CHANGE
}

type Find = (old: StoredOf<'services'>, now: StoredOf<'services'>) => ServiceChange | undefined

function told(reason: string, message: string): ServiceChange {
  return { needsSync: true, reason, message }
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) !== JSON.stringify(b ?? null)
}

/** A list of strings as Go's `%v` prints it. */
function goList(texts: readonly (string | undefined)[] | undefined): string {
  return `[${(texts ?? []).join(' ')}]`
}

const DIFFERENCES: readonly Find[] = [
  ({ spec: old }, { spec: now }) =>
    differ(old?.loadBalancerSourceRanges, now?.loadBalancerSourceRanges)
      ? told('LoadBalancerSourceRanges', `${goList(old?.loadBalancerSourceRanges)} -> ${goList(now?.loadBalancerSourceRanges)}`)
      : undefined,
  ({ spec: old }, { spec: now }) =>
    differ(portsOf(old), portsOf(now)) ||
    old?.sessionAffinity !== now?.sessionAffinity ||
    differ(old?.sessionAffinityConfig, now?.sessionAffinityConfig)
      ? QUIET_CHANGE
      : undefined,
  ({ spec: old }, { spec: now }) =>
    (old?.loadBalancerIP ?? '') === (now?.loadBalancerIP ?? '')
      ? undefined
      : told('LoadbalancerIP', `${old?.loadBalancerIP ?? ''} -> ${now?.loadBalancerIP ?? ''}`),
  ({ spec: old }, { spec: now }) => {
    const [before, after] = [old?.externalIPs ?? [], now?.externalIPs ?? []]
    if (before.length !== after.length) return told('ExternalIP', `Count: ${before.length} -> ${after.length}`)
    const added = after.find((ip, index) => ip !== before[index])
    return added === undefined ? undefined : told('ExternalIP', `Added: ${added}`)
  },
  (old, now) => (differ(old.metadata.annotations, now.metadata.annotations) ? QUIET_CHANGE : undefined),
  (old, now) => (old.metadata.uid === now.metadata.uid ? undefined : told('UID', `${old.metadata.uid} -> ${now.metadata.uid}`)),
  ({ spec: old }, { spec: now }) =>
    old?.externalTrafficPolicy === now?.externalTrafficPolicy
      ? undefined
      : told('ExternalTrafficPolicy', `${old?.externalTrafficPolicy ?? ''} -> ${now?.externalTrafficPolicy ?? ''}`),
  ({ spec: old }, { spec: now }) =>
    (old?.healthCheckNodePort ?? 0) === (now?.healthCheckNodePort ?? 0)
      ? undefined
      : told('HealthCheckNodePort', `${old?.healthCheckNodePort ?? 0} -> ${now?.healthCheckNodePort ?? 0}`),
  ({ spec: old }, { spec: now }) => {
    const [before, after] = [old?.ipFamilies ?? [], now?.ipFamilies ?? []]
    return before.length === after.length ? undefined : told('IPFamilies', `Count: ${before.length} -> ${after.length}`)
  },
]

/** Of a port all but where on the Pod it leads: that is no business of the load balancer. Source: the same file, portEqualForLB */
function portsOf(spec: Service['spec']): unknown {
  return (spec?.ports ?? []).map((port) => [port.name, port.protocol, port.port, port.nodePort])
}
