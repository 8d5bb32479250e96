import type { Container, PodSpec, ResourceQuota } from '../../../../generated/kubeTypes.js'
import { formatQuantity, nanosOf, parseQuantity } from '../../api/quantity.js'
import type { ResourceName, StoredOf } from '../../api/resources.js'
import type { StoredPod } from '../framework.js'
import { isPodTerminal } from '../pods.js'

const ONE = 1_000_000_000n

/** Amounts in billionths, by the names that quotas use. */
export type Usage = Map<string, bigint>

type Stored = StoredOf<ResourceName>

/** What an object takes of a quota. Finished Pods take none of what Pods are counted by. Source: kubernetes pkg/quota/v1/evaluator/core */
export function usageOf(resource: ResourceName, group: string, object: Stored): Usage {
  const usage: Usage = new Map([[group === '' ? `count/${resource}` : `count/${resource}.${group}`, ONE]])
  switch (object.kind) {
    case 'Pod':
      return podUsage(usage, object as StoredPod)
    case 'Service': {
      const { type, ports = [] } = (object as StoredOf<'services'>).spec ?? {}
      usage.set('services', ONE)
      if (type === 'LoadBalancer') usage.set('services.loadbalancers', ONE)
      if (type === 'LoadBalancer' || type === 'NodePort') usage.set('services.nodeports', BigInt(ports.length) * ONE)
      return usage
    }
    case 'PersistentVolumeClaim':
      usage.set('persistentvolumeclaims', ONE)
      usage.set(
        'requests.storage',
        nanosOf((object as StoredOf<'persistentvolumeclaims'>).spec?.resources?.requests?.['storage']),
      )
      return usage
    default:
      return usage.set(resource, ONE)
  }
}

function podUsage(usage: Usage, pod: StoredPod): Usage {
  if (isPodTerminal(pod)) return usage
  usage.set('pods', ONE)
  for (const field of ['requests', 'limits'] as const) {
    for (const [name, amount] of podAmounts(pod.spec ?? { containers: [] }, field)) {
      usage.set(`${field}.${name}`, amount)
      if (field === 'requests') usage.set(name, amount)
    }
  }
  return usage
}

/** The sum of the containers, or what the hungriest init container takes. */
function podAmounts(spec: PodSpec, field: 'requests' | 'limits'): ReadonlyMap<string, bigint> {
  const totals = new Map<string, bigint>()
  const amounts = (container: Container) =>
    Object.entries(container.resources?.[field] ?? {}).map(([name, text]) => [name, nanosOf(text)] as const)
  for (const container of spec.containers)
    for (const [name, amount] of amounts(container)) totals.set(name, (totals.get(name) ?? 0n) + amount)
  for (const container of spec.initContainers ?? []) {
    for (const [name, amount] of amounts(container)) {
      const total = totals.get(name) ?? 0n
      totals.set(name, container.restartPolicy === 'Always' ? total + amount : amount > total ? amount : total)
    }
  }
  return totals
}

/** Whether a quota with scopes looks at this object. Source: kubernetes pkg/quota/v1/evaluator/core/pods.go podMatchesScopeFunc */
export function isInScope(quota: ResourceQuota, object: Stored): boolean {
  const scopes: readonly { readonly scopeName: string; readonly operator: string; readonly values?: readonly string[] }[] = [
    ...(quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ]
  if (scopes.length === 0) return true
  if (object.kind !== 'Pod') return false
  const { spec } = object as StoredPod
  const isBestEffort = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].every(
    ({ resources }) => Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length === 0,
  )
  return scopes.every(({ scopeName, operator, values = [] }) => {
    const name = spec?.priorityClassName ?? ''
    switch (scopeName) {
      case 'Terminating':
        return spec?.activeDeadlineSeconds !== undefined
      case 'NotTerminating':
        return spec?.activeDeadlineSeconds === undefined
      case 'BestEffort':
        return isBestEffort
      case 'NotBestEffort':
        return !isBestEffort
      case 'PriorityClass':
        if (operator === 'In') return values.includes(name)
        if (operator === 'NotIn') return !values.includes(name)
        return (operator === 'Exists') === (name !== '')
      default:
        return false
    }
  })
}

/** An amount in the suffixes of its limit. */
export function printAmount(nanos: bigint, like: string): string {
  const parsed = parseQuantity(like)
  return formatQuantity({ nanos, format: typeof parsed === 'string' ? 'DecimalSI' : parsed.format })
}
