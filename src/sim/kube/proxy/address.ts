import type { Family, Prefix } from '../../net/address.js'
import { canonicalAddress as canonical, parsePrefix } from '../../net/address.js'

/** An address family, as Services name them. */
export type IpFamily = 'IPv4' | 'IPv6'

export const IP_FAMILIES: readonly IpFamily[] = ['IPv4', 'IPv6']

/** The network's number of a family. */
export function familyNumber(family: IpFamily): Family {
  return family === 'IPv6' ? 6 : 4
}

/** Family of an address or a block. */
export function ipFamilyOf(text: string): IpFamily {
  return text.includes(':') ? 'IPv6' : 'IPv4'
}

/** The one way to write an address; a text that is none comes back as it is. */
export function canonicalAddress(text: string): string {
  return readAddress(text) ?? text
}

/** An address as kube-proxy reads it, in the one way to write it; undefined when the text is none. */
export function readAddress(text: string): string | undefined {
  return canonical(text) ?? canonical(withoutZeros(text))
}

/** A block as kube-proxy reads it; undefined when the text is none. */
export function readBlock(text: string): Prefix | undefined {
  if (!/\/\d+$/.test(text)) return undefined
  return parsePrefix(text) ?? parsePrefix(withoutZeros(text))
}

/** Zeros in front of a decimal number mean nothing: older versions let them pass. Source: k8s.io/utils net/parse.go ParseIPSloppy, ParseCIDRSloppy */
function withoutZeros(text: string): string {
  return text.includes(':') ? text.replace(/\/0+(?=\d)/, '/') : text.replace(/(^|[./])0+(?=\d)/g, '$1')
}

/** `ip:port`, with brackets around IPv6. Source: Go net.JoinHostPort */
export function joinHostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
