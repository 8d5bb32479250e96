import { FIELDS, KINDS } from '../../../generated/kubeFields.js'
import type { Job, Pod, PodSpec, Service, ServiceSpec } from '../../../generated/kubeTypes.js'
import type { StoredObject } from '../etcd/store.js'
import { serviceNeeds } from './allocate.js'
import type { Call } from './call.js'
import { decodeType } from './decode/fields.js'
import type { Draft, ObjectDraft } from './draft.js'
import { copyJson, jsonEqual, listAt, recordAt } from './draft.js'
import { apiVersionOf } from './kinds.js'
import { nanosOf } from './quantity.js'

/** Kinds that count changes of what they ask for in `metadata.generation`. Source: kubernetes pkg/registry strategies' PrepareForUpdate */
const WITH_GENERATION: ReadonlySet<string> = new Set([
  'pods',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'replicationcontrollers',
  'jobs',
  'cronjobs',
  'ingresses',
  'networkpolicies',
  'poddisruptionbudgets',
  'ingressclasses',
  'endpointslices',
  'priorityclasses',
])

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

/** True for kinds whose status only `/status` may write. */
function hasStatus(call: Call): boolean {
  return call.info.subresources.includes('status')
}

/** Puts a new object into the state in which its kind begins. */
export function prepareForCreate(call: Call, draft: ObjectDraft): void {
  const { resource } = call.info
  if (WITH_GENERATION.has(resource)) draft.metadata.generation = call.restoring ? (draft.metadata.generation ?? 1) : 1
  if (!call.restoring && hasStatus(call) && resource !== 'nodes') resetStatus(call, draft)
  switch (resource) {
    case 'pods':
      preparePod(draft as Draft<Pod>)
      break
    case 'namespaces':
      prepareNamespace(draft)
      break
    case 'jobs':
      if (!call.restoring || recordAt(draft, 'spec', 'selector') === undefined) prepareJob(draft as Draft<Job>)
      break
    case 'daemonsets': {
      const annotations = draft.metadata.annotations ?? {}
      if (annotations[TEMPLATE_GENERATION] === undefined) {
        draft.metadata.annotations = { ...annotations, [TEMPLATE_GENERATION]: '1' }
      }
      break
    }
    case 'services':
      // Only a headless Service or one with a type keeps what its type knows.
      dropForeign(specOf(draft), undefined)
      break
    default:
      break
  }
}

/** Keeps what this request may not touch and counts changes of the spec. */
export function prepareForUpdate(call: Call, draft: ObjectDraft, old: StoredObject): void {
  const { resource } = call.info
  if (call.subresource === 'status') {
    keepAllBut(draft, old, ['status'])
    if (resource === 'nodes' || resource === 'services' || resource === 'pods')
      draft.metadata.generation ??= old.metadata.generation
    return
  }
  if (call.subresource === 'resize') {
    prepareResize(draft as Draft<Pod>, old)
  } else if (hasStatus(call)) {
    if (old['status'] === undefined) delete draft['status']
    else draft['status'] = copyJson(old['status'])
  }
  if (resource === 'namespaces' && call.subresource !== 'finalize') draft['spec'] = copyJson(old['spec'])
  if (resource === 'services') {
    patchAllocated(specOf(draft), copyJson(recordAt(old, 'spec') ?? {}) as Draft<ServiceSpec>)
    if (specOf(draft).type !== 'LoadBalancer') draft['status'] = { ...recordAt(draft, 'status'), loadBalancer: {} }
  }
  if (resource === 'jobs') keepJobFields(draft as Draft<Job>, old)
  if (resource === 'secrets' && draft['type'] === undefined) draft['type'] = old['type']
  if (resource === 'daemonsets') countTemplate(draft, old)
  if (WITH_GENERATION.has(resource) && hasAskedDifferently(resource, draft, old)) {
    draft.metadata.generation = (old.metadata.generation ?? 0) + 1
  }
}

function hasAskedDifferently(resource: string, draft: ObjectDraft, old: StoredObject): boolean {
  switch (resource) {
    case 'deployments':
      return (
        !jsonEqual(draft['spec'], old['spec']) || !jsonEqual(draft.metadata.annotations ?? {}, old.metadata.annotations ?? {})
      )
    case 'endpointslices':
      return (
        !jsonEqual(draft['endpoints'], old['endpoints']) ||
        !jsonEqual(draft['ports'], old['ports']) ||
        !jsonEqual(draft.metadata.labels ?? {}, old.metadata.labels ?? {})
      )
    default:
      return !jsonEqual(draft['spec'], old['spec'])
  }
}

function keepAllBut(draft: ObjectDraft, old: StoredObject, changeable: readonly string[]): void {
  const free = ['apiVersion', 'kind', 'metadata', ...changeable]
  for (const field of Object.keys(draft)) if (!free.includes(field)) delete draft[field]
  for (const [field, value] of Object.entries(old)) if (!free.includes(field)) draft[field] = value
}

/** The status with which the kind begins: Go's zero values. */
function resetStatus(call: Call, draft: ObjectDraft): void {
  const type = KINDS[`${apiVersionOf(call.info)}/${call.info.kind}`] ?? ''
  const statusType = FIELDS[type]?.['status'] ?? ''
  const { value } = decodeType(statusType, {})
  draft['status'] =
    STARTING_PHASE[call.info.resource] === undefined ? value : { phase: STARTING_PHASE[call.info.resource], ...value }
}

const STARTING_PHASE: Readonly<Record<string, string>> = {
  pods: 'Pending',
  persistentvolumes: 'Pending',
  persistentvolumeclaims: 'Pending',
  namespaces: 'Active',
}

function preparePod(pod: Draft<Pod>): void {
  pod.status ??= {}
  pod.status.phase ??= 'Pending'
  pod.status.qosClass ??= qosOf(pod.spec ?? {})
}

/** Quality-of-service class. Source: kubernetes pkg/apis/core/v1/helper/qos/qos.go ComputePodQOS */
export function qosOf(spec: Draft<PodSpec>): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  let isGuaranteed = true
  let isBestEffort = true
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const requests = container.resources?.requests ?? {}
    const limits = container.resources?.limits ?? {}
    for (const name of ['cpu', 'memory']) {
      if (nanosOf(requests[name]) > 0n || nanosOf(limits[name]) > 0n) isBestEffort = false
      if (nanosOf(limits[name]) === 0n || nanosOf(requests[name] ?? limits[name]) !== nanosOf(limits[name])) isGuaranteed = false
    }
  }
  if (isBestEffort) return 'BestEffort'
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

function prepareNamespace(draft: ObjectDraft): void {
  const finalizers = listAt(draft, 'spec', 'finalizers')
  if (!finalizers.includes('kubernetes'))
    draft['spec'] = { ...recordAt(draft, 'spec'), finalizers: [...finalizers, 'kubernetes'] }
}

/** Gives a Job a selector of its own. Source: kubernetes pkg/registry/batch/job/strategy.go generateSelector */
function prepareJob(job: Draft<Job>): void {
  const { spec } = job
  if (spec === undefined || spec.manualSelector === true) return
  spec.template ??= {}
  spec.template.metadata ??= {}
  const uid = job.metadata?.uid ?? ''
  const name = job.metadata?.name ?? ''
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  }
  spec.template.metadata.labels = { ...spec.template.metadata.labels, ...labels }
  spec.selector = {
    ...spec.selector,
    matchLabels: { ...spec.selector?.matchLabels, 'batch.kubernetes.io/controller-uid': uid },
  }
  job.metadata ??= {}
  if (Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = { ...spec.template.metadata.labels }
}

/** A patch or replacement that leaves out what the server wrote at creation keeps it. */
function keepJobFields(job: Draft<Job>, old: StoredObject): void {
  const before = copyJson(recordAt(old, 'spec') ?? {}) as Draft<Job>['spec']
  if (job.spec === undefined || before === undefined) return
  if (job.spec.selector === undefined && before.selector !== undefined) job.spec.selector = before.selector
}

function countTemplate(draft: ObjectDraft, old: StoredObject): void {
  const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1')
  const isSame = jsonEqual(recordAt(draft, 'spec', 'template'), recordAt(old, 'spec', 'template'))
  draft.metadata.annotations = { ...draft.metadata.annotations, [TEMPLATE_GENERATION]: String(isSame ? before : before + 1) }
}

/** Only resources of containers change by `/resize`. */
function prepareResize(pod: Draft<Pod>, old: StoredObject): void {
  const before = copyJson(old) as unknown as Draft<Pod>
  const wanted = pod.spec?.containers ?? []
  pod.spec = before.spec
  pod.status = before.status
  for (const container of pod.spec?.containers ?? []) {
    const change = wanted.find((each) => each.name === container.name)
    if (change?.resources !== undefined) container.resources = change.resources
  }
}

function specOf(draft: ObjectDraft): Draft<ServiceSpec> {
  const service = draft as Draft<Service>
  service.spec ??= {}
  return service.spec
}

/** Carries over what was given out before, where a writer leaves it out. Source: kubernetes pkg/registry/core/service/strategy.go patchAllocatedValues */
function patchAllocated(after: Draft<ServiceSpec>, before: Draft<ServiceSpec>): void {
  if (serviceNeeds.clusterIP(before) && serviceNeeds.clusterIP(after)) {
    if ((after.clusterIP ?? '') === '' && before.clusterIP !== undefined) after.clusterIP = before.clusterIP
    if ((after.clusterIPs ?? []).length === 0 && before.clusterIPs !== undefined) after.clusterIPs = before.clusterIPs
  }
  if (serviceNeeds.nodePort(before) && serviceNeeds.nodePort(after)) {
    const kept = new Set((after.ports ?? []).map((each) => each.nodePort))
    for (const port of after.ports ?? []) {
      if (port.nodePort !== undefined && port.nodePort !== 0) continue
      const had = (before.ports ?? []).findLast((each) => (each.name ?? '') === (port.name ?? ''))?.nodePort
      if (had !== undefined && !kept.has(had)) port.nodePort = had
    }
  }
  if (serviceNeeds.healthCheckNodePort(before) && serviceNeeds.healthCheckNodePort(after)) {
    if ((after.healthCheckNodePort ?? 0) === 0) after.healthCheckNodePort = before.healthCheckNodePort
  }
  bringIpsInLine(after, before)
  dropForeign(after, before)
}

/** Who changes clusterIP and leaves clusterIPs means both. Source: storage/storage.go normalizeClusterIPs */
function bringIpsInLine(after: Draft<ServiceSpec>, before: Draft<ServiceSpec>): void {
  if ((after.clusterIP ?? '') === (before.clusterIP ?? '')) return
  if (!jsonEqual(after.clusterIPs ?? [], before.clusterIPs ?? [])) return
  if (after.clusterIP === undefined || after.clusterIP === '') delete after.clusterIPs
  else after.clusterIPs = [after.clusterIP]
}

/** Clears what belongs to another type and was only carried along. Source: dropTypeDependentFields */
function dropForeign(after: Draft<ServiceSpec>, before: Draft<ServiceSpec> | undefined): void {
  if (after.sessionAffinity !== 'ClientIP') delete after.sessionAffinityConfig
  if (before === undefined) return
  if (serviceNeeds.clusterIP(before) && !serviceNeeds.clusterIP(after)) {
    if (
      (after.clusterIP ?? before.clusterIP) === before.clusterIP &&
      jsonEqual(after.clusterIPs ?? before.clusterIPs, before.clusterIPs)
    ) {
      delete after.clusterIP
      delete after.clusterIPs
    }
    if (jsonEqual(after.ipFamilies, before.ipFamilies)) delete after.ipFamilies
    if (after.ipFamilyPolicy === before.ipFamilyPolicy) delete after.ipFamilyPolicy
    if (after.internalTrafficPolicy === before.internalTrafficPolicy) delete after.internalTrafficPolicy
  }
  if (serviceNeeds.nodePort(before) && !serviceNeeds.nodePort(after)) {
    const old = new Set((before.ports ?? []).map((each) => each.nodePort))
    if ((after.ports ?? []).every((each) => each.nodePort === undefined || old.has(each.nodePort))) {
      for (const port of after.ports ?? []) delete port.nodePort
    }
  }
  if (serviceNeeds.healthCheckNodePort(before) && !serviceNeeds.healthCheckNodePort(after)) {
    if (after.healthCheckNodePort === before.healthCheckNodePort) delete after.healthCheckNodePort
  }
  if (before.type === 'LoadBalancer' && after.type !== 'LoadBalancer') {
    if (after.allocateLoadBalancerNodePorts === before.allocateLoadBalancerNodePorts) delete after.allocateLoadBalancerNodePorts
    if (after.loadBalancerClass === before.loadBalancerClass) delete after.loadBalancerClass
  }
  if (before.type === 'ExternalName' && after.type !== 'ExternalName' && after.externalName === before.externalName)
    delete after.externalName
  if (serviceNeeds.externalTrafficPolicy(before) && !serviceNeeds.externalTrafficPolicy(after)) {
    if (after.externalTrafficPolicy === before.externalTrafficPolicy) delete after.externalTrafficPolicy
  }
}
