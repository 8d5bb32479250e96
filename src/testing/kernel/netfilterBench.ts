import { expect } from 'vitest'
import { byCodeUnit } from '../../sim/core/digest.js'
import { FAMILIES } from '../../sim/net/address.js'
import { createChooser } from '../../sim/net/chooser.js'
import { settleConnection } from '../../sim/net/conntrack.js'
import type { Ending } from '../../sim/net/follow.js'
import { printIpsets } from '../../sim/net/ipset/parse.js'
import { parseNftRuleset, setNftRuleset } from '../../sim/net/nft/ruleset.js'
import { BUILT_IN, EMPTY_RULESET, setRuleset } from '../../sim/net/rules/ruleset.js'
import { parseIptablesSave, printIptablesSave } from '../../sim/net/rules/save.js'
import type { HostName, NetState } from '../../sim/net/state.js'
import { setSysctls } from '../../sim/net/topology.js'
import type { ConnectResult } from './agent.js'
import type { NetfilterCase, Send } from './cases/case.js'
import type { NftCase } from './cases/nft.js'
import type { HopList } from './compare.js'
import { hopsOfKernel, hopsOfSimulation } from './compare.js'
import type { Lab } from './lab.js'
import { layOut, pinNeighbours } from './lab.js'
import { sendLive } from './simulate.js'
import { startTracer } from './trace.js'

const TIMEOUT_SYSCTLS: Readonly<Record<string, string>> = {
  'udp new': 'udp_timeout',
  'udp replied': 'udp_timeout_stream',
  SYN_SENT: 'tcp_timeout_syn_sent',
  SYN_RECV: 'tcp_timeout_syn_recv',
  TIME_WAIT: 'tcp_timeout_time_wait',
  CLOSE: 'tcp_timeout_close',
}
const USUAL_TIMEOUTS = { 'udp new': 30, 'udp replied': 120, SYN_SENT: 120, SYN_RECV: 60, TIME_WAIT: 120, CLOSE: 10 }

const PROGRAMS = { 4: 'iptables', 6: 'ip6tables' } as const

/** Connections are followed from the first rule on that asks for it: this one does, behind all others. */
const TRACKING = 'table inet pptracking { chain tracking { type filter hook forward priority 500; ct state new counter; }; }'

const ANSWER_MS = 900
const SILENCE_MS = 400
/** Longer than a delayed acknowledgement takes. */
const LAST_WORDS_MS = 150
/** IPv6's TCP hears a refusal only with its second try. */
const SECOND_TRY_MS = 2_500
const US_PER_MS = 1_000

/** `table CHAIN: rule` and `table CHAIN policy DROP` lines as the text of `iptables-save`. */
function saveText(rules: string): string {
  return Object.entries(BUILT_IN)
    .map(([table, builtIn]) => {
      const lines = rules.split('\n').flatMap((line) => {
        const parts = /^(\w+) (\S+): ?(.*)$/.exec(line.trim())
        return parts?.[1] === table ? [{ chain: parts[2] ?? '', rule: parts[3] ?? '' }] : []
      })
      const own = [...new Set(lines.map(({ chain }) => chain))].filter((chain) => !(builtIn as readonly string[]).includes(chain))
      return [
        `*${table}`,
        ...builtIn.map((chain) => `:${chain} ${rules.includes(`${table} ${chain} policy DROP`) ? 'DROP' : 'ACCEPT'} [0:0]`),
        ...own.map((chain) => `:${chain} - [0:0]`),
        ...lines.map(({ chain, rule }) => `-A ${chain} ${rule}`),
        'COMMIT\n',
      ].join('\n')
    })
    .join('')
}

/** What the sending program hears of each error. Source: Linux net/ipv4/icmp.c icmp_err_convert, net/ipv6/icmp.c icmpv6_err_convert */
const ERRNO: Readonly<Record<string, string>> = {
  'icmp-net-unreachable': 'ENETUNREACH',
  'icmp-host-unreachable': 'EHOSTUNREACH',
  'icmp-proto-unreachable': 'ENOPROTOOPT',
  'icmp-port-unreachable': 'ECONNREFUSED',
  'icmp-net-prohibited': 'ENETUNREACH',
  'icmp-host-prohibited': 'EHOSTUNREACH',
  'icmp-admin-prohibited': 'EHOSTUNREACH',
  'tcp-reset': 'ECONNREFUSED',
  'icmp6-no-route': 'ENETUNREACH',
  'icmp6-adm-prohibited': 'EACCES',
  'icmp6-addr-unreachable': 'EHOSTUNREACH',
  'icmp6-port-unreachable': 'ECONNREFUSED',
  'icmp6-policy-fail': 'EACCES',
  'icmp6-reject-route': 'EACCES',
  'icmp-time-exceeded': 'EHOSTUNREACH',
  ENETUNREACH: 'ENETUNREACH',
}

interface Told {
  readonly result: string
  readonly source?: string
  readonly portKept?: boolean
}

/** What the program that asked learns. */
function toldBySimulation(ending: Ending): Told {
  if (ending.unheard === true) return { result: 'timeout' }
  switch (ending.verdict) {
    case 'delivered':
      return {
        result: `answered by ${ending.reached}`,
        ...(ending.sourceSeen === undefined ? {} : { source: ending.sourceSeen }),
        ...(ending.sourcePortKept === undefined ? {} : { portKept: ending.sourcePortKept }),
      }
    case 'refused':
    case 'rejected':
    case 'no-route': {
      const how = ending.with ?? ''
      return { result: ERRNO[how] ?? how }
    }
    default:
      // Whatever was not modelled was not compared.
      if (ending.with?.startsWith('not modelled') === true) throw new Error(ending.with)
      return { result: 'timeout' }
  }
}

function toldByKernel(result: ConnectResult, sport: number | undefined): Told {
  switch (result.verdict) {
    case 'answered':
      return {
        result: `answered by ${result.who}`,
        source: result.source,
        ...(sport === undefined ? {} : { portKept: result.sourcePort === sport }),
      }
    case 'error':
      return { result: result.code }
    case 'timeout':
    case 'silent':
      return { result: result.verdict }
    default:
      throw new Error(`an agent answered ${result.text}`)
  }
}

/** As many rules of each host as the first try should meet: a second one may be short of the first. */
function firstOf(real: HopList, wanted: HopList): HopList {
  return Object.fromEntries(Object.entries(real).map(([host, list]) => [host, list.slice(0, wanted[host]?.length)]))
}

function inAnyOrder(hops: HopList): HopList {
  return Object.fromEntries(Object.entries(hops).map(([host, list]) => [host, list.toSorted(byCodeUnit)]))
}

type Sending = Pick<NetfilterCase, 'name' | 'family' | 'handshakeOnly'>

/** A network, simulated and real, whose Nodes get hand-made rules, and in which the same connections are made. */
export interface NetfilterBench {
  readonly lab: Lab
  readonly counts: { cases: number; connections: number; rules: number }
  load(test: NetfilterCase): Promise<void>
  loadNft(test: NftCase): Promise<void>
  sendAll(test: Sending & Pick<NetfilterCase, 'sends'>): Promise<void>
  tearDown(): void
}

export async function openNetfilterBench(net: NetState, traced: readonly HostName[]): Promise<NetfilterBench> {
  const lab = await layOut(net)
  pinNeighbours(net, lab)
  const counts = { cases: 0, connections: 0, rules: 0 }
  for (const node of traced) lab.inside(node, ['nft', '-f', '-'], TRACKING)
  const tracer = await startTracer(lab, traced)

  /** The address from which the sender's Node sends what its tunnel carries. */
  function nodeAddress(from: HostName): string | undefined {
    const host = net.hosts.get(from)
    const node = host?.kind === 'node' ? host : net.hosts.get(host?.node ?? 'node1')
    return node?.addresses[0]
  }

  /** Forgets connections, where the tool for it is there. */
  function flush(node: string): void {
    try {
      lab.inside(node, ['conntrack', '-F'])
    } catch {
      // Every connection has a port of its own, so that an old one is seldom met.
    }
  }

  const isTunnelled = [...net.interfaces.values()].some((devices) =>
    [...devices.values()].some(({ vxlan }) => vxlan !== undefined),
  )

  /** Lets the last connection's end pass, and forgets what carried it: one tunnel's flows may come again. */
  async function forgetTunnel(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))
    for (const node of traced) flush(node)
    net.conntrack.clear()
  }

  async function loadNode(
    node: HostName,
    { rules, sets, family = 4, bridgeNf }: Pick<NetfilterCase, 'rules' | 'sets' | 'family' | 'bridgeNf'>,
  ): Promise<void> {
    const parsed = parseIptablesSave(`${sets ?? ''}${saveText(rules)}`)
    if (!parsed.ok) throw new Error(`line ${parsed.error.line}: ${parsed.error.message}`)
    for (const each of FAMILIES) setRuleset(net, node, each === family ? parsed.value : EMPTY_RULESET, each)
    setSysctls(net, node, { bridgeNfCallIptables: bridgeNf ?? true })
    const on = bridgeNf === false ? 0 : 1
    for (const each of ['iptables', 'ip6tables'])
      lab.inside(node, ['sysctl', '-q', '-w', `net.bridge.bridge-nf-call-${each}=${on}`])
    for (const each of FAMILIES) lab.inside(node, [`${PROGRAMS[each]}-restore`], saveText(''))
    // Rules that are gone let go of their sets late: each case has sets of its own.
    if (sets !== undefined) {
      lab.inside(node, ['ipset', 'flush'])
      lab.inside(node, ['ipset', '-exist', 'restore'], printIpsets(parsed.value.sets ?? new Map()))
    }
    const text = printIptablesSave({ tables: parsed.value.tables })
    lab.inside(node, [`${PROGRAMS[family]}-restore`], text)
    flush(node)
    await tracer.reload(node)
    // The kernel's tool puts chains in the order of their names.
    const rulesOf = (save: string): readonly string[] =>
      save
        .split('\n')
        .filter((line) => line.startsWith('-A '))
        .toSorted((a, b) => byCodeUnit(a.split(' ')[1] ?? '', b.split(' ')[1] ?? ''))
    const saved = lab.inside(node, [`${PROGRAMS[family]}-save`])
    for (const table of Object.keys(BUILT_IN)) {
      const own = printIptablesSave({ tables: parsed.value.tables }, { tables: [table as keyof typeof BUILT_IN] })
      const theirs = new RegExp(`^\\*${table}\\n[^]*?^COMMIT$`, 'm').exec(saved)?.[0] ?? ''
      expect(rulesOf(theirs), `${table} as the kernel has it`).toEqual(rulesOf(own))
    }
  }

  function setTimeouts(node: HostName, timeouts: NonNullable<NetfilterCase['timeouts']> | undefined): void {
    const given = timeouts ?? (net.hosts.get(node)?.sysctls.conntrackTimeouts === undefined ? undefined : USUAL_TIMEOUTS)
    if (given === undefined) return
    setSysctls(net, node, { conntrackTimeouts: given })
    for (const [state, seconds] of Object.entries(given))
      lab.inside(node, ['sysctl', '-q', '-w', `net.netfilter.nf_conntrack_${TIMEOUT_SYSCTLS[state]}=${seconds}`])
  }

  const ruled = new Set<HostName>()

  async function load(test: NetfilterCase): Promise<void> {
    for (const part of [net.conntrack, net.recent, net.nth, net.counters]) part.clear()
    const others = Object.entries(test.others ?? {})
    for (const node of ruled) if (node !== 'node1' && test.others?.[node] === undefined) await loadNode(node, { rules: '' })
    ruled.clear()
    await loadNode('node1', test)
    setTimeouts('node1', test.timeouts)
    for (const [node, rules] of others) {
      ruled.add(node)
      await loadNode(node, { rules, ...(test.family === undefined ? {} : { family: test.family }) })
    }
  }

  /** Ports that no earlier connection had: what is left of one does not meet the next. */
  let lastPort = 33_000
  function freshPort(): number {
    lastPort = lastPort >= 59_999 ? 33_001 : lastPort + 1
    return lastPort
  }

  async function send(test: Sending, each: Send, number: number, now: number): Promise<void> {
    const colon = each.to.lastIndexOf(':')
    const proto = each.proto ?? 'tcp'
    const probe = {
      name: `${test.name}: ${each.from} > ${each.to}${proto === 'udp' ? ' udp' : ''}`,
      from: each.from,
      proto,
      ip: each.to.slice(0, colon).replace(/[[\]]/g, ''),
      port: Number(each.to.slice(colon + 1)),
    }
    if (isTunnelled) await forgetTunnel()
    const sport = each.sport ?? (test.handshakeOnly === true ? freshPort() : undefined)
    const simulated = sendLive(net, probe, sport ?? 41_000 + number, now, createChooser())
    const { ending, packet, hops, reply, kernel } = simulated
    for (const host of net.conntrack.keys()) settleConnection(kernel, host, packet, true)
    const wanted = toldBySimulation(ending)
    const isLate = test.family === 6 && /^E/.test(wanted.result)
    const timeout = each.patience ?? (isLate ? SECOND_TRY_MS : wanted.result === 'timeout' ? SILENCE_MS : ANSWER_MS)
    const { result, trace } = await tracer.during(
      [probe.port, ending.to.port, ...simulated.ports],
      () => lab.connect(each.from, { proto, ip: probe.ip, port: probe.port, timeout, ...(sport === undefined ? {} : { sport }) }),
      proto,
      nodeAddress(each.from),
    )
    const told = toldByKernel(result, sport)
    const isCut = told.result === 'silent' && test.handshakeOnly === true && ending.verdict === 'delivered'
    // A datagram that its own host's rules stop is refused to its sender at once.
    const isBarred = told.result === 'EPERM' && proto === 'udp' && simulated.stoppedByOwn
    const { portKept, ...rest }: Told = wanted
    const comparable = told.portKept === undefined || portKept === undefined ? rest : wanted
    if (!isCut && !isBarred) expect(told, probe.name).toEqual(comparable)
    counts.connections++
    // What goes in circles is told once round; of a connection that is cut off more refusals come.
    if (simulated.circles && test.handshakeOnly === true) return
    const ours = { request: hopsOfSimulation(hops), reply: hopsOfSimulation(reply) }
    const real = { request: hopsOfKernel(trace.request, isLate), reply: hopsOfKernel(trace.reply, isLate) }
    if (test.handshakeOnly === true && isLate) real.request = firstOf(real.request, ours.request)
    if (test.handshakeOnly === true && isLate) real.reply = firstOf(real.reply, ours.reply)
    // The kernel tells of a rule that rejects only after what that rule sent has gone its way.
    if (simulated.isAnswerRejected) for (const each of [real, ours]) each.reply = inAnyOrder(each.reply)
    expect(isCut ? { request: real.request } : real, `${probe.name}: the rules that were met`).toEqual({
      request: ours.request,
      ...(isCut ? {} : { reply: ours.reply }),
    })
    counts.rules += hops.length + reply.length
  }

  async function sendAll(test: Sending & Pick<NetfilterCase, 'sends'>): Promise<void> {
    const start = performance.now()
    for (const [number, each] of test.sends.entries()) {
      if (each.wait !== undefined) await new Promise((resolve) => setTimeout(resolve, (each.wait ?? 0) * 1_000))
      await send(test, each, number, Math.round((1_000 + performance.now() - start) * US_PER_MS))
    }
  }

  /** Rules as nft itself lists them, whatever form they were written in. */
  async function loadNft({ table }: NftCase): Promise<void> {
    const node = 'node1'
    for (const part of [net.conntrack, net.recent, net.nth, net.counters, net.rulesets6]) part.clear()
    setRuleset(net, node, EMPTY_RULESET)
    for (const program of ['iptables', 'ip6tables']) lab.inside(node, [`${program}-restore`], saveText(''))
    lab.inside(
      node,
      ['nft', '-f', '-'],
      `table ip kube-proxy {\n}\ndelete table ip kube-proxy\ntable ip kube-proxy {\n${table}\n}\n`,
    )
    const parsed = parseNftRuleset(lab.inside(node, ['nft', 'list', 'table', 'ip', 'kube-proxy']))
    if (!parsed.ok) throw new Error(`line ${parsed.error.line}: ${parsed.error.message}`)
    setNftRuleset(net, node, parsed.value)
    flush(node)
    await tracer.reload(node)
  }

  return {
    lab,
    counts,
    load,
    loadNft,
    sendAll,
    tearDown() {
      tracer.stop()
      lab.tearDown()
    },
  }
}
