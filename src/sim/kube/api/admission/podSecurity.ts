import type { PodSpec, PodTemplateSpec } from '../../../../generated/kubeTypes.js'
import type { StoredObject } from '../../etcd/store.js'
import { getStored, listIndexed } from '../../etcd/store.js'
import type { ApiError } from '../apiError.js'
import type { Call } from '../call.js'
import type { Draft, ObjectDraft } from '../draft.js'
import { isRecord, jsonEqual, recordAt } from '../draft.js'
import { forbidden, invalid } from '../errors.js'
import type { PodSecurityLevel } from './podSecurityChecks.js'
import { PodSecurityLevels, violationsOf } from './podSecurityChecks.js'

const PREFIX = 'pod-security.kubernetes.io/'
const VERSION = /^(?:latest|v1\.\d+)$/

interface Policy {
  readonly level: PodSecurityLevel
  readonly version: string
}

function policyOf(labels: Readonly<Record<string, string>> | undefined, mode: 'enforce' | 'warn'): Policy {
  const asked = labels?.[`${PREFIX}${mode}`] ?? 'privileged'
  const level = PodSecurityLevels.find((each) => each === asked) ?? 'restricted'
  return { level, version: labels?.[`${PREFIX}${mode}-version`] ?? 'latest' }
}

/** Kinds whose template is looked at for warnings. Source: k8s.io/pod-security-admission admission/admission.go DefaultPodSpecExtractor */
const TEMPLATED: readonly string[] = [
  'deployments',
  'replicasets',
  'replicationcontrollers',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'podtemplates',
]

/**
 * Refuses Pods that the Namespace's Pod Security level forbids, and warns of templates of such Pods.
 * Source: k8s.io/pod-security-admission admission/admission.go Validate
 */
export function checkPodSecurity(call: Call, draft: ObjectDraft, old?: StoredObject): ApiError | undefined {
  if (call.subresource !== '') return undefined
  const { resource } = call.info
  if (resource === 'namespaces') return checkNamespaceLabels(call, draft, old)
  if (resource !== 'pods' && !TEMPLATED.includes(resource)) return undefined
  const { labels } = getStored(call.ctx.world.parts.etcd, 'namespaces', call.namespace)?.metadata ?? {}
  if (labels === undefined || !Object.keys(labels).some((each) => each.startsWith(PREFIX))) return undefined
  if (resource !== 'pods') {
    const spec = templateSpecOf(draft)
    if (spec !== undefined) warn(call, policyOf(labels, 'warn'), spec)
    return undefined
  }
  if (old !== undefined && jsonEqual(recordAt(draft, 'spec'), old['spec'])) return undefined
  const spec = (draft['spec'] ?? {}) as Draft<PodSpec>
  const enforced = policyOf(labels, 'enforce')
  const why = violationsOf(enforced.level, spec)
  if (why !== '') {
    return forbidden(call.info, draft.metadata.name ?? '', `violates PodSecurity "${enforced.level}:${enforced.version}": ${why}`)
  }
  warn(call, policyOf(labels, 'warn'), spec)
  return undefined
}

function warn(call: Call, { level, version }: Policy, spec: Draft<PodSpec>): void {
  const why = violationsOf(level, spec)
  if (why !== '') call.warnings.push(`would violate PodSecurity "${level}:${version}": ${why}`)
}

function templateSpecOf(draft: ObjectDraft): Draft<PodSpec> | undefined {
  const found =
    recordAt(draft, 'spec', 'template', 'spec') ??
    recordAt(draft, 'spec', 'jobTemplate', 'spec', 'template', 'spec') ??
    recordAt(draft, 'template', 'spec')
  // Decoding made it the spec of a template.
  return isRecord(found) ? (found as Draft<NonNullable<PodTemplateSpec['spec']>>) : undefined
}

/** Labels must name levels and versions there are; Pods already there that break a stricter level are warned of. */
function checkNamespaceLabels(call: Call, draft: ObjectDraft, old: StoredObject | undefined): ApiError | undefined {
  const labels: Record<string, string> = {}
  for (const [key, value] of Object.entries(draft.metadata.labels ?? {})) if (value !== undefined) labels[key] = value
  const faults = ['enforce', 'audit', 'warn'].flatMap((mode) => {
    const field = `metadata.labels[${PREFIX}${mode}]`
    const level = labels[`${PREFIX}${mode}`]
    const version = labels[`${PREFIX}${mode}-version`]
    const levels = PodSecurityLevels.join(', ')
    return [
      ...(level !== undefined && !PodSecurityLevels.some((each) => each === level)
        ? [{ field, message: `Invalid value: ${JSON.stringify(level)}: must be one of ${levels}` }]
        : []),
      ...(version !== undefined && !VERSION.test(version)
        ? [
            {
              field: `metadata.labels[${PREFIX}${mode}-version]`,
              message: `Invalid value: ${JSON.stringify(version)}: must be "latest" or "v1.x"`,
            },
          ]
        : []),
    ]
  })
  if (faults.length > 0) {
    const causes = faults.map((each) => ({ reason: 'FieldValueInvalid' as const, ...each }))
    return invalid(call.info, draft.metadata.name ?? '', causes)
  }
  const policy = policyOf(labels, 'enforce')
  const before = policyOf(old?.metadata.labels, 'enforce')
  if (old === undefined || (policy.level === before.level && policy.version === before.version)) return undefined
  warnOfExisting(call, draft.metadata.name ?? '', policy)
  return undefined
}

function warnOfExisting(call: Call, namespace: string, { level, version }: Policy): void {
  const byReason = new Map<string, string[]>()
  for (const pod of listIndexed(call.ctx.world.parts.etcd, 'pods', 'namespace', namespace)) {
    // Stored under this resource, so it is a Pod.
    const why = violationsOf(level, (pod['spec'] ?? {}) as Draft<PodSpec>, true)
    if (why !== '') byReason.set(why, [...(byReason.get(why) ?? []), pod.metadata.name])
  }
  if (byReason.size === 0) return
  call.warnings.push(`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${level}:${version}"`)
  for (const [why, [first = '', ...others]] of byReason) {
    const more = others.length === 0 ? '' : ` (and ${others.length} other pod${others.length > 1 ? 's' : ''})`
    call.warnings.push(`${first}${more}: ${why}`)
  }
}
