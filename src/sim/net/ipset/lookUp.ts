import { networkOf } from '../address.js'
import type { Kernel } from '../kernel.js'
import { readRecent, writeRecent } from '../rules/recent.js'
import type { SetMatch, SetTarget } from '../rules/types.js'
import type { Skb } from '../skb.js'
import { networkBase } from './parse.js'
import type { Ipset, IpsetElement, Ipsets } from './types.js'
import { NO_IPSETS } from './types.js'

/** What a set says of a packet; a text: why it cannot say anything. */
export type SetAnswer = 'in' | 'out' | 'nomatch' | { readonly notModelled: string }

type Sides = readonly ('src' | 'dst')[]

/** Elements of a set by their keys, and the lengths of prefixes that occur, longest first. Built from immutable sets; can be rebuilt. */
interface SetIndex {
  readonly byKey: ReadonlyMap<string, IpsetElement>
  readonly lengths: readonly (readonly number[])[]
  readonly wildcards: readonly IpsetElement[]
}

const indexes = new WeakMap<Ipset, SetIndex>()

function indexOf(set: Ipset): SetIndex {
  const known = indexes.get(set)
  if (known !== undefined) return known
  const byKey = new Map<string, IpsetElement>()
  const lengths = new Map<string, readonly number[]>()
  for (const element of set.elements) {
    for (const key of element.keys) {
      byKey.set(key, element)
      const parts = key.split(',')
      const each = set.dimensions.flatMap((dimension, at) => (dimension === 'net' ? [Number(parts[at]?.split('/')[1])] : []))
      lengths.set(each.join(), each)
    }
  }
  const made = {
    byKey,
    lengths: [...lengths.values()].sort(longestFirst),
    wildcards: set.elements.filter((element) => element.wildcard),
  }
  indexes.set(set, made)
  return made
}

function longestFirst(a: readonly number[], b: readonly number[]): number {
  for (const [at, length] of a.entries()) if (length !== b[at]) return (b[at] ?? 0) - length
  return 0
}

/** The sets that a host's kernel holds, as its dump gave them. */
function setsOf(kernel: Kernel, skb: Skb): Ipsets {
  const { net } = kernel
  return net.rulesets.get(skb.host)?.sets ?? net.rulesets6.get(skb.host)?.sets ?? NO_IPSETS
}

/** `-m set`. A set that nobody gave cannot be asked: the walk stops. Source: Linux net/netfilter/xt_set.c set_match_v1, ipset/ip_set_core.c ip_set_test */
export function setMatches(kernel: Kernel, skb: Skb, match: SetMatch): boolean | { readonly notModelled: string } {
  const answer = askSet(kernel, skb, match.name, match.sides)
  if (typeof answer === 'object') return answer
  const hasNomatch = setsOf(kernel, skb).get(match.name)?.dimensions.includes('net') === true
  const isIn = match.returnNomatch && hasNomatch ? answer === 'nomatch' : answer === 'in'
  return isIn !== match.negated
}

function askSet(kernel: Kernel, skb: Skb, name: string, sides: Sides): SetAnswer {
  const set = setsOf(kernel, skb).get(name)
  if (set === undefined) return { notModelled: `set ${name} is not in the dump: add the text of "ipset save"` }
  if (set.notModelled !== undefined) return { notModelled: set.notModelled }
  if (sides.length < set.dimensions.length) return 'out'
  if (set.type === 'list:set') {
    for (const { keys } of set.elements) {
      const answer = askSet(kernel, skb, keys[0] ?? '', sides)
      if (answer === 'in' || typeof answer === 'object') return answer
    }
    return 'out'
  }
  if (set.family !== 0 && set.family !== skb.family) return 'out'
  const values = valuesOf(skb, set, sides)
  return values === undefined ? 'out' : find(kernel, skb, set, values)
}

function find(kernel: Kernel, skb: Skb, set: Ipset, values: readonly string[]): SetAnswer {
  const { byKey, lengths, wildcards } = indexOf(set)
  const exact = exactKey(set, values)
  const changed = readRecent(kernel, skb.host, memoryKey(set, exact))?.stamps[0]
  if (changed !== undefined && (changed === 0 || changed > kernel.now)) return 'in'
  for (const each of lengths.length === 0 ? [[]] : lengths) {
    let at = 0
    const parts = values.map((value, dimension) =>
      set.dimensions[dimension] === 'net' ? networkOf(value, each[at++] ?? 0) : value,
    )
    // Taken out by a rule, or put in by one and forgotten since.
    if (changed !== undefined && parts.join() === exact) continue
    const found = byKey.get(parts.join()) ?? wildcards.find((element) => startsWithName(element, parts))
    if (found !== undefined) return found.nomatch ? 'nomatch' : 'in'
  }
  return 'out'
}

function startsWithName({ keys }: IpsetElement, parts: readonly string[]): boolean {
  return keys.some((key) => parts.join().startsWith(key))
}

/** What each dimension reads from the packet; undefined when the packet has none of it. Source: Linux net/netfilter/ipset/pfxlen.c, ip_set_getport.c */
function valuesOf(skb: Skb, set: Ipset, sides: Sides): readonly string[] | undefined {
  const values: string[] = []
  for (const [at, dimension] of set.dimensions.entries()) {
    const isSource = sides[at] === 'src'
    const address = isSource ? skb.packet.src : skb.packet.dst
    switch (dimension) {
      case 'ip':
        values.push(set.netmask === undefined ? address : networkBase(address, set.netmask))
        break
      case 'net':
        values.push(address)
        break
      case 'port': {
        const { proto, sport, dport } = skb.packet
        if (proto === 'icmp') return undefined
        const port = isSource ? sport : dport
        if (set.type !== 'bitmap:port') values.push(`${proto}:${port}`)
        else if (proto === 'tcp' || proto === 'udp') values.push(String(port))
        else return undefined
        break
      }
      case 'iface': {
        const device = isSource ? skb.inDevice : skb.outDevice
        if (device === '') return undefined
        values.push(device)
        break
      }
      case 'mark':
        values.push(String((skb.packet.mark & set.markmask) >>> 0))
        break
      default:
        return undefined
    }
  }
  return values
}

function exactKey(set: Ipset, values: readonly string[]): string {
  return values.map((value, at) => (set.dimensions[at] === 'net' ? networkOf(value, skbLength(value)) : value)).join()
}

function skbLength(address: string): number {
  return address.includes(':') ? 128 : 32
}

function memoryKey(set: Ipset, key: string): string {
  return `ipset ${set.name} ${key}`
}

const US_PER_SECOND = 1_000_000

/** `-j SET`: puts the packet's addresses in, or takes them out. Says why it cannot. Source: Linux net/netfilter/xt_set.c set_target_v2 */
export function applySet(kernel: Kernel, skb: Skb, target: SetTarget): { readonly notModelled: string } | undefined {
  const set = setsOf(kernel, skb).get(target.name)
  if (set === undefined) return { notModelled: `set ${target.name} is not in the dump: add the text of "ipset save"` }
  if (set.notModelled !== undefined) return { notModelled: set.notModelled }
  if (set.type === 'list:set') return { notModelled: `-j SET on list:set ${target.name}` }
  if (target.sides.length < set.dimensions.length || (set.family !== 0 && set.family !== skb.family)) return undefined
  const values = valuesOf(skb, set, target.sides)
  if (values === undefined) return undefined
  const own = Number(/ timeout (\d+)/.exec(set.text)?.[1] ?? 0)
  const seconds = target.timeout ?? own
  const isThere = find(kernel, skb, set, values) === 'in'
  if (target.operation === 'add' && isThere && !target.exist) return undefined
  const until = target.operation === 'del' ? -1 : seconds === 0 ? 0 : kernel.now + seconds * US_PER_SECOND
  writeRecent(kernel, skb.host, memoryKey(set, exactKey(set, values)), { stamps: [until] })
  return undefined
}
