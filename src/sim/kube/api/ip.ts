/** IP addresses as numbers, for allocation and validation alone; packets have their own. */
export interface IpAddress {
  readonly family: 'IPv4' | 'IPv6'
  readonly value: bigint
}

export interface IpRange {
  readonly family: 'IPv4' | 'IPv6'
  readonly base: bigint
  readonly prefix: number
  readonly size: bigint
}

/** Reads an address; undefined when it is none. Leading zeros are taken as Kubernetes' sloppy parser takes them. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const value = parseV4(text)
    return value === undefined ? undefined : { family: 'IPv4', value }
  }
  return parseV6(text)
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n)
}

function parseV6(text: string): IpAddress | undefined {
  let source = text
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (dotted !== null) {
    const v4 = parseV4(dotted[2] ?? '')
    if (v4 === undefined) return undefined
    source = `${dotted[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`
  }
  const halves = source.split('::')
  if (halves.length > 2) return undefined
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':'))
  const left = groups(halves[0] ?? '')
  const right = groups(halves[1] ?? '')
  const missing = 8 - left.length - right.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const all = [...left, ...Array.from({ length: halves.length === 1 ? 0 : missing }, () => '0'), ...right]
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return { family: 'IPv6', value: all.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n) }
}

export function formatIp(address: IpAddress): string {
  if (address.family === 'IPv4') {
    return [24n, 16n, 8n, 0n].map((shift) => String((address.value >> shift) & 255n)).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, index) => (address.value >> BigInt(112 - 16 * index)) & 0xffffn)
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0n) length++
    if (length > best.length) best = { start, length }
  }
  const text = (list: readonly bigint[]): string => list.map((each) => each.toString(16)).join(':')
  if (best.start < 0) return text(groups)
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`
}

/** Reads `10.96.0.0/16`; undefined when it is none. */
export function parseCidr(text: string): IpRange | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = parseIp(text.slice(0, slash))
  const prefixText = text.slice(slash + 1)
  if (address === undefined || !/^\d{1,3}$/.test(prefixText)) return undefined
  const bits = address.family === 'IPv4' ? 32 : 128
  const prefix = Number(prefixText)
  if (prefix > bits) return undefined
  const size = 1n << BigInt(bits - prefix)
  return { family: address.family, base: (address.value / size) * size, prefix, size }
}

export function isInRange(range: IpRange, address: IpAddress): boolean {
  return range.family === address.family && address.value >= range.base && address.value < range.base + range.size
}
