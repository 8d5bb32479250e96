import { assertNever } from '../../core/result.js'
import type { Prefix } from '../address.js'
import { parseIPv4, parseIPv6 } from '../address.js'
import { RATE_UNITS } from './extraModules.js'
import { hexOctet } from './serviceField.js'
import type {
  AddrtypeCondition,
  ConntrackCondition,
  IprangeCondition,
  Match,
  NatRange,
  PhysdevCondition,
  PortCondition,
  PortRange,
  Rate,
  RuleBody,
  Target,
} from './types.js'
import { quoteWord } from './words.js'

/** Writes a rule as `iptables-save` of iptables 1.8.9 does. Source: iptables print functions of each extension (`*_save`). */
export function printRule(rule: Omit<RuleBody, 'text'>): string {
  const parts = [`-A ${rule.chain}`]
  for (const match of rule.matches) parts.push(printMatch(match))
  const target = printTarget(rule.target)
  if (target !== '') parts.push(target)
  return parts.join(' ')
}

function not(negated: boolean): string {
  return negated ? '! ' : ''
}

function ports(range: PortRange, separator = ':'): string {
  return range.from === range.to ? String(range.from) : `${range.from}${separator}${range.to}`
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

function masked(value: number, mask: number): string {
  return mask === 0xffff_ffff ? hex(value) : `${hex(value)}/${hex(mask)}`
}

/** One condition with its `-m`, as it stands in the text of a rule. */
export function printMatch(match: Match): string {
  switch (match.kind) {
    case 'source':
      return `${not(match.negated)}-s ${match.prefix.text}`
    case 'destination':
      return `${not(match.negated)}-d ${match.prefix.text}`
    case 'in-interface':
      return `${not(match.negated)}-i ${match.pattern}`
    case 'out-interface':
      return `${not(match.negated)}-o ${match.pattern}`
    case 'protocol':
      return `${not(match.negated)}-p ${match.protocol}`
    case 'fragment':
      return `${not(match.negated)}-f`
    case 'transport':
      return [`-m ${match.protocol}`, ...[...match.conditions].sort(sportFirst).map(printPortCondition)].join(' ')
    case 'icmp':
      return `-m ${match.module} ${not(match.negated)}--${match.module === 'icmp' ? 'icmp' : 'icmpv6'}-type ${match.type}`
    case 'comment':
      return `-m comment --comment ${quoteWord(match.text)}`
    case 'conntrack':
      return [`-m ${match.module}`, ...match.conditions.map((condition) => printConntrack(condition, match.module))].join(' ')
    case 'mark':
      return `-m ${match.module} ${not(match.negated)}--mark ${masked(match.value, match.mask)}`
    case 'random':
      return `-m statistic --mode random ${not(match.negated)}--probability ${match.probability.toFixed(11)}`
    case 'nth':
      return `-m statistic --mode nth ${not(match.negated)}--every ${match.every} --packet ${match.packet}`
    case 'recent':
      return [
        `-m recent ${not(match.negated)}--${match.operation}`,
        ...(match.seconds > 0 ? [`--seconds ${match.seconds}`] : []),
        ...(match.reap ? ['--reap'] : []),
        ...(match.hitcount > 0 ? [`--hitcount ${match.hitcount}`] : []),
        ...(match.rttl ? ['--rttl'] : []),
        `--name ${match.name} --mask ${match.mask} --${match.side}`,
      ].join(' ')
    case 'addrtype':
      return [
        '-m addrtype',
        ...match.conditions.map(printAddrtype),
        ...(match.limitIn ? ['--limit-iface-in'] : []),
        ...(match.limitOut ? ['--limit-iface-out'] : []),
      ].join(' ')
    case 'multiport':
      return `-m multiport ${not(match.negated)}--${match.side} ${match.ports.map((range) => ports(range)).join(',')}`
    case 'physdev':
      return ['-m physdev', ...match.conditions.map(printPhysdev)].join(' ')
    case 'nfacct':
      // The extra space is iptables' own. Source: iptables libxt_nfacct.c nfacct_print_name
      return `-m nfacct --nfacct-name  ${quoteWord(match.name)}`
    case 'set':
      return [
        `-m set ${not(match.negated)}--match-set ${match.name} ${match.sides.join(',')}`,
        ...(match.returnNomatch ? ['--return-nomatch'] : []),
        ...match.flags.map((flag) => `! ${flag}`),
      ].join(' ')
    case 'limit':
      return `-m limit ${not(match.negated)}--limit ${rateText(match.rate)}${match.burst === 5 ? '' : ` --limit-burst ${match.burst}`}`
    case 'length':
      return `-m length ${not(match.negated)}--length ${ports(match.range)}`
    case 'ttl':
      return `-m ${match.module} ${not(match.negated)}--${match.module}-${match.operator} ${match.value}`
    case 'iprange':
      return ['-m iprange', ...match.conditions.map(printIprange)].join(' ')
    case 'tos':
      return `-m ${match.module} ${not(match.negated)}--${match.module} ${match.module === 'dscp' ? hexOctet(match.value >> 2) : `${hexOctet(match.value)}/${hexOctet(match.mask)}`}`
    case 'connlimit':
      return `-m connlimit --connlimit-${match.upto ? 'upto' : 'above'} ${match.limit} --connlimit-mask ${match.mask ?? 32} --connlimit-${match.side}`
    case 'pkttype':
      return `-m pkttype ${not(match.negated)}--pkt-type ${match.type}`
    case 'hashlimit':
    case 'owner':
    case 'rpfilter':
    case 'socket':
    case 'unknown':
      return `-m ${match.words.map((word) => (word === '!' ? word : quoteUnknown(word))).join(' ')}`
    default:
      return assertNever(match)
  }
}

function printIprange({ kind, from, to, negated }: IprangeCondition): string {
  return `${not(negated)}--${kind} ${from}-${to}`
}

/** A rate in the longest unit that holds it whole. Source: iptables libxt_limit.c print_rate */
function rateText(rate: Rate): string {
  // The kernel keeps the time between two packets, in ten-thousandths of a second.
  const period = Math.floor(rate.perUs / 100 / rate.packets)
  let chosen: (typeof RATE_UNITS)[number] = RATE_UNITS[0]
  for (const unit of RATE_UNITS.slice(1)) {
    const ticks = unit.us / 100
    if (period > ticks || Math.floor(ticks / period) < ticks % period) break
    chosen = unit
  }
  return `${Math.floor(chosen.us / 100 / period)}/${chosen.name}`
}

/** Words of an extension that is not modelled: in quotes only where they must be. */
function quoteUnknown(word: string): string {
  return /[\s"\\']/.test(word) || word === '' ? quoteWord(word) : word
}

const CONDITION_ORDER = { sport: 0, dport: 1, flags: 2 } as const

function sportFirst(a: PortCondition, b: PortCondition): number {
  return CONDITION_ORDER[a.kind] - CONDITION_ORDER[b.kind]
}

export function printPortCondition(condition: PortCondition): string {
  switch (condition.kind) {
    case 'sport':
    case 'dport':
      return `${not(condition.negated)}--${condition.kind} ${ports(condition.range)}`
    case 'flags': {
      const list = (names: readonly string[]): string => (names.length === 0 ? 'NONE' : names.join(','))
      return `${not(condition.negated)}--tcp-flags ${list(condition.mask)} ${list(condition.set)}`
    }
    default:
      return assertNever(condition)
  }
}

export function printConntrack(condition: ConntrackCondition, module: string): string {
  switch (condition.kind) {
    case 'ctstate':
      return `${not(condition.negated)}--${module === 'state' ? 'state' : 'ctstate'} ${condition.states.join(',')}`
    case 'ctproto':
      return `${not(condition.negated)}--ctproto ${PROTOCOL_NUMBER[condition.protocol] ?? condition.protocol}`
    case 'ctorigsrc':
    case 'ctorigdst':
    case 'ctreplsrc':
    case 'ctrepldst':
      return `${not(condition.negated)}--${condition.kind} ${bareAddress(condition.prefix)}`
    case 'ctorigsrcport':
    case 'ctorigdstport':
    case 'ctreplsrcport':
    case 'ctrepldstport':
      return `${not(condition.negated)}--${condition.kind} ${ports(condition.range)}`
    case 'ctstatus':
      return `${not(condition.negated)}--ctstatus ${condition.statuses.join(',')}`
    case 'ctdir':
      return `--ctdir ${condition.direction}`
    default:
      return assertNever(condition)
  }
}

/** conntrack prints protocols by number. */
const PROTOCOL_NUMBER: Readonly<Record<string, string>> = { icmp: '1', tcp: '6', udp: '17', 'ipv6-icmp': '58', sctp: '132' }

/** conntrack prints single addresses without their length. */
function bareAddress(prefix: Prefix): string {
  return prefix.length === (prefix.family === 4 ? 32 : 128) ? prefix.text.slice(0, prefix.text.indexOf('/')) : prefix.text
}

export function printAddrtype(condition: AddrtypeCondition): string {
  return `${not(condition.negated)}--${condition.kind} ${condition.types.join(',')}`
}

export function printPhysdev(condition: PhysdevCondition): string {
  return `${not(condition.negated)}--physdev-${condition.kind}${condition.pattern === '' ? '' : ` ${condition.pattern}`}`
}

/** What stands from `-j` on; empty for a rule without target. */
export function printTarget(target: Target): string {
  switch (target.kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return `-j ${target.kind.toUpperCase()}`
    case 'none':
      return ''
    case 'jump':
      return `${target.goto ? '-g' : '-j'} ${target.chain}`
    case 'reject':
      return `-j REJECT --reject-with ${target.with}`
    case 'mark':
      return `-j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`
    case 'connmark':
      if (target.operation === 'set') return `-j CONNMARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`
      return `-j CONNMARK --${target.operation}-mark --nfmask ${hex(target.nfmask)} --ctmask ${hex(target.ctmask)}`
    case 'dnat':
      return withFlags(`-j DNAT --to-destination ${natAddress(target.range)}`, target.range)
    case 'snat':
      return withFlags(`-j SNAT --to-source ${natAddress(target.range)}`, target.range)
    case 'masquerade':
    case 'redirect': {
      const toPorts = target.range.ports === undefined ? '' : ` --to-ports ${ports(target.range.ports, '-')}`
      return withFlags(`-j ${target.kind.toUpperCase()}${toPorts}`, target.range)
    }
    case 'log':
      return ['-j LOG', ...target.words.map(quoteUnknown)].join(' ')
    case 'notrack':
      return '-j NOTRACK'
    case 'ttl':
      return `-j ${target.name} --${target.name.toLowerCase()}-${target.operation} ${target.value}`
    case 'tos':
      return target.name === 'DSCP'
        ? `-j DSCP --set-dscp ${hexOctet(target.value >> 2)}`
        : `-j TOS --set-tos ${hexOctet(target.value)}/${hexOctet(target.mask)}`
    case 'netmap':
      return `-j NETMAP --to ${target.to.text}`
    case 'set':
      return [
        `-j SET --${target.operation}-set ${target.name} ${target.sides.join(',')}`,
        ...(target.exist ? ['--exist'] : []),
        ...(target.timeout === undefined ? [] : [`--timeout ${target.timeout}`]),
      ].join(' ')
    case 'ct':
      return ['-j CT', ...target.words.map(quoteUnknown)].join(' ')
    case 'pass':
    case 'unknown':
      return [`-j ${target.name}`, ...target.words.map(quoteUnknown)].join(' ')
    default:
      return assertNever(target)
  }
}

function withFlags(text: string, range: NatRange): string {
  return `${text}${range.random ? ' --random' : ''}${range.randomFully ? ' --random-fully' : ''}${range.persistent ? ' --persistent' : ''}`
}

function natAddress(range: NatRange): string {
  const portText = range.ports === undefined ? '' : `:${ports(range.ports, '-')}`
  if (range.address === undefined) return portText
  const { from, to } = range.address
  const addresses = from === to ? from : `${from}-${to}`
  const isV6 = parseIPv4(from) === undefined && parseIPv6(from) !== undefined
  return `${isV6 && portText !== '' ? `[${addresses}]` : addresses}${portText}`
}
