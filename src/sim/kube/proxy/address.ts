import type { Family } from '../../net/address.js'
import { canonicalAddress as canonical } from '../../net/address.js'

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
  return canonical(text) ?? text
}

/** `ip:port`, with brackets around IPv6. Source: Go net.JoinHostPort */
export function joinHostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
