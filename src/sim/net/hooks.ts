import { assertNever } from '../core/result.js'
import type { Hook, StepFacts } from '../core/vocabulary.js'
import { confirm, track } from './conntrack.js'
import { errorName } from './errors.js'
import { planAt } from './hookPlan.js'
import type { Kernel, Tracked } from './kernel.js'
import type { NatAction } from './nat.js'
import { settleDestination, settleSource, translate } from './nat.js'
import { walkBaseChain } from './nft/walk.js'
import type { TableVerdict } from './rules/walkTable.js'
import { ACCEPTED, walkTable } from './rules/walkTable.js'
import type { Skb } from './skb.js'
import type { NatPart, Stage } from './stages.js'
import type { Stop } from './stop.js'

/**
 * Takes a packet through one netfilter hook: raw, conntrack, mangle, nat, filter in the kernel's order, base chains of nftables among
 * them, and, where the packet is about to leave the kernel, the connection is entered into the table.
 *
 * @returns why it stopped, or undefined when it goes on.
 */
export function passHook(kernel: Kernel, skb: Skb, hook: Hook): Stop | undefined {
  const plan = planAt(kernel, skb, hook)
  if (plan === undefined) return undefined
  skb.hook = hook
  const { packet, direction, host, inDevice, outDevice } = skb
  kernel.trace({ kind: 'packet-hook', packet, direction, host, hook, inDevice, outDevice })
  for (const stage of plan) {
    const stop = passStage(kernel, skb, stage)
    if (stop !== undefined) return stop
  }
  if ((hook === 'INPUT' || hook === 'POSTROUTING') && skb.tracked?.confirmed === false && skb.tracked.direction === 'original') {
    confirm(kernel, skb, skb.tracked)
    noteConntrack(kernel, skb, 'confirmed')
  }
  return undefined
}

function passStage(kernel: Kernel, skb: Skb, stage: Stage): Stop | undefined {
  switch (stage.kind) {
    case 'conntrack':
      connect(kernel, skb)
      return undefined
    case 'nat':
      return passNat(kernel, skb, stage)
    case 'table':
      return stopOf(skb, walkTable(kernel, skb, stage.chain))
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

/** Conntrack's look at a packet: once per host, and not at what a rule of `raw` has let off. */
function connect(kernel: Kernel, skb: Skb): void {
  if (skb.seen || skb.state === 'UNTRACKED') return
  skb.seen = true
  // The kernel's own answers come with the connection that they are about.
  if (skb.tracked === undefined) track(kernel, skb)
  noteConntrack(kernel, skb, skb.tracked === undefined ? 'invalid' : skb.tracked.confirmed ? 'found' : 'new')
}

function noteConntrack(kernel: Kernel, skb: Skb, operation: StepFacts['conntrack']['operation']): void {
  const { packet, direction, host, hook, state, tracked } = skb
  kernel.trace({ kind: 'conntrack', packet, direction, host, hook, operation, state, entry: tracked?.entry })
}

/** Rules of `nat` are asked for the first packet of a connection only; every packet is then rewritten as the connection remembers. */
function passNat(kernel: Kernel, skb: Skb, stage: Extract<Stage, { kind: 'nat' }>): Stop | undefined {
  const { tracked, packet } = skb
  if (tracked === undefined) return undefined
  const { part } = stage
  let action: NatAction | undefined
  // An answer to a packet that got no further than this settles what is still open. Source: Linux net/netfilter/nf_nat_core.c nf_nat_inet_fn
  const isFirst = skb.state === 'NEW' || (skb.state === 'RELATED' && packet.proto !== 'icmp')
  if (isFirst && !(part === 'destination' ? tracked.destinationDone : tracked.sourceDone)) {
    const verdict = askNat(kernel, skb, stage)
    if (verdict.kind === 'nat') action = verdict.action
    else if (verdict.kind !== 'accept') return stopOf(skb, verdict)
    if (part === 'destination') settleDestination(kernel, skb, tracked, action)
    else settleSource(kernel, skb, tracked, action)
    if (part === 'source' && action !== undefined && skb.direction === 'request' && packet.carried === undefined)
      skb.handled.masqueraded = true
  }
  rewrite(kernel, skb, tracked, part, action)
  return undefined
}

/** The first chain that rewrites or drops decides. */
function askNat(kernel: Kernel, skb: Skb, { chain, nft }: Extract<Stage, { kind: 'nat' }>): TableVerdict {
  let verdict = chain === undefined ? ACCEPTED : walkTable(kernel, skb, chain)
  for (const each of nft) {
    if (verdict.kind !== 'accept') break
    verdict = walkBaseChain(kernel, skb, each)
  }
  return verdict
}

function rewrite(kernel: Kernel, skb: Skb, tracked: Tracked, part: NatPart, action: NatAction | undefined): void {
  const { packet, direction, host, hook } = skb
  const after = translate(packet, tracked, part)
  if (after === packet) return
  skb.packet = after
  const what = rewriteName(tracked, part, action)
  kernel.trace({ kind: 'rewrite', packet, direction, host, hook, what, by: action === undefined ? 'conntrack' : 'rule', after })
}

function rewriteName(tracked: Tracked, part: NatPart, action: NatAction | undefined): StepFacts['rewrite']['what'] {
  if (tracked.direction === 'reply') return part === 'destination' ? 'undo-snat' : 'undo-dnat'
  if (part === 'destination') return 'dnat'
  return action?.kind === 'masquerade' ? 'masquerade' : 'snat'
}
