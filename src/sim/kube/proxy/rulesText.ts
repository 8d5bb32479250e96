import { getRuleset } from '../../net/rules/ruleset.js'
import { printIptablesSave } from '../../net/rules/save.js'
import type { World } from '../context.js'
import { printNftables } from './nftables/print.js'

/** What a Node's kernel holds, in the words of its own tool: `nft list ruleset` where kube-proxy works with nftables, else `iptables-save`. */
export function rulesText(world: World, node: string): string {
  const tables = world.parts.proxy.nftables.get(node)
  return tables === undefined ? printIptablesSave(getRuleset(world.parts.net, node)) : printNftables(tables)
}
