import type { Service, ServicePort } from '../../../generated/kubeTypes.js'
import type { Prefix } from '../../net/address.js'
import type { IpFamily } from './address.js'
import { canonicalAddress, ipFamilyOf, readAddress, readBlock } from './address.js'

export type Protocol = 'TCP' | 'UDP' | 'SCTP'

/** What kube-proxy knows of one port of one Service, for one address family. */
export interface ServicePortInfo {
  readonly namespace: string
  readonly name: string
  /** Name of the port; empty when it has none. */
  readonly portName: string
  /** `namespace/name:port`, or `namespace/name` for a port without name. */
  readonly nameString: string
  readonly protocol: Protocol
  readonly clusterIP: string
  readonly port: number
  /** 0 when there is none. */
  readonly nodePort: number
  readonly externalIPs: readonly string[]
  /** Addresses of the load balancer that packets reach the Node with (`ipMode: VIP`). */
  readonly loadBalancerVIPs: readonly string[]
  readonly sourceRanges: readonly Prefix[]
  /** Seconds for which a client is sent to the same endpoint; 0 without session affinity. */
  readonly affinitySeconds: number
  readonly healthCheckNodePort: number
  readonly externalPolicyLocal: boolean
  readonly internalPolicyLocal: boolean
}

const SERVICE_PROXY_NAME = 'service.kubernetes.io/service-proxy-name'
const HEADLESS = 'service.kubernetes.io/headless'

/**
 * Whether kube-proxy looks at a Service, or a slice, with these labels at all: Services with another proxy's name and slices marked as
 * headless it never sees.
 *
 * Source: kubernetes cmd/kube-proxy/app/server.go ProxyServer.Run (selectors of its informers)
 */
export function isForKubeProxy(kind: 'Service' | 'EndpointSlice', labels: Readonly<Record<string, string>> | undefined): boolean {
  return labels === undefined || !((kind === 'Service' ? SERVICE_PROXY_NAME : HEADLESS) in labels)
}

/**
 * The ports of a Service that need rules, in the order of the manifest; none for headless Services, ExternalName,
 * Services of another proxy, and those without an address of the family.
 *
 * Source: kubernetes pkg/proxy/servicechangetracker.go serviceToServiceMap; pkg/proxy/serviceport.go newBaseServiceInfo
 */
export function servicePortsOf(service: Service, family: IpFamily): readonly ServicePortInfo[] {
  const spec = service.spec
  if (spec === undefined || !isForKubeProxy('Service', service.metadata?.labels)) return []
  if (spec.type === 'ExternalName' || spec.clusterIP === undefined || spec.clusterIP === '' || spec.clusterIP === 'None')
    return []
  const clusterIP = clusterIPOf(service, family)
  if (clusterIP === undefined) return []
  return (spec.ports ?? []).map((port) => describePort(service, port, clusterIP, family))
}

/** Source: kubernetes pkg/proxy/util/utils.go GetClusterIPByFamily */
function clusterIPOf(service: Service, family: IpFamily): string | undefined {
  const { clusterIP = '', clusterIPs = [], ipFamilies = [] } = service.spec ?? {}
  if (clusterIPs.length === 0 || ipFamilies.length === 0) return ipFamilyOf(clusterIP) === family ? clusterIP : undefined
  const index = ipFamilies.indexOf(family)
  return index < 0 ? undefined : clusterIPs[index]
}

function describePort(service: Service, port: ServicePort, clusterIP: string, family: IpFamily): ServicePortInfo {
  const { namespace = '', name = '' } = service.metadata ?? {}
  const spec = service.spec ?? {}
  const portName = port.name ?? ''
  const externalPolicyLocal = spec.externalTrafficPolicy === 'Local' && isExternallyAccessible(service)
  const ofFamily = (ips: readonly string[]): readonly string[] =>
    ips
      .filter((ip) => ipFamilyOf(ip) === family)
      .map(readAddress)
      .filter((ip) => ip !== undefined)
  const vips = (service.status?.loadBalancer?.ingress ?? [])
    .filter((each) => each.ipMode === undefined || each.ipMode === 'VIP')
    .map((each) => each.ip ?? '')
    .filter((ip) => ip !== '')
  return {
    namespace,
    name,
    portName,
    nameString: portName === '' ? `${namespace}/${name}` : `${namespace}/${name}:${portName}`,
    protocol: protocolOf(port.protocol),
    clusterIP: canonicalAddress(clusterIP),
    port: port.port,
    nodePort: port.nodePort ?? 0,
    externalIPs: ofFamily(spec.externalIPs ?? []),
    loadBalancerVIPs: ofFamily(vips),
    sourceRanges: (spec.loadBalancerSourceRanges ?? [])
      // Validation lets blanks around a block pass, so they are cut off here.
      .map((range) => range.trim())
      .filter((range) => ipFamilyOf(range) === family)
      .map(readBlock)
      .filter((prefix) => prefix !== undefined),
    affinitySeconds:
      spec.sessionAffinity === 'ClientIP'
        ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
        : 0,
    healthCheckNodePort: spec.type === 'LoadBalancer' && externalPolicyLocal ? (spec.healthCheckNodePort ?? 0) : 0,
    externalPolicyLocal,
    internalPolicyLocal: spec.internalTrafficPolicy === 'Local',
  }
}

/** The API server's default: three hours. */
const DEFAULT_AFFINITY_SECONDS = 10_800

/** Source: kubernetes pkg/api/v1/service/util.go ExternallyAccessible */
function isExternallyAccessible(service: Service): boolean {
  const spec = service.spec ?? {}
  return spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.externalIPs ?? []).length > 0
}

export function protocolOf(text: string | undefined): Protocol {
  return text === 'UDP' || text === 'SCTP' ? text : 'TCP'
}

/** Reachable by something other than its cluster IP. Source: kubernetes pkg/proxy/serviceport.go ExternallyAccessible */
export function isPortExternallyAccessible(port: ServicePortInfo): boolean {
  return port.nodePort !== 0 || port.loadBalancerVIPs.length > 0 || port.externalIPs.length > 0
}

/** Source: kubernetes pkg/proxy/serviceport.go UsesClusterEndpoints */
export function usesClusterEndpoints(port: ServicePortInfo): boolean {
  return !port.internalPolicyLocal || isPortExternallyAccessible(port)
}

/** Source: kubernetes pkg/proxy/serviceport.go UsesLocalEndpoints */
export function usesLocalEndpoints(port: ServicePortInfo): boolean {
  return port.internalPolicyLocal || (port.externalPolicyLocal && isPortExternallyAccessible(port))
}
