import { MS } from '../../core/time.js'
import { heldElements } from '../../net/nft/setElements.js'
import { getRuleset } from '../../net/rules/ruleset.js'
import { printIptablesSave } from '../../net/rules/save.js'
import type { World } from '../context.js'
import type { IpFamily } from './address.js'
import { familyNumber } from './address.js'
import { formatDuration } from './nftables/duration.js'
import { printNftables } from './nftables/print.js'

/**
 * What a Node's kernel holds, in the words of its own tool: `nft list ruleset` (both families) where kube-proxy works with nftables, with the
 * clients that sets of session affinity remember; else `iptables-save` or `ip6tables-save`.
 */
export function rulesText(world: World, node: string, family: IpFamily = 'IPv4'): string {
  const { net, proxy } = world.parts
  const tables = proxy.nftables.get(node)
  if (tables === undefined) return printIptablesSave(getRuleset(net, node, familyNumber(family)))
  const kernel = net.nftables.get(node)
  return printNftables(tables, (table, { name }) => {
    const loaded = kernel?.tables.find(
      (each) => each.family === (table.family === 'IPv6' ? 'ip6' : 'ip') && each.name === 'kube-proxy',
    )
    if (loaded === undefined) return []
    return heldElements(net, node, loaded, name, world.now).map(({ value, left }) => [
      value,
      ` expires ${formatDuration(Math.floor(left / MS))}`,
    ])
  })
}
