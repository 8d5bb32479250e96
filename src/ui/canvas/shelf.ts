import type { Scene, SceneService, SceneWorkload, ThingId } from '../../protocol/index.js'

/** A person's own objects before the system's. */
function rank(namespace: string, name: string): number {
  if (namespace === 'kube-system') return 3
  if (namespace === 'default' && name === 'kubernetes') return 2
  return 1
}

/**
 * Objects that are only records, for the shelf behind etcd: Pods that no Node has yet, Services, then what keeps Pods.
 * A person's own first. ReplicaSets stand after their Deployments.
 */
export function shelfOf(scene: Pick<Scene, 'pods' | 'services' | 'workloads'>): readonly ThingId[] {
  const pending = [...scene.pods.values()].filter((pod) => pod.node === '').map((pod) => pod.id)
  const services = [...scene.services.values()].sort(byRank).map((service) => service.id)
  const workloads = [...scene.workloads.values()].filter(isWorthShowing).sort(byWorkload)
  const own = workloads.filter((workload) => rank(workload.namespace, workload.name) === 1).map((workload) => workload.id)
  const system = workloads.filter((workload) => rank(workload.namespace, workload.name) !== 1).map((workload) => workload.id)
  const ownServices = services.filter((id) => rankOfId(scene, id) === 1)
  const otherServices = services.filter((id) => rankOfId(scene, id) !== 1)
  return [...pending.sort(), ...ownServices, ...own, ...otherServices, ...system]
}

function rankOfId(scene: Pick<Scene, 'services'>, id: ThingId): number {
  const service = scene.services.get(id)
  return service === undefined ? 3 : rank(service.namespace, service.name)
}

function byRank(a: SceneService, b: SceneService): number {
  return rank(a.namespace, a.name) - rank(b.namespace, b.name) || (a.id < b.id ? -1 : 1)
}

/** An emptied ReplicaSet is only kept for a rollback; the outline has it. */
function isWorthShowing(workload: SceneWorkload): boolean {
  return workload.kind !== 'ReplicaSet' || workload.desired > 0 || workload.current > 0
}

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job']

function byWorkload(a: SceneWorkload, b: SceneWorkload): number {
  const kind = (workload: SceneWorkload) => (KINDS.indexOf(workload.kind) + KINDS.length + 1) % (KINDS.length + 1)
  return kind(a) - kind(b) || (a.id < b.id ? -1 : 1)
}
