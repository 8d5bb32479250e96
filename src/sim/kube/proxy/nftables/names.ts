import type { EndpointInfo } from '../endpoints.js'
import { base32, sha256 } from '../iptables/sha256.js'
import type { ServicePortInfo } from '../services.js'

/** nftables allows 256 characters in a name; 16 are for the prefix. Source: knftables NameLengthMax; pkg/proxy/nftables/proxier.go chainNameBaseLengthMax */
const LONGEST_BASE = 240

/** A name with 8 characters of its hash in front, cut where it is too long. Source: pkg/proxy/nftables/proxier.go hashAndTruncate */
export function hashAndTruncate(name: string): string {
  const hashed = `${base32(sha256(name), 8)}-${name}`
  return hashed.length > LONGEST_BASE ? `${hashed.slice(0, LONGEST_BASE - 3)}...` : hashed
}

function portPath(port: ServicePortInfo): string {
  return `${port.namespace}/${port.name}/${port.protocol.toLowerCase()}/${port.portName}`
}

/** Chains that belong to one port of one Service. Source: pkg/proxy/nftables/proxier.go servicePortChainNameBase */
export interface NftServiceChains {
  readonly cluster: string
  readonly local: string
  readonly external: string
  readonly firewall: string
}

export function nftServiceChains(port: ServicePortInfo): NftServiceChains {
  const base = hashAndTruncate(portPath(port))
  return { cluster: `service-${base}`, local: `local-${base}`, external: `external-${base}`, firewall: `firewall-${base}` }
}

/** Chain and affinity set of one endpoint. Source: pkg/proxy/nftables/proxier.go servicePortEndpointChainNameBase */
export function nftEndpointNames(
  port: ServicePortInfo,
  endpoint: Pick<EndpointInfo, 'ip' | 'port'>,
): { readonly chain: string; readonly affinity: string } {
  const base = hashAndTruncate(`${portPath(port)}__${endpoint.ip.replaceAll(':', '.')}/${endpoint.port}`)
  return { chain: `endpoint-${base}`, affinity: `affinity-${base}` }
}
