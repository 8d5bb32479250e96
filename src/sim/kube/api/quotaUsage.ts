import type { Affinity, PersistentVolumeClaim, Pod, PodSpec, ResourceQuota, Service } from '../../../generated/kubeTypes.js'
import type { SimTime } from '../../core/time.js'
import { fromTimestamp, SECOND } from '../../core/time.js'
import type { Draft } from './draft.js'
import type { ResourceInfo } from './kinds.js'
import { formatQuantity, nanosOf, parseQuantity } from './quantity.js'
import { qosOf } from './strategy.js'

/** Amounts in billionths, by the names that quotas use. */
export type Usage = ReadonlyMap<string, bigint>

type Amounts = Map<string, bigint>

const ONE = 1_000_000_000n

/** Kinds counted by a name of their own, beside `count/...`. Pods are too, for as long as they run. */
const COUNTED: readonly string[] = [
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]

/** What an object takes of a quota. Source: kubernetes pkg/quota/v1/evaluator/core */
export function usageOf(info: Pick<ResourceInfo, 'resource' | 'group'>, object: object, now: SimTime): Usage {
  const { resource, group } = info
  const usage: Amounts = new Map([[group === '' ? `count/${resource}` : `count/${resource}.${group}`, ONE]])
  if (COUNTED.includes(resource)) usage.set(resource, ONE)
  if (resource === 'pods') addPod(usage, object, now)
  if (resource === 'services') addService(usage, object)
  if (resource === 'persistentvolumeclaims') addClaim(usage, object)
  return usage
}

/** Where a load balancer goes without node ports, only those that are named count. */
function addService(usage: Amounts, { spec }: Draft<Service>): void {
  const ports = spec?.ports ?? []
  const isBalanced = spec?.type === 'LoadBalancer'
  const counted = isBalanced && spec.allocateLoadBalancerNodePorts === false ? ports.filter((each) => each.nodePort) : ports
  usage.set('services.loadbalancers', isBalanced ? ONE : 0n)
  usage.set('services.nodeports', isBalanced || spec?.type === 'NodePort' ? BigInt(counted.length) * ONE : 0n)
}

/** Source: persistent_volume_claims.go Usage */
function addClaim(usage: Amounts, { metadata, spec, status }: Draft<PersistentVolumeClaim>): void {
  const amounts = amountsOf(spec?.resources?.requests)
  raise(amounts, amountsOf(status?.allocatedResources))
  const storage = amounts.get('storage') ?? 0n
  usage.set('requests.storage', storage)
  const name = metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? ''
  if (name === '') return
  usage.set(`${name}.storageclass.storage.k8s.io/persistentvolumeclaims`, ONE)
  usage.set(`${name}.storageclass.storage.k8s.io/requests.storage`, storage)
}

/** Source: pods.go PodUsageFunc, podComputeUsageHelper */
function addPod(usage: Amounts, pod: Draft<Pod>, now: SimTime): void {
  if (!isCharged(pod, now)) return
  usage.set('pods', ONE)
  for (const [name, amount] of podAmounts(pod.spec ?? {}, 'requests')) {
    usage.set(`requests.${name}`, amount)
    if (isOfEveryNode(name) || name.startsWith('hugepages-')) usage.set(name, amount)
  }
  for (const [name, amount] of podAmounts(pod.spec ?? {}, 'limits')) {
    if (isOfEveryNode(name)) usage.set(`limits.${name}`, amount)
  }
}

function isOfEveryNode(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name === 'ephemeral-storage'
}

/** Neither what has ended nor what should have long been gone is charged for. Source: pods.go QuotaV1Pod */
function isCharged({ metadata, status }: Draft<Pod>, now: SimTime): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {}
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return now <= (fromTimestamp(deletionTimestamp) ?? now) + deletionGracePeriodSeconds * SECOND
}

/**
 * The containers together or the largest moment of the init containers, whichever is more, plus overhead.
 *
 * Source: kubernetes staging component-helpers resource/helpers.go PodRequests, PodLimits
 */
function podAmounts(spec: Draft<PodSpec>, field: 'requests' | 'limits'): Amounts {
  const total: Amounts = new Map()
  const sidecars: Amounts = new Map()
  const peak: Amounts = new Map()
  for (const container of spec.containers ?? []) add(total, amountsOf(container.resources?.[field]))
  for (const container of spec.initContainers ?? []) {
    const asked = amountsOf(container.resources?.[field])
    if (container.restartPolicy === 'Always') {
      add(total, asked)
      add(sidecars, asked)
      raise(peak, sidecars)
    } else {
      add(asked, sidecars)
      raise(peak, asked)
    }
  }
  raise(total, peak)
  for (const [name, amount] of amountsOf(spec.resources?.[field])) {
    if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) total.set(name, amount)
  }
  for (const [name, amount] of amountsOf(spec.overhead)) {
    // A limit is only raised where there is one.
    if (field === 'requests' || (total.get(name) ?? 0n) > 0n) total.set(name, (total.get(name) ?? 0n) + amount)
  }
  return total
}

function amountsOf(list: Draft<Readonly<Record<string, string>>> | undefined): Amounts {
  return new Map(Object.entries(list ?? {}).map(([name, text]) => [name, nanosOf(text)]))
}

function add(into: Amounts, from: Usage): void {
  for (const [name, amount] of from) into.set(name, (into.get(name) ?? 0n) + amount)
}

function raise(into: Amounts, from: Usage): void {
  for (const [name, amount] of from) if (amount >= (into.get(name) ?? 0n)) into.set(name, amount)
}

/** Whether a quota with scopes looks at this object. Source: pods.go podMatchesScopeFunc */
export function isInScope(quota: ResourceQuota, resource: string, object: object): boolean {
  const scopes: readonly { readonly scopeName: string; readonly operator: string; readonly values?: readonly string[] }[] = [
    ...(quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ]
  if (scopes.length === 0) return true
  if (resource !== 'pods') return false
  const { spec = {}, status }: Draft<Pod> = object
  const isBestEffort = (status?.qosClass ?? qosOf(spec)) === 'BestEffort'
  const isTerminating = spec.activeDeadlineSeconds !== undefined
  const priority = spec.priorityClassName ?? ''
  return scopes.every(({ scopeName, operator, values = [] }) => {
    switch (scopeName) {
      case 'Terminating':
        return isTerminating
      case 'NotTerminating':
        return !isTerminating
      case 'BestEffort':
        return isBestEffort
      case 'NotBestEffort':
        return !isBestEffort
      case 'CrossNamespacePodAffinity':
        return looksAcrossNamespaces(spec.affinity)
      case 'PriorityClass':
        if (operator === 'In') return values.includes(priority)
        if (operator === 'NotIn') return !values.includes(priority)
        return (operator === 'Exists') === (priority !== '')
      default:
        return false
    }
  })
}

function looksAcrossNamespaces(affinity: Draft<Affinity> | undefined): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((each) => {
    const preferred = each?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    const terms = [
      ...(each?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...preferred.map((one) => one.podAffinityTerm),
    ]
    return terms.some((term) => (term?.namespaces?.length ?? 0) > 0 || term?.namespaceSelector !== undefined)
  })
}

/** An amount in the suffixes of its limit. */
export function printAmount(nanos: bigint, like: string): string {
  const parsed = parseQuantity(like)
  return formatQuantity({ nanos, format: typeof parsed === 'string' ? 'DecimalSI' : parsed.format })
}
