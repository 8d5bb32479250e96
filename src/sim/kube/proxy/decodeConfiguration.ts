import type { ConfigurationFault } from './configuration.js'
import type { FieldType } from './configurationFields.js'
import { EFFECTIVE, SECTIONS } from './configurationFields.js'
import { parseDuration } from './goDuration.js'

/** A document's fields by path (`mode`, `iptables.syncPeriod`), with kube-proxy's defaults in place of what is absent. */
export interface DecodedConfiguration {
  /** Values of a wrong type: the first one ends kube-proxy. */
  readonly faults: readonly ConfigurationFault[]
  readonly notSimulated: readonly string[]
  /** Empty where absent. */
  text(path: string): string
  texts(path: string): readonly string[]
  flag(path: string): boolean | undefined
  count(path: string): number | undefined
  /** Microseconds. */
  duration(path: string): number
}

/**
 * Decodes a document as kube-proxy does: fields that it does not know are passed over, `null` counts as absent, a value of the wrong
 * type ends it.
 *
 * Source: kubernetes cmd/kube-proxy/app/options.go loadConfig (lenient decoding); Go encoding/json UnmarshalTypeError
 */
export function decodeConfiguration(document: Readonly<Record<string, unknown>>): DecodedConfiguration {
  const values = new Map<string, unknown>()
  const faults: ConfigurationFault[] = []
  const notSimulated: string[] = []
  const readSection = (name: string, content: Readonly<Record<string, unknown>>): void => {
    const section = SECTIONS[name]
    if (section === undefined) return
    for (const [key, value] of Object.entries(content)) {
      const path = name === '' ? key : `${name}.${key}`
      if (value === undefined || value === null) continue
      if (name === '' && key !== '' && SECTIONS[key] !== undefined) {
        if (isRecord(value)) readSection(key, value)
        else faults.push({ field: path, message: mistyped(value, section.struct, path, SECTIONS[key].struct) })
        continue
      }
      const type = section.fields[key]
      if (type === undefined) {
        notSimulated.push(`${path} (unknown field)`)
        continue
      }
      const fault = faultOf(value, type, section.struct, path)
      if (fault === undefined) values.set(path, value)
      else faults.push({ field: path, message: fault })
      if (!EFFECTIVE.has(path) && !isZero(value)) notSimulated.push(path)
    }
  }
  readSection('', document)
  applyDefaults(values)
  return { faults: faults.slice(0, 1), notSimulated, ...readersOf(values) }
}

function readersOf(values: ReadonlyMap<string, unknown>): Omit<DecodedConfiguration, 'faults' | 'notSimulated'> {
  return {
    text: (path) => {
      const value = values.get(path)
      return typeof value === 'string' ? value : ''
    },
    texts: (path) => {
      const value = values.get(path)
      return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
    },
    flag: (path) => {
      const value = values.get(path)
      return typeof value === 'boolean' ? value : undefined
    },
    count: (path) => {
      const value = values.get(path)
      return typeof value === 'number' ? value : undefined
    },
    duration: (path) => {
      const value = values.get(path)
      return typeof value === 'string' ? (parseDuration(value) ?? 0) : 0
    },
  }
}

const HEALTHZ_PORT = 10_256
const METRICS_PORT = 10_249

/** Source: kubernetes pkg/proxy/apis/config/v1alpha1/defaults.go SetDefaults_KubeProxyConfiguration */
function applyDefaults(values: Map<string, unknown>): void {
  const missing = (path: string): boolean => {
    const value = values.get(path)
    return value === undefined || value === '' || (typeof value === 'string' && parseDuration(value) === 0)
  }
  const fill = (path: string, value: string): void => {
    if (missing(path)) values.set(path, value)
  }
  fill('bindAddress', '0.0.0.0')
  const isIPv6 = String(values.get('bindAddress')).includes(':')
  fill('healthzBindAddress', `${isIPv6 ? '[::]' : '0.0.0.0'}:${HEALTHZ_PORT}`)
  fill('metricsBindAddress', `${isIPv6 ? '[::1]' : '127.0.0.1'}:${METRICS_PORT}`)
  values.set('healthzBindAddress', withPort(String(values.get('healthzBindAddress')), HEALTHZ_PORT))
  values.set('metricsBindAddress', withPort(String(values.get('metricsBindAddress')), METRICS_PORT))
  for (const section of ['iptables', 'ipvs', 'nftables']) fill(`${section}.syncPeriod`, '30s')
  for (const section of ['iptables', 'nftables']) fill(`${section}.minSyncPeriod`, '1s')
  fill('configSyncPeriod', '15m0s')
  // Of these 0 means something: the Node keeps what it has.
  const timeout = 'conntrack.tcpEstablishedTimeout'
  if (!values.has(timeout)) values.set(timeout, '24h0m0s')
  fill('logging.format', 'text')
}

/** Source: kubernetes pkg/proxy/util/utils.go AppendPortIfNeeded */
function withPort(address: string, port: number): string {
  if (/^\d+(\.\d+){3}$/.test(address)) return `${address}:${port}`
  if (/^[\da-f:.]*:[\da-f:.]*$/i.test(address) && address.split(':').length > 2) return `[${address}]:${port}`
  return address
}

/** Why a value does not fit a field, in Go's words. */
function faultOf(value: unknown, type: FieldType, struct: string, path: string): string | undefined {
  switch (type) {
    case 'any':
      return undefined
    case 'string':
      return typeof value === 'string' ? undefined : mistyped(value, struct, path, 'string')
    case 'bool':
      return typeof value === 'boolean' ? undefined : mistyped(value, struct, path, 'bool')
    case 'float32':
      return typeof value === 'number' ? undefined : mistyped(value, struct, path, 'float32')
    case 'int32':
      return Number.isInteger(value) && Math.abs(Number(value)) <= 0x7fff_ffff
        ? undefined
        : mistyped(value, struct, path, 'int32')
    case 'duration':
      if (typeof value !== 'string') return `json: cannot unmarshal ${kindOf(value)} into Go value of type string`
      return parseDuration(value) === undefined ? durationFault(value) : undefined
    case 'strings': {
      if (!Array.isArray(value)) return mistyped(value, struct, path, '[]string')
      const wrong: unknown = value.find((each) => typeof each !== 'string')
      return wrong === undefined ? undefined : mistyped(wrong, struct, path, 'string')
    }
    case 'map':
      if (!isRecord(value)) return mistyped(value, struct, path, 'map[string]bool')
      return Object.values(value).every((each) => typeof each === 'boolean')
        ? undefined
        : mistyped(
            Object.values(value).find((each) => typeof each !== 'boolean'),
            struct,
            path,
            'bool',
          )
  }
}

/** Source: Go time.ParseDuration */
function durationFault(text: string): string {
  const missesUnit = /^[-+]?\d+(\.\d*)?$/.test(text)
  return missesUnit ? `time: missing unit in duration ${JSON.stringify(text)}` : `time: invalid duration ${JSON.stringify(text)}`
}

function mistyped(value: unknown, struct: string, path: string, type: string): string {
  const what = typeof value === 'number' && type === 'int32' ? `number ${value}` : kindOf(value)
  return `json: cannot unmarshal ${what} into Go struct field ${struct}.${path} of type ${type}`
}

function kindOf(value: unknown): string {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'string') return 'string'
  return Array.isArray(value) ? 'array' : 'object'
}

/** What says nothing: kubeadm writes many fields so. */
function isZero(value: unknown): boolean {
  if (value === false || value === 0 || value === '') return true
  if (typeof value === 'string') return parseDuration(value) === 0
  if (Array.isArray(value)) return value.length === 0
  return isRecord(value) && Object.values(value).every((each) => each === null || isZero(each))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
