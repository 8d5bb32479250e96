import { thing } from '../core/thing.js'
import type { Hook, RuleRef, StepFacts } from '../core/vocabulary.js'
import { confirm, isTracking, track } from './conntrack.js'
import type { Kernel } from './kernel.js'
import type { NatAction } from './nat.js'
import { settleDestination, settleSource, translate } from './nat.js'
import { tupleText } from './packet.js'
import { walkTable } from './rules/walkTable.js'
import type { Skb } from './skb.js'
import { TABLES } from './state.js'

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

/** At INPUT the kernel asks `filter` before it may change the source; at OUTPUT and elsewhere `nat` comes first. */
const NAT_LAST: Readonly<Record<Hook, boolean>> = {
  PREROUTING: false,
  OUTPUT: false,
  INPUT: true,
  POSTROUTING: false,
  FORWARD: false,
}

/**
 * Takes a packet through one netfilter hook: raw, conntrack, mangle, nat, filter in the kernel's order, and, where the packet is
 * about to leave the kernel, the connection is entered into the table.
 *
 * @returns why it stopped, or undefined when it goes on.
 * Source: Linux include/uapi/linux/netfilter_ipv4.h nf_ip_hook_priorities
 */
export function passHook(kernel: Kernel, skb: Skb, hook: Hook): Stop | undefined {
  const ruleset = kernel.net.rulesets.get(skb.host)
  if (ruleset === undefined) return undefined
  skb.hook = hook
  kernel.trace({
    kind: 'packet-hook',
    from: thing.hook(skb.host, hook),
    to: thing.hook(skb.host, hook),
    facts: {
      packet: skb.packet,
      direction: kernel.direction,
      host: skb.host,
      hook,
      inDevice: skb.inDevice,
      outDevice: skb.outDevice,
    },
  })
  const natPart = NAT_PART[hook]
  for (const name of TABLES) {
    if (name === 'mangle') connect(kernel, skb, hook)
    if (name === 'nat') {
      if (natPart !== undefined && !NAT_LAST[hook]) {
        const stop = passNat(kernel, skb, natPart)
        if (stop !== undefined) return stop
      }
      continue
    }
    const table = ruleset.tables.get(name)
    if (table === undefined) continue
    const verdict = walkTable(kernel, skb, table)
    switch (verdict.kind) {
      case 'drop':
        return verdict.rule === undefined ? { why: 'drop' } : { why: 'drop', rule: verdict.rule }
      case 'reject':
        return { why: 'reject', with: verdict.with, rule: verdict.rule }
      case 'not-modelled':
        return { why: 'not-modelled', with: verdict.what, rule: verdict.rule }
      case 'nat':
        return { why: 'not-modelled', with: `${verdict.action.kind} outside nat`, rule: verdict.rule }
      default:
    }
  }
  if (natPart !== undefined && NAT_LAST[hook]) {
    const stop = passNat(kernel, skb, natPart)
    if (stop !== undefined) return stop
  }
  if ((hook === 'INPUT' || hook === 'POSTROUTING') && skb.tracked !== undefined && !skb.tracked.confirmed) {
    confirm(kernel, skb.host, skb.tracked)
    traceConntrack(kernel, skb, 'confirmed')
  }
  return undefined
}

/** Conntrack's look at a packet: at PREROUTING and OUTPUT, once per host, and not at what a rule of `raw` has let off. */
function connect(kernel: Kernel, skb: Skb, hook: Hook): void {
  if ((hook !== 'PREROUTING' && hook !== 'OUTPUT') || skb.seen || skb.state === 'UNTRACKED') return
  skb.seen = true
  if (!isTracking(kernel.net, skb.host)) return
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
    const table = kernel.net.rulesets.get(skb.host)?.tables.get('nat')
    const verdict = table === undefined ? undefined : walkTable(kernel, skb, table)
    if (verdict?.kind === 'drop') return verdict.rule === undefined ? { why: 'drop' } : { why: 'drop', rule: verdict.rule }
    if (verdict?.kind === 'not-modelled') return { why: 'not-modelled', with: verdict.what, rule: verdict.rule }
    if (verdict?.kind === 'reject') return { why: 'not-modelled', with: 'REJECT in nat', rule: verdict.rule }
    action = verdict?.kind === 'nat' ? verdict.action : undefined
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
