import type { StoredObject } from '../etcd/store.js'
import type { Call } from './call.js'
import type { ObjectDraft } from './draft.js'
import { jsonEqual, listAt, recordAt } from './draft.js'

/** Kinds that have a spec and count its changes in `metadata.generation`. */
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
])

/** Kinds whose status only `/status` may write. */
const WITH_STATUS: ReadonlySet<string> = new Set([
  'pods',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'replicationcontrollers',
  'jobs',
  'cronjobs',
  'ingresses',
  'poddisruptionbudgets',
  'services',
  'nodes',
  'namespaces',
  'persistentvolumes',
  'persistentvolumeclaims',
  'resourcequotas',
  'horizontalpodautoscalers',
])

/** Puts a new object into the state in which its kind begins. */
export function prepareForCreate(call: Call, draft: ObjectDraft): void {
  const { resource } = call.info
  if (WITH_GENERATION.has(resource)) draft.metadata.generation = call.restoring ? (draft.metadata.generation ?? 1) : 1
  if (!call.restoring && WITH_STATUS.has(resource) && resource !== 'nodes') resetStatus(resource, draft)
  if (resource === 'namespaces') {
    const finalizers = listAt(draft, 'spec', 'finalizers')
    if (!finalizers.includes('kubernetes'))
      draft['spec'] = { ...recordAt(draft, 'spec'), finalizers: [...finalizers, 'kubernetes'] }
    if (draft['status'] === undefined || !call.restoring) draft['status'] = { phase: 'Active' }
  }
}

/** Keeps what this request may not touch and counts changes of the spec. */
export function prepareForUpdate(call: Call, draft: ObjectDraft, old: StoredObject): void {
  const { resource } = call.info
  if (call.subresource === 'status') {
    for (const field of Object.keys(draft)) {
      if (!['apiVersion', 'kind', 'metadata', 'status'].includes(field)) delete draft[field]
    }
    for (const [field, value] of Object.entries(old)) {
      if (!['apiVersion', 'kind', 'metadata', 'status'].includes(field)) draft[field] = value
    }
    return
  }
  if (WITH_STATUS.has(resource)) {
    if (old['status'] === undefined) delete draft['status']
    else draft['status'] = old['status']
  }
  if (WITH_GENERATION.has(resource) && !jsonEqual(draft['spec'], old['spec'])) {
    draft.metadata.generation = (old.metadata.generation ?? 0) + 1
  }
}

function resetStatus(resource: string, draft: ObjectDraft): void {
  draft['status'] = resource === 'pods' ? { phase: 'Pending' } : {}
}
