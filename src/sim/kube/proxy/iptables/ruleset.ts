import { byCodeUnit } from '../../../core/digest.js'
import type { IpFamily } from '../address.js'
import type { ProxyConfiguration } from '../configuration.js'
import { localDetectorOf, masqueradeMark } from '../configuration.js'
import { endpointsOf, portKey } from '../endpoints.js'
import type { ProxyNode } from '../node.js'
import { nodePortAddressesOf } from '../nodePortAddresses.js'
import type { ServiceAndSlices } from '../objects.js'
import { servicePortsOf } from '../services.js'
import { categorizeEndpoints } from '../topology.js'
import type { Chains, FixedSettings, TableName } from './fixedRules.js'
import { BUILTIN_CHAINS, fixedFilterChains, fixedNatChains, mangleChains, nodePortJumps } from './fixedRules.js'
import type { RuleSettings, ServiceRules, SharedChain } from './serviceRules.js'
import { writeServiceRules } from './serviceRules.js'

/** What kube-proxy wants one Node's kernel to hold for one family: `-A …` lines by table and chain. Every chain without a policy is its own. */
export interface IptablesRules {
  readonly family: IpFamily
  readonly tables: ReadonlyMap<TableName, Chains>
  /** All the rules of each Service, by `namespace/name`, so that a change of one leaves the others' lines as they are. */
  readonly services: ReadonlyMap<string, ServiceFragment>
  /** The settings that the Services' rules were written with. */
  readonly settings: RuleSettings
  readonly fixed: FixedSettings
}

/** One Service's rules and how many endpoints it counts for. */
export interface ServiceFragment {
  readonly source: ServiceAndSlices
  readonly endpoints: number
  readonly ports: readonly ServiceRules[]
}

export interface IptablesInput {
  readonly family: IpFamily
  readonly node: ProxyNode
  readonly configuration: ProxyConfiguration
  readonly services: readonly ServiceAndSlices[]
}

/** More endpoints than this, and kube-proxy leaves comments out. Source: pkg/proxy/iptables/proxier.go largeClusterEndpointsThreshold */
const LARGE_CLUSTER_ENDPOINTS = 1_000

/**
 * All rules of one Node for one family.
 *
 * @param previous what the Node holds: Services whose object, slices and settings are the same keep their lines.
 * Source: kubernetes pkg/proxy/iptables/proxier.go syncProxyRules
 */
export function writeIptables(input: IptablesInput, previous?: IptablesRules): IptablesRules {
  const fixed = fixedSettingsOf(input)
  const counted = input.services.map((each) => countEndpoints(each, input))
  const total = counted.reduce((sum, each) => sum + each.endpoints, 0)
  const settings = ruleSettingsOf(input, total > LARGE_CLUSTER_ENDPOINTS)
  const isSame = previous !== undefined && sameSettings(previous.settings, settings)
  const services = new Map<string, ServiceFragment>()
  for (const { source, endpoints } of counted) {
    const known = isSame ? previous.services.get(source.key) : undefined
    const unchanged = known !== undefined && known.source.service === source.service && sameSlices(known.source, source)
    services.set(source.key, unchanged ? known : { source, endpoints, ports: writePorts(source, input, settings) })
  }
  return { family: input.family, tables: assemble(services, fixed, previous), services, settings, fixed }
}

function sameSlices(a: ServiceAndSlices, b: ServiceAndSlices): boolean {
  return a.slices.length === b.slices.length && a.slices.every((slice, index) => slice === b.slices[index])
}

function sameSettings(a: RuleSettings, b: RuleSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function countEndpoints(source: ServiceAndSlices, input: IptablesInput): { source: ServiceAndSlices; endpoints: number } {
  const byPort = endpointsOf(source.slices, input.family, input.node.name)
  const ports = servicePortsOf(source.service, input.family)
  const endpoints = ports.reduce((sum, port) => sum + (byPort.get(portKey(port.portName, port.protocol))?.length ?? 0), 0)
  return { source, endpoints }
}

function writePorts(source: ServiceAndSlices, input: IptablesInput, settings: RuleSettings): readonly ServiceRules[] {
  const byPort = endpointsOf(source.slices, input.family, input.node.name)
  return servicePortsOf(source.service, input.family).map((port) => {
    const endpoints = byPort.get(portKey(port.portName, port.protocol)) ?? []
    return writeServiceRules(port, categorizeEndpoints(endpoints, port, input.node), settings)
  })
}

function ruleSettingsOf(input: IptablesInput, isLargeCluster: boolean): RuleSettings {
  const { configuration, family, node } = input
  return {
    family,
    localDetector: localDetectorOf(configuration, family, node.podCIDRs),
    masqueradeAll: configuration.masqueradeAll,
    localhostNodePorts: configuration.localhostNodePorts,
    nodeIP: node.primary[family] ?? '',
    isLargeCluster,
  }
}

function fixedSettingsOf(input: IptablesInput): FixedSettings {
  const { configuration, family, node } = input
  return {
    family,
    localhostNodePorts: configuration.localhostNodePorts,
    mark: masqueradeMark(configuration),
    conntrackTcpBeLiberal: configuration.conntrackTcpBeLiberal,
    nodePortIPs: nodePortAddressesOf(configuration, family, node),
  }
}

const SHARED: readonly SharedChain[] = [
  'filter/KUBE-EXTERNAL-SERVICES',
  'filter/KUBE-NODEPORTS',
  'filter/KUBE-PROXY-FIREWALL',
  'filter/KUBE-SERVICES',
  'nat/KUBE-NODEPORTS',
  'nat/KUBE-SERVICES',
]

function assemble(
  services: ReadonlyMap<string, ServiceFragment>,
  fixed: FixedSettings,
  previous: IptablesRules | undefined,
): ReadonlyMap<TableName, Chains> {
  const shared = new Map<SharedChain, string[]>(SHARED.map((chain) => [chain, []]))
  const filter = new Map(fixedFilterChains(fixed))
  const nat = new Map(fixedNatChains(fixed))
  for (const fragment of services.values()) {
    for (const port of fragment.ports) {
      for (const [chain, lines] of port.shared) shared.get(chain)?.push(...lines)
      for (const [name, lines] of port.chains) nat.set(name, lines)
    }
  }
  shared.get('nat/KUBE-SERVICES')?.push(...nodePortJumps(fixed))
  for (const [place, lines] of shared) {
    const slash = place.indexOf('/')
    const table = place.slice(0, slash) === 'nat' ? nat : filter
    table.set(place.slice(slash + 1), lines)
  }
  const tables = new Map<TableName, Chains>([
    ['mangle', mangleChains()],
    ['filter', inPrintOrder('filter', filter)],
    ['nat', inPrintOrder('nat', nat)],
  ])
  return previous === undefined ? tables : keepUnchanged(tables, previous.tables)
}

/** Built-in chains first, the others by name, as iptables-save has them. */
function inPrintOrder(table: TableName, chains: Chains): Chains {
  const builtin = BUILTIN_CHAINS[table]
  const own = [...chains.keys()].filter((name) => !builtin.includes(name)).sort(byCodeUnit)
  return new Map([...builtin, ...own].map((name): [string, readonly string[]] => [name, chains.get(name) ?? []]))
}

/** The same lists of lines where nothing changed, so that whoever reads them sees at a glance what did. */
function keepUnchanged(
  tables: ReadonlyMap<TableName, Chains>,
  before: ReadonlyMap<TableName, Chains>,
): ReadonlyMap<TableName, Chains> {
  const kept = (table: TableName, chains: Chains): Chains => {
    const old = before.get(table)
    return new Map(
      [...chains].map(([name, lines]): [string, readonly string[]] => {
        const known = old?.get(name)
        const isSame = known !== undefined && known.length === lines.length && known.every((line, index) => line === lines[index])
        return [name, isSame ? known : lines]
      }),
    )
  }
  return new Map([...tables].map(([table, chains]): [TableName, Chains] => [table, kept(table, chains)]))
}
