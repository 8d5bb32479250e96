import type { Prefix } from './address.js'
import type { ConntrackTable } from './connections.js'
import type { LoadBalancer } from './loadBalancer.js'
import type { NftRuleset } from './nft/types.js'
import type { Tuple } from './packet.js'
import type { Ruleset } from './rules/types.js'
import type { Socket } from './sockets.js'

/** `node1`, `pod/default/web-1`, `client/203.0.113.7`, `lb/default/web`, `router`. */
export type HostName = string

export type HostKind = 'node' | 'pod' | 'client' | 'load-balancer' | 'router'

/** A network namespace. */
export interface Host {
  readonly name: HostName
  readonly kind: HostKind
  /** Every address that is local to it, except 127.0.0.0/8 and ::1, which every host has; the first is its own. */
  readonly addresses: readonly string[]
  /** The Node that carries a Pod. */
  readonly node?: string
  readonly sysctls: Sysctls
  /** Routes of the cluster's fabric (`NetState.fabric`) belong to its table too. */
  readonly onFabric: boolean
  /** Switched off: answers nothing, not even ARP. */
  readonly down: boolean
}

export interface Sysctls {
  /** `net.ipv4.ip_forward` */
  readonly ipForward: boolean
  /** `net.ipv4.conf.all.route_localnet`: packets to 127.0.0.0/8 may come in through a real device. */
  readonly routeLocalnet: boolean
  /** `net.bridge.bridge-nf-call-iptables` */
  readonly bridgeNfCallIptables: boolean
  /** `net.netfilter.nf_conntrack_*_timeout*` where they differ from the kernel's own: seconds by what conntrack calls the state. */
  readonly conntrackTimeouts?: Readonly<Record<string, number>>
  /** `net.netfilter.nf_conntrack_tcp_be_liberal`: whoever writes rules may ask for it; conntrack itself is never that strict here. */
  readonly conntrackTcpBeLiberal?: boolean
}

export type DeviceName = string

export interface Interface {
  readonly name: DeviceName
  readonly kind: 'ethernet' | 'bridge' | 'veth' | 'vxlan'
  readonly addresses: readonly InterfaceAddress[]
  /** The link that frames of this device travel on: `underlay`, `internet`, or a bridge as `node1/cni0`. */
  readonly segment: string
  readonly up: boolean
  /** A port of this bridge. */
  readonly master?: DeviceName
  /** The other end of a veth pair. */
  readonly peer?: Port
  /** Of a VXLAN: its number, its UDP port, and the address that its packets come from. */
  readonly vxlan?: Vxlan
  /** Frames may leave through the port that they came in by. */
  readonly hairpin?: boolean
}

export interface Vxlan {
  readonly vni: number
  readonly port: number
  readonly local: string
}

export interface InterfaceAddress {
  readonly ip: string
  readonly prefix: Prefix
}

export interface Port {
  readonly host: HostName
  readonly device: DeviceName
}

export interface Route {
  readonly prefix: Prefix
  readonly device: DeviceName
  /** Next hop; absent when the destination itself is on the link. */
  readonly via?: string
  /** Source address of what this host sends this way; the device's own when absent. */
  readonly source?: string
  /** The next hop is taken to be on the link, whatever addresses the device has. */
  readonly onlink?: boolean
}

/** A route that every host with `onFabric` has. */
export interface FabricRoute extends Route {
  readonly node: HostName
  /** The way of hosts that have not its device. */
  readonly plain?: Route
}

export interface Counter {
  readonly packets: number
  readonly bytes: number
}

/** One address on a `recent` list: when it was seen, newest last. */
export interface RecentEntry {
  readonly stamps: readonly number[]
  /** The lifetime that the packet had when it was last set, where the list asks for it. */
  readonly ttl?: number
  /** Of `connlimit`: the connections that were counted. */
  readonly connections?: readonly Tuple[]
}

/**
 * Part `net` of the world: every host, link, route, rule, connection and listening socket.
 * What depends on traffic (conntrack, counters, recent lists) stands apart from what is configured.
 */
export interface NetState {
  readonly hosts: Map<HostName, Host>
  readonly interfaces: Map<HostName, Map<DeviceName, Interface>>
  readonly routes: Map<HostName, readonly Route[]>
  /** Routes that every host with `onFabric` has, by `prefixKey`; one's own Pod range is local before this is asked. */
  readonly fabric: Map<number | string, FabricRoute>
  /** Prefix lengths that occur in `fabric` with how often. */
  readonly fabricLengths: Map<number, number>
  /** Who answers ARP on a link: link -> address -> port. */
  readonly neighbours: Map<string, Map<string, Port>>
  /** Ports of each bridge: `node1/cni0` -> veth on the Node -> the Pod's end. */
  readonly bridgePorts: Map<string, Map<DeviceName, Port>>
  readonly sockets: Map<HostName, Map<string, Socket>>
  /** Rules of `iptables`; those of `ip6tables` stand apart, as in the kernel. */
  readonly rulesets: Map<HostName, Ruleset>
  readonly rulesets6: Map<HostName, Ruleset>
  readonly nftables: Map<HostName, NftRuleset>
  readonly loadBalancers: Map<HostName, LoadBalancer>
  /** Which host has an address, wherever it is: what a trace calls the Pod and Node of an address. */
  readonly owners: Map<string, HostName>

  readonly conntrack: Map<HostName, ConntrackTable>
  /** Connections that a load balancer carries: the fabric hands their answers back to it. */
  readonly steered: Map<string, HostName>
  /** By rule or policy; those of `ip6tables` under `ip6 `. */
  readonly counters: Map<HostName, Map<string, Counter>>
  readonly recent: Map<HostName, Map<string, RecentEntry>>
  readonly nth: Map<HostName, Map<string, number>>
}

export function createNetState(): NetState {
  return {
    hosts: new Map(),
    interfaces: new Map(),
    routes: new Map(),
    fabric: new Map(),
    fabricLengths: new Map(),
    neighbours: new Map(),
    bridgePorts: new Map(),
    sockets: new Map(),
    rulesets: new Map(),
    rulesets6: new Map(),
    nftables: new Map(),
    loadBalancers: new Map(),
    owners: new Map(),
    conntrack: new Map(),
    steered: new Map(),
    counters: new Map(),
    recent: new Map(),
    nth: new Map(),
  }
}
