import { overlayOfCluster } from '../../cni/flannel.js'
import { enqueue } from '../../core/engine.js'
import { BACKGROUND } from '../../core/step.js'
import { createWorld } from '../../core/world.js'
import { layClient, layNode, layRouter } from '../../net/layout.js'
import { createApiPart } from '../api/part.js'
import type { World } from '../context.js'
import { createControllersPart } from '../controllers/part.js'
import type { Messages } from '../messages.js'
import type { Parts } from '../parts.js'
import { createProxyPart } from '../proxy/part.js'
import { createParts } from '../registry.js'
import { profileFrom } from '../scheduler/configuration.js'
import { createSchedulerPart } from '../scheduler/part.js'
import type { ClusterSpec } from './clusterSpec.js'
import { addressesOfMachine, DEFAULT_POD_SUBNET, DEFAULT_SERVICE_SUBNET, planMachines, proxyConfigurationFrom } from './layout.js'
import { machinesOf } from './restore.js'

/** The client outside that is there from the start. */
export const DEFAULT_CLIENT = '203.0.113.7'

/**
 * Makes a cluster that has just been switched on: everything else happens as its events are handled.
 * The same spec gives the same world.
 */
export function createCluster(spec: ClusterSpec): World {
  const world = createWorld<Parts>(spec.seed, clusterParts(spec))
  startCluster(world)
  return world
}

/** The parts of a cluster before its first event; a session may put its own beside them. */
export function clusterParts(spec: ClusterSpec): Parts {
  const podSubnet = spec.cluster?.podSubnet ?? DEFAULT_POD_SUBNET
  const serviceSubnet = spec.cluster?.serviceSubnet ?? DEFAULT_SERVICE_SUBNET
  const controllers = spec.controllers ?? '*'
  const restored = spec.restore !== undefined
  const parts: Parts = {
    ...createParts(),
    api: createApiPart({ serviceCidr: serviceSubnet, defaultServiceAccountRequired: !restored }),
    controllers: createControllersPart({ controllers, clusterCidr: podSubnet }),
    proxy: createProxyPart(
      proxyConfigurationFrom(spec.kubeProxy, podSubnet, spec.cluster?.kubeProxyMode),
      // A whole cluster as it stands has kubeadm's ranges unless it says others.
      (restored ? spec.cluster?.serviceSubnet : serviceSubnet)?.split(',').map((each) => each.trim()),
    ),
    scheduler: createSchedulerPart(profileFrom(spec.scheduler)),
  }
  parts.cluster.config = {
    podSubnet,
    serviceSubnet,
    controllers,
    loadBalancerKind: spec.loadBalancer?.kind ?? 'nodeport',
    kubeProxy: spec.kubeProxy,
    scheduler: spec.scheduler,
    restored,
    withoutProxy: spec.cluster?.kubeProxyMode === 'none' || spec.componentsOff?.includes('kube-proxy') === true,
    withoutScheduler: spec.componentsOff?.includes('scheduler') === true,
    overlay: overlayOfCluster(spec.restore ?? spec.objects ?? []) ?? 'host-gw',
  }
  layRouter(parts.net)
  layClient(parts.net, DEFAULT_CLIENT)
  if (spec.restore !== undefined) {
    parts.cluster.restoring.push(...spec.restore)
    for (const machine of machinesOf(spec.restore)) parts.cluster.machines.set(machine.name, machine)
  } else {
    for (const machine of planMachines(spec.cluster)) parts.cluster.machines.set(machine.name, machine)
    for (const node of spec.cluster?.nodes ?? [])
      if (node.joinsAt !== undefined) parts.cluster.joining.set(node.name, node.joinsAt)
    for (const machine of parts.cluster.machines.values()) {
      if (machine.powered) layNode(parts.net, { name: machine.name, addresses: addressesOfMachine(machine), podCIDRs: [] })
    }
  }
  parts.cluster.startObjects.push(...(spec.objects ?? []))
  return parts
}

/** Queues the first events of a world made of `clusterParts`. */
export function startCluster(world: World): void {
  enqueue<Parts, Messages, 'bootstrap'>(world, { to: { kind: 'bootstrap' }, message: { type: 'start' }, at: 0, flow: BACKGROUND })
}
