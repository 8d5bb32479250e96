import type { Node, Pod } from '../../../generated/kubeTypes.js'
import { type Amounts, addAmounts, amounts, podRequests, podRequestsNonZero } from './podResources.js'
import type { Labels } from './selectors.js'

/** Pods of one Node that look alike to a label selector: counted once, matched once. */
export interface PodGroup {
  readonly namespace: string
  readonly labels: Labels
  readonly terminating: boolean
  readonly count: number
}

export interface UsedPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
  /** How many Pods hold it: more than one only where Pods were put there by hand. */
  readonly count: number
}

/**
 * What the scheduler knows of a Node: the object and sums over its Pods, kept up to date so that no decision scans all Pods.
 * Immutable: replaced when a Pod comes or goes.
 *
 * Source: kubernetes pkg/scheduler/framework/types.go NodeInfo
 */
export interface NodeInfo {
  readonly name: string
  /** Absent while only Pods of the Node are known. */
  readonly node: Node | undefined
  readonly allocatable: Amounts
  readonly requested: Amounts
  /** With the defaults for containers without requests. */
  readonly nonZeroRequested: Amounts
  readonly podCount: number
  readonly groups: ReadonlyMap<string, PodGroup>
  readonly ports: ReadonlyMap<string, UsedPort>
  /** Pods with affinity or anti-affinity, by key. */
  readonly podsWithAffinity: ReadonlyMap<string, Pod>
  /** Keys of the Pods, with their priority: what preemption looks at. */
  readonly pods: ReadonlyMap<string, Pod>
}

export function emptyNodeInfo(name: string): NodeInfo {
  return {
    name,
    node: undefined,
    allocatable: {},
    requested: {},
    nonZeroRequested: {},
    podCount: 0,
    groups: new Map(),
    ports: new Map(),
    podsWithAffinity: new Map(),
    pods: new Map(),
  }
}

/** What a kubelet says when nobody tells it otherwise. Source: kubernetes pkg/kubelet/apis/config/v1beta1/defaults.go maxPods */
const DEFAULT_MAX_PODS = 110

/** Every real Node says how many Pods it takes; one from a file that does not is taken for a kubelet's default. */
export function withNode(info: NodeInfo, node: Node | undefined): NodeInfo {
  const allocatable = amounts(node?.status?.allocatable ?? node?.status?.capacity)
  return { ...info, node, allocatable: { pods: DEFAULT_MAX_PODS, ...allocatable } }
}

export function podKey(pod: Pod): string {
  return `${pod.metadata?.namespace ?? 'default'}/${pod.metadata?.name ?? ''}`
}

/** Adds a Pod to (or with sign -1 takes it from) a Node's sums. */
export function withPod(info: NodeInfo, pod: Pod, sign: 1 | -1): NodeInfo {
  const key = podKey(pod)
  const groups = new Map(info.groups)
  const groupKey = groupKeyOf(pod)
  const group = groups.get(groupKey) ?? {
    namespace: pod.metadata?.namespace ?? 'default',
    labels: pod.metadata?.labels ?? {},
    terminating: pod.metadata?.deletionTimestamp !== undefined,
    count: 0,
  }
  change(groups, groupKey, { ...group, count: group.count + sign })
  const podsWithAffinity = hasAffinity(pod) ? withEntry(info.podsWithAffinity, key, pod, sign) : info.podsWithAffinity
  return {
    ...info,
    requested: addAmounts(info.requested, podRequests(pod), sign),
    nonZeroRequested: addAmounts(info.nonZeroRequested, podRequestsNonZero(pod), sign),
    podCount: info.podCount + sign,
    groups,
    ports: withPorts(info.ports, hostPorts(pod), sign),
    podsWithAffinity,
    pods: withEntry(info.pods, key, pod, sign),
  }
}

function hasAffinity(pod: Pod): boolean {
  return pod.spec?.affinity?.podAffinity !== undefined || pod.spec?.affinity?.podAntiAffinity !== undefined
}

function withEntry(map: ReadonlyMap<string, Pod>, key: string, pod: Pod, sign: 1 | -1): ReadonlyMap<string, Pod> {
  const next = new Map(map)
  if (sign === 1) next.set(key, pod)
  else next.delete(key)
  return next
}

function withPorts(
  ports: ReadonlyMap<string, UsedPort>,
  asked: readonly Omit<UsedPort, 'count'>[],
  sign: 1 | -1,
): ReadonlyMap<string, UsedPort> {
  if (asked.length === 0) return ports
  const next = new Map(ports)
  for (const port of asked) {
    const key = `${port.ip}/${port.protocol}/${port.port}`
    change(next, key, { ...port, count: (next.get(key)?.count ?? 0) + sign })
  }
  return next
}

function change<V extends { readonly count: number }>(map: Map<string, V>, key: string, value: V): void {
  if (value.count <= 0) map.delete(key)
  else map.set(key, value)
}

function groupKeyOf(pod: Pod): string {
  const labels = Object.entries(pod.metadata?.labels ?? {}).map(([key, value]) => `${key}=${value}`)
  const terminating = pod.metadata?.deletionTimestamp !== undefined ? '!' : ''
  return `${pod.metadata?.namespace ?? 'default'}|${terminating}|${labels.sort().join(',')}`
}

/** Host ports that a Pod takes; with hostNetwork the API server has copied its container ports there. */
export function hostPorts(pod: Pod): readonly Omit<UsedPort, 'count'>[] {
  const containers = [
    ...(pod.spec?.containers ?? []),
    ...(pod.spec?.initContainers ?? []).filter((each) => each.restartPolicy === 'Always'),
  ]
  return containers.flatMap((container) =>
    (container.ports ?? [])
      .filter((port) => (port.hostPort ?? 0) > 0)
      .map((port) => ({
        ip: port.hostIP === undefined || port.hostIP === '' ? '0.0.0.0' : port.hostIP,
        protocol: port.protocol ?? 'TCP',
        port: port.hostPort ?? 0,
      })),
  )
}
