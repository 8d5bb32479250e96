import type { ServiceSpec } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import type { FieldError } from '../errors.js'
import { parseIp } from '../ip.js'

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
  if (spec.clusterIP !== undefined && spec.clusterIP !== '' && ips[0] !== undefined && ips[0] !== spec.clusterIP) {
    add('spec.clusterIPs', `Invalid value: ${JSON.stringify(ips)}: first value must match \`clusterIP\``)
  }
  if (ips.length > 2) add('spec.clusterIPs', `Invalid value: ${JSON.stringify(ips)}: may only hold up to 2 values`)
  if (ips[0] === 'None') {
    if (ips.length > 1) add('spec.clusterIPs', `Invalid value: ${JSON.stringify(ips)}: 'None' must be the first and only value`)
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
      add('spec.clusterIPs[0]', `Invalid value: "None": may not be set to 'None' for ${spec.type} services`)
    }
    return errors
  }
  ips.forEach((ip, index) => {
    const old = (before?.clusterIPs ?? [])[index]
    if (parseIp(ip) === undefined && old !== ip) {
      add(`spec.clusterIPs[${index}]`, `Invalid value: "${ip}": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`)
    }
  })
  ips.forEach((ip, index) => {
    const family = families[index]
    const own = parseIp(ip)?.family
    if (family !== undefined && own !== undefined && family !== own) {
      add(
        `spec.clusterIPs[${index}]`,
        `Invalid value: "${ip}": expected an ${family} value as indicated by \`ipFamilies[${index}]\``,
      )
    }
  })
  return errors
}
