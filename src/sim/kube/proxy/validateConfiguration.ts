import type { Prefix } from '../../net/address.js'
import { canonicalAddress, parsePrefix } from '../../net/address.js'
import type { ConfigurationFault } from './configuration.js'
import type { DecodedConfiguration } from './decodeConfiguration.js'
import { formatDuration } from './goDuration.js'

/** Only the minor version before this one may show its hidden metrics. */
const PREVIOUS_VERSION = '1.35'

/**
 * What kube-proxy finds wrong with its configuration, in its order and words.
 *
 * Source: kubernetes pkg/proxy/apis/config/validation/validation.go Validate
 */
export function validateConfiguration(decoded: DecodedConfiguration): readonly ConfigurationFault[] {
  const mode = decoded.text('mode')
  return [
    ...masqueradeBit(decoded, 'iptables', 'KubeProxyIPTablesConfiguration'),
    ...(mode === 'ipvs' ? ipvs(decoded) : []),
    ...(mode === 'nftables' ? masqueradeBit(decoded, 'nftables', 'KubeProxyNFTablesConfiguration') : []),
    ...linux(decoded),
    ...proxyMode(mode),
    ...atLeastZero(decoded.count('clientConnection.burst'), 'clientConnection.burst', 'ClientConnection.Burst'),
    ...periods(decoded, mode),
    ...addresses(decoded),
    ...portRange(decoded.text('portRange')),
    ...nodePortAddresses(decoded.texts('nodePortAddresses')),
    ...hiddenMetrics(decoded.text('showHiddenMetricsForVersion')),
    ...detectLocal(decoded),
    ...logging(decoded.text('logging.format')),
  ]
}

/** @param path in kube-proxy's own field names, below `KubeProxyConfiguration`. */
function invalid(field: string, path: string, value: unknown, detail: string): ConfigurationFault {
  return { field, message: `KubeProxyConfiguration.${path}: Invalid value: ${JSON.stringify(value)}: ${detail}` }
}

const AT_LEAST_ZERO = 'must be greater than or equal to 0'

function atLeastZero(value: number | undefined, field: string, path: string): readonly ConfigurationFault[] {
  return value === undefined || value >= 0 ? [] : [invalid(field, path, value, AT_LEAST_ZERO)]
}

function durationAtLeastZero(decoded: DecodedConfiguration, field: string, path: string): readonly ConfigurationFault[] {
  const value = decoded.duration(field)
  return value >= 0 ? [] : [invalid(field, path, formatDuration(value), AT_LEAST_ZERO)]
}

function masqueradeBit(decoded: DecodedConfiguration, section: string, path: string): readonly ConfigurationFault[] {
  const bit = decoded.count(`${section}.masqueradeBit`)
  if (bit === undefined || (bit >= 0 && bit <= 31)) return []
  return [invalid(`${section}.masqueradeBit`, `${path}.MasqueradeBit`, bit, 'must be within the range [0, 31]')]
}

function ipvs(decoded: DecodedConfiguration): readonly ConfigurationFault[] {
  const at = 'KubeProxyIPVSConfiguration'
  return [
    ...durationAtLeastZero(decoded, 'ipvs.tcpTimeout', `${at}.TCPTimeout`),
    ...durationAtLeastZero(decoded, 'ipvs.tcpFinTimeout', `${at}.TCPFinTimeout`),
    ...durationAtLeastZero(decoded, 'ipvs.udpTimeout', `${at}.UDPTimeout`),
    ...decoded
      .texts('ipvs.excludeCIDRs')
      .flatMap((block, index) => cidr(block, `ipvs.excludeCIDRs[${index}]`, `${at}.ExcludeCidrs[${index}]`)),
  ]
}

function linux(decoded: DecodedConfiguration): readonly ConfigurationFault[] {
  const at = 'KubeProxyLinuxConfiguration'
  const conntrack = `${at}.KubeProxyConntrackConfiguration`
  const score = decoded.count('oomScoreAdj')
  return [
    ...atLeastZero(decoded.count('conntrack.maxPerCore'), 'conntrack.maxPerCore', `${conntrack}.MaxPerCore`),
    ...atLeastZero(decoded.count('conntrack.min'), 'conntrack.min', `${conntrack}.Min`),
    ...durationAtLeastZero(decoded, 'conntrack.tcpEstablishedTimeout', `${conntrack}.TCPEstablishedTimeout`),
    ...durationAtLeastZero(decoded, 'conntrack.tcpCloseWaitTimeout', `${conntrack}.TCPCloseWaitTimeout`),
    ...durationAtLeastZero(decoded, 'conntrack.udpTimeout', `${conntrack}.UDPTimeout`),
    ...durationAtLeastZero(decoded, 'conntrack.udpStreamTimeout', `${conntrack}.UDPStreamTimeout`),
    ...(score === undefined || Math.abs(score) <= 1_000
      ? []
      : [invalid('oomScoreAdj', `${at}.OOMScoreAdj`, score, 'must be within the range [-1000, 1000]')]),
  ]
}

function proxyMode(mode: string): readonly ConfigurationFault[] {
  if (['', 'iptables', 'ipvs', 'nftables'].includes(mode)) return []
  const detail = 'must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])'
  return [invalid('mode', 'Mode.ProxyMode', mode, detail)]
}

function periods(decoded: DecodedConfiguration, mode: string): readonly ConfigurationFault[] {
  const section = mode === 'ipvs' || mode === 'nftables' ? mode : 'iptables'
  const sync = decoded.duration(`${section}.syncPeriod`)
  const min = decoded.duration(`${section}.minSyncPeriod`)
  const config = decoded.duration('configSyncPeriod')
  const [syncField, minField] = [`${section}.syncPeriod`, `${section}.minSyncPeriod`]
  return [
    ...(config > 0 ? [] : [invalid('configSyncPeriod', 'ConfigSyncPeriod', formatDuration(config), 'must be greater than 0')]),
    ...(sync > 0 ? [] : [invalid(syncField, 'SyncPeriod', formatDuration(sync), 'must be greater than 0')]),
    ...(min >= 0 ? [] : [invalid(minField, 'MinSyncPeriod', formatDuration(min), AT_LEAST_ZERO)]),
    ...(min <= sync
      ? []
      : [
          invalid(
            syncField,
            'SyncPeriod',
            formatDuration(min),
            'must be greater than or equal to KubeProxyConfiguration.MinSyncPeriod',
          ),
        ]),
  ]
}

function addresses(decoded: DecodedConfiguration): readonly ConfigurationFault[] {
  const bind = decoded.text('bindAddress')
  return [
    ...(canonicalAddress(bind) === undefined
      ? [invalid('bindAddress', 'BindAddress', bind, 'not a valid textual representation of an IP address')]
      : []),
    ...hostPort(decoded.text('healthzBindAddress'), 'healthzBindAddress', 'HealthzBindAddress'),
    ...hostPort(decoded.text('metricsBindAddress'), 'metricsBindAddress', 'MetricsBindAddress'),
  ]
}

/** Splits `IP:port` or `[IPv6]:port`. Source: Go net.SplitHostPort */
export function splitHostPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text)
  return parts === null ? undefined : { host: parts[1] ?? parts[2] ?? '', port: parts[3] ?? '' }
}

function hostPort(text: string, field: string, path: string): readonly ConfigurationFault[] {
  const parts = splitHostPort(text)
  if (parts === undefined) return [invalid(field, path, text, 'must be IP:port')]
  const port = /^[-+]?\d+$/.test(parts.port) ? Number(parts.port) : 0
  return [
    ...(canonicalAddress(parts.host) === undefined ? [invalid(field, path, parts.host, 'must be a valid IP')] : []),
    ...(port >= 1 && port <= 65_535 ? [] : [invalid(field, path, parts.port, 'must be a valid port')]),
  ]
}

/** Source: kubernetes staging apimachinery pkg/util/net/port_range.go Set */
function portRange(text: string): readonly ConfigurationFault[] {
  const value = text.trim()
  const parts = /^(\d+)(?:([-+])(\d+))?$/.exec(value)
  const low = Number(parts?.[1] ?? 0)
  const high = parts?.[3] === undefined ? low : parts[2] === '+' ? low + Number(parts[3]) : Number(parts[3])
  if (value === '' || (parts !== null && low <= high && low <= 65_535 && (parts[2] === '+' || high <= 65_535))) return []
  return [invalid('portRange', 'PortRange', text, 'must be a valid port range (e.g. 300-2000)')]
}

function readCidr(block: string): Prefix | undefined {
  return /\/\d{1,3}$/.test(block) ? parsePrefix(block) : undefined
}

function cidr(block: string, field: string, path: string): readonly ConfigurationFault[] {
  return readCidr(block) === undefined ? [invalid(field, path, block, 'must be a valid CIDR')] : []
}

function nodePortAddresses(blocks: readonly string[]): readonly ConfigurationFault[] {
  const faults: ConfigurationFault[] = []
  for (const [index, block] of blocks.entries()) {
    const [field, path] = [`nodePortAddresses[${index}]`, `NodePortAddresses[${index}]`]
    if (block === 'primary') {
      if (blocks.length > 1) faults.push(invalid(field, path, block, "can't use both 'primary' and CIDRs"))
      break
    }
    faults.push(...cidr(block, field, path))
  }
  return faults
}

/** Source: kubernetes staging component-base metrics/options.go ValidateShowHiddenMetricsVersion */
function hiddenMetrics(version: string): readonly ConfigurationFault[] {
  if (version === '' || version === PREVIOUS_VERSION) return []
  const detail = `--show-hidden-metrics-for-version must be omitted or have the value '${PREVIOUS_VERSION}'. Only the previous minor version is allowed`
  return [invalid('showHiddenMetricsForVersion', 'ShowHiddenMetricsForVersion', version, detail)]
}

const LOCAL_MODES = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix', '']

function detectLocal(decoded: DecodedConfiguration): readonly ConfigurationFault[] {
  const mode = decoded.text('detectLocalMode')
  const at = 'DetectLocalConfiguration'
  if (!LOCAL_MODES.includes(mode)) {
    const supported = LOCAL_MODES.map((each) => JSON.stringify(each)).join(', ')
    const message = `KubeProxyConfiguration.DetectLocalMode: Unsupported value: ${JSON.stringify(mode)}: supported values: ${supported}`
    return [{ field: 'detectLocalMode', message }]
  }
  const empty = (field: string, path: string): readonly ConfigurationFault[] =>
    decoded.text(`detectLocal.${field}`) === '' ? [invalid(`detectLocal.${field}`, `${at}.${path}`, '', 'must not be empty')] : []
  switch (mode) {
    case 'BridgeInterface':
      return empty('bridgeInterface', 'InterfaceName')
    case 'InterfaceNamePrefix':
      return empty('interfaceNamePrefix', 'InterfacePrefix')
    case 'NodeCIDR':
      return []
    default:
      return clusterCIDRs(decoded.text('clusterCIDR'), `${at}.ClusterCIDRs`)
  }
}

const CIDR_PAIR = 'must be a either a single CIDR or dual-stack pair of CIDRs (e.g. [10.100.0.0/16, fde4:8dba:82e1::/48]'

function clusterCIDRs(text: string, path: string): readonly ConfigurationFault[] {
  if (text === '') return []
  const blocks = text.split(',')
  if (blocks.length > 2) return [invalid('clusterCIDR', path, blocks, CIDR_PAIR)]
  const read = blocks.map(readCidr)
  const faults = blocks.flatMap((block, index) =>
    read[index] === undefined
      ? [
          invalid(
            'clusterCIDR',
            `${path}[${index}]`,
            block,
            'must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)',
          ),
        ]
      : [],
  )
  const [first, second] = read
  const isPairOfOne = first !== undefined && second !== undefined && first.family === second.family
  return isPairOfOne ? [...faults, invalid('clusterCIDR', path, blocks, CIDR_PAIR)] : faults
}

/** Source: kubernetes staging component-base logs/api/v1/options.go validateFormat */
function logging(format: string): readonly ConfigurationFault[] {
  return format === 'text' || format === 'json'
    ? []
    : [invalid('logging.format', 'logging.format', format, 'Unsupported log format')]
}
