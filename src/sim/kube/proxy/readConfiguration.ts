import { parsePrefix } from '../../net/address.js'
import type { DetectLocalMode, ProxyConfiguration, ProxyMode } from './configuration.js'
import { DEFAULT_PROXY_CONFIGURATION } from './configuration.js'

/** What a `KubeProxyConfiguration` says, and which of its fields could not be used. */
export interface ReadConfiguration {
  readonly configuration: ProxyConfiguration
  /** In kube-proxy's words where it has some: `KubeProxyConfiguration.Mode: Unsupported value: …`. */
  readonly errors: readonly string[]
}

/**
 * Reads a `kubeproxy.config.k8s.io/v1alpha1` document. Absent fields get kube-proxy's own defaults; an absent `clusterCIDR` is
 * no cluster CIDR, so that no packet counts as local.
 *
 * @param document decoded YAML: outside data.
 * @param mode from kind's `networking.kubeProxyMode`, where the document names none.
 * Source: kubernetes pkg/proxy/apis/config/v1alpha1/defaults.go, pkg/proxy/apis/config/validation/validation.go
 */
export function readProxyConfiguration(document: Readonly<Record<string, unknown>>, mode?: ProxyMode): ReadConfiguration {
  const errors: string[] = []
  const read = fieldReader(document, errors)
  const detectLocal = read.record('detectLocal')
  const chosen = readMode(read.text('mode'), mode, errors)
  // Each mode has its own section; those of iptables and nftables share what the rules depend on.
  const iptables = read.record('iptables')
  const section = chosen === 'nftables' ? read.record('nftables') : iptables
  const clusterCIDRs = read
    .text('clusterCIDR')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  for (const block of clusterCIDRs) {
    if (parsePrefix(block) === undefined || !block.includes('/')) {
      errors.push(
        `KubeProxyConfiguration.ClusterCIDR: Invalid value: ${JSON.stringify(block)}: must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)`,
      )
    }
  }
  return {
    configuration: {
      mode: chosen,
      clusterCIDRs,
      detectLocalMode: readDetectLocalMode(read.text('detectLocalMode'), errors),
      bridgeInterface: detectLocal.text('bridgeInterface'),
      interfaceNamePrefix: detectLocal.text('interfaceNamePrefix'),
      masqueradeAll: section.flag('masqueradeAll', false),
      masqueradeBit: section.count('masqueradeBit', DEFAULT_PROXY_CONFIGURATION.masqueradeBit, 31),
      localhostNodePorts: iptables.flag('localhostNodePorts', true),
      nodePortAddresses: read.texts('nodePortAddresses'),
      minSyncPeriod: section.duration('minSyncPeriod', DEFAULT_PROXY_CONFIGURATION.minSyncPeriod),
      syncPeriod: section.duration('syncPeriod', DEFAULT_PROXY_CONFIGURATION.syncPeriod),
      conntrackTcpBeLiberal: read.record('conntrack').flag('tcpBeLiberal', false),
    },
    errors,
  }
}

/**
 * The configuration of a cluster's kube-proxies: of its document, or, without one, what kubeadm and kind write for this Pod range.
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
  const clusterCIDRs = podSubnet.split(',').filter((each) => each !== '')
  return { configuration: { ...DEFAULT_PROXY_CONFIGURATION, clusterCIDRs, mode: chosen ?? 'iptables' }, errors: [] }
}

const MODES: readonly ProxyMode[] = ['iptables', 'nftables', 'ipvs', 'userspace']

function readMode(text: string, fallback: ProxyMode | undefined, errors: string[]): ProxyMode {
  if (text === '') return fallback ?? 'iptables'
  const mode = MODES.find((each) => each === text)
  if (mode === undefined)
    errors.push(
      `KubeProxyConfiguration.Mode: Unsupported value: ${JSON.stringify(text)}: supported values: "iptables", "ipvs", "nftables"`,
    )
  return mode ?? 'iptables'
}

const DETECT_LOCAL_MODES: readonly DetectLocalMode[] = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix']

function readDetectLocalMode(text: string, errors: string[]): DetectLocalMode {
  if (text === '') return 'ClusterCIDR'
  const mode = DETECT_LOCAL_MODES.find((each) => each === text)
  if (mode === undefined) {
    const supported = '"BridgeInterface", "ClusterCIDR", "InterfaceNamePrefix", "NodeCIDR"'
    errors.push(
      `KubeProxyConfiguration.DetectLocalMode: Unsupported value: ${JSON.stringify(text)}: supported values: ${supported}`,
    )
  }
  return mode ?? 'ClusterCIDR'
}

/** Reads fields of a decoded document, noting those of a wrong type; `null` counts as absent. */
interface FieldReader {
  text(field: string): string
  texts(field: string): readonly string[]
  flag(field: string, fallback: boolean): boolean
  count(field: string, fallback: number, most: number): number
  /** Microseconds; zero counts as absent. */
  duration(field: string, fallback: number): number
  record(field: string): FieldReader
}

function fieldReader(document: Readonly<Record<string, unknown>>, errors: string[], path = ''): FieldReader {
  const take = <T>(field: string, fallback: T, wanted: string, isWanted: (value: unknown) => value is T): T => {
    const value = document[field]
    if (value === undefined || value === null) return fallback
    if (isWanted(value)) return value
    errors.push(`KubeProxyConfiguration.${path}${field}: must be ${wanted}`)
    return fallback
  }
  return {
    text: (field) => take(field, '', 'a string', isText),
    texts: (field) => take<readonly string[]>(field, [], 'a list of strings', isTexts),
    flag: (field, fallback) => take(field, fallback, 'true or false', isFlag),
    count: (field, fallback, most) =>
      take(field, fallback, `a whole number from 0 to ${most}`, (value): value is number => isCount(value) && value <= most),
    duration: (field, fallback) => {
      const text = take(field, '0s', 'a duration such as 30s', isText)
      const micros = parseDuration(text)
      if (micros === undefined) errors.push(`KubeProxyConfiguration.${path}${field}: must be a duration such as 30s`)
      return micros === undefined || micros === 0 ? fallback : micros
    },
    record: (field) =>
      fieldReader(take<Readonly<Record<string, unknown>>>(field, {}, 'a mapping', isRecord), errors, `${path}${field}.`),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const UNIT_MICROS: Readonly<Record<string, number>> = { h: 3_600_000_000, m: 60_000_000, s: 1_000_000, ms: 1_000, us: 1, µs: 1 }

/** A Go duration (`1m30s`, `500ms`) in microseconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d+(\.\d*)?(h|ms|us|µs|m|s))+$/.test(text)) return undefined
  let micros = 0
  for (const part of text.matchAll(/(\d+(?:\.\d*)?)(h|ms|us|µs|m|s)/g))
    micros += Number(part[1]) * (UNIT_MICROS[part[2] ?? ''] ?? 0)
  return Math.round(micros)
}
