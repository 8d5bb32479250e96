import { nanosOf } from '../../api/quantity.js'
import type { StoredOf } from '../../api/resources.js'
import { reaches } from '../../scheduler/plugins/volumes.js'
import { selects } from '../selectors.js'

export type StoredVolume = StoredOf<'persistentvolumes'>
export type StoredClaim = StoredOf<'persistentvolumeclaims'>

export function classOf(claim: StoredClaim): string {
  return claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? ''
}

export function isBoundTo(volume: StoredVolume, claim: StoredClaim): boolean {
  const { namespace, name, uid = '' } = volume.spec?.claimRef ?? {}
  if (name !== claim.metadata.name || namespace !== claim.metadata.namespace) return false
  return uid === '' || uid === claim.metadata.uid
}

/**
 * The volume for a claim: one that was reserved for it, else the smallest free one that fits.
 *
 * @param node where the claim's Pod runs, when the claim waited for that: volumes of other Nodes are no use then.
 * Source: kubernetes staging/src/k8s.io/component-helpers/storage/volume/pv_helpers.go FindMatchingVolume
 */
export function findVolume(
  claim: StoredClaim,
  volumes: readonly StoredVolume[],
  node?: StoredOf<'nodes'>,
): StoredVolume | undefined {
  const wanted = nanosOf(claim.spec?.resources?.requests?.['storage'])
  const size = (volume: StoredVolume): bigint => nanosOf(volume.spec?.capacity?.['storage'])
  let best: StoredVolume | undefined
  for (const volume of volumes) {
    if (volume.metadata.deletionTimestamp !== undefined || size(volume) < wanted) continue
    if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) continue
    if (isBoundTo(volume, claim)) return volume
    if (volume.spec?.claimRef !== undefined || volume.status?.phase !== 'Available') continue
    if (node !== undefined && !reaches(volume, node)) continue
    if ((volume.spec?.storageClassName ?? '') !== classOf(claim)) continue
    if (claim.spec?.selector !== undefined && !selects(claim.spec.selector, volume.metadata.labels)) continue
    const modes = volume.spec?.accessModes ?? []
    if (!(claim.spec?.accessModes ?? []).every((mode) => modes.includes(mode))) continue
    if (best === undefined || size(volume) < size(best)) best = volume
  }
  return best
}
