import type { StoredObject } from '../../etcd/store.js'
import { getStored } from '../../etcd/store.js'
import type { ApiError } from '../apiError.js'
import type { Call } from '../call.js'
import { refOfCall } from '../call.js'
import type { ObjectDraft } from '../draft.js'
import { changedPaths, copyJson, recordAt, textAt } from '../draft.js'
import { forbidden, notFound } from '../errors.js'
import { infoOf } from '../kinds.js'
import { applyLimitRanges, checkLimitRanges } from './limitRanger.js'
import { addServiceAccount, addTolerations, checkRuntimeClass, setPriority } from './podPlugins.js'
import { checkPodSecurity } from './podSecurity.js'
import { chargeQuotas } from './resourceQuota.js'
import { setIngressClass, setPriorityGlobals, setStorageClass, taintNode, useProtection } from './smallPlugins.js'

/** One plugin that may change an object: the refusal, or undefined. */
type Mutator = (call: Call, draft: ObjectDraft) => ApiError | undefined

/** In the server's own order. Source: kubernetes pkg/kubeapiserver/options/plugins.go AllOrderedPlugins */
const MUTATORS: readonly (readonly [string, string, Mutator])[] = [
  ['LimitRanger', 'pods', applyLimitRanges],
  ['ServiceAccount', 'pods', addServiceAccount],
  ['TaintNodesByCondition', 'nodes', taintNode],
  ['Priority', 'pods', setPriority],
  ['Priority', 'priorityclasses', setPriorityGlobals],
  ['DefaultTolerationSeconds', 'pods', addTolerations],
  ['DefaultStorageClass', 'persistentvolumeclaims', setStorageClass],
  ['StorageObjectInUseProtection', 'persistentvolumeclaims', useProtection],
  ['StorageObjectInUseProtection', 'persistentvolumes', useProtection],
  ['RuntimeClass', 'pods', checkRuntimeClass],
  ['DefaultIngressClass', 'ingresses', setIngressClass],
]

/** Runs the plugins that may change a new object; each that did is told as a step. */
export function admitCreate(call: Call, draft: ObjectDraft): ApiError | undefined {
  const closed = checkNamespace(call)
  if (closed !== undefined) return closed
  if (call.subresource !== '') return undefined
  for (const [plugin, resource, run] of MUTATORS) {
    if (resource !== call.info.resource) continue
    const before = copyJson(draft)
    const refused = run(call, draft)
    if (refused !== undefined) return refused
    const changed = changedPaths(before, draft, 12)
    if (changed.length > 0) {
      const object = { ...refOfCall(call), name: draft.metadata.name ?? '' }
      call.ctx.emit({ kind: 'api-admission', facts: { object, plugin, changed }, from: 'apiserver', to: 'apiserver' })
    }
  }
  return undefined
}

export function admitUpdate(call: Call, draft: ObjectDraft, old: StoredObject): ApiError | undefined {
  if (call.info.resource === 'pods' && call.subresource === '') {
    const spec = recordAt(draft, 'spec')
    const before = recordAt(old, 'spec')
    // What the plugins set at creation stays where a writer leaves it out.
    for (const field of ['priority', 'preemptionPolicy', 'serviceAccountName', 'serviceAccount']) {
      if (spec !== undefined && spec[field] === undefined && before?.[field] !== undefined) spec[field] = before[field]
    }
    if (spec !== undefined) addTolerations(call, draft)
  }
  return undefined
}

/** Runs the plugins that may only refuse, after validation. */
export function checkCreate(call: Call, draft: ObjectDraft): ApiError | undefined {
  if (call.info.resource === 'pods') {
    const refused = checkLimitRanges(call, draft)
    if (refused !== undefined) return refused
  }
  const insecure = checkPodSecurity(call, draft)
  if (insecure !== undefined) return insecure
  return chargeQuotas(call, draft)
}

export function checkUpdate(call: Call, draft: ObjectDraft, old: StoredObject): ApiError | undefined {
  return checkPodSecurity(call, draft, old) ?? chargeQuotas(call, draft, old)
}

/** Nothing new in a Namespace that is missing or ends. Source: apiserver pkg/admission/plugin/namespace/lifecycle */
function checkNamespace(call: Call): ApiError | undefined {
  if (!call.info.namespaced) return undefined
  const namespace = getStored(call.ctx.world.parts.etcd, 'namespaces', call.namespace)
  if (namespace === undefined) return notFound(infoOf('namespaces'), call.namespace)
  if (textAt(namespace, 'status', 'phase') !== 'Terminating') return undefined
  const why = `unable to create new content in namespace ${call.namespace} because it is being terminated`
  const error = forbidden(call.info, call.name, why)
  return {
    ...error,
    details: {
      ...error.details,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${call.namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  }
}
