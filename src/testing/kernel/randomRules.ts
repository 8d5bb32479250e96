import type { IpFamily } from '../../sim/kube/proxy/address.js'
import { BUILT_IN } from '../../sim/net/rules/ruleset.js'
import type { NetfilterCase, Send } from './cases/case.js'
import { A1, A2, B1 } from './cases/case.js'
import type { Dice } from './dice.js'
import { diceFrom } from './dice.js'
import { client, inFamily } from './samples.js'

type TableName = 'raw' | 'mangle' | 'nat' | 'filter'
/** Which hooks a chain is called from: what may stand in it depends on that. */
type Place = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING' | 'any' | 'destination' | 'source'

/** A rule set in the making. */
interface Draft {
  readonly dice: Dice
  readonly family: IpFamily
  /** Makes names of lists its own: the kernel keeps them beyond the rules. */
  readonly seed: number
  readonly lines: string[]
}

const PODS = ['10.244.1.2', '10.244.1.3', '10.244.2.2', '10.244.3.2'] as const
const VIPS = ['10.96.0.10', '10.96.0.11'] as const
const HOSTS = [...PODS, ...PODS, ...VIPS, '172.18.0.11', '172.18.0.12', '203.0.113.7'] as const
type NodeName = 'node1' | 'node2'
/** Whoever gets an answer to what he never sent resets it, which is not walked: sources are one's own, or nobody's. */
const OWN = { node1: ['172.18.0.11', '10.244.1.1'], node2: ['172.18.0.12', '10.244.2.1'] } as const
const NETS = ['10.244.0.0/16', '10.244.1.0/24', '10.244.2.0/24', '203.0.113.0/28'] as const
const DEVICES = ['eth0', 'cni0', 'eth+', 'lo', 'cni+'] as const
const PORTS = [80, 81, 8_080, 32_000] as const

function address({ dice, family }: Draft): string {
  if (dice.chance(0.5)) return inFamily(family, dice.one(NETS))
  return `${inFamily(family, dice.one(HOSTS))}/${family === 'IPv4' ? 32 : 128}`
}

const negation = (dice: Dice, share = 0.2): string => (dice.chance(share) ? '! ' : '')

/** The head of a rule: addresses, devices, a protocol. */
function head(draft: Draft, place: Place, needsAddress: boolean): { readonly words: string[]; readonly proto: string } {
  const { dice } = draft
  const words: string[] = []
  const hasSource = dice.chance(0.2)
  if (hasSource) words.push(`${needsAddress ? '' : negation(dice, 0.1)}-s ${address(draft)}`)
  // What the tracer sends to itself over lo must not be rewritten.
  if (dice.chance(0.25) || (needsAddress && !hasSource))
    words.push(`${needsAddress ? '' : negation(dice, 0.1)}-d ${address(draft)}`)
  if (place !== 'OUTPUT' && place !== 'POSTROUTING' && dice.chance(0.13)) words.push(`${negation(dice)}-i ${dice.one(DEVICES)}`)
  if (place !== 'PREROUTING' && place !== 'INPUT' && dice.chance(0.13)) words.push(`${negation(dice)}-o ${dice.one(DEVICES)}`)
  const proto = dice.one(['', '', '', 'tcp', 'tcp', 'tcp', 'udp', 'icmp'])
  if (proto === 'icmp') words.push(`${negation(dice)}-p ${draft.family === 'IPv4' ? 'icmp' : 'ipv6-icmp'}`)
  else if (proto !== '') words.push(`-p ${proto}`)
  return { words, proto }
}

function portCondition({ dice }: Draft, proto: string): string {
  const port = dice.one(PORTS)
  return dice.one([
    `-m ${proto} --dport ${port}`,
    `-m ${proto} ${negation(dice)}--dport ${port}`,
    `-m ${proto} --sport ${port}`,
    `-m ${proto} --dport 8000:9000`,
    `-m multiport ${negation(dice)}--dports 80,${port},9000:9100`,
    `-m multiport ${negation(dice)}--ports 53,${port},5353`,
    `-m multiport --sports 8080,5353`,
  ])
}

function connectionCondition(draft: Draft, hasConnection: boolean): string {
  const { dice, family } = draft
  const state = dice.one(['NEW', 'NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'INVALID', 'UNTRACKED', 'RELATED', 'DNAT', 'SNAT'])
  if (!hasConnection || dice.chance(0.5)) return `-m conntrack ${negation(dice)}--ctstate ${state}`
  const host = inFamily(family, dice.one(HOSTS))
  return dice.one([
    `-m conntrack ${negation(dice)}--ctorigdst ${host}`,
    `-m conntrack ${negation(dice)}--ctorigsrc ${host}`,
    `-m conntrack ${negation(dice)}--ctreplsrc ${host}`,
    `-m conntrack ${negation(dice)}--ctrepldst ${host}`,
    `-m conntrack --ctorigdstport ${dice.one(PORTS)}`,
    `-m conntrack --ctreplsrcport ${dice.one(PORTS)}`,
    `-m conntrack --ctdir ${dice.one(['ORIGINAL', 'REPLY'])}`,
    `-m conntrack ${negation(dice)}--ctstatus ${dice.one(['SEEN_REPLY', 'CONFIRMED', 'ASSURED', 'NONE'])}`,
    `-m conntrack --ctstate ${state} --ctdir ${dice.one(['ORIGINAL', 'REPLY'])}`,
    `-m conntrack --ctproto ${dice.one(['tcp', 'udp'])} --ctstate NEW,ESTABLISHED`,
  ])
}

const MARKS = ['0x1', '0x4', '0x4000/0x4000', '0x10/0xf0', '0x3/0x3'] as const

function packetCondition({ dice, family }: Draft, table: TableName, place: Place): string {
  // IPv6 knows no broadcast.
  const local = dice.one(['LOCAL', 'LOCAL', 'UNICAST', family === 'IPv4' ? 'BROADCAST' : 'LOCAL', 'MULTICAST', 'UNICAST,LOCAL'])
  const lifetime = family === 'IPv4' ? 'ttl' : 'hl'
  const choices: [string, ...string[]] = [
    `-m addrtype ${negation(dice)}--dst-type ${local}`,
    `-m addrtype ${negation(dice)}--src-type ${local}`,
    `-m mark ${negation(dice)}--mark ${dice.one(MARKS)}`,
    `-m mark ${negation(dice)}--mark ${dice.one(MARKS)}`,
    `-m connmark ${negation(dice)}--mark ${dice.one(MARKS)}`,
    `-m ${lifetime} --${lifetime}-${dice.one(['lt', 'gt', 'eq'])} ${dice.one([62, 63, 64])}`,
    `-m iprange ${negation(dice)}--${dice.one(['src', 'dst'])}-range ${inFamily(family, '10.244.1.2')}-${inFamily(family, '10.244.2.2')}`,
    '-m pkttype --pkt-type unicast',
    `-m dscp ${negation(dice)}--dscp-class ${dice.one(['AF21', 'BE', 'CS6'])}`,
    `-m tos --tos ${dice.one(['0x10', '0xc0/0xc0', '0x00/0xff'])}`,
  ]
  if (place === 'PREROUTING' || place === 'FORWARD')
    choices.push(`-m physdev ${negation(dice)}--physdev-in ${dice.one(['veth+', 'eth0'])}`, '-m physdev --physdev-is-in')
  if (place === 'FORWARD' && table !== 'nat') choices.push(`-m physdev ${negation(dice)}--physdev-is-bridged`)
  return dice.one(choices)
}

const flagsCondition = (dice: Dice): string =>
  dice.one([
    '-m tcp --tcp-flags FIN,SYN,RST,ACK SYN',
    '-m tcp --tcp-flags SYN,ACK SYN,ACK',
    '-m tcp --tcp-flags RST RST',
    '-m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN',
  ])

/** What counts or remembers is asked of first packets alone: those that follow are not walked. */
function memoryCondition({ dice, seed }: Draft, node: NodeName): string {
  const list = `--name r${seed}${node.slice(4)}${dice.one(['a', 'b'])} --mask 255.255.255.255 --${dice.one(['rsource', 'rdest'])}`
  const match = dice.one([
    `-m statistic --mode nth ${negation(dice)}--every ${dice.one([2, 3])} --packet ${dice.one([0, 1])}`,
    `-m recent --set ${list}`,
    `-m recent ${negation(dice)}--rcheck ${list}`,
    `-m recent --update --seconds 60 --hitcount 2 ${list}`,
    `-m recent --remove ${list}`,
    `-m recent ! --update --hitcount 2 ${list}`,
    `-m recent --rcheck --rttl ${list}`,
    `-m connlimit --connlimit-${dice.one(['above', 'upto'])} ${dice.one([1, 2])} --connlimit-mask ${dice.one([16, 24, 32])} --connlimit-${dice.one(['saddr', 'daddr'])}`,
  ])
  return `-m conntrack --ctstate NEW ${match}`
}

const REJECTS = {
  IPv4: [
    'icmp-port-unreachable',
    'icmp-host-unreachable',
    'icmp-net-prohibited',
    'icmp-admin-prohibited',
    'tcp-reset',
    'tcp-reset',
  ],
  IPv6: ['icmp6-port-unreachable', 'icmp6-adm-prohibited', 'icmp6-no-route', 'tcp-reset'],
} as const

/** Networks of Pods alone: who is not there is looked for too long. */
const NETMAPS = {
  IPv4: ['10.244.1.2/31', '10.244.2.2/32'],
  IPv6: ['fd00:10:244:1::2/127', 'fd00:10:244:2::2/128'],
} as const

function natTarget(draft: Draft, place: Place, proto: string, node: NodeName): string {
  const { dice, family } = draft
  const withPort = (ip: string, port: string): string => (family === 'IPv6' ? `[${ip}]:${port}` : `${ip}:${port}`)
  const hasPorts = proto === 'tcp' || proto === 'udp'
  if (place === 'source' || place === 'POSTROUTING' || place === 'INPUT') {
    const source = inFamily(family, dice.one(['192.0.2.50', ...OWN[node]]))
    if (place === 'INPUT' || dice.chance(0.35)) {
      const to = hasPorts && dice.chance(0.3) ? withPort(source, '2000-2009') : source
      return `-j SNAT --to-source ${to}${dice.chance(0.2) ? ' --random-fully' : ''}`
    }
    return dice.one([
      '-j MASQUERADE',
      '-j MASQUERADE',
      '-j MASQUERADE --random-fully',
      hasPorts ? '-j MASQUERADE --to-ports 3000-3009' : '-j MASQUERADE',
    ])
  }
  if (dice.chance(0.1)) return `-j NETMAP --to ${dice.one(NETMAPS[family])}`
  if (dice.chance(0.2)) return hasPorts ? `-j REDIRECT --to-ports ${dice.one([32_000, 81])}` : '-j REDIRECT'
  const target = inFamily(family, dice.one([...PODS, ...PODS, '172.18.0.11', '172.18.0.12', '10.96.0.11', '192.0.2.99']))
  if (!hasPorts) return `-j DNAT --to-destination ${target}`
  const port = proto === 'udp' ? dice.one(['5353', '54']) : dice.one(['8080', '8080', '32000', '81', '8080-8081'])
  // Of a range the kernel draws by itself.
  const flags = dice.one(['', '', '', port.includes('-') ? '' : ' --random', ' --persistent'])
  return dice.chance(0.1) ? `-j DNAT --to-destination :${port}` : `-j DNAT --to-destination ${withPort(target, port)}${flags}`
}

function plainTarget(draft: Draft, table: TableName, place: Place, proto: string): string {
  const { dice, family } = draft
  const mark = dice.one([
    `-j MARK --set-xmark ${dice.one(MARKS)}`,
    '-j MARK --or-mark 0x4000',
    '-j MARK --and-mark 0xffffbfff',
    '-j MARK --xor-mark 0x13',
  ])
  const connmark = dice.one([
    `-j CONNMARK --set-xmark ${dice.one(MARKS)}`,
    '-j CONNMARK --save-mark --nfmask 0xffff --ctmask 0xffff',
    '-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff',
    '-j CONNMARK --restore-mark',
  ])
  const log = '-j LOG --log-prefix "random "'
  switch (table) {
    case 'raw':
      return dice.one(['-j CT --notrack', '-j NOTRACK', '-j DROP', '-j ACCEPT', mark, log, '', ''])
    case 'mangle':
      return dice.one([
        mark,
        mark,
        mark,
        connmark,
        connmark,
        dice.one(['-j DSCP --set-dscp-class AF21', '-j TOS --set-tos 0x10/0xff', '-j TOS --or-tos 0x04']),
        '-j DROP',
        '-j ACCEPT',
        '',
        family === 'IPv4' ? `-j TTL --ttl-${dice.one(['set 5', 'set 1', 'inc 1', 'dec 1'])}` : '-j HL --hl-set 9',
      ])
    case 'nat':
      return dice.one([mark, connmark, '-j ACCEPT', '', log])
    default: {
      const reject = dice.one<string>([...REJECTS[family]] as unknown as readonly [string, ...string[]])
      const isAble = place !== 'any' && (reject !== 'tcp-reset' || proto === 'tcp')
      const refusal = isAble ? `-j REJECT --reject-with ${reject}` : '-j DROP'
      return dice.one(['-j ACCEPT', '-j ACCEPT', '-j DROP', refusal, refusal, mark, connmark, log, '', ''])
    }
  }
}

interface ChainPlan {
  readonly name: string
  readonly place: Place
  /** Chains behind it: it may call those. */
  readonly callable: readonly string[]
}

function addRule(draft: Draft, table: TableName, plan: ChainPlan, node: NodeName): void {
  const { dice, lines, family } = draft
  const { name, place, callable } = plan
  const isNat = table === 'nat' && dice.chance(0.6)
  const { words, proto } = head(draft, place, isNat)
  const hasPorts = proto === 'tcp' || proto === 'udp'
  if (hasPorts && dice.chance(0.3)) words.push(portCondition(draft, proto))
  if (dice.chance(0.22) && table !== 'raw') words.push(connectionCondition(draft, true))
  if (dice.chance(0.25)) words.push(packetCondition(draft, table, place))
  if (proto === 'tcp' && dice.chance(0.15) && !words.some((word) => word.startsWith('-m tcp'))) words.push(flagsCondition(dice))
  if (family === 'IPv4' && table !== 'raw' && dice.chance(0.08)) {
    if (!words.some((word) => word.startsWith('-d') || word.startsWith('-s'))) words.unshift(`-d ${address(draft)}`)
    words.push(memoryCondition(draft, node))
  }
  const calls = callable.length > 0 && dice.chance(0.3)
  const isCustom = !(name in PLACES)
  const target = isNat
    ? natTarget(draft, place, proto, node)
    : calls
      ? `${dice.one(['-j', '-j', '-g'])} ${dice.one(callable as readonly [string, ...string[]])}`
      : isCustom && dice.chance(0.15)
        ? '-j RETURN'
        : plainTarget(draft, table, place, proto)
  lines.push(`${table} ${name}: ${[...words, target].filter((word) => word !== '').join(' ')}`)
}

const PLACES: Readonly<Record<string, Place>> = {
  PREROUTING: 'PREROUTING',
  INPUT: 'INPUT',
  FORWARD: 'FORWARD',
  OUTPUT: 'OUTPUT',
  POSTROUTING: 'POSTROUTING',
}

function addTable(draft: Draft, table: TableName, node: NodeName): void {
  const { dice } = draft
  // What calls a chain stands before it, so that none calls itself.
  const custom: readonly (readonly [string, Place])[] =
    table === 'nat'
      ? [
          ['DST-A', 'destination'],
          ['DST-B', 'destination'],
          ['SRC-A', 'source'],
        ]
      : [
          ['A', 'any'],
          ['B', 'any'],
        ]
  const side = (place: Place): Place =>
    place === 'PREROUTING' || place === 'OUTPUT' || place === 'destination' ? 'destination' : 'source'
  const chains = [...BUILT_IN[table].map((name) => [name, PLACES[name] ?? 'any'] as const), ...custom]
  for (const [index, [name, place]] of chains.entries()) {
    const callable = chains
      .slice(index + 1)
      .filter(([other, at]) => !(other in PLACES) && (table !== 'nat' || (side(at) === side(place) && name !== 'INPUT')))
      .map(([other]) => other)
    const isCustom = !(name in PLACES)
    const busy = table === 'filter' || table === 'nat' ? 0.8 : 0.6
    if (!isCustom && !dice.chance(busy)) continue
    if (!isCustom && table !== 'nat' && dice.chance(table === 'filter' ? 0.12 : 0.02))
      draft.lines.push(`${table} ${name} policy DROP`)
    const count = dice.one([1, 2, 3, 4])
    for (let rule = 0; rule < count; rule++) addRule(draft, table, { name, place, callable }, node)
  }
}

function randomRuleset(dice: Dice, family: IpFamily, seed: number, node: NodeName): string {
  const draft: Draft = { dice, family, seed, lines: [] }
  for (const table of dice.some(['raw', 'mangle', 'nat', 'filter'] as const, 0.65)) addTable(draft, table, node)
  return draft.lines.join('\n')
}

function randomSend({ dice, family }: Pick<Draft, 'dice' | 'family'>): Send {
  const from = dice.one([A1, A1, B1, A2, 'node1', 'node2', client(family)])
  const proto = dice.one(['tcp', 'tcp', 'udp'] as const)
  const port = proto === 'udp' ? dice.one([5_353, 5_353, 53, 54]) : dice.one([8_080, 8_080, 80, 81, 32_000])
  const ip = inFamily(
    family,
    dice.one([...PODS, ...PODS, ...VIPS, ...VIPS, '172.18.0.11', '172.18.0.11', '172.18.0.12', '10.244.1.1', '192.0.2.99']),
  )
  return { from, to: family === 'IPv6' ? `[${ip}]:${port}` : `${ip}:${port}`, proto }
}

/** The rule sets of a seed, for one Node or two, and this many connections. */
export function randomRules(seed: number, count: number): NetfilterCase {
  const dice = diceFrom(seed)
  const family = dice.chance(0.75) ? 'IPv4' : 'IPv6'
  const rules = randomRuleset(dice, family, seed, 'node1')
  const hasOthers = dice.chance(0.5)
  return {
    name: `seed ${seed}`,
    rules,
    family: family === 'IPv4' ? 4 : 6,
    handshakeOnly: true,
    ...(hasOthers ? { others: { node2: randomRuleset(dice, family, seed, 'node2') } } : {}),
    ...(dice.chance(0.1) ? { bridgeNf: false } : {}),
    sends: Array.from({ length: count }, () => randomSend({ dice, family })),
  }
}
