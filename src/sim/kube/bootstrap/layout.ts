import { addressAt, familyOf, parsePrefix } from '../../net/address.js'
import { UNDERLAY6_PREFIX } from '../../net/layout.js'
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

/** All addresses of a machine, its first one first. */
export function addressesOfMachine(machine: Pick<Machine, 'address' | 'addresses'>): readonly string[] {
  return machine.addresses ?? [machine.address]
}

/** An IPv4 address of the underlay as one of its IPv6 prefix, with the same digits: 172.18.0.11 is fc00:f853:ccd:e793::11. */
function ipv6Of(address: string): string {
  const [, , high = '0', low = '0'] = address.split('.')
  return `${UNDERLAY6_PREFIX.text.replace('/64', '')}${high === '0' ? low : `${high}:${low}`}`
}

/** A machine's addresses in the families of the cluster's Pod ranges. */
function addressesIn(podSubnet: string, ipv4: string): readonly string[] {
  const families = podSubnet.split(',').map((block) => familyOf(block))
  return families.map((family) => (family === 4 || ipv4.includes(':') ? ipv4 : ipv6Of(ipv4)))
}

/** Machines with their addresses: control planes from 172.18.0.2, workers from 172.18.0.11, in order. */
export function planMachines(layout: ClusterLayout | undefined): readonly Machine[] {
  const podSubnet = layout?.podSubnet ?? DEFAULT_POD_SUBNET
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
    ...placeOf(addressesIn(podSubnet, spec.address ?? next(spec.role))),
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

function placeOf(addresses: readonly string[]): Pick<Machine, 'address' | 'addresses'> {
  const [address = ''] = addresses
  return addresses.length > 1 ? { address, addresses } : { address }
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
