import type {
  ConfigMap,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Secret,
} from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import type { Draft } from '../draft.js'
import { copyJson, jsonEqual } from '../draft.js'
import { parseCidr } from '../ip.js'
import { nanosOf } from '../quantity.js'
import type { Faults } from './faults.js'
import { IMMUTABLE } from './faults.js'
import { configMapKeyFaults, labelKeyFault, labelValueFaults, qualifiedNameFaults, subdomainFaults } from './names.js'
import { validateSelector } from './selectors.js'

const CIDR_FORM = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

const MAX_SECRET = 1024 * 1024

const KEPT = 'field is immutable when `immutable` is set'

/** Source: kubernetes pkg/apis/core/validation ValidateConfigMap, ValidateConfigMapUpdate */
export function validateConfigMap(faults: Faults, map: Draft<ConfigMap>, old?: Draft<ConfigMap>): void {
  let size = 0
  for (const [key, value = ''] of Object.entries(map.data ?? {})) {
    faults.invalidEach(`data[${key}]`, key, configMapKeyFaults(key))
    if (own(map.binaryData, key) !== undefined) faults.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')
    size += value.length
  }
  for (const [key, value = ''] of Object.entries(map.binaryData ?? {})) {
    faults.invalidEach(`binaryData[${key}]`, key, configMapKeyFaults(key))
    size += Math.floor((value.length * 3) / 4)
  }
  if (size > MAX_SECRET) faults.tooLong('', MAX_SECRET)
  if (old?.immutable !== true) return
  if (map.immutable !== true) faults.forbidden('immutable', KEPT)
  if (!jsonEqual(map.data ?? {}, old.data ?? {})) faults.forbidden('data', KEPT)
  if (!jsonEqual(map.binaryData ?? {}, old.binaryData ?? {})) faults.forbidden('binaryData', KEPT)
}

/** Source: ValidateSecret, ValidateSecretUpdate */
export function validateSecret(faults: Faults, secret: Draft<Secret>, old?: Draft<Secret>): void {
  const data = secret.data ?? {}
  for (const key of Object.keys(data)) faults.invalidEach(`data[${key}]`, key, configMapKeyFaults(key))
  const need = (key: string): void => {
    if (data[key] === undefined) faults.required(`data[${key}]`)
  }
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      if ((secret.metadata?.annotations?.['kubernetes.io/service-account.name'] ?? '') === '') {
        faults.required('metadata.annotations[kubernetes.io/service-account.name]')
      }
      break
    case 'kubernetes.io/dockercfg':
      need('.dockercfg')
      break
    case 'kubernetes.io/dockerconfigjson':
      need('.dockerconfigjson')
      break
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) {
        need('username')
        need('password')
      }
      break
    case 'kubernetes.io/ssh-auth':
      need('ssh-privatekey')
      break
    case 'kubernetes.io/tls':
      need('tls.crt')
      need('tls.key')
      break
    default:
      break
  }
  if (old === undefined) return
  if (secret.type !== old.type) faults.invalid('type', secret.type, IMMUTABLE)
  if (old.immutable !== true) return
  if (secret.immutable !== true) faults.forbidden('immutable', KEPT)
  if (!jsonEqual(data, old.data ?? {})) faults.forbidden('data', KEPT)
}

/** Source: ValidateNamespace; pod-security admission for its labels */
export function validateNamespace(faults: Faults, namespace: Draft<Namespace>): void {
  ;(namespace.spec?.finalizers ?? []).forEach((finalizer = '') => {
    faults.invalidEach('spec.finalizers', finalizer, qualifiedNameFaults(finalizer))
  })
  for (const mode of ['enforce', 'audit', 'warn']) {
    const key = `pod-security.kubernetes.io/${mode}`
    const level = namespace.metadata?.labels?.[key]
    if (level !== undefined && !['privileged', 'baseline', 'restricted'].includes(level)) {
      faults.invalid(`metadata.labels[${key}]`, level, 'must be one of privileged, baseline, restricted')
    }
  }
}

/** Source: ValidateNode, ValidateNodeUpdate */
export function validateNode(faults: Faults, node: Draft<Node>, old?: Draft<Node>): void {
  const seen = new Set<string>()
  ;(node.spec?.taints ?? []).forEach((taint, index) => {
    const at = `metadata.taints[${index}]`
    const { key = '', value = '', effect = '' } = taint
    if (labelKeyFault(key) !== undefined) faults.invalidEach(`${at}.key`, key, qualifiedNameFaults(key))
    if (labelValueFaults(value).length > 0) faults.invalid(`${at}.value`, value, labelValueFaults(value).join(';'))
    if (effect === '') faults.required(`${at}.effect`)
    else if (!['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(effect)) {
      faults.notSupported(`${at}.effect`, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    }
    if (seen.has(`${key}/${effect}`))
      faults.duplicate(at, { Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null })
    seen.add(`${key}/${effect}`)
  })
  ;(node.spec?.podCIDRs ?? []).forEach((cidr = '', index) => {
    if (parseCidr(cidr) === undefined) faults.invalid(`spec.podCIDRs[${index}]`, cidr, CIDR_FORM)
  })
  if (old === undefined) return
  const had = old.spec?.podCIDRs ?? []
  if (had.length > 0 && !jsonEqual(had, node.spec?.podCIDRs ?? [])) {
    faults.forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')
  }
  if ((old.spec?.providerID ?? '') !== '' && old.spec?.providerID !== node.spec?.providerID) {
    faults.forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')
  }
}

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const CLAIM_FIELDS = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

/** Source: ValidatePersistentVolumeClaimSpec, ValidatePersistentVolumeClaimUpdate */
export function validateClaim(faults: Faults, claim: Draft<PersistentVolumeClaim>, old?: Draft<PersistentVolumeClaim>): void {
  const spec = claim.spec ?? {}
  checkAccessModes(faults, spec.accessModes ?? [])
  if (spec.selector !== undefined) validateSelector(faults, 'spec.selector', spec.selector)
  const storage = spec.resources?.requests?.['storage']
  if (storage === undefined) faults.required('spec.resources[storage]')
  else if (nanosOf(storage) <= 0n) faults.invalid('spec.resources[storage]', storage, 'must be greater than zero')
  const { storageClassName } = spec
  if (storageClassName !== undefined && storageClassName !== '') {
    faults.invalidEach('spec.storageClassName', storageClassName, subdomainFaults(storageClassName))
  }
  if (spec.volumeMode !== undefined && !['Block', 'Filesystem'].includes(spec.volumeMode)) {
    faults.notSupported('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem'])
  }
  if (old === undefined) return
  const before = copyJson(old.spec ?? {})
  const now = copyJson(spec)
  if ((before.volumeName ?? '') === '') delete now.volumeName
  if ((before.volumeName ?? '') === '') delete before.volumeName
  if (old.status?.phase === 'Bound') {
    now.resources = before.resources
    const was = nanosOf(old.spec?.resources?.requests?.['storage'])
    if (nanosOf(storage) < was) {
      faults.forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')
    }
  }
  if (!jsonEqual(now, before)) faults.forbidden('spec', `${CLAIM_FIELDS}\n`)
}

function checkAccessModes(faults: Faults, modes: readonly (string | undefined)[]): void {
  if (modes.length === 0) faults.required('spec.accessModes', 'at least 1 access mode is required')
  for (const mode of modes) if (!ACCESS_MODES.includes(mode ?? '')) faults.notSupported('spec.accessModes', mode, ACCESS_MODES)
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    faults.forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes')
  }
}

/** Source: ValidatePersistentVolumeSpec */
export function validateVolumeObject(faults: Faults, volume: Draft<PersistentVolume>): void {
  const spec = volume.spec ?? {}
  checkAccessModes(faults, spec.accessModes ?? [])
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
  if (spec.hostPath !== undefined && (spec.hostPath.path ?? '') === '') faults.required('spec.hostPath.path')
  if (spec.local !== undefined && spec.nodeAffinity === undefined)
    faults.required('spec.nodeAffinity', 'Local volume requires node affinity')
}
