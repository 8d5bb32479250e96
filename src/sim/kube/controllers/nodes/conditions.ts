import type { NodeCondition, Taint } from '../../../../generated/kubeTypes.js'
import type { SimTime } from '../../../core/time.js'
import { toTimestamp } from '../../../core/time.js'
import type { StoredNode } from '../pods.js'

export const NOT_READY = 'node.kubernetes.io/not-ready'
export const UNREACHABLE = 'node.kubernetes.io/unreachable'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/** Condition, status, and the taint with effect NoSchedule that it brings. Source: node_lifecycle_controller.go nodeConditionToTaintKeyStatusMap */
const TAINTS: readonly { readonly type: string; readonly status: string; readonly key: string }[] = [
  { type: 'Ready', status: 'False', key: NOT_READY },
  { type: 'Ready', status: 'Unknown', key: UNREACHABLE },
  { type: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure' },
  { type: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure' },
  { type: 'NetworkUnavailable', status: 'True', key: 'node.kubernetes.io/network-unavailable' },
  { type: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure' },
]

const OWN_KEYS: ReadonlySet<string> = new Set([...TAINTS.map((each) => each.key), UNSCHEDULABLE])

export function nodeCondition(node: StoredNode, type: string): NodeCondition | undefined {
  return node.status?.conditions?.find((each) => each.type === type)
}

export function readyStatus(node: StoredNode): string {
  return nodeCondition(node, 'Ready')?.status ?? ''
}

/**
 * Taints that keep new Pods away, as the Node's conditions ask for; others stay as they are.
 * Source: node_lifecycle_controller.go doNoScheduleTaintingPass
 */
export function noScheduleTaints(node: StoredNode, now: SimTime): readonly Taint[] {
  const wanted = TAINTS.filter((each) => nodeCondition(node, each.type)?.status === each.status).map((each) => each.key)
  if (node.spec?.unschedulable === true) wanted.push(UNSCHEDULABLE)
  return replaceTaints(node.spec?.taints ?? [], 'NoSchedule', OWN_KEYS, wanted, now)
}

/** Taint that drives Pods off a Node that is not ready or not heard of; none on a ready one. */
export function noExecuteTaints(node: StoredNode, key: string | undefined, now: SimTime): readonly Taint[] {
  return replaceTaints(
    node.spec?.taints ?? [],
    'NoExecute',
    new Set([NOT_READY, UNREACHABLE]),
    key === undefined ? [] : [key],
    now,
  )
}

function replaceTaints(
  taints: readonly Taint[],
  effect: string,
  own: ReadonlySet<string>,
  wanted: readonly string[],
  now: SimTime,
): readonly Taint[] {
  const isOwn = (taint: Taint): boolean => taint.effect === effect && own.has(taint.key)
  const kept = taints.filter((taint) => !isOwn(taint) || wanted.includes(taint.key))
  const missing = wanted.filter((key) => !kept.some((taint) => taint.effect === effect && taint.key === key))
  if (missing.length === 0 && kept.length === taints.length) return taints
  return [...kept, ...missing.map((key) => ({ key, effect, timeAdded: toTimestamp(now) }))]
}

/** Conditions that a silent kubelet leaves unknown. Source: node_lifecycle_controller.go tryUpdateNodeHealth */
export function unknownConditions(node: StoredNode, now: SimTime): readonly NodeCondition[] {
  const types = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']
  const before = node.status?.conditions ?? []
  const time = toTimestamp(now)
  const next = before.map((condition) =>
    types.includes(condition.type) && condition.status !== 'Unknown'
      ? {
          ...condition,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: time,
        }
      : condition,
  )
  const missing = types.filter((type) => !before.some((each) => each.type === type))
  return [
    ...next,
    ...missing.map((type) => ({
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: node.metadata.creationTimestamp,
      lastTransitionTime: time,
    })),
  ]
}
