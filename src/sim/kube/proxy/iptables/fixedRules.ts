import type { IpFamily } from '../address.js'
import type { RuleSettings } from './serviceRules.js'

export type TableName = 'mangle' | 'filter' | 'nat'

/** The built-in chains of each table, in the order in which iptables-save lists them. All have policy ACCEPT: kube-proxy sets none. */
export const BUILTIN_CHAINS: Readonly<Record<TableName, readonly string[]>> = {
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
}

/**
 * Each call of a kube-proxy chain from a built-in one; later entries were put in front of earlier ones.
 *
 * Source: kubernetes pkg/proxy/iptables/proxier.go iptablesJumpChains, iptablesKubeletJumpChains
 */
const FILTER_JUMPS: readonly (readonly [from: string, to: string, isForNew: boolean, comment: string])[] = [
  ['INPUT', 'KUBE-EXTERNAL-SERVICES', true, 'kubernetes externally-visible service portals'],
  ['FORWARD', 'KUBE-EXTERNAL-SERVICES', true, 'kubernetes externally-visible service portals'],
  ['INPUT', 'KUBE-NODEPORTS', false, 'kubernetes health check service ports'],
  ['FORWARD', 'KUBE-SERVICES', true, 'kubernetes service portals'],
  ['OUTPUT', 'KUBE-SERVICES', true, 'kubernetes service portals'],
  ['FORWARD', 'KUBE-FORWARD', false, 'kubernetes forwarding rules'],
  ['INPUT', 'KUBE-PROXY-FIREWALL', true, 'kubernetes load balancer firewall'],
  ['OUTPUT', 'KUBE-PROXY-FIREWALL', true, 'kubernetes load balancer firewall'],
  ['FORWARD', 'KUBE-PROXY-FIREWALL', true, 'kubernetes load balancer firewall'],
  ['INPUT', 'KUBE-FIREWALL', false, ''],
  ['OUTPUT', 'KUBE-FIREWALL', false, ''],
]

const NAT_JUMPS: readonly (readonly [from: string, to: string, comment: string])[] = [
  ['PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'],
  ['OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'],
  ['POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'],
]

function jumpsFrom(chain: string): readonly string[] {
  return FILTER_JUMPS.filter(([from]) => from === chain)
    .map(([from, to, isForNew, comment]) => {
      const state = isForNew ? ' -m conntrack --ctstate NEW' : ''
      const note = comment === '' ? '' : ` -m comment --comment "${comment}"`
      return `-A ${from}${state}${note} -j ${to}`
    })
    .toReversed()
}

/** Settings that the rules around the Services depend on. */
export interface FixedSettings extends Pick<RuleSettings, 'family' | 'localhostNodePorts'> {
  /** `0x4000` */
  readonly mark: string
  readonly conntrackTcpBeLiberal: boolean
  /** Addresses of the Node that take NodePorts; undefined when all do. */
  readonly nodePortIPs: readonly string[] | undefined
}

/** Chains of a table by name. */
export type Chains = ReadonlyMap<string, readonly string[]>

export function mangleChains(): Chains {
  return new Map<string, readonly string[]>([...BUILTIN_CHAINS.mangle, 'KUBE-PROXY-CANARY'].map((name) => [name, []]))
}

/** The filter table but for what Services add. */
export function fixedFilterChains(settings: FixedSettings): Chains {
  return new Map<string, readonly string[]>([
    ...BUILTIN_CHAINS.filter.map((name): readonly [string, readonly string[]] => [name, jumpsFrom(name)]),
    ['KUBE-FIREWALL', firewallRules(settings)],
    ['KUBE-FORWARD', forwardRules(settings)],
    ['KUBE-PROXY-CANARY', []],
  ])
}

function firewallRules(settings: FixedSettings): readonly string[] {
  if (settings.family === 'IPv6' || !settings.localhostNodePorts) return []
  const note = '-m comment --comment "block incoming localnet connections"'
  return [`-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 ${note} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`]
}

function forwardRules(settings: FixedSettings): readonly string[] {
  const mark = `${settings.mark}/${settings.mark}`
  const invalid = '-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP'
  return [
    ...(settings.conntrackTcpBeLiberal ? [] : [invalid]),
    `-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${mark} -j ACCEPT`,
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ]
}

/** The nat table but for what Services add. */
export function fixedNatChains(settings: FixedSettings): Chains {
  const { mark } = settings
  const jumps = (chain: string): readonly string[] =>
    NAT_JUMPS.filter(([from]) => from === chain).map(([from, to, note]) => `-A ${from} -m comment --comment "${note}" -j ${to}`)
  return new Map<string, readonly string[]>([
    ...BUILTIN_CHAINS.nat.map((name): readonly [string, readonly string[]] => [name, jumps(name)]),
    ['KUBE-MARK-MASQ', [`-A KUBE-MARK-MASQ -j MARK --set-xmark ${mark}/${mark}`]],
    [
      'KUBE-POSTROUTING',
      [
        `-A KUBE-POSTROUTING -m mark ! --mark ${mark}/${mark} -j RETURN`,
        `-A KUBE-POSTROUTING -j MARK --set-xmark ${mark}/0x0`,
        '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
      ],
    ],
    ['KUBE-PROXY-CANARY', []],
  ])
}

/** What ends `nat/KUBE-SERVICES`: whatever is for the Node itself may be for a NodePort. */
export function nodePortJumps(settings: FixedSettings): readonly string[] {
  const note = '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain"'
  if (settings.nodePortIPs !== undefined) {
    const bits = settings.family === 'IPv6' ? '/128' : '/32'
    return settings.nodePortIPs.map((ip) => `-A KUBE-SERVICES -d ${ip}${bits} ${note} -j KUBE-NODEPORTS`)
  }
  return [
    `-A KUBE-SERVICES${loopbackException(settings.family, settings.localhostNodePorts)} ${note} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`,
  ]
}

function loopbackException(family: IpFamily, localhostNodePorts: boolean): string {
  if (family === 'IPv6') return ' ! -d ::1/128'
  return localhostNodePorts ? '' : ' ! -d 127.0.0.0/8'
}
