import { SECOND } from '../../../core/time.js'
import type { ApiError } from '../../api/apiError.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import type { StoredClaim, StoredVolume } from './matching.js'
import { classOf } from './matching.js'

export const LOCAL_PATH = 'rancher.io/local-path'
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner'
const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
/** A Pod makes the directory on the Node; it has to be started first. */
const MAKING = 2 * SECOND

/**
 * Makes volumes for claims of the class `standard`, as in a cluster that kind has laid out: a directory on the Node of the claim's first Pod.
 * Keys: `claim|namespace/name`, `make|namespace/name`, `volume|name`. Simplified: it runs without a Pod of its own, and so do its helpers.
 *
 * Source: github.com/rancher/local-path-provisioner provisioner.go Provision, Delete; sig-storage-lib-external-provisioner controller.go
 */
export const localPathProvisioner: Controller = {
  name: 'local-path-provisioner',
  watches: ['persistentvolumeclaims', 'persistentvolumes'],
  changed(run, change) {
    if (!isInstalled(run)) return
    if (isChangeOf(change, 'persistentvolumeclaims')) run.add(`claim|${change.key}`)
    else if (isChangeOf(change, 'persistentvolumes')) run.add(`volume|${change.key}`)
  },
  sync(run, key) {
    const name = key.slice(key.indexOf('|') + 1)
    if (key.startsWith('volume|')) return outcomeOf(releaseVolume(run, name))
    const claim = run.cache.get('persistentvolumeclaims', name)
    if (claim === undefined || !isWanted(claim)) return SETTLED
    return key.startsWith('make|') ? outcomeOf(makeVolume(run, claim)) : begin(run, claim)
  },
}

/** A cluster that came as it stands brings its own provisioners, or none. */
function isInstalled(run: Run): boolean {
  return !run.ctx.world.parts.cluster.config.restored
}

function outcomeOf(error: ApiError | undefined): SyncOutcome {
  return error === undefined ? SETTLED : retry(error)
}

function isWanted({ metadata, spec }: StoredClaim): boolean {
  if (metadata.annotations?.[PROVISIONER] !== LOCAL_PATH || metadata.deletionTimestamp !== undefined) return false
  return (spec?.volumeName ?? '') === ''
}

function begin(run: Run, claim: StoredClaim): SyncOutcome {
  const seen = `${run.name}/${claim.metadata.uid}`
  if (run.part.moments.has(seen)) return SETTLED
  const message = `External provisioner is provisioning volume for claim "${keyOf(claim)}"`
  run.event(claim, 'Normal', 'Provisioning', message, LOCAL_PATH)
  if (claim.metadata.annotations?.[SELECTED_NODE] === undefined) {
    const failure = `failed to provision volume with StorageClass "${classOf(claim)}": configuration error, no node was specified`
    run.event(claim, 'Warning', 'ProvisioningFailed', failure, LOCAL_PATH)
    return SETTLED
  }
  run.part.moments.set(seen, run.now)
  run.addAfter(`make|${keyOf(claim)}`, MAKING)
  return SETTLED
}

function makeVolume(run: Run, claim: StoredClaim): ApiError | undefined {
  const { name, namespace = 'default', uid, resourceVersion, annotations } = claim.metadata
  const node = annotations?.[SELECTED_NODE] ?? ''
  const volumeName = `pvc-${uid}`
  const storage = claim.spec?.resources?.requests?.['storage']
  const made = run.api.create('persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, annotations: { 'local.path.provisioner/selected-node': node, [PROVISIONED_BY]: LOCAL_PATH } },
    spec: {
      accessModes: claim.spec?.accessModes ?? [],
      capacity: storage === undefined ? {} : { storage },
      claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion },
      hostPath: { path: `/var/local-path-provisioner/${volumeName}_${namespace}_${name}`, type: 'DirectoryOrCreate' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }],
        },
      },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: classOf(claim),
      volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
    },
  })
  if (!made.ok) return made.error.code === 409 ? undefined : made.error
  run.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volumeName}`, LOCAL_PATH)
  return undefined
}

/** A volume whose claim is gone goes with its directory. */
function releaseVolume(run: Run, name: string): ApiError | undefined {
  const volume = run.cache.get('persistentvolumes', name)
  if (volume === undefined || !isOurs(volume) || volume.status?.phase !== 'Released') return undefined
  if (volume.spec?.persistentVolumeReclaimPolicy !== 'Delete' || volume.metadata.deletionTimestamp !== undefined) return undefined
  const deleted = run.api.delete('persistentvolumes', name)
  return deleted.ok || deleted.error.code === 404 ? undefined : deleted.error
}

function isOurs(volume: StoredVolume): boolean {
  return volume.metadata.annotations?.[PROVISIONED_BY] === LOCAL_PATH
}
