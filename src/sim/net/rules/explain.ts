import { assertNever } from '../../core/result.js'
import type { StepInput } from '../../core/step.js'
import type { Hook, NetTable, StepFacts } from '../../core/vocabulary.js'
import { familyOf } from '../address.js'
import { createHandled } from '../handled.js'
import type { CtState, Kernel } from '../kernel.js'
import { createKernel, createScratch } from '../kernel.js'
import { machineOf } from '../machine.js'
import { failureOf } from '../nft/failure.js'
import type { NftTable } from '../nft/types.js'
import type { Packet, Tuple } from '../packet.js'
import { packetOf } from '../packet.js'
import type { Skb } from '../skb.js'
import { openSkb } from '../skb.js'
import type { NetState } from '../state.js'
import { isStateful } from './compile.js'
import { packetType } from './extraMatches.js'
import { addressType, conntrackMatches, matches, physdevMatches, portMatches } from './match.js'
import { printAddrtype, printConntrack, printMatch, printPhysdev, printPortCondition } from './printRule.js'
import { getRuleset } from './ruleset.js'
import { hexOctet } from './serviceField.js'
import type { Chain, Match, Rule } from './types.js'

/** A rule that was tried and did not match, with the first condition that failed. */
export interface Miss {
  readonly host: string
  readonly hook: Hook
  readonly table: string
  readonly chain: string
  readonly rule: number
  readonly text: string
  /** The condition as the rule states it: `-d 10.96.0.1/32`. */
  readonly wanted: string
  /** What the packet had instead: `172.18.0.13`. */
  readonly saw: string
}

/** The packet as a rule saw it, and where it was in the kernel: taken from the steps of its walk. */
export interface Sight {
  readonly host: string
  readonly hook: Hook
  readonly packet: Packet
  readonly inDevice: string
  readonly outDevice: string
  readonly state: CtState
  readonly original?: string
  readonly reply?: string
}

/** Most misses told of one chain: beyond, a reader looks at the chain itself. */
const MOST_PER_CHAIN = 200

/**
 * Says of each rule before `before` in a chain why it did not match a packet: derived when asked for, never recorded.
 *
 * @param after position of the last rule of this chain that matched before; 0 for none.
 * @param before position of the rule that matched; one past the last when none did.
 */
export function explainChain(
  net: NetState,
  sight: Sight,
  where: { readonly table: string; readonly chain: string },
  after: number,
  before: number,
): readonly Miss[] {
  const table = tableName(where.table)
  if (table === undefined) return explainNftChain(net, sight, where, after, before)
  const chain = getRuleset(net, sight.host, familyOf(sight.packet.dst)).tables.get(table)?.chains.get(where.chain)
  if (chain === undefined) return []
  return explainRules(net, sight, chain, after, before)
}

function explainRules(net: NetState, sight: Sight, chain: Chain, after: number, before: number): readonly Miss[] {
  const kernel = quietKernel(net)
  const skb = skbOf(kernel, sight)
  return chain.rules.slice(after, Math.min(before - 1, after + MOST_PER_CHAIN)).map((rule) => ({
    host: sight.host,
    hook: sight.hook,
    table: rule.table,
    chain: rule.chain,
    rule: rule.position,
    text: rule.text,
    ...firstFailure(kernel, skb, rule),
  }))
}

/** A table of nftables by the name that steps give it: `ip kube-proxy`. */
function nftTable(net: NetState, host: string, name: string): NftTable | undefined {
  return net.nftables.get(host)?.tables.find((table) => `${table.family} ${table.name}` === name)
}

function explainNftChain(
  net: NetState,
  sight: Sight,
  where: { readonly table: string; readonly chain: string },
  after: number,
  before: number,
): readonly Miss[] {
  const table = nftTable(net, sight.host, where.table)
  const chain = table?.chains.get(where.chain)
  if (table === undefined || chain === undefined) return []
  const kernel = quietKernel(net)
  const skb = skbOf(kernel, sight)
  return chain.rules.slice(after, Math.min(before - 1, after + MOST_PER_CHAIN)).flatMap((rule) => {
    const failure = failureOf(kernel, skb, table, rule)
    if (failure === undefined) return []
    const { host, hook } = sight
    return [{ host, hook, table: where.table, chain: chain.name, rule: rule.position, text: rule.text, ...failure }]
  })
}

/** A kernel that changes nothing, for asking rules again. */
function quietKernel(net: NetState): Kernel {
  return createKernel({ net, scratch: createScratch() })
}

function skbOf(kernel: Kernel, sight: Sight): Skb {
  const original = parseTuple(sight.original)
  const reply = parseTuple(sight.reply)
  const entry =
    original === undefined || reply === undefined
      ? undefined
      : {
          original,
          reply,
          replied: sight.state === 'ESTABLISHED',
          assured: false,
          dnat: reply.src !== original.dst || reply.sport !== original.dport,
          snat: reply.dst !== original.src || reply.dport !== original.sport,
          mark: 0,
          state: '',
          expires: 0,
        }
  const packet = packetOf(sight.packet, sight.packet)
  const skb = openSkb(machineOf(kernel.view, sight.host), packet, 'request', sight.inDevice, createHandled())
  if (entry !== undefined)
    skb.tracked = { entry, direction: 'original', confirmed: false, destinationDone: true, sourceDone: true }
  return Object.assign(skb, { packet, hook: sight.hook, outDevice: sight.outDevice, state: sight.state, seen: true })
}

function parseTuple(text: string | undefined): Tuple | undefined {
  const parts = /^(tcp|udp|sctp) \[?([^\]>]+?)\]?:(\d+) > \[?([^\]>]+?)\]?:(\d+)$/.exec(text ?? '')
  const proto = parts?.[1]
  if (parts === null || (proto !== 'tcp' && proto !== 'udp' && proto !== 'sctp')) return undefined
  return { proto, src: parts[2] ?? '', sport: Number(parts[3]), dst: parts[4] ?? '', dport: Number(parts[5]) }
}

function firstFailure(kernel: Kernel, skb: Skb, rule: Rule): { readonly wanted: string; readonly saw: string } {
  let chance: Match | undefined
  for (const match of rule.matches) {
    if (isStateful(match) && match.kind !== 'unknown') {
      chance ??= match
      continue
    }
    if (matches(kernel, skb, rule, match) === false) return { wanted: wantedOf(skb, match), saw: sawOf(kernel, skb, match) }
  }
  // All else fits, so it was the draw, the count or the memory that said no.
  if (chance === undefined) return { wanted: rule.text, saw: 'not tried' }
  return { wanted: printMatch(chance), saw: sawOf(kernel, skb, chance) }
}

/** The part of a condition that failed, as the rule states it. */
function wantedOf(skb: Skb, match: Match): string {
  switch (match.kind) {
    case 'transport': {
      const failed = match.conditions.find((condition) => !portMatches(skb, condition))
      return failed === undefined ? `-p ${match.protocol}` : printPortCondition(failed)
    }
    case 'conntrack': {
      const failed = match.conditions.find((condition) => !conntrackMatches(skb, condition))
      return failed === undefined ? printMatch(match) : printConntrack(failed, match.module)
    }
    case 'addrtype':
      return match.conditions.map(printAddrtype).join(' ')
    case 'physdev': {
      const failed = match.conditions.find((condition) => !physdevMatches(skb, condition))
      return failed === undefined ? printMatch(match) : printPhysdev(failed)
    }
    default:
      return printMatch(match).replace(/^-m \S+ /, '')
  }
}

/** What the packet had where a condition looked. */
function sawOf(kernel: Kernel, skb: Skb, match: Match): string {
  const { packet } = skb
  switch (match.kind) {
    case 'source':
      return packet.src
    case 'destination':
      return packet.dst
    case 'in-interface':
      return skb.inDevice === '' ? 'no device' : skb.inDevice
    case 'out-interface':
      return skb.outDevice === '' ? 'no device' : skb.outDevice
    case 'protocol':
      return packet.proto
    case 'fragment':
      return 'no fragment'
    case 'transport': {
      const failed = match.conditions.find((condition) => !portMatches(skb, condition))
      if (failed === undefined) return packet.proto
      return failed.kind === 'sport' ? String(packet.sport) : failed.kind === 'dport' ? String(packet.dport) : packet.flags
    }
    case 'icmp':
      return packet.proto === 'icmp' ? packet.flags : packet.proto
    case 'conntrack': {
      const names = [
        skb.state,
        ...(skb.tracked?.entry.dnat === true ? ['DNAT'] : []),
        ...(skb.tracked?.entry.snat === true ? ['SNAT'] : []),
      ]
      return names.join(',')
    }
    case 'mark':
      return `0x${(match.module === 'mark' ? packet.mark : (skb.tracked?.entry.mark ?? 0)).toString(16)}`
    case 'random':
      return 'a draw that was too high'
    case 'nth':
      return 'another one in the row'
    case 'recent':
      return match.negated ? 'an address on the list' : 'an address that is not on the list'
    case 'addrtype':
      return match.conditions
        .map((condition) => addressType(kernel, skb.host, condition.kind === 'src-type' ? packet.src : packet.dst))
        .join(' ')
    case 'multiport':
      return match.side === 'sports'
        ? String(packet.sport)
        : match.side === 'dports'
          ? String(packet.dport)
          : `${packet.sport},${packet.dport}`
    case 'physdev':
      return skb.physIn === '' ? 'no port of a bridge' : skb.physIn
    case 'set':
      return match.sides.map((side) => (side === 'src' ? packet.src : packet.dst)).join()
    case 'limit':
    case 'hashlimit':
      return match.kind === 'hashlimit' && match.above ? 'a packet within the rate' : 'one packet too many'
    case 'length':
      return ''
    case 'ttl':
      return String(packet.ttl)
    case 'iprange':
      return match.conditions.map(({ kind }) => (kind === 'src-range' ? packet.src : packet.dst)).join()
    case 'tos':
      return match.module === 'dscp' ? hexOctet((packet.tos ?? 0) >> 2) : hexOctet(packet.tos ?? 0)
    case 'connlimit':
      return match.upto ? 'one connection too many' : 'no more connections than that'
    case 'pkttype':
      return packetType(skb)
    case 'owner':
      return 'no local process'
    case 'rpfilter':
      return skb.inDevice
    case 'socket':
      return 'no transparent socket'
    case 'comment':
    case 'nfacct':
    case 'unknown':
      return ''
    default:
      return assertNever(match)
  }
}

interface Visit {
  readonly table: string
  readonly chain: string
  position: number
}

/** Every rule that was tried and missed on a way, in the order in which it was tried, from the entries of the walk. */
export function explainMisses(net: NetState, entries: readonly StepInput[]): readonly Miss[] {
  const misses: Miss[] = []
  let sight: Sight | undefined
  const connections = new Map<string, Pick<Sight, 'state' | 'original' | 'reply'>>()
  let stack: Visit[] = []
  const finish = (depth: number, decided: boolean): void => {
    while (stack.length > depth) {
      const visit = stack.pop()
      if (visit !== undefined && sight !== undefined && !decided)
        misses.push(...explainChain(net, sight, visit, visit.position, Number.POSITIVE_INFINITY))
    }
  }
  for (const entry of entries) {
    switch (entry.kind) {
      case 'packet-hook': {
        finish(0, false)
        const { host, hook, packet, inDevice, outDevice } = entry.facts
        sight = { host, hook, packet, inDevice, outDevice, ...(connections.get(host) ?? { state: 'INVALID' }) }
        break
      }
      case 'conntrack': {
        const { host, state, original, reply } = entry.facts
        const connection = { state, original, reply }
        connections.set(host, connection)
        if (sight?.host === host) sight = { ...sight, ...connection }
        break
      }
      case 'rewrite':
        finish(0, false)
        if (sight !== undefined) sight = { ...sight, packet: entry.facts.after }
        break
      case 'rule': {
        if (sight === undefined) break
        const { facts } = entry
        const { table } = facts
        let depth = stack.findLastIndex(
          (visit) => visit.table === table && visit.chain === facts.chain && visit.position < facts.rule,
        )
        if (depth < 0) {
          const isBase =
            facts.chain === facts.hook || nftTable(net, facts.host, table)?.chains.get(facts.chain)?.base !== undefined
          if (isBase) finish(0, false)
          stack.push({ table, chain: facts.chain, position: 0 })
          depth = stack.length - 1
        } else finish(depth + 1, false)
        const visit = stack[depth]
        if (visit === undefined) break
        misses.push(...explainChain(net, { ...sight, packet: facts.packet }, visit, visit.position, facts.rule))
        visit.position = facts.rule
        sight = { ...sight, packet: facts.packet }
        if (isFinal(facts)) stack = []
        else if (facts.action === 'return') stack = stack.slice(0, depth)
        else enter(stack, table, depth, facts.action)
        break
      }
      case 'policy': {
        const { table, chain } = entry.facts
        const isOpen = stack.some((visit) => visit.table === table && visit.chain === chain)
        finish(0, false)
        // Nothing in it matched, so no rule has told of it.
        if (!isOpen && sight !== undefined)
          misses.push(...explainChain(net, sight, { table, chain }, 0, Number.POSITIVE_INFINITY))
        break
      }
      case 'stopped':
      case 'packet-link':
        finish(0, true)
        break
      default:
    }
  }
  return misses
}

/** A jump enters a chain, in which perhaps nothing matches; after a goto its caller is not gone on with. */
function enter(stack: Visit[], table: string, depth: number, action: string): void {
  const called = /^(jump|goto) (\S+)$/.exec(action)
  if (called === null) return
  if (called[1] === 'goto') stack.length = depth
  stack.push({ table, chain: called[2] ?? '', position: 0 })
}

const FINAL = /^(accept|drop|REJECT|DNAT|SNAT|MASQUERADE|REDIRECT)/

function isFinal(facts: StepFacts['rule']): boolean {
  return FINAL.test(facts.action)
}

function tableName(name: string): NetTable | undefined {
  return name === 'raw' || name === 'mangle' || name === 'nat' || name === 'filter' || name === 'security' ? name : undefined
}
