import type { StoredOf, ThingId } from '../sim/index.js'
import { fromTimestamp, listStoredOf, SLOW_PROXY_LAG, thing } from '../sim/index.js'
import { remember } from './remember.js'
import type {
  Scene,
  SceneClient,
  SceneComponent,
  SceneFault,
  SceneLoadBalancer,
  ScenePatch,
  SceneTable,
  SceneWorkload,
} from './scene.js'
import { nodeEntry } from './sceneNodes.js'
import { podEntry } from './scenePods.js'
import { serviceEntry } from './sceneServices.js'
import type { SessionWorld } from './world.js'

/** The picture's facts in this world. Entries of what did not change are the same objects as in the scene before. */
export function buildScene(world: SessionWorld): Scene {
  const { etcd } = world.parts
  const firstPodAt = listStoredOf(etcd, 'pods').reduce((least, pod) => Math.min(least, placedAt(pod)), Number.POSITIVE_INFINITY)
  return {
    clients: table(clients(world)),
    loadBalancers: table(loadBalancers(world)),
    components: table(components(world)),
    nodes: table(listStoredOf(etcd, 'nodes').map((node) => nodeEntry(world, node, firstPodAt))),
    pods: table(listStoredOf(etcd, 'pods').map((pod) => podEntry(world, pod))),
    services: table(listStoredOf(etcd, 'services').map((service) => serviceEntry(world, service))),
    workloads: table([
      ...listStoredOf(etcd, 'deployments').map(workloadEntry),
      ...listStoredOf(etcd, 'replicasets').map(workloadEntry),
      ...listStoredOf(etcd, 'statefulsets').map(workloadEntry),
      ...listStoredOf(etcd, 'replicationcontrollers').map(workloadEntry),
    ]),
    faults: table(faults(world)),
  }
}

/** When the first Pods of a person were placed, so that a Node can say that it joined later. */
function placedAt(pod: StoredOf<'pods'>): number {
  if (pod.metadata.namespace === 'kube-system' || pod.spec?.nodeName === undefined) return Number.POSITIVE_INFINITY
  return fromTimestamp(pod.metadata.creationTimestamp) ?? Number.POSITIVE_INFINITY
}

function table<T extends { readonly id: string }>(entries: readonly T[]): ReadonlyMap<string, T> {
  return new Map(entries.map((entry) => [entry.id, entry]))
}

function clients(world: SessionWorld): SceneClient[] {
  return [...world.parts.net.hosts.values()]
    .filter((host) => host.kind === 'client')
    .map((host) => remember(host, [], () => ({ id: host.name, ip: host.addresses[0] ?? '' })))
}

function loadBalancers(world: SessionWorld): SceneLoadBalancer[] {
  return [...world.parts.net.loadBalancers].map(([name, balancer]) =>
    remember(balancer, [], () => ({
      id: name,
      service: `${balancer.namespace}/${balancer.service}`,
      ip: balancer.addresses[0] ?? '',
      moreAddresses: balancer.addresses.slice(1),
      ports: balancer.ports.map((port) => port.port),
      kind: balancer.kind,
      nodes: [
        ...balancer.nodes.map(({ node }) => ({ node, usable: true, why: '' })),
        ...balancer.excluded.map(({ node, why }) => ({ node, usable: false, why })),
      ],
    })),
  )
}

const COMPONENTS: readonly (readonly [ThingId, string])[] = [
  [thing.apiServer, 'stop-apiserver'],
  [thing.etcd, 'stop-etcd'],
  [thing.scheduler, 'stop-scheduler'],
  [thing.controllerManager, 'stop-controller-manager'],
  [thing.cloudControllerManager, 'stop-cloud-controller-manager'],
]

function components(world: SessionWorld): SceneComponent[] {
  const { machines } = world.parts.cluster
  const host = [...machines.values()].find((machine) => machine.role === 'control-plane')
  const powered = host?.powered ?? true
  const active = new Set([...world.parts.faults.active.values()].map((fault) => fault.fault as string))
  return COMPONENTS.map(([id, fault]) => {
    const running = powered && !active.has(fault)
    return remember(world.parts.cluster.machines, [id, running, host?.name], () => ({ id, node: host?.name ?? '', running }), id)
  })
}

function faults(world: SessionWorld): SceneFault[] {
  return [...world.parts.faults.active].map(([id, fault]) =>
    remember(fault, [], () => ({
      id,
      fault: fault.fault,
      target: fault.target,
      ...(fault.fault === 'slow-kube-proxy' ? { lag: fault.lag ?? SLOW_PROXY_LAG } : {}),
    })),
  )
}

type Workload = StoredOf<'deployments'> | StoredOf<'replicasets'> | StoredOf<'statefulsets'> | StoredOf<'replicationcontrollers'>

function workloadEntry(workload: Workload): SceneWorkload {
  return remember(workload, [], () => {
    const { namespace = '', name, ownerReferences = [] } = workload.metadata
    const owner = ownerReferences.find((reference) => reference.controller === true)
    return {
      id: thing.object(workload.kind, namespace, name),
      kind: workload.kind,
      namespace,
      name,
      owner: owner === undefined ? '' : `${owner.kind}/${owner.name}`,
      desired: workload.spec?.replicas ?? 1,
      current: workload.status?.replicas ?? 0,
      ready: workload.status?.readyReplicas ?? 0,
      image: workload.spec?.template?.spec?.containers[0]?.image ?? '',
    }
  })
}

/** What must be put and taken so that `before` becomes `after`. */
export function diffScene(before: Scene | undefined, after: Scene): ScenePatch {
  const patch: Record<string, unknown> = {}
  for (const name of Object.keys(after)) {
    // Keys of a Scene are its tables.
    const key = name as SceneTable
    const old: ReadonlyMap<string, unknown> = before?.[key] ?? new Map()
    const fresh: ReadonlyMap<string, unknown> = after[key]
    const put = [...fresh].filter(([id, entry]) => old.get(id) !== entry).map(([, entry]) => entry)
    const gone = [...old.keys()].filter((id) => !fresh.has(id))
    if (put.length > 0 || gone.length > 0) patch[key] = { put, gone }
  }
  return patch as ScenePatch
}

/** The thing that an object is in the picture. */
export function thingOf(kind: string, namespace: string, name: string): ThingId {
  if (kind === 'Pod') return thing.pod(namespace, name)
  if (kind === 'Node') return thing.node(name)
  return thing.object(kind, namespace, name)
}
