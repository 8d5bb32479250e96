import { keyOf } from '../../api/resources.js'
import type { Controller } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { isPodTerminal } from '../pods.js'

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection'
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection'

/** Lets a deleted claim go once no Pod uses it. Source: kubernetes pkg/controller/volume/pvcprotection/pvc_protection_controller.go */
export const claimProtectionController: Controller = {
  name: 'persistentvolumeclaim-protection-controller',
  watches: ['persistentvolumeclaims', 'pods'],
  changed(run, change) {
    if (change.resource === 'persistentvolumeclaims') run.add(change.key)
    else if (isChangeOf(change, 'pods') && (change.type === 'DELETED' || isPodTerminal(change.object))) {
      for (const { persistentVolumeClaim } of change.object.spec?.volumes ?? []) {
        if (persistentVolumeClaim !== undefined)
          run.add(`${change.object.metadata.namespace ?? ''}/${persistentVolumeClaim.claimName}`)
      }
    }
  },
  sync(run, key) {
    const claim = run.cache.get('persistentvolumeclaims', key)
    const finalizers = claim?.metadata.finalizers ?? []
    if (claim?.metadata.deletionTimestamp === undefined || !finalizers.includes(CLAIM_FINALIZER)) return SETTLED
    const isUsed = run.cache
      .list('pods', claim.metadata.namespace)
      .some(
        (pod) =>
          !isPodTerminal(pod) &&
          (pod.spec?.nodeName ?? '') !== '' &&
          pod.spec?.volumes?.some((each) => each.persistentVolumeClaim?.claimName === claim.metadata.name) === true,
      )
    if (isUsed) return SETTLED
    const kept = finalizers.filter((each) => each !== CLAIM_FINALIZER)
    const patched = run.api.patch('persistentvolumeclaims', keyOf(claim), 'merge', { metadata: { finalizers: kept } })
    return patched.ok || patched.error.code === 404 ? SETTLED : retry(patched.error)
  },
}

/** Lets a deleted volume go once it is not bound. Source: kubernetes pkg/controller/volume/pvprotection/pv_protection_controller.go */
export const volumeProtectionController: Controller = {
  name: 'persistentvolume-protection-controller',
  watches: ['persistentvolumes'],
  changed(run, change) {
    if (change.resource === 'persistentvolumes') run.add(change.key)
  },
  sync(run, key) {
    const volume = run.cache.get('persistentvolumes', key)
    const finalizers = volume?.metadata.finalizers ?? []
    if (volume?.metadata.deletionTimestamp === undefined || !finalizers.includes(VOLUME_FINALIZER)) return SETTLED
    if (volume.status?.phase === 'Bound') return SETTLED
    const kept = finalizers.filter((each) => each !== VOLUME_FINALIZER)
    const patched = run.api.patch('persistentvolumes', keyOf(volume), 'merge', { metadata: { finalizers: kept } })
    return patched.ok || patched.error.code === 404 ? SETTLED : retry(patched.error)
  },
}
