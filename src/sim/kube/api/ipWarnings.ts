import { formatIp, parseCidr, parseIp } from './ip.js'

/** An IPv4 address in the clothes of IPv6. */
const IS_MAPPED = /^::ffff:/i
const LEADING_ZERO = /(^|\.)0\d/

/** Warnings of an address that is taken but not written as it should be. Source: apimachinery pkg/util/validation/ip.go GetWarningsForIP */
export function warningsOfIp(field: string, value: string): readonly string[] {
  const address = parseIp(value)
  if (address === undefined) return []
  const canonical = formatIp(address)
  if (LEADING_ZERO.test(value) || IS_MAPPED.test(value)) {
    // Read as IPv4 in both cases.
    const plain = address.family === 'IPv4' ? canonical : formatIp({ family: 'IPv4', value: address.value & 0xffff_ffffn })
    return [nonStandard(field, 'IP address', value, plain)]
  }
  return canonical === value ? [] : [`${field}: IPv6 address "${value}" should be in RFC 5952 canonical format ("${canonical}")`]
}

/** Warnings of a range whose address has more bits than the range, or that is not written as it should be. Source: GetWarningsForCIDR */
export function warningsOfCidr(field: string, value: string): readonly string[] {
  const range = parseCidr(value)
  const [text = '', prefix = ''] = value.split('/')
  const address = parseIp(text)
  if (range === undefined || address === undefined) return []
  const base = formatIp({ family: range.family, value: range.base })
  const network = `${base}/${range.prefix}`
  if (address.value !== range.base) {
    const alone = `${formatIp(address)}/${range.family === 'IPv4' ? 32 : 128}`
    return [`${field}: CIDR value "${value}" is ambiguous in this context (should be "${network}" or "${alone}"?)`]
  }
  if (LEADING_ZERO.test(text) || IS_MAPPED.test(text) || /^0\d/.test(prefix))
    return [nonStandard(field, 'CIDR value', value, network)]
  return base === text ? [] : [`${field}: IPv6 CIDR value "${value}" should be in RFC 5952 canonical format ("${network}")`]
}

function nonStandard(field: string, what: string, value: string, better: string): string {
  return `${field}: non-standard ${what} "${value}" will be considered invalid in a future Kubernetes release: use "${better}"`
}
