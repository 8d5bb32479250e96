import { SimBug } from '../../core/result.js'
import { parseIPv4, parseIPv6, parsePrefix, prefixHolds } from '../address.js'
import { readRecent, writeRecent } from '../rules/recent.js'
import type { Walk } from './readPacket.js'
import { readField } from './readPacket.js'
import { elementKey } from './setElements.js'
import type { NftElements, NftField, NftLookup, NftSet } from './types.js'

/** Fields that hold several values at once: one of those asked for is enough. */
export function isList(field: NftField | undefined): field is 'ct status' {
  return field === 'ct status'
}

/** Whether a connection has one of the states that a rule asks for. */
export function listFits(walk: Walk, among: NftLookup): boolean {
  const entry = walk.skb.tracked?.entry
  const seen = [
    ...(entry?.dnat === true ? ['dnat'] : []),
    ...(entry?.snat === true ? ['snat'] : []),
    ...(entry?.replied === true ? ['seen-reply'] : []),
    ...(entry?.assured === true ? ['assured'] : []),
    ...(walk.skb.tracked?.confirmed === true ? ['confirmed'] : []),
  ]
  return among.kind === 'inline' && seen.some((each) => among.elements.exact.has(each))
}

/** The data of the element that fits; undefined when none does. */
export function lookUp(walk: Walk, where: NftLookup, fields: readonly NftField[]): string | undefined {
  const values = fields.map((field) => readField(walk, field))
  const key = values.join(' . ')
  if (where.kind === 'inline') return find(where.elements, key)
  const set = setOf(walk, where.name)
  if (set.timeoutUs !== undefined && isHeld(walk, set, key)) return ''
  return find(set.elements, key)
}

function setOf({ table }: Walk, name: string): NftSet {
  const set = table.sets.get(name)
  if (set === undefined) throw new SimBug('unknown-set', { set: name })
  return set
}

/** Whether an element that a rule put into a set has some of its time left. */
function isHeld({ kernel, skb, table }: Walk, { name, timeoutUs = 0 }: NftSet, value: string): boolean {
  const stamp = readRecent(kernel, skb.host, elementKey(table, name, value))?.stamps[0]
  return stamp !== undefined && (timeoutUs === 0 || stamp + timeoutUs > kernel.now)
}

/** Puts a value into a set for the set's time. Source: Linux net/netfilter/nft_dynset.c nft_dynset_eval */
export function putElement(walk: Walk, name: string, value: string, refreshes: boolean): void {
  const { kernel, skb, table } = walk
  if (!refreshes && isHeld(walk, setOf(walk, name), value)) return
  writeRecent(kernel, skb.host, elementKey(table, name, value), { stamps: [kernel.now] })
}

function find(elements: NftElements, key: string): string | undefined {
  const exact = elements.exact.get(key)
  if (exact !== undefined) return exact
  const prefix = elements.prefixes.find((each) => prefixHolds(each.prefix, key))
  if (prefix !== undefined || elements.patterns === undefined) return prefix?.data
  const values = key.split(' . ')
  return elements.patterns.find(({ parts }) => parts.every((part, at) => partFits(part, values[at] ?? '')))?.data
}

/** Whether a value lies in a part of an element: a range, a block, a wildcard, or the value itself. */
function partFits(part: string, value: string): boolean {
  if (part === value) return true
  if (part.endsWith('*')) return value.startsWith(part.slice(0, -1))
  if (part.includes('/')) {
    const prefix = parsePrefix(part)
    return prefix !== undefined && prefixHolds(prefix, value)
  }
  const [from, to] = part.split('-')
  const [low, high, seen] = [from, to, value].map(orderOf)
  if (low === undefined || high === undefined || seen === undefined || typeof seen !== typeof low) return false
  return seen >= low && seen <= high
}

/** A port or an address as something that can be compared. */
function orderOf(text: string | undefined): number | bigint | undefined {
  if (text === undefined || text === '') return undefined
  return /^\d+$/.test(text) ? Number(text) : (parseIPv4(text) ?? parseIPv6(text))
}
