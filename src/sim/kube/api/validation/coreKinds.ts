import type { ConfigMap, Namespace, Node, Secret } from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import { fromBase64 } from '../base64.js'
import type { Draft } from '../draft.js'
import { jsonEqual } from '../draft.js'
import { parseGoJson } from '../goJson.js'
import { parseCidr } from '../ip.js'
import type { Faults } from './faults.js'
import { IMMUTABLE } from './faults.js'
import { cidrFault } from './legacyAddresses.js'
import { configMapKeyFaults, labelKeyFault, labelValueFaults, qualifiedNameFaults } from './names.js'

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
  const needJson = (key: string): void => {
    need(key)
    const read = parseGoJson(fromBase64(data[key] ?? ''))
    if (data[key] !== undefined && !read.ok) faults.invalid(`data[${key}]`, '<secret contents redacted>', read.error)
  }
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      if ((secret.metadata?.annotations?.['kubernetes.io/service-account.name'] ?? '') === '') {
        faults.required('metadata.annotations[kubernetes.io/service-account.name]')
      }
      break
    case 'kubernetes.io/dockercfg':
      needJson('.dockercfg')
      break
    case 'kubernetes.io/dockerconfigjson':
      needJson('.dockerconfigjson')
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
    if (seen.has(`${key}/${effect}`)) {
      const shown = { Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null }
      faults.duplicate(at, shown, 'taints must be unique by key and effect pair')
    }
    seen.add(`${key}/${effect}`)
  })
  ;(node.spec?.podCIDRs ?? []).forEach((cidr = '', index) => {
    const fault = cidrFault(cidr)
    if (fault !== undefined) faults.invalid(`spec.podCIDRs[${index}]`, cidr, fault)
  })
  checkPair(
    faults,
    (node.spec?.podCIDRs ?? []).map((each) => each ?? ''),
  )
  if (old === undefined) return
  const had = old.spec?.podCIDRs ?? []
  if (had.length > 0 && !jsonEqual(had, node.spec?.podCIDRs ?? [])) {
    faults.forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')
  }
  if ((old.spec?.providerID ?? '') !== '' && old.spec?.providerID !== node.spec?.providerID) {
    faults.forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')
  }
}

/** A Node has one range of Pods' addresses, or one of each family. */
function checkPair(faults: Faults, cidrs: readonly string[]): void {
  const ranges = cidrs.map(parseCidr)
  if (cidrs.length < 2 || ranges.includes(undefined)) return
  const families = ranges.map((each) => each?.family)
  if (cidrs.length > 2 || families[0] === families[1]) {
    faults.invalid('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family')
  }
}
