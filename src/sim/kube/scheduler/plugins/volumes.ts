import type { Cycle } from '../plugin.js'

/**
 * Why no Node at all can take a Pod because of its claims; undefined when they are bound, or wait for their first consumer.
 *
 * Simplified: claims that wait for a consumer count as bound; volumes' own zones and limits are not looked at.
 * Source: kubernetes pkg/scheduler/framework/plugins/volumebinding/volume_binding.go PreFilter
 */
export function claimsProblem({ pod, lookups }: Cycle): string | undefined {
  const namespace = pod.metadata?.namespace ?? 'default'
  for (const volume of pod.spec?.volumes ?? []) {
    const name =
      volume.persistentVolumeClaim?.claimName ??
      (volume.ephemeral !== undefined ? `${pod.metadata?.name ?? ''}-${volume.name}` : undefined)
    if (name === undefined) continue
    const claim = lookups.claim(`${namespace}/${name}`)
    if (claim === undefined) {
      return volume.ephemeral !== undefined
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : `persistentvolumeclaim "${name}" not found`
    }
    if (claim.metadata?.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`
    if (claim.status?.phase === 'Lost') {
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`
    }
    if (claim.status?.phase !== 'Bound' && (claim.spec?.volumeName ?? '') === '' && claim.spec?.storageClassName === undefined) {
      return 'pod has unbound immediate PersistentVolumeClaims'
    }
  }
  return undefined
}
