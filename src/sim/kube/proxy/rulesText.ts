import { getRuleset } from '../../net/rules/ruleset.js'
import { printIptablesSave } from '../../net/rules/save.js'
import type { World } from '../context.js'
import type { IpFamily } from './address.js'
import { familyNumber } from './address.js'
import { printNftables } from './nftables/print.js'

/**
 * What a Node's kernel holds, in the words of its own tool: `nft list ruleset` (both families) where kube-proxy works with nftables,
 * else `iptables-save` or `ip6tables-save`.
 */
export function rulesText(world: World, node: string, family: IpFamily = 'IPv4'): string {
  const tables = world.parts.proxy.nftables.get(node)
  return tables === undefined ? printIptablesSave(getRuleset(world.parts.net, node, familyNumber(family))) : printNftables(tables)
}
