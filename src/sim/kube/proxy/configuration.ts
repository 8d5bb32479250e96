import { parsePrefix, prefixHolds } from '../../net/address.js'
import type { IpFamily } from './address.js'
import { ipFamilyOf } from './address.js'

export type ProxyMode = 'iptables' | 'nftables' | 'ipvs' | 'userspace'

/** How kube-proxy tells that a packet comes from a Pod of its own Node or cluster. */
export type DetectLocalMode = 'ClusterCIDR' | 'NodeCIDR' | 'BridgeInterface' | 'InterfaceNamePrefix'

/** Something that kube-proxy ends with when it reads its configuration. */
export interface ConfigurationFault {
  /** Where in the document: `iptables.masqueradeBit`, `nodePortAddresses[0]`. */
  readonly field: string
  /** In kube-proxy's words: `KubeProxyConfiguration.Mode.ProxyMode: Invalid value: …`. */
  readonly message: string
}

/** The part of its `conntrack` section that decides about something here. */
export interface ConntrackTimeouts {
  readonly tcpEstablished: number
  /** Of an exchange without an answer yet. */
  readonly udp: number
  readonly udpStream: number
}

/** The part of `KubeProxyConfiguration` that decides about rules and syncs, in its own field names. Durations in microseconds. */
export interface ProxyConfiguration {
  readonly mode: ProxyMode
  /** Blocks of Pod addresses, at most one for each family; empty means that no local detector exists in mode `ClusterCIDR`. */
  readonly clusterCIDRs: readonly string[]
  readonly detectLocalMode: DetectLocalMode
  readonly bridgeInterface: string
  readonly interfaceNamePrefix: string
  readonly masqueradeAll: boolean
  /** Which bit of the mark asks for masquerading; 14 is 0x4000. */
  readonly masqueradeBit: number
  readonly localhostNodePorts: boolean
  /** Blocks whose Node addresses take NodePorts; `primary` is the Node's main address; empty is all (iptables) or primary (nftables). */
  readonly nodePortAddresses: readonly string[]
  readonly minSyncPeriod: number
  readonly syncPeriod: number
  /** The sysctl `nf_conntrack_tcp_be_liberal`: then packets that conntrack calls INVALID are not dropped. */
  readonly conntrackTcpBeLiberal: boolean
  /** Until conntrack forgets a connection, in microseconds; 0 leaves the Node as it is. */
  readonly conntrackTimeouts: ConntrackTimeouts
  /** Stands in for the Node's main address of its family, unless it is `0.0.0.0` or `::`. */
  readonly bindAddress: string
  /** Where `/healthz` and `/livez` are served: `0.0.0.0:10256`. */
  readonly healthzBindAddress: string
  /** Where `/proxyMode` is served: `127.0.0.1:10249`. */
  readonly metricsBindAddress: string
  /** The Node that it takes itself for, unless a flag of its container says so; empty: its machine's own. */
  readonly hostnameOverride: string
}

/** What kubeadm and kind give: iptables, Pods in 10.244.0.0/16. Source: kubernetes cmd/kubeadm/app/componentconfigs; pkg/proxy/apis/config/v1alpha1/defaults.go */
export const DEFAULT_PROXY_CONFIGURATION: ProxyConfiguration = {
  mode: 'iptables',
  clusterCIDRs: ['10.244.0.0/16'],
  detectLocalMode: 'ClusterCIDR',
  bridgeInterface: '',
  interfaceNamePrefix: '',
  masqueradeAll: false,
  masqueradeBit: 14,
  localhostNodePorts: true,
  nodePortAddresses: [],
  minSyncPeriod: 1_000_000,
  syncPeriod: 30_000_000,
  conntrackTcpBeLiberal: false,
  conntrackTimeouts: { tcpEstablished: 86_400_000_000, udp: 0, udpStream: 0 },
  bindAddress: '0.0.0.0',
  healthzBindAddress: '0.0.0.0:10256',
  metricsBindAddress: '127.0.0.1:10249',
  hostnameOverride: '',
}

/** Recognises packets of local Pods, as arguments of an iptables rule; undefined when nothing can tell. */
export type LocalDetector =
  | { readonly kind: 'source'; readonly block: string }
  | { readonly kind: 'interface'; readonly name: string }
  | undefined

/**
 * The detector for one family on a Node with these Pod blocks.
 *
 * Source: kubernetes cmd/kube-proxy/app/server_linux.go getLocalDetectors; pkg/proxy/util/localdetector.go
 */
export function localDetectorOf(configuration: ProxyConfiguration, family: IpFamily, podCIDRs: readonly string[]): LocalDetector {
  const firstOf = (blocks: readonly string[]): LocalDetector => {
    const prefixes = blocks.filter((each) => ipFamilyOf(each) === family).map((each) => parsePrefix(each))
    const prefix = prefixes.find((each) => each !== undefined)
    return prefix === undefined ? undefined : { kind: 'source', block: prefix.text }
  }
  switch (configuration.detectLocalMode) {
    case 'ClusterCIDR':
      return firstOf(configuration.clusterCIDRs)
    case 'NodeCIDR':
      return firstOf(podCIDRs)
    case 'BridgeInterface':
      return { kind: 'interface', name: configuration.bridgeInterface }
    case 'InterfaceNamePrefix':
      return { kind: 'interface', name: `${configuration.interfaceNamePrefix}+` }
  }
}

/**
 * Whether NodePorts are served on 127.0.0.1: asked for, and within the addresses that take NodePorts.
 *
 * Source: kubernetes pkg/proxy/iptables/proxier.go NewProxier; pkg/proxy/util/nodeport_addresses.go ContainsIPv4Loopback
 */
export function servesLocalhost(configuration: ProxyConfiguration): boolean {
  if (configuration.mode === 'nftables' || !configuration.localhostNodePorts) return false
  const blocks = configuration.nodePortAddresses.filter((block) => ipFamilyOf(block) === 'IPv4' && block.includes('/'))
  if (configuration.nodePortAddresses.includes('primary')) return false
  return blocks.length === 0 || blocks.some((block) => holdsLoopback(block))
}

function holdsLoopback(block: string): boolean {
  const prefix = parsePrefix(block)
  return prefix !== undefined && (prefix.text.startsWith('127.') || prefixHolds(prefix, '127.0.0.0'))
}

/** The mark that asks for masquerading, as iptables prints it: `0x4000`. */
export function masqueradeMark(configuration: ProxyConfiguration): string {
  return `0x${((1 << configuration.masqueradeBit) >>> 0).toString(16)}`
}
