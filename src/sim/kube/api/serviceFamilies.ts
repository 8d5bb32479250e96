import type { ServiceSpec } from '../../../generated/kubeTypes.js'
import type { Draft } from './draft.js'
import { jsonEqual } from './draft.js'
import type { FieldError } from './errors.js'
import { parseIp } from './ip.js'
import { validateClusterIPs } from './validation/serviceIps.js'

type Spec = Draft<ServiceSpec>

interface Choice {
  /** Families that the cluster gives Services addresses of, the first one by default. */
  readonly configured: readonly ('IPv4' | 'IPv6')[]
  /** What is restored is taken as it stands, also with families that the cluster does not have. */
  readonly restoring: boolean
}

/**
 * Fills in ipFamilyPolicy and ipFamilies of a Service, and says why they cannot be had.
 * Source: kubernetes pkg/registry/core/service/storage/alloc.go initIPFamilyFields
 */
export function settleFamilies(spec: Spec, before: Spec | undefined, { configured, restoring }: Choice): FieldError[] {
  if (spec.type === 'ExternalName' || isSettled(spec, before)) return []
  const isSelfless = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= before?.ipFamilyPolicy ?? (isSelfless ? 'RequireDualStack' : 'SingleStack')
  const given = (spec.clusterIPs ?? []).flatMap((each) => each ?? [])
  const many = given.length > 1 || (spec.ipFamilies ?? []).length > 1
  // What is restored without a policy has the one that its addresses show.
  if (restoring && many && spec.ipFamilyPolicy === 'SingleStack') spec.ipFamilyPolicy = 'RequireDualStack'
  const faults = validateClusterIPs(spec, before)
  if (faults.length > 0) return faults
  const errors = before === undefined ? [] : reduce(spec, before)
  const isSingle = spec.ipFamilyPolicy === 'SingleStack'
  const ofPolicy = (why: string): void => {
    errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, why))
  }
  const which = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
  if (isSingle && (spec.clusterIPs ?? []).length === 2) ofPolicy(`${which} cluster IPs are specified`)
  if (isSingle && (spec.ipFamilies ?? []).length === 2) ofPolicy(`${which} IP families are specified`)
  const families: string[] = (spec.ipFamilies ?? []).flatMap((each) => each ?? [])
  const ips = (spec.clusterIPs ?? []).flatMap((each) => each ?? [])
  for (const [index, ip] of ips.entries()) {
    if (ip === 'None') break
    if (index < families.length) continue
    const family = parseIp(ip)?.family ?? 'IPv4'
    if (restoring || configured.includes(family)) families.push(family)
    else errors.push(invalid(`spec.clusterIPs[${index}]`, ips, `${family} is not configured on this cluster`))
  }
  if (errors.length > 0) return errors
  const isDual = configured.length > 1
  if (!isSelfless && !restoring) {
    if (spec.ipFamilyPolicy === 'RequireDualStack' && !isDual) ofPolicy('this cluster is not configured for dual-stack services')
    for (const [index, family] of families.entries()) {
      if (configured.some((each) => each === family)) continue
      errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'))
    }
    if (errors.length > 0) return errors
  }
  if (families.length === 0) families.push(configured[0] ?? 'IPv4')
  if (families.length === 1 && !isSingle && (isDual || isSelfless)) families.push(families[0] === 'IPv4' ? 'IPv6' : 'IPv4')
  spec.ipFamilies = families
  return []
}

function invalid(field: string, value: unknown, why: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` }
}

/** A Service that prefers two families stays as it is when the cluster changes. Source: isMatchingPreferDualStackClusterIPFields */
export function isSettled(spec: Spec, before: Spec | undefined): boolean {
  return (
    before !== undefined &&
    before.type === spec.type &&
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    (before.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
    jsonEqual(spec.clusterIPs ?? [], before.clusterIPs ?? []) &&
    jsonEqual(spec.ipFamilies ?? [], before.ipFamilies ?? [])
  )
}

/** Asking for one family alone lets the second go; leaving it out without asking is a fault. */
function reduce(spec: Spec, before: Spec): FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec
  const { clusterIPs: hadIps = [], ipFamilies: hadFamilies = [] } = before
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (jsonEqual(clusterIPs, hadIps) && clusterIPs.length > 1) spec.clusterIPs = clusterIPs.slice(0, 1)
    if (jsonEqual(ipFamilies, hadFamilies) && ipFamilies.length > 1) spec.ipFamilies = ipFamilies.slice(0, 1)
    return []
  }
  const errors: FieldError[] = []
  const release = (what: string): void => {
    errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, `must be 'SingleStack' to release the secondary ${what}`))
  }
  if (clusterIPs.length > 0 && clusterIPs.length < hadIps.length) release('cluster IP')
  if (ipFamilies.length > 0 && ipFamilies.length < hadFamilies.length) release('IP family')
  return errors
}
