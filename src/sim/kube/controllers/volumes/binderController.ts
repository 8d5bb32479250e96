import { SECOND, toTimestamp } from '../../../core/time.js'
import type { ApiError } from '../../api/apiError.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { isPodTerminal } from '../pods.js'
import { forgetWrites, isCaughtUp, noteWrite } from '../writes.js'
import type { StoredClaim, StoredVolume } from './matching.js'
import { classOf, findVolume, isBoundTo } from './matching.js'

const COMPONENT = 'persistentvolume-controller'
const BOUND_BY = 'pv.kubernetes.io/bound-by-controller'
const COMPLETED = 'pv.kubernetes.io/bind-completed'
const RESYNC = 15 * SECOND

/**
 * Binds claims to volumes. Keys: `claim|namespace/name`, `volume|name`.
 * Simplified: a claim that waits for its first consumer is bound here once its Pod has a Node, not by the scheduler; volumes are
 * provisioned and deleted by the provisioner of their class alone.
 *
 * Source: kubernetes pkg/controller/volume/persistentvolume/pv_controller.go
 */
export const volumeBinderController: Controller = {
  name: 'persistentvolume-binder-controller',
  watches: ['persistentvolumes', 'persistentvolumeclaims', 'storageclasses', 'pods', 'nodes'],
  timers: [{ name: 'resync', every: () => RESYNC }],
  changed(run, change) {
    if (isChangeOf(change, 'persistentvolumeclaims')) {
      run.add(`claim|${change.key}`)
      const volume = change.object.spec?.volumeName ?? change.old?.spec?.volumeName
      if (volume !== undefined) run.add(`volume|${volume}`)
    } else if (isChangeOf(change, 'persistentvolumes')) {
      run.add(`volume|${change.key}`)
      addPending(run)
    } else if (isChangeOf(change, 'pods')) {
      const { spec, metadata } = change.object
      if ((spec?.nodeName ?? '') === (change.old?.spec?.nodeName ?? '')) return
      for (const { persistentVolumeClaim } of spec?.volumes ?? []) {
        if (persistentVolumeClaim !== undefined) run.add(`claim|${metadata.namespace ?? ''}/${persistentVolumeClaim.claimName}`)
      }
    } else if (change.resource === 'storageclasses') addPending(run)
  },
  tick: addPending,
  sync,
}

function addPending(run: Run): void {
  for (const claim of run.cache.list('persistentvolumeclaims'))
    if (claim.status?.phase !== 'Bound') run.add(`claim|${keyOf(claim)}`)
}

function sync(run: Run, key: string): SyncOutcome {
  if (!isCaughtUp(run, 'binder')) {
    run.addAfter(key, 2_000)
    return SETTLED
  }
  if (key === 'binder') return SETTLED
  const name = key.slice(key.indexOf('|') + 1)
  const error = key.startsWith('volume|') ? syncVolume(run, name) : syncClaim(run, name)
  return error === undefined ? SETTLED : retry(error)
}

/** Source: pv_controller.go syncVolume */
function syncVolume(run: Run, name: string): ApiError | undefined {
  const volume = run.cache.get('persistentvolumes', name)
  if (volume === undefined) {
    forgetWrites(run, `volume|${name}`)
    return undefined
  }
  const { claimRef } = volume.spec ?? {}
  if (claimRef === undefined || (claimRef.uid ?? '') === '') {
    if (claimRef !== undefined) run.add(`claim|${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`)
    return writePhase(run, volume, 'Available')
  }
  const claim = run.cache.get('persistentvolumeclaims', `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`)
  if (claim?.metadata.uid === claimRef.uid) {
    if (claim?.spec?.volumeName === name) return writePhase(run, volume, 'Bound')
    if (claim !== undefined && claim.spec?.volumeName === undefined) run.add(`claim|${keyOf(claim)}`)
    return undefined
  }
  return writePhase(run, volume, 'Released')
}

function writePhase(run: Run, volume: StoredVolume, phase: string): ApiError | undefined {
  if (volume.status?.phase === phase) return undefined
  run.decide(volume, 'volume-phase', { phase })
  const status = { ...volume.status, phase, lastPhaseTransitionTime: toTimestamp(run.now) }
  const updated = run.api.updateStatus('persistentvolumes', { ...volume, status })
  if (!updated.ok) return updated.error.code === 404 ? undefined : updated.error
  noteWrite(run, 'binder', 'persistentvolumes', keyOf(volume), updated.value.metadata.resourceVersion)
  return undefined
}

/** Source: pv_controller.go syncUnboundClaim, syncBoundClaim */
function syncClaim(run: Run, key: string): ApiError | undefined {
  const claim = run.cache.get('persistentvolumeclaims', key)
  if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return undefined
  const named = claim.spec?.volumeName ?? ''
  if (claim.metadata.annotations?.[COMPLETED] !== undefined) return syncBound(run, claim)
  if (named !== '') {
    const volume = run.cache.get('persistentvolumes', named)
    const isFree = volume !== undefined && (volume.spec?.claimRef === undefined || isBoundTo(volume, claim))
    return isFree ? bind(run, claim, volume) : undefined
  }
  const storageClass = findClass(run, classOf(claim))
  const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
  const users = waits ? usersOf(run, claim) : []
  const isReserved = run.cache.list('persistentvolumes').some((volume) => isBoundTo(volume, claim))
  if (waits && !isReserved && !users.some((pod) => (pod.spec?.nodeName ?? '') !== '')) {
    const pod = users[0]
    if (pod === undefined) {
      run.event(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding', COMPONENT)
    } else {
      const message = `waiting for pod ${pod.metadata.name} to be scheduled`
      run.event(claim, 'Normal', 'WaitForPodScheduled', message, COMPONENT)
    }
    return undefined
  }
  const node = waits ? users.find((pod) => (pod.spec?.nodeName ?? '') !== '')?.spec?.nodeName : undefined
  const host = node === undefined ? undefined : run.cache.get('nodes', node)
  const volume = findVolume(claim, run.cache.list('persistentvolumes'), host)
  return volume === undefined ? tellUnbound(run, claim, storageClass?.provisioner, node) : bind(run, claim, volume)
}

/** A class that was made just before its claim may not be in the cache yet. */
function findClass(run: Run, name: string) {
  if (name === '') return undefined
  const cached = run.cache.get('storageclasses', name)
  if (cached !== undefined) return cached
  const live = run.api.get('storageclasses', name)
  return live.ok ? live.value : undefined
}

function usersOf(run: Run, claim: StoredClaim): readonly StoredPod[] {
  const { name, namespace } = claim.metadata
  return run.cache
    .list('pods', namespace)
    .filter(
      (pod) => !isPodTerminal(pod) && pod.spec?.volumes?.some((each) => each.persistentVolumeClaim?.claimName === name) === true,
    )
}

function syncBound(run: Run, claim: StoredClaim): ApiError | undefined {
  if (run.cache.get('persistentvolumes', claim.spec?.volumeName ?? '') !== undefined || claim.status?.phase === 'Lost')
    return undefined
  const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'
  run.event(claim, 'Warning', 'ClaimLost', message, COMPONENT)
  const updated = run.api.updateStatus('persistentvolumeclaims', { ...claim, status: { phase: 'Lost' } })
  return updated.ok || updated.error.code === 404 ? undefined : updated.error
}

/** Why a claim stays pending. Source: pv_controller.go provisionClaim */
function tellUnbound(
  run: Run,
  claim: StoredClaim,
  provisioner: string | undefined,
  node: string | undefined,
): ApiError | undefined {
  const wanted = classOf(claim)
  if (wanted === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set'
    run.event(claim, 'Normal', 'FailedBinding', message, COMPONENT)
    return undefined
  }
  if (provisioner === undefined) {
    run.event(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${wanted}" not found`, COMPONENT)
    return undefined
  }
  if (provisioner === 'kubernetes.io/no-provisioner') return undefined
  const annotations = {
    'volume.beta.kubernetes.io/storage-provisioner': provisioner,
    'volume.kubernetes.io/storage-provisioner': provisioner,
    // In a real cluster the scheduler writes it.
    ...(node === undefined ? {} : { 'volume.kubernetes.io/selected-node': node }),
  }
  if (claim.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] !== provisioner) {
    const patched = run.api.patch('persistentvolumeclaims', keyOf(claim), 'merge', { metadata: { annotations } })
    if (!patched.ok) return patched.error.code === 404 ? undefined : patched.error
  }
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  run.event(claim, 'Normal', 'ExternalProvisioning', message, COMPONENT)
  return undefined
}

/** Writes the bond on both sides, volume first. Source: pv_controller.go bind */
function bind(run: Run, claim: StoredClaim, volume: StoredVolume): ApiError | undefined {
  run.decide(claim, 'bind-volume', { volume: volume.metadata.name })
  const wasReserved = volume.spec?.claimRef !== undefined
  let bound = volume
  if ((volume.spec?.claimRef?.uid ?? '') === '') {
    const { uid, resourceVersion, name, namespace } = claim.metadata
    const claimRef = {
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion,
    }
    const annotations = wasReserved ? volume.metadata.annotations : { ...volume.metadata.annotations, [BOUND_BY]: 'yes' }
    const metadata = annotations === undefined ? volume.metadata : { ...volume.metadata, annotations }
    const updated = run.api.update('persistentvolumes', { ...volume, metadata, spec: { ...volume.spec, claimRef } })
    if (!updated.ok) return updated.error
    bound = updated.value
    noteWrite(run, 'binder', 'persistentvolumes', keyOf(volume), updated.value.metadata.resourceVersion)
  }
  const phase = writePhase(run, bound, 'Bound')
  if (phase !== undefined) return phase
  const wasNamed = (claim.spec?.volumeName ?? '') !== ''
  const annotations = { ...claim.metadata.annotations, ...(wasNamed ? {} : { [BOUND_BY]: 'yes' }), [COMPLETED]: 'yes' }
  const written = run.api.update('persistentvolumeclaims', {
    ...claim,
    metadata: { ...claim.metadata, annotations },
    spec: { ...claim.spec, volumeName: volume.metadata.name },
  })
  if (!written.ok) return written.error
  const { accessModes, capacity } = volume.spec ?? {}
  const status = {
    phase: 'Bound',
    ...(accessModes === undefined ? {} : { accessModes }),
    ...(capacity === undefined ? {} : { capacity }),
  }
  const updated = run.api.updateStatus('persistentvolumeclaims', { ...written.value, status })
  if (!updated.ok) return updated.error
  noteWrite(run, 'binder', 'persistentvolumeclaims', keyOf(claim), updated.value.metadata.resourceVersion)
  return undefined
}
