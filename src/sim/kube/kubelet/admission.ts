import type { Node, Pod } from '../../../generated/kubeTypes.js'
import { own } from '../../core/own.js'
import { emptyNodeInfo, hostPorts, withNode, withPod } from '../scheduler/nodeInfo.js'
import { NO_LOOKUPS } from '../scheduler/plugin.js'
import { matchesRequiredAffinity } from '../scheduler/plugins/nodeAffinity.js'
import { nodePorts, untoleratedTaint } from '../scheduler/plugins/simple.js'
import { podRequests } from '../scheduler/podResources.js'
import { DEFAULT_PROFILE } from '../scheduler/profile.js'

/**
 * Why a kubelet turns away a Pod that was bound to its Node; undefined when it takes it.
 *
 * Source: kubernetes pkg/kubelet/lifecycle/predicate.go Admit, generalFilter
 */
export function admissionProblem(
  pod: Pod,
  node: Node,
  others: readonly Pod[],
): { readonly reason: string; readonly message: string } | undefined {
  let info = withNode(emptyNodeInfo(node.metadata?.name ?? ''), node)
  for (const other of others) info = withPod(info, other, 1)
  const asked = podRequests(pod)
  const pods = info.allocatable['pods'] ?? 0
  if (info.podCount + 1 > pods) return lacks('pods', 1, info.podCount, pods)
  for (const resource of new Set([...FIRST_LOOKED, ...Object.keys(asked)])) {
    const want = own(asked, resource) ?? 0
    const used = own(info.requested, resource) ?? 0
    const capacity = own(info.allocatable, resource) ?? 0
    if (want > 0 && want > capacity - used) return lacks(resource, want, used, capacity)
  }
  if (!matchesRequiredAffinity(pod, node)) {
    return {
      reason: 'NodeAffinity',
      message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    }
  }
  if (hostPorts(pod).length > 0) {
    const filter = nodePorts.prepare({ pod, profile: DEFAULT_PROFILE, nodes: [info], lookups: NO_LOOKUPS })
    if (filter?.(info).ok === false) {
      return {
        reason: 'NodePorts',
        message: "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
      }
    }
  }
  if (!isStatic(pod) && untoleratedTaint(node.spec?.taints, pod.spec?.tolerations, ['NoExecute']) !== undefined) {
    return {
      reason: 'TaintToleration',
      message: 'Pod was rejected: Predicate TaintToleration failed: node(s) had untolerated taint(s)',
    }
  }
  return undefined
}

/** Of several shortages the first is told. */
const FIRST_LOOKED = ['cpu', 'memory', 'ephemeral-storage']

/** Static Pods are the kubelet's own: nobody else could give them a toleration. */
function isStatic({ metadata }: Pod): boolean {
  return (
    metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined ||
    metadata?.ownerReferences?.some(({ kind }) => kind === 'Node') === true
  )
}

function lacks(resource: string, requested: number, used: number, capacity: number): { reason: string; message: string } {
  return {
    reason: `OutOf${resource}`,
    message: `Pod was rejected: Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  }
}
