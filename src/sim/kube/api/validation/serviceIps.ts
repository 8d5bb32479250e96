import type { ServiceSpec } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import type { FieldError } from '../errors.js'
import { parseIp } from '../ip.js'
import { ipFault } from './legacyAddresses.js'

type Spec = Draft<ServiceSpec>

/** Faults of clusterIPs and what belongs to them. Source: kubernetes pkg/apis/core/validation ValidateServiceClusterIPsRelatedFields */
export function validateClusterIPs(spec: Spec, before: Spec | undefined): FieldError[] {
  const errors: FieldError[] = []
  const ips = (spec.clusterIPs ?? []).flatMap((each) => each ?? [])
  const add = (field: string, message: string, reason: FieldError['reason'] = 'FieldValueInvalid'): void => {
    errors.push({ reason, field, message })
  }
  if (spec.type === 'ExternalName') {
    if (ips.length > 0) add('spec.clusterIPs', 'Forbidden: may not be set for ExternalName services', 'FieldValueForbidden')
    return errors
  }
  const families = (spec.ipFamilies ?? []).flatMap((each) => each ?? [])
  families.forEach((family, index) => {
    if (family !== 'IPv4' && family !== 'IPv6') {
      add(
        `spec.ipFamilies[${index}]`,
        `Unsupported value: "${family}": supported values: "IPv4", "IPv6"`,
        'FieldValueNotSupported',
      )
    } else if (families.indexOf(family) !== index) {
      add(`spec.ipFamilies[${index}]`, `Duplicate value: "${family}"`, 'FieldValueDuplicate')
    }
  })
  if (
    spec.ipFamilyPolicy !== undefined &&
    !['SingleStack', 'PreferDualStack', 'RequireDualStack'].includes(spec.ipFamilyPolicy)
  ) {
    const message = `Unsupported value: "${spec.ipFamilyPolicy}": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"`
    add('spec.ipFamilyPolicy', message, 'FieldValueNotSupported')
  }
  const shown = JSON.stringify(ips)
  if ((spec.clusterIP ?? '') === '') {
    if (ips.length > 0) add('spec.clusterIPs', `Invalid value: ${shown}: must be empty when \`clusterIP\` is not specified`)
  } else if (ips.length === 0) add('spec.clusterIPs', 'Required value', 'FieldValueRequired')
  else if (ips[0] !== spec.clusterIP) add('spec.clusterIPs', `Invalid value: ${shown}: first value must match \`clusterIP\``)
  let isBroken = false
  ips.forEach((ip, index) => {
    if (index === 0 && ip === 'None') {
      isBroken ||= ips.length > 1
      if (ips.length > 1) add('spec.clusterIPs', `Invalid value: ${shown}: 'None' must be the first and only value`)
      return
    }
    const fault = ipFault(ip, before?.clusterIPs)
    if (fault === undefined) return
    isBroken = true
    add(`spec.clusterIPs[${index}]`, `Invalid value: "${ip}": ${fault}`)
  })
  if (ips.length > 2) add('spec.clusterIPs', `Invalid value: ${shown}: may only hold up to 2 values`)
  if (isBroken) return errors
  const own = ips.map((ip) => parseIp(ip)?.family)
  if (ips.length > 1 && !(own.includes('IPv4') && own.includes('IPv6')))
    add('spec.clusterIPs', `Invalid value: ${shown}: may specify no more than one IP for each IP family`)
  if (ips[0] === 'None') return errors
  ips.forEach((ip, index) => {
    const family = families[index]
    if (family === 'IPv4' || family === 'IPv6') {
      if (family === own[index]) return
      const why = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``
      add(`spec.clusterIPs[${index}]`, `Invalid value: "${ip}": ${why}`)
    }
  })
  return errors
}

/**
 * Faults of a change of addresses or families: the first of each stays, the second goes only by asking for a single family.
 * Source: validateUpgradeDowngradeClusterIPs, validateUpgradeDowngradeIPFamilies
 */
export function validateFamilyChange(spec: Spec, before: Spec): FieldError[] {
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return []
  const errors: FieldError[] = []
  const add = (field: string, value: unknown, why: string): void => {
    errors.push({ reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` })
  }
  const isHeadless = isNone(spec)
  if (isHeadless && isNone(before)) return errors
  const { clusterIPs: ips = [], ipFamilies: families = [] } = spec
  const { clusterIPs: hadIps = [], ipFamilies: hadFamilies = [] } = before
  const keep = 'may not change once set'
  const isSingle = spec.ipFamilyPolicy === 'SingleStack'
  if (ips.length === hadIps.length) {
    hadIps.forEach((ip, index) => {
      if (ip !== ips[index]) add(`spec.clusterIPs[${index}]`, ips, keep)
    })
  } else {
    if (ips.length === 0) add('spec.clusterIPs[0]', ips, 'primary clusterIP can not be unset')
    else if (hadIps.length > 0 && ips[0] !== hadIps[0]) add('spec.clusterIPs[0]', ips, keep)
    if (ips.length === 1 && hadIps.length > 1 && !isSingle)
      add(
        'spec.ipFamilyPolicy',
        spec.ipFamilyPolicy ?? null,
        "must be set to 'SingleStack' when releasing the secondary clusterIP",
      )
  }
  if (isHeadless || isNone(before)) return errors
  if (families.length === hadFamilies.length) {
    if (hadFamilies.some((family, index) => family !== families[index])) add('spec.ipFamilies[0]', families, keep)
  } else {
    if (families.length < hadFamilies.length && ips.length === 0)
      add('spec.ipFamilies[0]', families, 'primary ipFamily can not be unset')
    if (families.length > 0 && hadFamilies.length > 0 && families[0] !== hadFamilies[0]) add('spec.ipFamilies[0]', ips, keep)
    if (families.length === 1 && hadFamilies.length > 1 && !isSingle)
      add(
        'spec.ipFamilyPolicy',
        spec.ipFamilyPolicy ?? null,
        "must be set to 'SingleStack' when releasing the secondary ipFamily",
      )
  }
  return errors
}

function isNone(spec: Spec): boolean {
  return spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None'
}
