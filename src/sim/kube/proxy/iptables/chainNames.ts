import type { ServicePortInfo } from '../services.js'
import { base32, sha256 } from './sha256.js'

/**
 * The 16 characters that stand for a Service's port (and endpoint) in chain names: a hash, because iptables allows 28 characters.
 *
 * Source: kubernetes pkg/proxy/iptables/proxier.go portProtoHash, servicePortEndpointChainName
 */
export function chainHash(nameString: string, protocol: string, endpoint = ''): string {
  return base32(sha256(`${nameString}${protocol.toLowerCase()}${endpoint}`), 16)
}

/** The chains that belong to one port of one Service. */
export interface ServiceChains {
  /** `KUBE-SVC-…`: chooses among the endpoints of the policy Cluster. */
  readonly cluster: string
  /** `KUBE-SVL-…`: chooses among the endpoints of the policy Local. */
  readonly local: string
  /** `KUBE-EXT-…`: where traffic from outside enters. */
  readonly external: string
  /** `KUBE-FW-…`: lets only the allowed sources through. */
  readonly firewall: string
}

export function serviceChains(port: ServicePortInfo): ServiceChains {
  const hash = chainHash(port.nameString, port.protocol)
  return {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`,
  }
}

/** `KUBE-SEP-…`: rewrites the destination to one endpoint. */
export function endpointChain(port: ServicePortInfo, endpoint: string): string {
  return `KUBE-SEP-${chainHash(port.nameString, port.protocol, endpoint)}`
}

const SERVICE_CHAIN = /^KUBE-(SVC|SVL|EXT|FW|SEP)-/

/** Whether a chain belongs to one Service; the others are kube-proxy's fixed ones. */
export function isServiceChain(name: string): boolean {
  return SERVICE_CHAIN.test(name)
}
