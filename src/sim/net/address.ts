import { hash32 } from '../core/digest.js'

/** IP addresses as canonical text (RFC 5952 for IPv6), and prefixes as they are matched and routed by. */

export type Family = 4 | 6

export const FAMILIES: readonly Family[] = [4, 6]

/** A block of addresses. `base` is the first address, all host bits zero. */
export interface Prefix {
  readonly family: Family
  readonly base: bigint | number
  readonly length: number
  /** `10.244.0.0/16`, always with its length. */
  readonly text: string
}

/** Value of an IPv4 address in 32 bits, or undefined when the text is none. */
export function parseIPv4(text: string): number | undefined {
  let value = 0
  let octet = -1
  let dots = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      if (octet < 0 || ++dots > 3) return undefined
      value = value * 256 + octet
      octet = -1
    } else if (code >= 48 && code <= 57) {
      if (octet === 0) return undefined
      octet = octet < 0 ? code - 48 : octet * 10 + (code - 48)
      if (octet > 255) return undefined
    } else return undefined
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : undefined
}

export function formatIPv4(value: number): string {
  return `${Math.floor(value / 16_777_216) % 256}.${Math.floor(value / 65_536) % 256}.${Math.floor(value / 256) % 256}.${value % 256}`
}

/** Value of an IPv6 address in 128 bits, or undefined when the text is none. An IPv4 tail is understood. */
export function parseIPv6(text: string): bigint | undefined {
  if (!text.includes(':')) return undefined
  let source = text
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (tail !== null) {
    const v4 = parseIPv4(tail[2] ?? '')
    if (v4 === undefined) return undefined
    source = `${tail[1]}${Math.floor(v4 / 65_536).toString(16)}:${(v4 % 65_536).toString(16)}`
  }
  const halves = source.split('::')
  if (halves.length > 2) return undefined
  const groups = (half: string | undefined): string[] => (half === undefined || half === '' ? [] : half.split(':'))
  const head = groups(halves[0])
  const rest = groups(halves[1])
  const gap = 8 - head.length - rest.length
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined
  let value = 0n
  for (const group of [...head, ...Array<string>(gap).fill('0'), ...rest]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    value = (value << 16n) | BigInt(`0x${group}`)
  }
  return value
}

/** RFC 5952 text: lower case, longest run of zero groups as `::`. */
export function formatIPv6(value: bigint): string {
  const groups: number[] = []
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn))
  let bestStart = -1
  let bestLength = 1
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > bestLength) {
      bestStart = start
      bestLength = length
    }
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  if (bestStart < 0) return hex(groups)
  return `${hex(groups.slice(0, bestStart))}::${hex(groups.slice(bestStart + bestLength))}`
}

/** The one way to write an address; undefined when the text is no address. */
export function canonicalAddress(text: string): string | undefined {
  if (parseIPv4(text) !== undefined) return text
  const v6 = parseIPv6(text)
  return v6 === undefined ? undefined : formatIPv6(v6)
}

const DOT = 46
const COLON = 58

/** The family of an address: a dot or a colon ends its first group. */
export function familyOf(address: string): Family {
  for (let at = 0; at < address.length; at++) {
    const code = address.charCodeAt(at)
    if (code === DOT) return 4
    if (code === COLON) return 6
  }
  return 4
}

/** A prefix from `10.0.0.0/8`, `10.0.0.0/255.0.0.0` or a single address; host bits are cleared. Undefined when it is none. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const mask = slash < 0 ? undefined : text.slice(slash + 1)
  const v4 = parseIPv4(address)
  if (v4 !== undefined) {
    const length = mask === undefined ? 32 : parseMask4(mask)
    if (length === undefined) return undefined
    const base = length === 0 ? 0 : v4 - (v4 % 2 ** (32 - length))
    return { family: 4, base, length, text: `${formatIPv4(base)}/${length}` }
  }
  const v6 = parseIPv6(address)
  if (v6 === undefined) return undefined
  const length = mask === undefined ? 128 : /^\d{1,3}$/.test(mask) ? Number(mask) : 129
  if (length > 128) return undefined
  const shift = BigInt(128 - length)
  const base = (v6 >> shift) << shift
  return { family: 6, base, length, text: `${formatIPv6(base)}/${length}` }
}

function parseMask4(mask: string): number | undefined {
  if (/^\d{1,2}$/.test(mask)) return Number(mask) <= 32 ? Number(mask) : undefined
  const value = parseIPv4(mask)
  if (value === undefined) return undefined
  const bits = value.toString(2).padStart(32, '0')
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined
}

/** Whether an address (canonical text) lies in the prefix. */
export function prefixHolds({ family, base, length }: Prefix, address: string): boolean {
  if (family === 4) {
    const value = parseIPv4(address)
    return value !== undefined && typeof base === 'number' && ((value ^ base) & maskOf(length)) === 0
  }
  const value = parseIPv6(address)
  if (value === undefined || typeof base !== 'bigint') return false
  return value >> BigInt(128 - length) === base >> BigInt(128 - length)
}

/** The mask of an IPv4 prefix as a 32-bit number. */
export function maskOf(length: number): number {
  return length === 0 ? 0 : -1 << (32 - length)
}

/** The prefix of this length around an address: key of tables that are looked up by longest prefix. */
export function networkOf(address: string, length: number): string {
  const v4 = parseIPv4(address)
  if (v4 !== undefined) {
    if (length === 32) return `${address}/32`
    return `${formatIPv4(length === 0 ? 0 : v4 - (v4 % 2 ** (32 - length)))}/${length}`
  }
  return parsePrefix(`${address}/${length}`)?.text ?? `${address}/${length}`
}

/** The n-th address of a prefix, counted from its base: 1 is usually the gateway. */
export function addressAt(prefix: Prefix, index: number): string {
  return typeof prefix.base === 'number' ? formatIPv4(prefix.base + index) : formatIPv6(prefix.base + BigInt(index))
}

/** An address of another network with the first bits of this one. */
export function moveTo(prefix: Prefix, address: string): string {
  const from = parsePrefix(address)
  if (from === undefined || from.family !== prefix.family) return address
  const hosts = (1n << BigInt((prefix.family === 4 ? 32 : 128) - prefix.length)) - 1n
  const moved = (BigInt(prefix.base) & ~hosts) | (BigInt(from.base) & hosts)
  return prefix.family === 4 ? formatIPv4(Number(moved)) : formatIPv6(moved)
}

export function isLoopback(address: string): boolean {
  // Most addresses are known not to be by their second character.
  return (address.charCodeAt(1) === 50 && address.startsWith('127.')) || address === '::1'
}

/** An address as a 32-bit number, signed: an IPv4 address's own value, a hash of any other. */
export function addressCode(address: string): number {
  return (parseIPv4(address) ?? hash32(address)) | 0
}

/** The key of a prefix in tables that are looked up by longest prefix; IPv4's is a number, for speed. */
export function prefixKey({ base, length, text }: Prefix): number | string {
  return typeof base === 'number' ? (base | 0) * 256 + length : text
}

/** The key of the prefix of this length around an address, whose code is given. */
export function prefixKeyAround(address: string, code: number, length: number): number | string {
  if (familyOf(address) === 6) return networkOf(address, length)
  return (code & maskOf(length)) * 256 + length
}
