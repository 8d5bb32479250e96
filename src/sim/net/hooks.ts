import { assertNever } from '../core/result.js'
import { thing } from '../core/thing.js'
import type { Hook, RuleRef, StepFacts } from '../core/vocabulary.js'
import { confirm, isTracking, track } from './conntrack.js'
import { errorName } from './errors.js'
import type { Kernel } from './kernel.js'
import type { NatAction } from './nat.js'
import { settleDestination, settleSource, translate } from './nat.js'
import type { NftBaseChain } from './nft/ruleset.js'
import { baseChainsAt } from './nft/ruleset.js'
import { walkBaseChain } from './nft/walk.js'
import { tupleText } from './packet.js'
import { rulesetsOf } from './rules/ruleset.js'
import type { TableVerdict } from './rules/walkTable.js'
import { walkTable } from './rules/walkTable.js'
import type { Skb } from './skb.js'
import type { HostName } from './state.js'

/** Why a packet's walk ended, as the step `stopped` tells it. */
export interface Stop {
  readonly why: StepFacts['stopped']['why']
  readonly with?: string
  readonly rule?: RuleRef
}

/** Which part of the addresses NAT may change at a hook; FORWARD has none. Source: Linux include/net/netfilter/nf_nat.h HOOK2MANIP */
const NAT_PART: Readonly<Record<Hook, 'destination' | 'source' | undefined>> = {
  PREROUTING: 'destination',
  OUTPUT: 'destination',
  INPUT: 'source',
  POSTROUTING: 'source',
  FORWARD: undefined,
}

/** Priorities of the stages at a hook. Source: Linux include/uapi/linux/netfilter_ipv4.h nf_ip_hook_priorities */
const CONNTRACK = -200
const TABLE_PRIORITY = { raw: -300, mangle: -150, filter: 0 } as const
const NAT_PRIORITY = { destination: -100, source: 100 } as const

type Stage =
  | { readonly kind: 'conntrack' | 'nat'; readonly priority: number }
  | { readonly kind: 'table'; readonly priority: number; readonly table: 'raw' | 'mangle' | 'filter' }
  | { readonly kind: 'chain'; readonly priority: number; readonly chain: NftBaseChain }

function plainStages(hook: Hook): readonly Stage[] {
  const part = NAT_PART[hook]
  const stages: Stage[] = [
    { kind: 'table', priority: TABLE_PRIORITY.raw, table: 'raw' },
    { kind: 'conntrack', priority: CONNTRACK },
    { kind: 'table', priority: TABLE_PRIORITY.mangle, table: 'mangle' },
    ...(part === undefined ? [] : [{ kind: 'nat', priority: NAT_PRIORITY[part] } as const]),
    { kind: 'table', priority: TABLE_PRIORITY.filter, table: 'filter' },
  ]
  return stages.sort((a, b) => a.priority - b.priority)
}

const PLAIN_STAGES: Readonly<Record<Hook, readonly Stage[]>> = {
  PREROUTING: plainStages('PREROUTING'),
  INPUT: plainStages('INPUT'),
  FORWARD: plainStages('FORWARD'),
  OUTPUT: plainStages('OUTPUT'),
  POSTROUTING: plainStages('POSTROUTING'),
}

/** What is asked at a hook, in order: iptables' tables, conntrack, NAT, and the base chains of nftables by their priorities. */
function stagesAt(kernel: Kernel, host: HostName, hook: Hook): readonly Stage[] {
  const nftables = kernel.net.nftables.get(host)
  if (nftables === undefined) return PLAIN_STAGES[hook]
  const chains = baseChainsAt(nftables, hook)
    .filter((chain) => chain.base.type !== 'nat')
    .map((chain): Stage => ({ kind: 'chain', priority: chain.base.priority, chain }))
  return [...PLAIN_STAGES[hook], ...chains].sort((a, b) => a.priority - b.priority)
}

/**
 * Takes a packet through one netfilter hook: raw, conntrack, mangle, nat, filter in the kernel's order, base chains of nftables among
 * them, and, where the packet is about to leave the kernel, the connection is entered into the table.
 *
 * @returns why it stopped, or undefined when it goes on.
 */
export function passHook(kernel: Kernel, skb: Skb, hook: Hook): Stop | undefined {
  const { host } = skb
  if (!isTracking(kernel.net, host, skb.family)) return undefined
  skb.hook = hook
  const place = thing.hook(host, hook)
  const { inDevice, outDevice } = skb
  const seen = { packet: skb.packet, direction: kernel.direction, host, hook, inDevice, outDevice }
  kernel.trace({ kind: 'packet-hook', from: place, to: place, facts: seen })
  for (const stage of stagesAt(kernel, host, hook)) {
    const stop = passStage(kernel, skb, hook, stage)
    if (stop !== undefined) return stop
  }
  if ((hook === 'INPUT' || hook === 'POSTROUTING') && skb.tracked !== undefined && !skb.tracked.confirmed) {
    confirm(kernel, host, skb.tracked)
    traceConntrack(kernel, skb, 'confirmed')
  }
  return undefined
}

function passStage(kernel: Kernel, skb: Skb, hook: Hook, stage: Stage): Stop | undefined {
  switch (stage.kind) {
    case 'conntrack':
      connect(kernel, skb, hook)
      return undefined
    case 'nat': {
      const part = NAT_PART[hook]
      return part === undefined ? undefined : passNat(kernel, skb, part)
    }
    case 'table': {
      const table = rulesetsOf(kernel.net, skb.family).get(skb.host)?.tables.get(stage.table)
      return table === undefined ? undefined : stopOf(skb, walkTable(kernel, skb, table))
    }
    case 'chain':
      return stopOf(skb, walkBaseChain(kernel, skb, stage.chain))
    default:
      return assertNever(stage)
  }
}

/** Why a verdict stops a packet outside nat. */
function stopOf(skb: Skb, verdict: TableVerdict): Stop | undefined {
  switch (verdict.kind) {
    case 'accept':
      return undefined
    case 'drop':
      return verdict.rule === undefined ? { why: 'drop' } : { why: 'drop', rule: verdict.rule }
    case 'reject':
      return { why: 'reject', with: errorName(verdict.with, skb.family), rule: verdict.rule }
    case 'not-modelled':
      return { why: 'not-modelled', with: verdict.what, rule: verdict.rule }
    case 'nat':
      return { why: 'not-modelled', with: `${verdict.action.kind} outside nat`, rule: verdict.rule }
    default:
      return assertNever(verdict)
  }
}

/** Conntrack's look at a packet: at PREROUTING and OUTPUT, once per host, and not at what a rule of `raw` has let off. */
function connect(kernel: Kernel, skb: Skb, hook: Hook): void {
  if ((hook !== 'PREROUTING' && hook !== 'OUTPUT') || skb.seen || skb.state === 'UNTRACKED') return
  skb.seen = true
  if (!isTracking(kernel.net, skb.host, skb.family)) return
  const { state, tracked } = track(kernel, skb.host, skb.packet)
  skb.state = state
  skb.tracked = tracked
  traceConntrack(kernel, skb, tracked === undefined ? 'invalid' : tracked.confirmed ? 'found' : 'new')
}

function traceConntrack(kernel: Kernel, skb: Skb, operation: StepFacts['conntrack']['operation']): void {
  const entry = skb.tracked?.entry
  kernel.trace({
    kind: 'conntrack',
    from: thing.hook(skb.host, skb.hook),
    to: thing.conntrack(skb.host),
    facts: {
      packet: skb.packet,
      direction: kernel.direction,
      host: skb.host,
      operation,
      state: skb.state,
      original: entry === undefined ? '' : tupleText(entry.original),
      reply: entry === undefined ? '' : tupleText(entry.reply),
    },
  })
}

/** Rules of `nat` are asked for the first packet of a connection only; every packet is then rewritten as the connection remembers. */
function passNat(kernel: Kernel, skb: Skb, part: 'destination' | 'source'): Stop | undefined {
  const { tracked } = skb
  if (tracked === undefined) return undefined
  let action: NatAction | undefined
  const isFirst = skb.state === 'NEW' && (part === 'destination' ? !tracked.destinationDone : !tracked.sourceDone)
  if (isFirst) {
    const verdict = askNat(kernel, skb)
    if (verdict.kind !== 'nat') {
      const stop = stopOf(skb, verdict)
      if (stop !== undefined) return stop
    }
    action = verdict.kind === 'nat' ? verdict.action : undefined
    const place = {
      host: skb.host,
      inDevice: skb.inDevice,
      outDevice: skb.outDevice,
      nextHop: skb.nextHop,
      atOutput: skb.hook === 'OUTPUT',
    }
    if (part === 'destination') settleDestination(kernel, tracked, place, action)
    else settleSource(kernel, tracked, place, action)
  }
  rewrite(kernel, skb, part, action)
  return undefined
}

/** Asks the `nat` table, then nftables' nat chains: the first that rewrites or drops decides. */
function askNat(kernel: Kernel, skb: Skb): TableVerdict {
  const table = rulesetsOf(kernel.net, skb.family).get(skb.host)?.tables.get('nat')
  const verdict: TableVerdict = table === undefined ? { kind: 'accept' } : walkTable(kernel, skb, table)
  const nftables = kernel.net.nftables.get(skb.host)
  if (verdict.kind !== 'accept' || nftables === undefined) return verdict
  for (const chain of baseChainsAt(nftables, skb.hook)) {
    if (chain.base.type !== 'nat') continue
    const decided = walkBaseChain(kernel, skb, chain)
    if (decided.kind !== 'accept') return decided
  }
  return verdict
}

function rewrite(kernel: Kernel, skb: Skb, part: 'destination' | 'source', action: NatAction | undefined): void {
  const { tracked } = skb
  if (tracked === undefined) return
  const before = skb.packet
  const after = translate(before, tracked, part)
  if (after === before) return
  skb.packet = after
  const undone = tracked.direction === 'reply'
  const what = undone
    ? part === 'destination'
      ? 'undo-snat'
      : 'undo-dnat'
    : part === 'destination'
      ? 'dnat'
      : action?.kind === 'masquerade'
        ? 'masquerade'
        : 'snat'
  kernel.trace({
    kind: 'rewrite',
    from: thing.hook(skb.host, skb.hook),
    to: thing.hook(skb.host, skb.hook),
    facts: {
      direction: kernel.direction,
      host: skb.host,
      hook: skb.hook,
      what,
      by: action === undefined ? 'conntrack' : 'rule',
      before,
      after,
    },
  })
}
