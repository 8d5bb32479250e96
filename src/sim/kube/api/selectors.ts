import { own } from '../../core/own.js'
import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import type { StoredObject } from '../etcd/store.js'
import type { ApiError } from './apiError.js'
import { recordAt } from './draft.js'
import { badRequest } from './errors.js'
import type { LabelRequirement } from './labels.js'
import { matchesRequirements, parseLabelSelector } from './labels.js'
import type { ResourceName } from './resources.js'

/** Picks objects of a list. */
export interface Selection {
  readonly labels: readonly LabelRequirement[]
  readonly fields: readonly FieldTerm[]
}

interface FieldTerm {
  readonly field: string
  readonly negated: boolean
  readonly value: string
}

/** Fields that a selector may name, beyond metadata.name and metadata.namespace. Source: kubernetes pkg/apis/core/v1/conversion.go AddFieldLabelConversions */
const FIELDS: Readonly<Partial<Record<ResourceName, readonly string[]>>> = {
  pods: [
    'metadata.name',
    'metadata.namespace',
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.podIPs',
    'status.nominatedNodeName',
  ],
  nodes: ['metadata.name', 'spec.unschedulable'],
  namespaces: ['metadata.name', 'status.phase'],
  services: ['metadata.name', 'metadata.namespace', 'spec.clusterIP', 'spec.type'],
  secrets: ['metadata.name', 'metadata.namespace', 'type'],
  replicationcontrollers: ['metadata.name', 'metadata.namespace', 'status.replicas'],
  replicasets: ['metadata.name', 'metadata.namespace', 'status.replicas'],
  jobs: ['metadata.name', 'metadata.namespace', 'status.successful'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
    'metadata.name',
    'metadata.namespace',
  ],
}

/** Kinds of which each unknown field is refused by name only. */
const OWN_WORDING: ReadonlySet<ResourceName> = new Set([
  'pods',
  'nodes',
  'namespaces',
  'services',
  'secrets',
  'replicationcontrollers',
  'events',
  'replicasets',
  'jobs',
])

/** Reads the selectors of a list request; the API server's words when they cannot be understood. */
export function parseSelection(resource: ResourceName, labelSelector = '', fieldSelector = ''): Result<Selection, ApiError> {
  const labels = parseLabelSelector(labelSelector)
  if (!labels.ok) return fail(badRequest(labels.error))
  const fields = parseFieldSelector(resource, fieldSelector)
  return fields.ok ? ok({ labels: labels.value, fields: fields.value }) : fields
}

export function selects(selection: Selection, resource: ResourceName, object: StoredObject): boolean {
  return (
    matchesRequirements(selection.labels, object.metadata.labels ?? {}) &&
    selection.fields.every((term) => (fieldOf(resource, term.field, object) === term.value) !== term.negated)
  )
}

/** Whether an object has the fields that a selector such as `spec.nodeName=node1,status.phase!=Running` asks for. */
export function matchesFieldSelector(resource: ResourceName, selector: string, object: StoredObject): boolean {
  if (selector === '') return true
  const terms = parseFieldSelector(resource, selector)
  return terms.ok && terms.value.every((term) => (fieldOf(resource, term.field, object) === term.value) !== term.negated)
}

function parseFieldSelector(resource: ResourceName, selector: string): Result<readonly FieldTerm[], ApiError> {
  const terms: FieldTerm[] = []
  for (const text of selector.split(/(?<!\\),/)) {
    if (text === '') continue
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(text)
    if (match === null) return fail(badRequest(`invalid selector: '${text}'; can't understand '${text}'`))
    const [, field = '', operator, value = ''] = match
    const known = FIELDS[resource] ?? ['metadata.name', 'metadata.namespace']
    if (!known.includes(field)) return fail(badRequest(unknownField(resource, field)))
    terms.push({ field, negated: operator === '!=', value: value.replace(/\\([\\,=])/g, '$1') })
  }
  return ok(terms)
}

function unknownField(resource: ResourceName, field: string): string {
  if (resource === 'replicasets' || resource === 'jobs') {
    return resource === 'jobs'
      ? `field label "${field}" not supported for batchv1.Job`
      : `field label not supported for appsv1.ReplicaSet: ${field}`
  }
  if (OWN_WORDING.has(resource)) return `field label not supported: ${field}`
  return `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
}

function fieldOf(resource: ResourceName, field: string, object: StoredObject): string {
  if (resource === 'jobs' && field === 'status.successful') return scalar(recordAt(object, 'status')?.['succeeded'] ?? 0)
  if (resource === 'events' && field === 'source') return scalar(recordAt(object, 'source')?.['component'])
  if (field === 'status.podIPs') return scalar(recordAt(object, 'status')?.['podIP'])
  const value = valueAt(object, field)
  if (value === undefined || value === null) {
    if (field === 'spec.unschedulable' || field === 'spec.hostNetwork') return 'false'
    return field === 'status.replicas' ? '0' : ''
  }
  return scalar(value)
}

function valueAt(object: StoredObject, field: string): unknown {
  let value: unknown = object
  for (const name of field.split('.')) {
    value = typeof value === 'object' && value !== null ? own(value as Readonly<Record<string, unknown>>, name) : undefined
  }
  return value
}

function scalar(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
