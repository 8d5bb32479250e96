import { ipFamilyOf } from './address.js'
import type { ConfigurationFault, DetectLocalMode, ProxyConfiguration, ProxyMode } from './configuration.js'
import { DEFAULT_PROXY_CONFIGURATION } from './configuration.js'
import type { DecodedConfiguration } from './decodeConfiguration.js'
import { decodeConfiguration } from './decodeConfiguration.js'
import { validateConfiguration } from './validateConfiguration.js'

/** What a `KubeProxyConfiguration` says, and which of its fields could not be used. */
export interface ReadConfiguration {
  readonly configuration: ProxyConfiguration
  readonly faults: readonly ConfigurationFault[]
  /** The messages of `faults`. */
  readonly errors: readonly string[]
  /** Fields that say something but decide about nothing here, and those that kube-proxy does not know and passes over. */
  readonly notSimulated: readonly string[]
}

/**
 * Reads a `kubeproxy.config.k8s.io/v1alpha1` document. Absent fields get kube-proxy's own defaults; an absent `clusterCIDR` is
 * no cluster CIDR, so that no packet counts as local.
 *
 * @param document decoded YAML: outside data.
 * @param mode from kind's `networking.kubeProxyMode`, where the document names none.
 * Source: kubernetes cmd/kube-proxy/app/options.go loadConfig, Complete, Validate; pkg/proxy/apis/config/v1alpha1/{defaults,conversion}.go
 */
export function readProxyConfiguration(document: Readonly<Record<string, unknown>>, mode?: ProxyMode): ReadConfiguration {
  const decoded = decodeConfiguration(document)
  const faults = decoded.faults.length > 0 ? decoded.faults : validateConfiguration(decoded)
  return {
    configuration: configurationFrom(decoded, mode),
    faults,
    errors: faults.map((each) => each.message),
    notSimulated: decoded.notSimulated,
  }
}

function configurationFrom(
  { text, texts, flag, count, duration }: DecodedConfiguration,
  fallback: ProxyMode | undefined,
): ProxyConfiguration {
  const chosen = MODES.find((each) => each === text('mode')) ?? fallback ?? 'iptables'
  // Each mode has its own section; that of ipvs has no mark of its own.
  const section = chosen === 'nftables' ? 'nftables' : 'iptables'
  const periods = chosen === 'nftables' || chosen === 'ipvs' ? chosen : 'iptables'
  const asked = texts('nodePortAddresses')
  return {
    mode: chosen,
    clusterCIDRs: text('clusterCIDR') === '' ? [] : text('clusterCIDR').split(','),
    detectLocalMode: LOCAL_MODES.find((each) => each === text('detectLocalMode')) ?? 'ClusterCIDR',
    bridgeInterface: text('detectLocal.bridgeInterface'),
    interfaceNamePrefix: text('detectLocal.interfaceNamePrefix'),
    masqueradeAll: flag(`${section}.masqueradeAll`) ?? false,
    masqueradeBit: count(`${section}.masqueradeBit`) ?? DEFAULT_PROXY_CONFIGURATION.masqueradeBit,
    localhostNodePorts: flag('iptables.localhostNodePorts') ?? true,
    nodePortAddresses: asked,
    minSyncPeriod: duration(`${periods}.minSyncPeriod`),
    syncPeriod: duration(`${periods}.syncPeriod`),
    conntrackTcpBeLiberal: flag('conntrack.tcpBeLiberal') ?? false,
    conntrackTimeouts: {
      tcpEstablished: duration('conntrack.tcpEstablishedTimeout'),
      udp: duration('conntrack.udpTimeout'),
      udpStream: duration('conntrack.udpStreamTimeout'),
    },
    bindAddress: text('bindAddress'),
    healthzBindAddress: text('healthzBindAddress'),
    metricsBindAddress: text('metricsBindAddress'),
    hostnameOverride: text('hostnameOverride'),
  }
}

/**
 * The configuration of a cluster's kube-proxies: of its document, or, without one, what kubeadm and kind write for this Pod range.
 * kubeadm lets a cluster of IPv6 bind to `::`.
 *
 * @param mode kind's `kubeProxyMode`: it wins over the default, and over the document when a caller insists on it (`--proxy-mode`).
 */
export function clusterProxyConfiguration(
  document: Readonly<Record<string, unknown>> | undefined,
  mode: string | undefined,
  podSubnet: string,
): ReadConfiguration {
  const chosen = MODES.find((each) => each === mode)
  if (document !== undefined) {
    const read = readProxyConfiguration(document, chosen)
    return chosen === undefined ? read : { ...read, configuration: { ...read.configuration, mode: chosen } }
  }
  return readProxyConfiguration({
    mode: chosen ?? 'iptables',
    clusterCIDR: podSubnet,
    bindAddress: ipFamilyOf(podSubnet.split(',')[0] ?? '') === 'IPv6' ? '::' : '0.0.0.0',
    ipvs: { minSyncPeriod: '1s' },
  })
}

const MODES: readonly ProxyMode[] = ['iptables', 'nftables', 'ipvs', 'userspace']

const LOCAL_MODES: readonly DetectLocalMode[] = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix']
