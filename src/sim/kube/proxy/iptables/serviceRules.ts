import { prefixHolds } from '../../../net/address.js'
import type { IpFamily } from '../address.js'
import type { LocalDetector } from '../configuration.js'
import type { EndpointInfo } from '../endpoints.js'
import type { ServicePortInfo } from '../services.js'
import { isPortExternallyAccessible } from '../services.js'
import type { EndpointChoice } from '../topology.js'
import type { ServiceChains } from './chainNames.js'
import { endpointChain, serviceChains } from './chainNames.js'
import { probabilityText } from './probability.js'

/** What all Services' rules of one sync have in common. */
export interface RuleSettings {
  readonly family: IpFamily
  readonly localDetector: LocalDetector
  readonly masqueradeAll: boolean
  readonly localhostNodePorts: boolean
  /** The Node's main address of the family; empty when it has none. */
  readonly nodeIP: string
  /** Above 1,000 endpoints kube-proxy leaves out the comments of the longest chains. */
  readonly isLargeCluster: boolean
}

/** The rules that exist because of one port of one Service. Immutable. */
export interface ServiceRules {
  /** Lines in chains that all Services share, by `table/chain`. */
  readonly shared: ReadonlyMap<SharedChain, readonly string[]>
  /** Chains of its own, all in `nat`. */
  readonly chains: ReadonlyMap<string, readonly string[]>
}

export type SharedChain =
  | 'filter/KUBE-SERVICES'
  | 'filter/KUBE-EXTERNAL-SERVICES'
  | 'filter/KUBE-NODEPORTS'
  | 'filter/KUBE-PROXY-FIREWALL'
  | 'nat/KUBE-SERVICES'
  | 'nat/KUBE-NODEPORTS'

/**
 * All rules for one port of one Service on one Node, in the words of iptables-save.
 *
 * Source: kubernetes pkg/proxy/iptables/proxier.go syncProxyRules (the part for each Service), writeServiceToEndpointRules
 */
export function writeServiceRules(port: ServicePortInfo, choice: EndpointChoice, settings: RuleSettings): ServiceRules {
  const writer = new RuleWriter(port, settings)
  const chains = writer.names
  const local = choice.local ?? []
  const cluster = choice.cluster ?? []
  const hasInternal = choice.hasAny && (!port.internalPolicyLocal || local.length > 0)
  const hasExternal = choice.hasAny && (!port.externalPolicyLocal || local.length > 0)
  const usesFirewall = choice.hasAny && port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0
  const internalChain = port.internalPolicyLocal ? chains.local : chains.cluster
  const refusal = choice.hasAny
    ? { target: 'DROP', why: 'has no local endpoints' }
    : { target: writer.reject, why: 'has no endpoints' }
  const refusalComment = `${port.nameString} ${refusal.why}`

  const clusterIPMatch = (comment: string): string => writer.toAddress(port.clusterIP, comment, port.port)
  if (hasInternal) writer.share('nat/KUBE-SERVICES', clusterIPMatch(`${port.nameString} cluster IP`), internalChain)
  else writer.share('filter/KUBE-SERVICES', clusterIPMatch(refusalComment), refusal.target)

  for (const ip of port.externalIPs) {
    if (choice.hasAny) {
      writer.share('nat/KUBE-SERVICES', writer.toAddress(ip, `${port.nameString} external IP`, port.port), chains.external)
    }
    if (!hasExternal) {
      writer.share('filter/KUBE-EXTERNAL-SERVICES', writer.toAddress(ip, refusalComment, port.port), refusal.target)
    }
  }
  for (const ip of port.loadBalancerVIPs) {
    if (choice.hasAny) {
      const target = usesFirewall ? chains.firewall : chains.external
      writer.share('nat/KUBE-SERVICES', writer.toAddress(ip, `${port.nameString} loadbalancer IP`, port.port), target)
    }
    if (usesFirewall) {
      const comment = `${port.nameString} traffic not accepted by ${chains.firewall}`
      writer.share('filter/KUBE-PROXY-FIREWALL', writer.toAddress(ip, comment, port.port), 'DROP')
    }
    if (!hasExternal) {
      writer.share('filter/KUBE-EXTERNAL-SERVICES', writer.toAddress(ip, refusalComment, port.port), refusal.target)
    }
  }
  if (port.nodePort !== 0)
    writeNodePort(writer, port, { hasAny: choice.hasAny, hasExternal, refusalComment, target: refusal.target })
  if (port.healthCheckNodePort !== 0) {
    const match = `-p tcp${comment(`${port.nameString} health check node port`)} -m tcp --dport ${port.healthCheckNodePort}`
    writer.share('filter/KUBE-NODEPORTS', match, 'ACCEPT')
  }

  if (choice.hasAny && isPortExternallyAccessible(port)) {
    writeExternalChain(writer, hasExternal ? (port.externalPolicyLocal ? chains.local : chains.cluster) : undefined)
  }
  if (usesFirewall) writeFirewallChain(writer)
  if (hasInternal) writeInternalMasquerade(writer, internalChain, clusterIPMatch(`${port.nameString} cluster IP`))
  if (cluster.length > 0) writeEndpointChoice(writer, chains.cluster, cluster)
  if (local.length > 0) writeEndpointChoice(writer, chains.local, local)
  for (const endpoint of choice.reachable) writeEndpoint(writer, endpoint)
  return { shared: writer.shared, chains: writer.chains }
}

/** Chains of endpoints by text, for each port of a Service: hashing is the dearest part of writing. Can be rebuilt. */
const endpointChains = new WeakMap<ServicePortInfo, Map<string, string>>()

class RuleWriter {
  readonly shared = new Map<SharedChain, string[]>()
  readonly chains = new Map<string, string[]>()
  readonly names: ServiceChains
  readonly endpointChains: Map<string, string>
  readonly protocol: string
  readonly bits: string
  readonly reject: string
  readonly port: ServicePortInfo
  readonly settings: RuleSettings

  constructor(port: ServicePortInfo, settings: RuleSettings) {
    this.port = port
    this.settings = settings
    this.names = serviceChains(port)
    this.endpointChains = endpointChains.get(port) ?? new Map()
    endpointChains.set(port, this.endpointChains)
    this.protocol = port.protocol.toLowerCase()
    this.bits = settings.family === 'IPv6' ? '/128' : '/32'
    this.reject = `REJECT --reject-with ${settings.family === 'IPv6' ? 'icmp6' : 'icmp'}-port-unreachable`
  }

  share(chain: SharedChain, match: string, target: string): void {
    const lines = this.shared.get(chain) ?? []
    this.shared.set(chain, lines)
    lines.push(`-A ${chain.slice(chain.indexOf('/') + 1)} ${match} -j ${target}`)
  }

  /** Appends to a chain of the Service's own; an empty `match` matches all. */
  append(chain: string, match: string, target: string): void {
    const lines = this.chains.get(chain) ?? []
    this.chains.set(chain, lines)
    lines.push(`-A ${chain}${match === '' ? '' : ` ${match}`}${target === '' ? '' : ` -j ${target}`}`)
  }

  toAddress(ip: string, text: string, dport: number): string {
    return `-d ${ip}${this.bits} -p ${this.protocol}${comment(text)} -m ${this.protocol} --dport ${dport}`
  }

  /** Chain of an endpoint, hashed once. */
  endpointChain(endpoint: EndpointInfo): string {
    const known = this.endpointChains.get(endpoint.text)
    if (known !== undefined) return known
    const name = endpointChain(this.port, endpoint.text)
    this.endpointChains.set(endpoint.text, name)
    return name
  }

  /** The comment that large clusters go without, with a blank before it. */
  serviceComment(text: string): string {
    return this.settings.isLargeCluster ? '' : comment(text)
  }

  /** Options joined by one blank, empty ones left out. */
  match(...options: readonly string[]): string {
    return options
      .map((option) => option.trim())
      .filter((option) => option !== '')
      .join(' ')
  }
}

/** Service names hold a slash, so iptables-save puts every comment in quotes. */
function comment(text: string): string {
  return ` -m comment --comment "${text}"`
}

function writeNodePort(
  writer: RuleWriter,
  port: ServicePortInfo,
  state: { readonly hasAny: boolean; readonly hasExternal: boolean; readonly refusalComment: string; readonly target: string },
): void {
  const dport = `-m ${writer.protocol} --dport ${port.nodePort}`
  if (state.hasAny) {
    const own = `-p ${writer.protocol}${comment(port.nameString)} ${dport}`
    if (writer.settings.localhostNodePorts && writer.settings.family === 'IPv4') {
      const counted = `-d 127.0.0.0/8 ${own} -m nfacct --nfacct-name  localhost_nps_accepted_pkts`
      writer.share('nat/KUBE-NODEPORTS', counted, writer.names.external)
    }
    writer.share('nat/KUBE-NODEPORTS', own, writer.names.external)
  }
  if (!state.hasExternal) {
    const match = `-p ${writer.protocol}${comment(state.refusalComment)} -m addrtype --dst-type LOCAL ${dport}`
    writer.share('filter/KUBE-EXTERNAL-SERVICES', match, state.target)
  }
}

/** Marks what comes to the cluster IP from outside the cluster, since it may have to leave the Node again. */
function writeInternalMasquerade(writer: RuleWriter, chain: string, match: string): void {
  if (writer.settings.masqueradeAll) writer.append(chain, match, 'KUBE-MARK-MASQ')
  else if (writer.settings.localDetector !== undefined) {
    writer.append(chain, withDetector(writer.settings.localDetector, match, false), 'KUBE-MARK-MASQ')
  }
}

/** Adds the detector to a match, where iptables-save prints it: source before, interface after the destination. */
function withDetector(detector: Exclude<LocalDetector, undefined>, match: string, isLocal: boolean): string {
  const not = isLocal ? '' : '! '
  if (detector.kind === 'source') return `${not}-s ${detector.block} ${match}`
  const option = `${not}-i ${detector.name}`
  const destination = /^(-d \S+) (.*)$/.exec(match)
  return destination === null ? `${option} ${match}` : `${destination[1]} ${option} ${destination[2]}`
}

function writeExternalChain(writer: RuleWriter, policyChain: string | undefined): void {
  const { port, names, settings } = writer
  const about = `${port.nameString} external destinations`
  if (port.externalPolicyLocal) {
    if (settings.localDetector !== undefined) {
      const pods = withDetector(settings.localDetector, comment(`pod traffic for ${about}`).trim(), true)
      writer.append(names.external, pods, names.cluster)
    }
    const fromHere = '-m addrtype --src-type LOCAL'
    writer.append(names.external, writer.match(comment(`masquerade LOCAL traffic for ${about}`), fromHere), 'KUBE-MARK-MASQ')
    writer.append(names.external, writer.match(comment(`route LOCAL traffic for ${about}`), fromHere), names.cluster)
  } else {
    writer.append(names.external, comment(`masquerade traffic for ${about}`).trim(), 'KUBE-MARK-MASQ')
  }
  if (policyChain !== undefined) writer.append(names.external, '', policyChain)
}

function writeFirewallChain(writer: RuleWriter): void {
  const { port, names, settings } = writer
  const about = comment(`${port.nameString} loadbalancer IP`).trim()
  for (const range of port.sourceRanges) {
    // iptables does not print a source that is everything.
    writer.append(names.firewall, range.length === 0 ? about : `-s ${range.text} ${about}`, names.external)
  }
  if (port.sourceRanges.some((range) => prefixHolds(range, settings.nodeIP))) {
    for (const ip of port.loadBalancerVIPs) writer.append(names.firewall, `-s ${ip}${writer.bits} ${about}`, names.external)
  }
  writer.append(names.firewall, comment(`other traffic to ${port.nameString} will be dropped by KUBE-PROXY-FIREWALL`).trim(), '')
}

function recent(settings: RuleSettings, chain: string, what: string): string {
  const mask = settings.family === 'IPv6' ? 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' : '255.255.255.255'
  return `-m recent ${what} --name ${chain} --mask ${mask} --rsource`
}

function writeEndpointChoice(writer: RuleWriter, chain: string, endpoints: readonly EndpointInfo[]): void {
  const { port, settings } = writer
  const about = (endpoint: EndpointInfo): string => writer.serviceComment(`${port.nameString} -> ${endpoint.text}`)
  if (port.affinitySeconds > 0) {
    for (const endpoint of endpoints) {
      const target = writer.endpointChain(endpoint)
      const remembered = recent(settings, target, `--rcheck --seconds ${port.affinitySeconds} --reap`)
      writer.append(chain, writer.match(about(endpoint), remembered), target)
    }
  }
  endpoints.forEach((endpoint, index) => {
    const left = endpoints.length - index
    const chance = left === 1 ? '' : `-m statistic --mode random --probability ${probabilityText(left)}`
    writer.append(chain, writer.match(about(endpoint), chance), writer.endpointChain(endpoint))
  })
}

function writeEndpoint(writer: RuleWriter, endpoint: EndpointInfo): void {
  const { port, settings, protocol } = writer
  const chain = writer.endpointChain(endpoint)
  const about = writer.serviceComment(port.nameString)
  writer.append(chain, writer.match(`-s ${endpoint.ip}${writer.bits}`, about), 'KUBE-MARK-MASQ')
  const remember = port.affinitySeconds > 0 ? recent(settings, chain, '--set') : ''
  writer.append(
    chain,
    writer.match(`-p ${protocol}`, about, remember, `-m ${protocol}`),
    `DNAT --to-destination ${endpoint.text}`,
  )
}
