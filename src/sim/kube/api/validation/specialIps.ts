import { parseIp } from '../ip.js'
import type { Faults } from './faults.js'

/** Addresses to which nothing can be sent over a network are refused. Source: kubernetes pkg/apis/core/validation ValidateNonSpecialIP */
export function validateNonSpecialIp(faults: Faults, field: string, ip: string): void {
  const address = parseIp(ip)
  if (address === undefined) {
    faults.invalid(field, ip, 'must be a valid IP address')
    return
  }
  const { family, value } = address
  const isV4 = family === 'IPv4'
  if (value === 0n) faults.invalid(field, ip, 'may not be unspecified (0.0.0.0 or ::)')
  if (isV4 ? value >> 24n === 127n : value === 1n)
    faults.invalid(field, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')
  if (isV4 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan)
    faults.invalid(field, ip, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')
  // The flags of an IPv6 multicast address do not matter, its scope does.
  if (isV4 ? value >> 8n === 0xe00000n : (value >> 112n) % 0x10n === 2n && value >> 120n === 0xffn)
    faults.invalid(field, ip, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')
}
