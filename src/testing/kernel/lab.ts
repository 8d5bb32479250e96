import { writeFileSync } from 'node:fs'
import process from 'node:process'
import type { Family } from '../../sim/net/address.js'
import { familyOf } from '../../sim/net/address.js'
import { getRuleset, rulesetsOf } from '../../sim/net/rules/ruleset.js'
import { printIptablesSave } from '../../sim/net/rules/save.js'
import type { Host, HostName, Interface, NetState } from '../../sim/net/state.js'
import { listRoutes } from '../../sim/net/topology.js'
import type { Agent, ConnectRequest, ConnectResult } from './agent.js'
import { startAgent } from './agent.js'
import { layLoadBalancers } from './loadBalancers.js'
import { freshName, run } from './shell.js'

/** A simulated network laid out for real: one network namespace for each host, and one that holds the links between them. */
export interface Lab {
  namespaceOf(host: HostName): string
  /** Runs a program in a host's namespace. */
  inside(host: HostName, command: readonly string[], input?: string): string
  /** Makes one real connection. */
  connect(from: HostName, request: ConnectRequest): Promise<ConnectResult>
  /** Starts to listen on a host that the network had no socket on. */
  listen(host: HostName, proto: 'tcp' | 'udp', port: number): Promise<void>
  tearDown(): void
}

/** The one match that is taken out before loading: its counter object cannot be made in a fresh namespace. */
const NFACCT = / -m nfacct --nfacct-name {1,2}\S+/g

/** Rules as the kernel takes them. */
export function loadable(save: string): string {
  return save.replace(NFACCT, '')
}

/**
 * Lays out the network of a simulation: namespaces, links, bridges, addresses, routes, kernel parameters, rules, and a process in
 * each namespace that answers on its sockets.
 *
 * What cannot be laid out is left out: SCTP sockets (Node has none). Rules of nftables are loaded by the test, which has their text.
 */
export async function layOut(net: NetState): Promise<Lab> {
  const names = new Map<HostName, string>()
  const links = freshName()
  const agents = new Map<HostName, Agent>()
  const tearDown = (): void => {
    for (const agent of agents.values()) agent.stop()
    for (const name of [...names.values(), links]) {
      try {
        run(['ip', 'netns', 'del', name])
      } catch {
        // Already gone: a run that failed half-way tears down what there is.
      }
    }
  }
  // A run that ends in the middle leaves nothing behind either.
  process.once('exit', tearDown)
  const nameOf = (host: HostName): string => {
    const name = names.get(host)
    if (name === undefined) throw new Error(`no host ${host}`)
    return name
  }
  const inside = (host: HostName, command: readonly string[], input?: string): string =>
    run(['ip', 'netns', 'exec', nameOf(host), ...command], input)
  try {
    run(['ip', 'netns', 'add', links])
    setKernelParameters(links, {
      'net.bridge.bridge-nf-call-iptables': 0,
      'net.bridge.bridge-nf-call-ip6tables': 0,
      'net.ipv6.conf.all.disable_ipv6': 1,
      'net.ipv6.conf.default.disable_ipv6': 1,
    })
    for (const host of net.hosts.values()) {
      names.set(host.name, freshName())
      run(['ip', 'netns', 'add', nameOf(host.name)])
      prepareHost(nameOf(host.name), host)
    }
    layLinks(net, links, nameOf)
    for (const host of net.hosts.keys()) addRoutes(net, host, nameOf(host))
    for (const host of net.hosts.keys()) await waitForBridges(net, host, nameOf(host))
    for (const [program, family] of RESTORE) {
      for (const host of rulesetsOf(net, family).keys()) {
        if (hasFamily(net, host, family)) inside(host, [program], loadable(printIptablesSave(getRuleset(net, host, family))))
      }
    }
    layLoadBalancers(net, nameOf)
    await Promise.all(
      [...net.hosts.keys()].map(async (host) => {
        const agent = await startAgent(nameOf(host))
        agents.set(host, agent)
        for (const { proto, port, address, family } of net.sockets.get(host)?.values() ?? []) {
          if (proto !== 'tcp' && proto !== 'udp') continue
          for (const each of address === undefined ? everywhere(net, host, family) : [address])
            await agent.listen({ who: host, proto, port, address: each })
        }
      }),
    )
  } catch (error) {
    tearDown()
    throw error
  }
  const agentOf = (host: HostName): Agent => {
    const agent = agents.get(host)
    if (agent === undefined) throw new Error(`no host ${host}`)
    return agent
  }
  return {
    namespaceOf: nameOf,
    inside,
    connect: (from, request) => agentOf(from).connect(request),
    async listen(host, proto, port) {
      for (const address of everywhere(net, host)) await agentOf(host).listen({ who: host, proto, port, address })
    },
    tearDown() {
      process.off('exit', tearDown)
      tearDown()
    },
  }
}

/** Tells every host its IPv6 neighbours for good: rules that stop the kernel's own questions about them are not about the probe. */
export function pinNeighbours(net: NetState, lab: Lab): void {
  const macs = new Map<string, string>()
  for (const host of net.hosts.keys()) {
    for (const line of lab.inside(host, ['ip', '-o', 'link']).split('\n')) {
      const [, device, mac] = /^\d+: ([^@:]+).* link\/ether (\S+)/.exec(line) ?? []
      if (device !== undefined && mac !== undefined) macs.set(`${host} ${device}`, mac)
    }
  }
  for (const [host, devices] of net.interfaces) {
    if (!hasFamily(net, host, 6)) continue
    for (const { name, segment, master } of devices.values()) {
      if (master !== undefined) continue
      for (const [address, port] of net.neighbours.get(segment) ?? []) {
        const mac = macs.get(`${port.host} ${port.device}`)
        if (familyOf(address) === 4 || port.host === host || mac === undefined) continue
        lab.inside(host, ['ip', 'neigh', 'replace', address, 'lladdr', mac, 'dev', name, 'nud', 'permanent'])
      }
    }
  }
}

const RESTORE = [
  ['iptables-restore', 4],
  ['ip6tables-restore', 6],
] as const

function hasFamily(net: NetState, host: HostName, family: Family): boolean {
  return net.hosts.get(host)?.addresses.some((ip) => familyOf(ip) === family) === true
}

/** The addresses that mean all of a host's. */
function everywhere(net: NetState, host: HostName, family?: Family): readonly string[] {
  const has = (asked: Family): boolean => (family ?? asked) === asked && hasFamily(net, host, asked)
  return [...(has(4) ? ['0.0.0.0'] : []), ...(has(6) ? ['::'] : [])]
}

function setKernelParameters(namespace: string, parameters: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(parameters)) {
    run(['ip', 'netns', 'exec', namespace, 'sysctl', '-q', '-w', `${name}=${value}`])
  }
}

function prepareHost(namespace: string, host: Host): void {
  const flag = (value: boolean): number => (value ? 1 : 0)
  const speaksIpv6 = host.addresses.some((ip) => familyOf(ip) === 6)
  setKernelParameters(namespace, {
    'net.ipv6.conf.all.disable_ipv6': flag(!speaksIpv6),
    'net.ipv6.conf.default.disable_ipv6': flag(!speaksIpv6),
    // Addresses serve at once, without asking the link whether somebody has them.
    'net.ipv6.conf.all.accept_dad': 0,
    'net.ipv6.conf.default.accept_dad': 0,
    'net.ipv6.conf.all.accept_ra': 0,
    'net.ipv6.conf.default.accept_ra': 0,
    'net.ipv6.conf.all.accept_redirects': 0,
    'net.ipv6.conf.default.accept_redirects': 0,
    'net.ipv6.conf.all.forwarding': flag(host.sysctls.ipForward),
    'net.bridge.bridge-nf-call-ip6tables': flag(host.sysctls.bridgeNfCallIptables),
    'net.ipv6.icmp.ratelimit': 0,
    'net.ipv4.conf.all.rp_filter': 0,
    'net.ipv4.conf.default.rp_filter': 0,
    'net.ipv4.ip_forward': flag(host.sysctls.ipForward),
    'net.ipv4.conf.all.route_localnet': flag(host.sysctls.routeLocalnet),
    'net.bridge.bridge-nf-call-iptables': flag(host.sysctls.bridgeNfCallIptables),
    // Who forwards out of the device that a packet came in by would tell its sender a shorter way.
    'net.ipv4.conf.all.send_redirects': 0,
    'net.ipv4.conf.default.send_redirects': 0,
    // An answer that is lost does not come again in the middle of the next probe.
    'net.ipv4.tcp_synack_retries': 0,
    // Refusals come back for every probe, not only for the first few in a second.
    'net.ipv4.icmp_ratelimit': 0,
  })
  run(['ip', '-n', namespace, 'link', 'set', 'lo', 'up'])
}

function layLinks(net: NetState, links: string, nameOf: (host: HostName) => string): void {
  const devices = [...net.interfaces].flatMap(([host, all]) => [...all.values()].map((device) => ({ host, device })))
  const bridges = devices.filter(({ device }) => device.kind === 'bridge')
  const segments = [...new Set(devices.filter(({ device }) => device.kind === 'ethernet').map(({ device }) => device.segment))]
  for (const [index, segment] of segments.entries()) {
    const bridge = `seg${index}`
    makeBridge(links, bridge)
    const members = devices.filter(({ device }) => device.kind === 'ethernet' && device.segment === segment)
    for (const [port, { host, device }] of members.entries()) {
      const end = `s${index}p${port}`
      run(['ip', 'link', 'add', device.name, 'netns', nameOf(host), 'type', 'veth', 'peer', 'name', end, 'netns', links])
      run(['ip', '-n', links, 'link', 'set', end, 'master', bridge, 'up'])
    }
  }
  // Hosts get their bridges after their own links, as they do in life: the first device's address serves where none is nearer.
  for (const { host, device } of bridges) makeBridge(nameOf(host), device.name)
  for (const { host, device } of devices) {
    if (device.kind !== 'veth' || device.master === undefined || device.peer === undefined) continue
    const { peer } = device
    run([
      'ip',
      'link',
      'add',
      device.name,
      'netns',
      nameOf(host),
      'type',
      'veth',
      'peer',
      'name',
      peer.device,
      'netns',
      nameOf(peer.host),
    ])
    run(['ip', '-n', nameOf(host), 'link', 'set', device.name, 'master', device.master])
    run(['bridge', '-n', nameOf(host), 'link', 'set', 'dev', device.name, 'hairpin', device.hairpin === true ? 'on' : 'off'])
  }
  for (const { host, device } of devices) if (device.kind !== 'vxlan') addAddresses(nameOf(host), device)
  layTunnels(devices, nameOf)
}

/** VXLAN devices that know each other beforehand, as flannel sets them up. */
function layTunnels(
  devices: readonly { readonly host: HostName; readonly device: Interface }[],
  nameOf: (host: HostName) => string,
): void {
  const tunnels = devices.flatMap(({ host, device }, index) =>
    device.vxlan === undefined
      ? []
      : [{ host, device, vxlan: device.vxlan, mac: `02:00:00:00:${hexByte(index >> 8)}:${hexByte(index)}` }],
  )
  for (const { host, device, vxlan, mac } of tunnels) {
    const namespace = nameOf(host)
    const { vni, port, local } = vxlan
    const link = `link add ${device.name} address ${mac} type vxlan id ${vni} local ${local} dev eth0 dstport ${port} nolearning`
    run(['ip', '-n', namespace, ...link.split(' ')])
    addAddresses(namespace, device)
    for (const other of tunnels) {
      const ip = other.device.addresses[0]?.ip
      if (other.host === host || other.device.segment !== device.segment || ip === undefined) continue
      run(['ip', '-n', namespace, 'neigh', 'add', ip, 'lladdr', other.mac, 'dev', device.name, 'nud', 'permanent'])
      run(['bridge', '-n', namespace, 'fdb', 'append', other.mac, 'dev', device.name, 'dst', other.vxlan.local])
    }
  }
}

function hexByte(value: number): string {
  return (value & 0xff).toString(16).padStart(2, '0')
}

/** A bridge that forwards at once, and asks nobody about multicast: such questions would meet the rules. */
function makeBridge(namespace: string, name: string): void {
  run([
    'ip',
    '-n',
    namespace,
    'link',
    'add',
    name,
    'type',
    'bridge',
    'forward_delay',
    '0',
    'stp_state',
    '0',
    'mcast_snooping',
    '0',
  ])
  run(['ip', '-n', namespace, 'link', 'set', name, 'up'])
}

function addAddresses(namespace: string, device: Interface): void {
  for (const { ip, prefix } of device.addresses) {
    const once = prefix.family === 6 ? ['nodad'] : []
    run(['ip', '-n', namespace, 'addr', 'add', `${ip}/${prefix.length}`, 'dev', device.name, ...once])
  }
  if (device.up) run(['ip', '-n', namespace, 'link', 'set', device.name, 'up'])
}

function addRoutes(net: NetState, host: HostName, namespace: string): void {
  const lines: string[] = []
  for (const route of listRoutes(net, host)) {
    const via = route.via === undefined ? '' : ` via ${route.via} onlink`
    const source = route.source === undefined ? '' : ` src ${route.source}`
    lines.push(`route replace ${route.prefix.text}${via} dev ${route.device}${source}`)
  }
  run(['ip', '-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`)
}

/** A bridge's port opens only after its link's event, which may come late: until then it loses packets. */
async function waitForBridges(net: NetState, host: HostName, namespace: string): Promise<void> {
  const hasBridge = [...(net.interfaces.get(host)?.values() ?? [])].some((device) => device.kind === 'bridge')
  if (!hasBridge) return
  for (let attempt = 0; attempt < 100; attempt++) {
    const ports = run(['bridge', '-n', namespace, 'link'])
      .trim()
      .split('\n')
      .filter((line) => line.includes('master'))
    if (ports.every((line) => line.includes('state forwarding'))) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`bridge ports of ${host} do not open`)
}

/** Keeps what a failed test should be looked at with. */
export function dumpTo(path: string, lab: Lab, host: HostName): void {
  writeFileSync(path, lab.inside(host, ['iptables-save', '-c']))
}
