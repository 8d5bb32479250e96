import type { NetState } from './state.js'

/**
 * A state that may be configured without touching the original: its hosts, links, routes and rules are copies of the containers,
 * with the same immutable contents. What traffic changes (conntrack and the like) is shared: a kernel with a scratch does not write to it.
 */
export function forkNet(net: NetState): NetState {
  const deep = <K, L, V>(map: ReadonlyMap<K, ReadonlyMap<L, V>>): Map<K, Map<L, V>> =>
    new Map([...map].map(([key, each]) => [key, new Map(each)]))
  return {
    ...net,
    hosts: new Map(net.hosts),
    interfaces: new Map(net.interfaces),
    routes: new Map(net.routes),
    fabric: new Map(net.fabric),
    fabricLengths: new Map(net.fabricLengths),
    neighbours: deep(net.neighbours),
    bridgePorts: new Map(net.bridgePorts),
    sockets: new Map(net.sockets),
    rulesets: new Map(net.rulesets),
    rulesets6: new Map(net.rulesets6),
    nftables: new Map(net.nftables),
    loadBalancers: new Map(net.loadBalancers),
    owners: new Map(net.owners),
    counters: new Map(),
  }
}
