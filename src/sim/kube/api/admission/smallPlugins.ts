import type { Ingress, Node, PersistentVolumeClaim, PriorityClass, StorageClass } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import type { StoredObject } from '../../etcd/store.js'
import { listStored } from '../../etcd/store.js'
import type { ApiError } from '../apiError.js'
import type { Call } from '../call.js'
import type { Draft, ObjectDraft } from '../draft.js'
import { forbidden } from '../errors.js'

const NOT_READY = 'node.kubernetes.io/not-ready'

/** A new Node takes no Pods until it says that it is ready. Source: kubernetes plugin/pkg/admission/nodetaint/admission.go */
export function taintNode(_call: Call, draft: ObjectDraft): undefined {
  const node = draft as Draft<Node>
  node.spec ??= {}
  const taints = node.spec.taints ?? []
  if (taints.some((each) => each.key === NOT_READY && each.effect === 'NoSchedule')) return
  node.spec.taints = [...taints, { key: NOT_READY, effect: 'NoSchedule' }]
}

/** The default of several classes: the newest, then the first by name. */
function pickDefault(classes: readonly StoredObject[], annotation: string): StoredObject | undefined {
  return classes
    .filter((each) => each.metadata.annotations?.[annotation] === 'true')
    .sort(
      (a, b) =>
        byCodeUnit(b.metadata.creationTimestamp, a.metadata.creationTimestamp) || byCodeUnit(a.metadata.name, b.metadata.name),
    )[0]
}

/** Source: kubernetes plugin/pkg/admission/storage/storageclass/setdefault/admission.go */
export function setStorageClass(call: Call, draft: ObjectDraft): undefined {
  const claim = draft as Draft<PersistentVolumeClaim>
  claim.spec ??= {}
  const asked = claim.spec.storageClassName ?? claim.metadata?.annotations?.['volume.beta.kubernetes.io/storage-class']
  if (asked !== undefined) return
  const classes = listStored(call.ctx.world.parts.etcd, 'storageclasses')
  const chosen =
    pickDefault(classes, 'storageclass.kubernetes.io/is-default-class') ??
    pickDefault(classes, 'storageclass.beta.kubernetes.io/is-default-class')
  if (chosen !== undefined) claim.spec.storageClassName = (chosen as unknown as StorageClass).metadata?.name ?? ''
}

/** Source: kubernetes plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go */
export function useProtection(call: Call, draft: ObjectDraft): undefined {
  const finalizer = call.info.resource === 'persistentvolumes' ? 'kubernetes.io/pv-protection' : 'kubernetes.io/pvc-protection'
  const finalizers = draft.metadata.finalizers ?? []
  if (!finalizers.includes(finalizer)) draft.metadata.finalizers = [...finalizers, finalizer]
}

/** Source: kubernetes plugin/pkg/admission/network/defaultingressclass/admission.go */
export function setIngressClass(call: Call, draft: ObjectDraft): undefined {
  const ingress = draft as Draft<Ingress>
  ingress.spec ??= {}
  if (ingress.spec.ingressClassName !== undefined) return
  if (ingress.metadata?.annotations?.['kubernetes.io/ingress.class'] !== undefined) return
  const classes = listStored(call.ctx.world.parts.etcd, 'ingressclasses')
  const chosen = pickDefault(classes, 'ingressclass.kubernetes.io/is-default-class')
  if (chosen !== undefined) ingress.spec.ingressClassName = chosen.metadata.name
}

/** One class at most may be the default. Source: kubernetes plugin/pkg/admission/priority/admission.go validatePriorityClass */
export function setPriorityGlobals(call: Call, draft: ObjectDraft): ApiError | undefined {
  const own = draft as Draft<PriorityClass>
  if (own.globalDefault !== true) return undefined
  const others = listStored(call.ctx.world.parts.etcd, 'priorityclasses') as unknown as readonly PriorityClass[]
  const other = others.find((each) => each.globalDefault === true && each.metadata?.name !== own.metadata?.name)
  if (other === undefined) return undefined
  const why = `PriorityClass ${other.metadata?.name ?? ''} is already marked as default. Only one default can exist`
  return forbidden(call.info, own.metadata?.name ?? '', why)
}
