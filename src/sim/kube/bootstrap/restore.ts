import type { Node, Pod } from '../../../generated/kubeTypes.js'
import { overlayOfNode } from '../../cni/flannel.js'
import { fromTimestamp, toMicroTimestamp } from '../../core/time.js'
import { BRIDGE, hostName, layApiServer, layNode, layPod, unlayPod } from '../../net/layout.js'
import { listen } from '../../net/topology.js'
import type { Manifest } from '../api/client.js'
import { textAt } from '../api/draft.js'
import type { StoredOf } from '../api/resources.js'
import { restoreObjects } from '../api/restore.js'
import { adoptBalancer } from '../cloud/cloud.js'
import type { Ctx } from '../context.js'
import { getStored, listStored } from '../etcd/store.js'
import { byFamily, CONTROL_PLANE_ADDRESS, serviceAddress } from './layout.js'
import type { Machine } from './part.js'
import { apiServerObjects, kubernetesService } from './systemObjects.js'

/** Machines of the Node objects of a whole cluster as it stands. */
export function machinesOf(objects: readonly Manifest[]): readonly Machine[] {
  let next = 11
  return objects.filter(isNode).map((object) => {
    // The store decodes and validates the same object; here only a few fields are read, and only if they are what they should be.
    const node = object as unknown as Node
    const addresses = internalAddresses(node)
    const address = addresses[0] ?? `172.18.0.${next++}`
    return {
      name: object.metadata.name ?? '',
      role: isControlPlane(node) ? 'control-plane' : 'worker',
      address,
      ...(addresses.length > 1 ? { addresses } : {}),
      ...(Array.isArray(node.spec?.podCIDRs) && node.spec.podCIDRs.length > 1 ? { podCIDRs: node.spec.podCIDRs } : {}),
      podCIDR: typeof node.spec?.podCIDR === 'string' ? node.spec.podCIDR : (node.spec?.podCIDRs?.[0] ?? ''),
      labels: {},
      taints: [],
      capacity: {},
      powered: true,
      connected: true,
      kubelet: node.status === undefined ? 'running' : 'frozen',
      kubeProxy: 'running',
      joinedLater: false,
    }
  })
}

function isNode(object: Manifest): boolean {
  return object.kind === 'Node' && object.apiVersion === 'v1'
}

function isControlPlane(node: Node): boolean {
  return node.metadata?.labels?.['node-role.kubernetes.io/control-plane'] !== undefined
}

function internalAddresses(node: Node): readonly string[] {
  const addresses = Array.isArray(node.status?.addresses) ? node.status.addresses : []
  return addresses.filter((each) => each.type === 'InternalIP').map((each) => each.address)
}

/** A Pod that nobody has placed and that says nothing of its state: it is created now, not found. */
function isNewPod(object: Manifest): boolean {
  if (object.kind !== 'Pod' || object.apiVersion !== 'v1' || object['status'] !== undefined) return false
  const pod = object as unknown as Pod
  return (pod.spec?.nodeName ?? '') === '' && pod.metadata?.deletionTimestamp === undefined
}

/**
 * A terse Pod (as in tables of the scheduler's tests) with what every Pod in a real store has: a container, and limits for extended
 * resources equal to the requests. Nothing that decides where it runs or how it is reached changes.
 */
export function completedPod(object: Manifest): Manifest {
  const spec = (object['spec'] ?? {}) as { readonly containers?: unknown; readonly initContainers?: unknown }
  const complete = (list: unknown): unknown => (Array.isArray(list) ? list.map(withLimits) : list)
  const containers =
    Array.isArray(spec.containers) && spec.containers.length > 0
      ? complete(spec.containers)
      : [{ name: 'main', image: 'registry.k8s.io/pause:3.10.1', resources: { requests: { cpu: '0', memory: '0' } } }]
  return {
    ...object,
    spec: {
      ...spec,
      containers,
      ...(spec.initContainers === undefined ? {} : { initContainers: complete(spec.initContainers) }),
    },
  }
}

function withLimits(container: unknown): unknown {
  if (typeof container !== 'object' || container === null) return container
  const { resources } = container as {
    readonly resources?: {
      readonly requests?: Readonly<Record<string, unknown>>
      readonly limits?: Readonly<Record<string, unknown>>
    }
  }
  const extended = Object.entries(resources?.requests ?? {}).filter(
    ([name]) => name.includes('/') || name.startsWith('hugepages-'),
  )
  if (extended.length === 0) return container
  return { ...container, resources: { ...resources, limits: { ...Object.fromEntries(extended), ...resources?.limits } } }
}

function nameOf(object: unknown): string {
  return `${textAt(object, 'kind')}/${textAt(object, 'metadata', 'name')}`
}

/** What may stand in a store although the API server would not take it today, as it would be written now. */
function mendedObject(object: Manifest): Manifest | undefined {
  if (object.kind === 'Pod') return completedPod(object)
  if (object.kind === 'Service') return withoutUnusedPolicy(object)
  return undefined
}

/** kube-proxy takes no notice of `externalTrafficPolicy` where nothing comes from outside. Source: kubernetes pkg/proxy/serviceport.go NewBaseServicePortInfo */
function withoutUnusedPolicy(object: Manifest): Manifest | undefined {
  const spec = (object['spec'] ?? {}) as Readonly<Record<string, unknown>>
  const { externalTrafficPolicy, ...used } = spec
  if (externalTrafficPolicy === undefined || (spec['type'] ?? 'ClusterIP') !== 'ClusterIP') return undefined
  return { ...object, spec: used }
}

/**
 * Lays a whole cluster as it stands: its objects into the store, its Nodes and Pods into the network.
 *
 * @returns the Pods that are still to be created, in order.
 */
export function restoreCluster(ctx: Ctx): readonly Manifest[] {
  const { cluster, etcd } = ctx.world.parts
  const given = cluster.restoring.splice(0)
  const later = given.filter(isNewPod)
  const now = given.filter((each) => !isNewPod(each))
  const { config } = cluster
  // A backup holds what the API server once made by itself, as it is now.
  const named = new Set(now.map(nameOf))
  const missing = apiServerObjects().filter((each) => !named.has(nameOf(each)))
  const restored = restoreObjects(ctx, [...missing, ...now])
  const offset = missing.length
  for (const { index, error } of restored.failures) {
    if (index < offset) continue
    const object = now[index - offset]
    const mended = object === undefined ? undefined : mendedObject(object)
    if (mended !== undefined && restoreObjects(ctx, [mended]).failures.length === 0) continue
    cluster.refused.push({ object: `${object?.kind ?? ''} ${object?.metadata.name ?? ''}`, message: error.message })
  }
  restoreObjects(ctx, kubernetesService(serviceAddress(config.serviceSubnet, 1), CONTROL_PLANE_ADDRESS))
  const nodes = listStored(etcd, 'nodes') as unknown as readonly StoredOf<'nodes'>[]
  restoreObjects(ctx, nodes.filter((node) => getStored(etcd, 'leases', leaseKey(node)) === undefined).flatMap(leaseOf))
  for (const node of nodes) layRestoredNode(ctx, node)
  layApiServer(ctx.world.parts.net, CONTROL_PLANE_ADDRESS, 6443)
  for (const pod of listStored(etcd, 'pods') as unknown as readonly StoredOf<'pods'>[]) layRestoredPod(ctx, pod)
  for (const service of listStored(etcd, 'services') as unknown as readonly StoredOf<'services'>[])
    adoptBalancer(ctx, service, nodes)
  return later
}

function leaseKey(node: StoredOf<'nodes'>): string {
  return `kube-node-lease/${node.metadata.name}`
}

/** The Lease of a Node that has reported its state: renewed when it last did. Source: kubernetes k8s.io/component-helpers apimachinery/lease/controller.go newLease */
function leaseOf(node: StoredOf<'nodes'>): readonly Manifest[] {
  const heartbeat = node.status?.conditions?.find((each) => each.type === 'Ready')?.lastHeartbeatTime
  const at = fromTimestamp(heartbeat ?? '')
  if (at === undefined) return []
  const { name, uid } = node.metadata
  return [
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease', ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] },
      spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: toMicroTimestamp(at) },
    },
  ]
}

/** kubelet's default `nodeLeaseDurationSeconds`. */
const LEASE_SECONDS = 40

/** Whether a Pod among objects to be applied says itself where it runs and with which address: it is found there, not made. */
export function standsAlready(ctx: Ctx, object: Manifest): boolean {
  if (object.kind !== 'Pod' || object.apiVersion !== 'v1' || textAt(object, 'status', 'podIP') === '') return false
  return ctx.world.parts.net.interfaces.get(textAt(object, 'spec', 'nodeName'))?.has(BRIDGE) === true
}

/** Puts such a Pod where it stands. @returns what the API server has against it. */
export function restorePod(ctx: Ctx, object: Manifest): string | undefined {
  const given = restoreObjects(ctx, [object])
  const restored = given.failures.length === 0 ? given : restoreObjects(ctx, [completedPod(object)])
  if (restored.failures.length > 0) return given.failures[0]?.error.message
  // The store holds a Pod: nothing else was given.
  for (const pod of restored.objects) layRestoredPod(ctx, pod as unknown as StoredOf<'pods'>)
  return undefined
}

function layRestoredNode(ctx: Ctx, node: StoredOf<'nodes'>): void {
  const { cluster, net } = ctx.world.parts
  const machine = cluster.machines.get(node.metadata.name)
  if (machine === undefined) return
  const listed = [...internalAddresses(node)]
  const addresses = listed.length === 0 ? [machine.address] : [listed[0] ?? machine.address, ...listed.slice(1).sort(byFamily)]
  const podCIDRs = node.spec?.podCIDRs ?? (node.spec?.podCIDR === undefined ? [] : [node.spec.podCIDR])
  const overlay = overlayOfNode(node) ?? cluster.config.overlay
  layNode(net, { name: node.metadata.name, addresses, podCIDRs, overlay })
}

/** A Pod with an address is a host that listens on its containerPorts, as long as it has not ended. */
function layRestoredPod(ctx: Ctx, pod: StoredOf<'pods'>): void {
  const { cluster, cni, net } = ctx.world.parts
  const node = pod.spec?.nodeName ?? ''
  const machine = cluster.machines.get(node)
  cluster.frozenPods.add(pod.metadata.uid)
  const ips = (pod.status?.podIPs ?? []).map((each) => each.ip)
  const own = ips.length > 0 ? ips : pod.status?.podIP === undefined ? [] : [pod.status.podIP]
  const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  if (machine === undefined || own.length === 0 || ended) return
  const namespace = pod.metadata.namespace ?? 'default'
  const { name } = pod.metadata
  let host = node
  if (pod.spec?.hostNetwork !== true) {
    layPod(net, { node, namespace, name, ips: own })
    host = hostName.pod(namespace, name)
    const reserved = cni.reserved.get(node) ?? new Map<string, string>()
    for (const ip of own) reserved.set(ip, pod.metadata.uid)
    cni.reserved.set(node, reserved)
  }
  for (const container of pod.spec?.containers ?? []) {
    for (const port of container.ports ?? []) {
      listen(net, host, {
        proto: port.protocol === 'UDP' ? 'udp' : port.protocol === 'SCTP' ? 'sctp' : 'tcp',
        port: port.containerPort,
        owner: `${container.name} in Pod ${namespace}/${name}`,
        response: {
          status: 200,
          body: `Hostname: ${name}\nIP: ${own[0] ?? ''}`,
          latencyUs: 1_000,
          servedBy: `${namespace}/${name}`,
        },
      })
    }
  }
}

/** A frozen Pod goes because somebody deleted it: its place in the network is empty now. */
export function unlayRestoredPod(ctx: Ctx, pod: StoredOf<'pods'>): void {
  const { cluster, cni, net } = ctx.world.parts
  cluster.frozenPods.delete(pod.metadata.uid)
  const reserved = cni.reserved.get(pod.spec?.nodeName ?? '')
  for (const [ip, uid] of [...(reserved ?? [])]) if (uid === pod.metadata.uid) reserved?.delete(ip)
  const namespace = pod.metadata.namespace ?? 'default'
  if (pod.spec?.hostNetwork === true) {
    for (const container of pod.spec.containers) {
      for (const port of container.ports ?? []) {
        const proto = port.protocol === 'UDP' ? 'udp' : port.protocol === 'SCTP' ? 'sctp' : 'tcp'
        net.sockets.get(pod.spec.nodeName ?? '')?.delete(`${proto} *:${port.containerPort}`)
      }
    }
  } else {
    unlayPod(net, namespace, pod.metadata.name)
  }
}
