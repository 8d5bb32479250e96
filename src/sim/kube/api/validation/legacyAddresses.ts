import { type IpAddress, type IpRange, parseCidr, parseIp } from '../ip.js'

export const IP_FORM = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
export const CIDR_FORM = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** What is wrong with an address in a field that once took any spelling. What the object held before is taken as it is; undefined
 *  when nothing is wrong. Source: apimachinery pkg/util/validation/ip.go parseIP, StrictIPCIDRValidation (on since 1.36) */
export function ipFault(text: string, before: readonly (string | undefined)[] = []): string | undefined {
  if (before.includes(text)) return undefined
  const address = parseIp(text)
  if (address === undefined) return IP_FORM
  if (hasLeadingZeros(text)) return 'must not have leading 0s'
  return isMapped(address) ? 'must not be an IPv4-mapped IPv6 address' : undefined
}

/** The same of a range, which may not name one address of it either. Source: apimachinery pkg/util/validation/ip.go parseCIDR */
export function cidrFault(text: string, before: readonly (string | undefined)[] = []): string | undefined {
  if (before.includes(text)) return undefined
  const range = parseCidr(text)
  const [addressText = '', prefix = ''] = text.split('/')
  const address = parseIp(addressText)
  if (range === undefined || address === undefined) return CIDR_FORM
  if (hasLeadingZeros(addressText) || /^0\d/.test(prefix)) return 'must not have leading 0s in IP or prefix length'
  if (isMapped(address)) return 'must not have an IPv4-mapped IPv6 address'
  return isNetwork(address, range) ? undefined : 'must not have bits set beyond the prefix length'
}

/** Only decimal numbers could be taken for octal ones; the groups of IPv6 may begin with 0. */
function hasLeadingZeros(text: string): boolean {
  const dotted = text.slice(text.lastIndexOf(':') + 1)
  return dotted.includes('.') && /(^|\.)0\d/.test(dotted)
}

function isMapped(address: IpAddress): boolean {
  return address.family === 'IPv6' && address.value >> 32n === 0xffffn
}

function isNetwork(address: IpAddress, range: IpRange): boolean {
  return address.value === range.base
}
