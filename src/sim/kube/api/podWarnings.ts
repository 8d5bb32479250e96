import type { Container, ContainerPort, PodSpec } from '../../../generated/kubeTypes.js'
import { own } from '../../core/own.js'
import type { Draft } from './draft.js'
import { formatQuantity, nanosOf, parseQuantity } from './quantity.js'

type Spec = Draft<PodSpec>
type Warn = (text: string) => void

/** Labels of Nodes that have other names now. Source: kubernetes pkg/api/node/util.go deprecatedNodeLabels */
const OLD_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}

const OLD_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}

const OLD_VOLUMES: readonly (readonly [string, string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

const NO_MATCH = 'a null labelSelector results in matching no pod'

/**
 * Warnings that come with a Pod or a template of one.
 *
 * @param field where the spec stands, `metadata` where its annotations do.
 * Source: kubernetes pkg/api/pod/warnings.go warningsForPodSpecAndMeta
 */
export function warnOfPod(
  warn: Warn,
  field: string,
  spec: Spec,
  annotations: Readonly<Record<string, string | undefined>> | undefined,
): void {
  warnOfLabels(warn, field, spec)
  for (const [key, text] of Object.entries(OLD_ANNOTATIONS)) {
    if (own(annotations, key) !== undefined) warn(`${field.replace(/spec$/, 'metadata')}.annotations[${key}]: ${text}`)
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    const sources: Readonly<Record<string, unknown>> = volume
    for (const [source, text] of OLD_VOLUMES) {
      const shown = source === 'storageos' ? 'storageOS' : source
      if (sources[source] !== undefined) warn(`${field}.volumes[${index}].${shown}: ${text}`)
    }
  }
  warnOfTwins(warn, `${field}.hostAliases`, 'ip', spec.hostAliases ?? [])
  warnOfTwins(warn, `${field}.imagePullSecrets`, 'name', spec.imagePullSecrets ?? [])
  for (const [index, secret] of (spec.imagePullSecrets ?? []).entries()) {
    if ((secret.name ?? '') === '') warn(`${field}.imagePullSecrets[${index}].name: invalid empty name ""`)
  }
  warnOfFractions(warn, `${field}.overhead`, spec.overhead)
  const containers = containersOf(field, spec)
  for (const [path, container] of containers) {
    for (const kind of ['limits', 'requests'] as const) {
      warnOfFractions(warn, `${path}.resources.${kind}`, container.resources?.[kind], 'memory')
    }
    for (const kind of ['limits', 'requests'] as const) {
      warnOfFractions(warn, `${path}.resources.${kind}`, container.resources?.[kind], 'ephemeral-storage')
    }
    warnOfEnvironment(warn, path, container)
  }
  warnOfPorts(warn, containers)
  if (spec.terminationGracePeriodSeconds !== undefined && spec.terminationGracePeriodSeconds < 0) {
    warn(`${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const at = `${field}.affinity.${kind}`
    const { requiredDuringSchedulingIgnoredDuringExecution: hard, preferredDuringSchedulingIgnoredDuringExecution: soft } =
      spec.affinity?.[kind] ?? {}
    for (const [index, term] of (hard ?? []).entries()) {
      if (term.labelSelector === undefined)
        warn(`${at}.requiredDuringSchedulingIgnoredDuringExecution[${index}].labelSelector: ${NO_MATCH}`)
    }
    for (const [index, term] of (soft ?? []).entries()) {
      if (term.podAffinityTerm?.labelSelector === undefined)
        warn(`${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm.labelSelector: ${NO_MATCH}`)
    }
  }
}

type Box = Draft<Container>

/** Containers in the order in which the server visits them. */
function containersOf(field: string, spec: Spec): readonly (readonly [string, Box])[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((group) =>
    (spec[group] ?? []).map((each, index) => [`${field}.${group}[${index}]`, each] as const),
  )
}

function warnOfLabels(warn: Warn, field: string, spec: Spec): void {
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const text = own(OLD_LABELS, key)
    if (text !== undefined) warn(`${field}.nodeSelector[${key}]: ${text}`)
  }
  const { requiredDuringSchedulingIgnoredDuringExecution: hard, preferredDuringSchedulingIgnoredDuringExecution: soft } =
    spec.affinity?.nodeAffinity ?? {}
  const at = `${field}.affinity.nodeAffinity`
  const terms = [
    ...(hard?.nodeSelectorTerms ?? []).map(
      (term, index) => [`${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`, term] as const,
    ),
    ...(soft ?? []).map(
      (each, index) =>
        [`${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`, each.preference ?? {}] as const,
    ),
  ]
  for (const [path, term] of terms) {
    for (const [index, { key = '' }] of (term.matchExpressions ?? []).entries()) {
      const text = own(OLD_LABELS, key)
      if (text !== undefined) warn(`${path}.matchExpressions[${index}].key: ${key} is ${text}`)
    }
  }
  for (const [index, { topologyKey = '', labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const path = `${field}.topologySpreadConstraints[${index}]`
    const text = own(OLD_LABELS, topologyKey)
    if (text !== undefined) warn(`${path}.topologyKey: ${topologyKey} is ${text}`)
    if (labelSelector === undefined) warn(`${path}.labelSelector: ${NO_MATCH}`)
  }
}

function warnOfTwins(
  warn: Warn,
  field: string,
  key: 'ip' | 'name',
  list: readonly { ip?: string | undefined; name?: string | undefined }[],
): void {
  const seen = new Set<string>()
  for (const [index, item] of list.entries()) {
    const value = item[key] ?? ''
    if (seen.has(value)) warn(`${field}[${index}].${key}: duplicate ${key} "${value}"`)
    seen.add(value)
  }
}

/** Bytes come whole. */
function warnOfFractions(
  warn: Warn,
  field: string,
  amounts: Readonly<Record<string, string | undefined>> | undefined,
  ...names: readonly string[]
): void {
  for (const name of names.length > 0 ? names : ['memory', 'ephemeral-storage']) {
    const amount = own(amounts, name)
    if (amount === undefined || nanosOf(amount) % 1_000_000_000n === 0n) continue
    const parsed = parseQuantity(amount)
    const shown = typeof parsed === 'string' ? amount : formatQuantity(parsed)
    warn(`${field}[${name}]: fractional byte value "${shown}" is invalid, must be an integer`)
  }
}

/** A variable given twice is lost in a merge, unless the second one is made of the first. */
function warnOfEnvironment(warn: Warn, path: string, container: Box): void {
  const seen = new Set<string>()
  for (const [index, { name = '', value = '', valueFrom }] of (container.env ?? []).entries()) {
    const reference = `$(${name})`
    const isBad = valueFrom !== undefined || value === reference || !value.includes(reference)
    if (seen.has(name) && isBad)
      warn(`${path}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`)
    seen.add(name)
  }
}

function warnOfPorts(warn: Warn, containers: readonly (readonly [string, Box])[]): void {
  const known = new Map<string, { readonly path: string; readonly port: Draft<ContainerPort> }[]>()
  for (const [at, container] of containers) {
    for (const [index, port] of (container.ports ?? []).entries()) {
      const path = `${at}.ports[${index}]`
      const key = `${port.containerPort}/${port.protocol ?? 'TCP'}`
      const others = known.get(key) ?? []
      for (const other of others) {
        const [ip, otherIp] = [port.hostIP ?? '', other.port.hostIP ?? '']
        const [host, otherHost] = [port.hostPort ?? 0, other.port.hostPort ?? 0]
        if (ip === otherIp && host === otherHost) warn(`${path}: duplicate port definition with ${other.path}`)
        else if (host === 0 || otherHost === 0) warn(`${path}: overlapping port definition with ${other.path}`)
        else if (host === otherHost && (ip === '') !== (otherIp === ''))
          warn(`${path}: dangerously ambiguous port definition with ${other.path}`)
      }
      known.set(key, [...others, { path, port }])
    }
  }
}
