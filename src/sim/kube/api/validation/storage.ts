import type {
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  TypedObjectReference,
} from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { copyJson, jsonEqual } from '../draft.js'
import { nanosOf } from '../quantity.js'
import { validateNodeSelector } from './affinity.js'
import type { Faults } from './faults.js'
import { IMMUTABLE } from './faults.js'
import { labelKeyFault, qualifiedNameFaults, subdomainFaults } from './names.js'
import { validateSelector } from './selectors.js'
import { checkBacksteps, checkHostPath, checkNfs } from './volumeSources.js'

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const CLAIM_FIELDS = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

/** Source: ValidatePersistentVolumeClaimSpec, ValidatePersistentVolumeClaimUpdate */
export function validateClaim(faults: Faults, claim: Draft<PersistentVolumeClaim>, old?: Draft<PersistentVolumeClaim>): void {
  const spec = claim.spec ?? {}
  validateClaimSpec(faults, 'spec', spec)
  if (old === undefined) return
  const before = copyJson(old.spec ?? {})
  const now = copyJson(spec)
  if ((before.volumeName ?? '') === '') delete now.volumeName
  if ((before.volumeName ?? '') === '') delete before.volumeName
  if (old.status?.phase === 'Bound') {
    now.resources = before.resources
    const was = nanosOf(old.spec?.resources?.requests?.['storage'])
    if (nanosOf(spec.resources?.requests?.['storage']) < was) {
      faults.forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')
    }
  }
  if (!jsonEqual(now, before)) faults.forbidden('spec', `${CLAIM_FIELDS}\n`)
}

/** Source: ValidatePersistentVolumeClaimSpec; a Pod's ephemeral volume has such a spec too. */
export function validateClaimSpec(faults: Faults, field: string, spec: NonNullable<Draft<PersistentVolumeClaim>['spec']>): void {
  checkAccessModes(faults, `${field}.accessModes`, spec.accessModes ?? [])
  if (spec.selector !== undefined) validateSelector(faults, `${field}.selector`, spec.selector)
  const storage = spec.resources?.requests?.['storage']
  if (storage === undefined) faults.required(`${field}.resources[storage]`)
  else if (nanosOf(storage) <= 0n) faults.invalid(`${field}.resources[storage]`, storage, 'must be greater than zero')
  checkClassName(faults, `${field}.storageClassName`, spec.storageClassName)
  checkMode(faults, `${field}.volumeMode`, spec.volumeMode)
  if (spec.dataSourceRef !== undefined) checkDataSource(faults, `${field}.dataSourceRef`, spec.dataSourceRef)
  checkClassName(faults, `${field}.volumeAttributesClassName`, spec.volumeAttributesClassName)
}

/** Source: validateDataSourceRef */
function checkDataSource(
  faults: Faults,
  field: string,
  { apiGroup = '', kind = '', name = '' }: Draft<TypedObjectReference>,
): void {
  if (name === '') faults.required(`${field}.name`)
  if (kind === '') faults.required(`${field}.kind`)
  if (apiGroup === '' && kind !== 'PersistentVolumeClaim') {
    faults.invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")
  }
  if (apiGroup !== '') faults.invalidEach(field, apiGroup, subdomainFaults(apiGroup))
}

function checkClassName(faults: Faults, field: string, name = ''): void {
  if (name !== '') faults.invalidEach(field, name, subdomainFaults(name))
}

function checkMode(faults: Faults, field: string, mode: string | undefined): void {
  if (mode !== undefined && !['Block', 'Filesystem'].includes(mode)) faults.notSupported(field, mode, ['Block', 'Filesystem'])
}

function checkAccessModes(faults: Faults, field: string, modes: readonly (string | undefined)[]): void {
  if (modes.length === 0) faults.required(field, 'at least 1 access mode is required')
  for (const mode of modes) if (!ACCESS_MODES.includes(mode ?? '')) faults.notSupported(field, mode, ACCESS_MODES)
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    faults.forbidden(field, 'may not use ReadWriteOncePod with other access modes')
  }
}

/** Source: ValidatePersistentVolumeSpec */
export function validateVolumeObject(faults: Faults, volume: Draft<PersistentVolume>): void {
  const spec = volume.spec ?? {}
  checkAccessModes(faults, 'spec.accessModes', spec.accessModes ?? [])
  if (spec.capacity === undefined || Object.keys(spec.capacity).length === 0) faults.required('spec.capacity')
  else if (spec.capacity['storage'] === undefined || Object.keys(spec.capacity).length > 1) {
    faults.notSupported('spec.capacity', spec.capacity, ['storage'])
  } else if (nanosOf(spec.capacity['storage']) <= 0n) {
    faults.invalid('spec.capacity[storage]', spec.capacity['storage'], 'must be greater than zero')
  }
  const policies = ['Delete', 'Recycle', 'Retain']
  const policy = spec.persistentVolumeReclaimPolicy ?? ''
  if (policy !== '' && !policies.includes(policy)) faults.notSupported('spec.persistentVolumeReclaimPolicy', policy, policies)
  const plain = [
    'accessModes',
    'capacity',
    'claimRef',
    'mountOptions',
    'nodeAffinity',
    'persistentVolumeReclaimPolicy',
    'storageClassName',
    'volumeMode',
    'volumeAttributesClassName',
  ]
  const sources = Object.keys(spec).filter((name) => !plain.includes(name))
  if (sources.length === 0) faults.required('spec', 'must specify a volume type')
  sources.slice(1).forEach((name) => {
    faults.forbidden(`spec.${name}`, 'may not specify more than 1 volume type')
  })
  if (spec.hostPath !== undefined) checkHostPath(faults, 'spec.hostPath', spec.hostPath)
  if (spec.nfs !== undefined) checkNfs(faults, 'spec.nfs', spec.nfs)
  if (spec.local !== undefined) {
    const { path = '' } = spec.local
    if (path === '') faults.required('spec.local.path')
    else checkBacksteps(faults, 'spec.local.path', path)
  }
  if (spec.csi !== undefined && (spec.csi.driver ?? '') === '') faults.required('spec.csi.driver')
  if (spec.csi !== undefined && (spec.csi.volumeHandle ?? '') === '') faults.required('spec.csi.volumeHandle')
  const required = spec.nodeAffinity?.required
  if (required !== undefined) validateNodeSelector(faults, 'spec.nodeAffinity.required', required)
  else if (spec.nodeAffinity !== undefined)
    faults.required('spec.nodeAffinity.required', 'must specify required node constraints')
  if (spec.local !== undefined && spec.nodeAffinity === undefined)
    faults.required('spec.nodeAffinity', 'Local volume requires node affinity')
  if (spec.hostPath?.path === '/' && policy === 'Recycle') {
    faults.forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'")
  }
  checkClassName(faults, 'spec.storageClassName', spec.storageClassName)
  checkMode(faults, 'spec.volumeMode', spec.volumeMode)
  checkClassName(faults, 'spec.volumeAttributesClassName', spec.volumeAttributesClassName)
}

/** Source: kubernetes pkg/apis/storage/validation/validation.go */
export function validateStorageClass(faults: Faults, each: Draft<StorageClass>, old?: Draft<StorageClass>): void {
  if ((each.provisioner ?? '') === '') faults.required('provisioner')
  else faults.invalidEach('provisioner', each.provisioner, qualifiedNameFaults((each.provisioner ?? '').toLowerCase()))
  for (const key of Object.keys(each.parameters ?? {})) {
    if (key === '') faults.invalid('parameters', key, 'field can not be empty.')
  }
  const policies = ['Delete', 'Retain']
  if (each.reclaimPolicy !== undefined && !policies.includes(each.reclaimPolicy)) {
    faults.notSupported('reclaimPolicy', each.reclaimPolicy, policies)
  }
  const modes = ['Immediate', 'WaitForFirstConsumer']
  if (each.volumeBindingMode === undefined) faults.required('volumeBindingMode')
  else if (!modes.includes(each.volumeBindingMode)) faults.notSupported('volumeBindingMode', each.volumeBindingMode, modes)
  ;(each.allowedTopologies ?? []).forEach((term, index) => {
    ;(term.matchLabelExpressions ?? []).forEach((one, at) => {
      const path = `allowedTopologies[${index}].matchLabelExpressions[${at}]`
      const { key = '', values = [] } = one
      if (values.length === 0) faults.required(`${path}.values`)
      values.forEach((value, where) => {
        if (values.indexOf(value) < where) faults.duplicate(`${path}.values[${where}]`, value)
      })
      faults.invalidEach(`${path}.key`, key, labelKeyFault(key) === undefined ? [] : qualifiedNameFaults(key))
    })
  })
  if (old === undefined) return
  if (!jsonEqual(old.parameters ?? {}, each.parameters ?? {}))
    faults.forbidden('parameters', 'updates to parameters are forbidden.')
  if (old.provisioner !== each.provisioner) faults.forbidden('provisioner', 'updates to provisioner are forbidden.')
  if (old.reclaimPolicy !== each.reclaimPolicy) faults.forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.')
  if (old.volumeBindingMode !== each.volumeBindingMode) faults.invalid('volumeBindingMode', each.volumeBindingMode, IMMUTABLE)
}
