import type { Volume } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { nanosOf } from '../quantity.js'
import type { Faults } from './faults.js'
import { labelFaults } from './names.js'
import { validateClaimSpec } from './storage.js'
import { checkHostPath, checkNfs } from './volumeSources.js'

const MODE_RANGE = 'must be a number between 0 and 0777 (octal), both inclusive'

/** Checks volumes and gives the names that mounts may use. Source: kubernetes pkg/apis/core/validation ValidateVolumes */
export function validateVolumes(faults: Faults, field: string, volumes: readonly Draft<Volume>[]): ReadonlySet<string> {
  const names = new Set<string>()
  volumes.forEach((volume, index) => {
    const path = `${field}[${index}]`
    const name = volume.name ?? ''
    validateSource(faults, path, volume)
    if (name === '') faults.required(`${path}.name`)
    else faults.invalidEach(`${path}.name`, name, labelFaults(name))
    if (names.has(name)) faults.duplicate(`${path}.name`, name)
    names.add(name)
  })
  return names
}

function checkMode(faults: Faults, field: string, mode: number | undefined): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) faults.invalid(field, mode, MODE_RANGE)
}

interface Item {
  key?: string | undefined
  path?: string | undefined
  mode?: number | undefined
}

function checkItems(faults: Faults, field: string, items: readonly Item[] | undefined): void {
  ;(items ?? []).forEach((item, index) => {
    const path = `${field}[${index}]`
    if ((item.key ?? '') === '') faults.required(`${path}.key`)
    if ((item.path ?? '') === '') faults.required(`${path}.path`)
    else checkLocalPath(faults, `${path}.path`, item.path ?? '')
    checkMode(faults, `${path}.mode`, item.mode)
  })
}

/** A path that stays below where it begins. Source: validateLocalDescendingPath */
export function checkDescendingPath(faults: Faults, field: string, path: string): void {
  if (path.startsWith('/')) faults.invalid(field, path, 'must be a relative path')
  if (path.split('/').includes('..')) faults.invalid(field, path, "must not contain '..'")
}

function checkLocalPath(faults: Faults, field: string, path: string): void {
  if (path.startsWith('/')) faults.invalid(field, path, 'must be a relative path')
  if (path.split('/').includes('..')) faults.invalid(field, path, "must not contain '..'")
  else if (path.startsWith('..')) faults.invalid(field, path, "must not start with '..'")
}

function validateSource(faults: Faults, path: string, volume: Draft<Volume>): void {
  const { name: _, ...sources } = volume
  const given = Object.entries(sources).filter(([, source]) => source !== undefined)
  given.slice(1).forEach(([kind]) => {
    faults.forbidden(`${path}.${kind}`, 'may not specify more than 1 volume type')
  })
  if (given.length === 0) faults.required(path, 'must specify a volume type')
  if (volume.emptyDir?.sizeLimit !== undefined && nanosOf(volume.emptyDir.sizeLimit) < 0n) {
    faults.forbidden(`${path}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity')
  }
  if (volume.hostPath !== undefined) checkHostPath(faults, `${path}.hostPath`, volume.hostPath)
  if (volume.secret !== undefined) {
    if ((volume.secret.secretName ?? '') === '') faults.required(`${path}.secret.secretName`)
    checkMode(faults, `${path}.secret.defaultMode`, volume.secret.defaultMode)
    checkItems(faults, `${path}.secret.items`, volume.secret.items)
  }
  if (volume.configMap !== undefined) {
    if ((volume.configMap.name ?? '') === '') faults.required(`${path}.configMap.name`)
    checkMode(faults, `${path}.configMap.defaultMode`, volume.configMap.defaultMode)
    checkItems(faults, `${path}.configMap.items`, volume.configMap.items)
  }
  if (volume.persistentVolumeClaim !== undefined && (volume.persistentVolumeClaim.claimName ?? '') === '') {
    faults.required(`${path}.persistentVolumeClaim.claimName`)
  }
  if (volume.downwardAPI !== undefined) {
    checkMode(faults, `${path}.downwardAPI.defaultMode`, volume.downwardAPI.defaultMode)
    ;(volume.downwardAPI.items ?? []).forEach((item, index) => {
      const at = `${path}.downwardAPI[${index}]`
      if ((item.path ?? '') === '') faults.required(`${at}.path`)
      else checkLocalPath(faults, `${at}.path`, item.path ?? '')
      if (item.fieldRef === undefined && item.resourceFieldRef === undefined)
        faults.required(at, 'one of fieldRef and resourceFieldRef is required')
      checkMode(faults, `${at}.mode`, item.mode)
    })
  }
  if (volume.nfs !== undefined) checkNfs(faults, `${path}.nfs`, volume.nfs)
  if (volume.csi !== undefined && (volume.csi.driver ?? '') === '') faults.required(`${path}.csi.driver`)
  if (volume.ephemeral !== undefined) {
    const template = volume.ephemeral.volumeClaimTemplate
    const at = `${path}.ephemeral.volumeClaimTemplate`
    if (template === undefined) faults.required(at)
    else validateClaimSpec(faults, `${at}.spec`, template.spec ?? {})
  }
  if (volume.projected !== undefined) {
    checkMode(faults, `${path}.projected.defaultMode`, volume.projected.defaultMode)
    ;(volume.projected.sources ?? []).forEach((source, index) => {
      const at = `${path}.projected.sources[${index}]`
      if (source.secret !== undefined && (source.secret.name ?? '') === '') faults.required(`${at}.secret.name`)
      if (source.configMap !== undefined && (source.configMap.name ?? '') === '') faults.required(`${at}.configMap.name`)
      if (source.serviceAccountToken !== undefined) {
        const { expirationSeconds = 0, path: token = '' } = source.serviceAccountToken
        if (expirationSeconds < 600) {
          faults.invalid(
            `${at}.serviceAccountToken.expirationSeconds`,
            expirationSeconds,
            'may not specify a duration less than 10 minutes',
          )
        }
        if (token === '') faults.required(`${at}.serviceAccountToken.path`)
      }
      if (Object.values(source).every((each) => each === undefined))
        faults.required(at, 'must specify at least one projection source')
    })
  }
}
