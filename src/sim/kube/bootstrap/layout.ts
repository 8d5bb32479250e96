import { addressAt, familyOf, parsePrefix } from '../../net/address.js'
import type { ProxyConfiguration } from '../proxy/configuration.js'
import { clusterProxyConfiguration } from '../proxy/readConfiguration.js'
import type { ClusterLayout, ConfigDocument, MachineSpec } from './clusterSpec.js'
import type { Machine } from './part.js'

export const DEFAULT_POD_SUBNET = '10.244.0.0/16'
export const DEFAULT_SERVICE_SUBNET = '10.96.0.0/16'
export const CONTROL_PLANE_ADDRESS = '172.18.0.2'
const CONTROL_PLANE_TAINT = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }

/** The cluster that one gets without saying anything: a control plane and three workers. */
export const DEFAULT_MACHINES: readonly MachineSpec[] = [
  { name: 'control-plane', role: 'control-plane' },
  { name: 'node1', role: 'worker' },
  { name: 'node2', role: 'worker' },
  { name: 'node3', role: 'worker' },
]

/** Machines with their addresses: control planes from 172.18.0.2, workers from 172.18.0.11, in order. */
export function planMachines(layout: ClusterLayout | undefined): readonly Machine[] {
  const specs = layout?.nodes ?? DEFAULT_MACHINES
  const taken = new Set(specs.flatMap((each) => each.address ?? []))
  let nextControlPlane = 2
  let nextWorker = 11
  const next = (role: MachineSpec['role']): string => {
    for (;;) {
      const number = role === 'control-plane' && nextControlPlane < 11 ? nextControlPlane++ : nextWorker++
      const address = `172.18.${number >> 8}.${number & 255}`
      // The load balancers' addresses begin at 172.18.0.100; larger clusters go on behind them.
      if (number >= 100 && number < 256) nextWorker = 256
      else if (!taken.has(address) && (number & 255) !== 255) return address
    }
  }
  const lone = specs.length === 1
  return specs.map((spec) => ({
    name: spec.name,
    role: spec.role,
    address: spec.address ?? next(spec.role),
    podCIDR: '',
    labels: spec.labels ?? {},
    // kind takes the taint off a control plane that stands alone, so that something can run.
    taints: spec.taints ?? (spec.role === 'control-plane' && !lone ? [CONTROL_PLANE_TAINT] : []),
    capacity: spec.capacity ?? {},
    powered: spec.joinsAt === undefined,
    connected: true,
    kubelet: 'running',
    kubeProxy: 'running',
    joinedLater: spec.joinsAt !== undefined,
  }))
}

/** The tenth address of the Service range belongs to DNS, the first to the API server. */
export function serviceAddress(subnet: string, index: number): string {
  const range = parsePrefix(subnet.split(',')[0] ?? subnet)
  return range === undefined ? '' : addressAt(range, index)
}

/** How kube-proxy is set up: its document where there is one (with nothing assumed that it does not say), else as kubeadm and kind do. */
export function proxyConfigurationFrom(
  document: ConfigDocument | undefined,
  podSubnet: string,
  mode: string | undefined,
): ProxyConfiguration {
  return clusterProxyConfiguration(document, mode, podSubnet).configuration
}

/** IPv4 first, as Nodes list their addresses. */
export function byFamily(a: string, b: string): number {
  return familyOf(a) - familyOf(b)
}
