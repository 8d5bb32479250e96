import { networkOf } from '../address.js'
import { isOpen } from '../conntrack.js'
import type { Kernel } from '../kernel.js'
import type { Tuple } from '../packet.js'
import { sameTuple, tupleOf } from '../packet.js'
import type { Skb } from '../skb.js'
import { readRecent, writeRecent } from './recent.js'
import { counterKey } from './ruleset.js'
import type { ConnlimitMatch, Rule } from './types.js'

/**
 * Counts the connections of an address that this rule has been asked about and that are still open, the present one among them.
 * Source: Linux net/netfilter/xt_connlimit.c connlimit_mt, nf_conncount.c __nf_conncount_add
 */
export function connlimitMatches(kernel: Kernel, skb: Skb, rule: Rule, match: ConnlimitMatch): boolean {
  const { packet, tracked, host } = skb
  const address = match.side === 'saddr' ? packet.src : packet.dst
  const key = `connlimit ${counterKey(rule.id, skb.family)} ${match.mask === undefined ? address : networkOf(address, match.mask)}`
  const own: Tuple = tracked?.entry.original ?? tupleOf(packet)
  const known = readRecent(kernel, host, key)?.connections ?? []
  const open = known.filter((each) => !sameTuple(each, own) && isOpen(kernel, skb, each))
  writeRecent(kernel, host, key, { stamps: [], connections: [...open, own] })
  return open.length + 1 > match.limit !== match.upto
}
