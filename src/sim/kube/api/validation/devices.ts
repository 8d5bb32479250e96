import type { Container, Volume } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import type { Faults } from './faults.js'

/** Raw block volumes. Source: ValidateVolumeDevices */
export function validateDevices(
  faults: Faults,
  path: string,
  container: Draft<Container>,
  volumes: readonly Draft<Volume>[],
): void {
  const claims = new Map(
    volumes.map((each) => [each.name ?? '', each.persistentVolumeClaim !== undefined || each.ephemeral !== undefined]),
  )
  const names = new Set<string>()
  const paths = new Set<string>()
  const mounts = container.volumeMounts ?? []
  for (const [index, { name = '', devicePath = '' }] of (container.volumeDevices ?? []).entries()) {
    const at = `${path}.volumeDevices[${index}]`
    if (name === '') faults.required(`${at}.name`)
    if (names.has(name)) faults.invalid(`${at}.name`, name, 'must be unique')
    names.add(name)
    const isClaim = claims.get(name)
    if (isClaim === undefined) faults.notFound(`${at}.name`, name)
    else if (!isClaim)
      faults.invalid(`${at}.name`, name, 'can only use volume source type of PersistentVolumeClaim for block mode')
    if (devicePath === '') faults.required(`${at}.devicePath`)
    if (paths.has(devicePath)) faults.invalid(`${at}.devicePath`, devicePath, 'must be unique')
    if (devicePath.split('/').includes('..')) faults.invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')")
    else paths.add(devicePath)
    if (mounts.some((mount) => mount.name === name)) faults.invalid(`${at}.name`, name, 'must not already exist in volumeMounts')
    if (mounts.some((mount) => mount.mountPath === devicePath))
      faults.invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts')
  }
}
