import type { PacketView, Step } from '../../protocol/index.js'
import { findStep, type Mirror } from '../../state/mirror.js'

/** A packet's header at a step: after it, and before where the step changed it. */
export interface HeaderView {
  readonly packet: PacketView
  readonly before: PacketView | undefined
}

export function headerOf(step: Step): HeaderView | undefined {
  if (step.kind === 'rewrite') return { packet: step.facts.after, before: step.facts.before }
  return 'packet' in step.facts ? { packet: step.facts.packet, before: undefined } : undefined
}

/** How far back we look for what belongs to the same visit of a hook. */
const LOOK_BACK = 400

/** Rules that matched at this hook of this host on this visit, up to and with the step. */
export function rulesMet(mirror: Mirror, step: Step): readonly Step<'rule'>[] {
  if (!('hook' in step.facts)) return []
  const { host, hook } = step.facts
  const met: Step<'rule'>[] = []
  const at = findStep(mirror.steps, step.id)
  for (let index = at; index >= Math.max(0, at - LOOK_BACK); index--) {
    const earlier = mirror.steps[index]
    if (earlier === undefined || earlier.flow !== step.flow) continue
    if (earlier.kind === 'packet-hook') {
      if (earlier.facts.host === host && earlier.facts.hook === hook) break
      continue
    }
    if (earlier.kind === 'rule' && earlier.facts.host === host && earlier.facts.hook === hook) met.push(earlier)
  }
  return met.reverse()
}

/** The hook at which a step stands: itself, or the one on whose visit a policy had the last word. */
export function hookOf(mirror: Mirror, step: Step): Step<'packet-hook'> | undefined {
  if (step.kind === 'packet-hook') return step
  if (step.kind !== 'policy') return undefined
  const at = findStep(mirror.steps, step.id)
  for (let index = at; index >= Math.max(0, at - LOOK_BACK); index--) {
    const earlier = mirror.steps[index]
    if (earlier?.kind === 'packet-hook' && earlier.flow === step.flow)
      return earlier.facts.host === step.facts.host ? earlier : undefined
  }
  return undefined
}

/** What conntrack of this host noted last about the packet, on this flow, up to the step. */
export function conntrackNote(mirror: Mirror, step: Step): Step<'conntrack'> | undefined {
  if (!('host' in step.facts) || step.facts.host === undefined) return undefined
  const at = findStep(mirror.steps, step.id)
  for (let index = at; index >= Math.max(0, at - LOOK_BACK); index--) {
    const earlier = mirror.steps[index]
    if (earlier?.kind === 'conntrack' && earlier.flow === step.flow && earlier.facts.host === step.facts.host) return earlier
  }
  return undefined
}

/** The step's rule for `Why`: itself, or the last rule that matched before it on this visit. */
export function ruleOf(mirror: Mirror, step: Step): Step<'rule'> | undefined {
  return step.kind === 'rule' ? step : rulesMet(mirror, step).at(-1)
}

/** Chains that kube-proxy writes once for all Services: who jumped there says for whose sake. */
const HELPER = /^(?:KUBE-MARK-MASQ|KUBE-MARK-DROP|reject-chain)$/

/** The rule that led into a chain that serves all Services, on the same visit; undefined for rules in a Service's own chains. */
export function callerOf(mirror: Mirror, rule: Step<'rule'>): Step<'rule'> | undefined {
  return HELPER.test(rule.facts.chain) ? leaderOf(mirror, rule) : undefined
}

/** The rule that led into a rule's chain, on the same visit. */
export function leaderOf(mirror: Mirror, rule: Step<'rule'>): Step<'rule'> | undefined {
  return rulesMet(mirror, rule).findLast((met) => met.id < rule.id && met.facts.action.endsWith(` ${rule.facts.chain}`))
}

/** The rule that put the mark on a packet that a rule masquerades; with iptables the one that jumped there, which says why. */
export function markedBy(mirror: Mirror, rule: Step<'rule'>): Step<'rule'> | undefined {
  if (!/^masquerade\b/i.test(rule.facts.action) || rule.facts.packet.mark === undefined) return undefined
  const { host } = rule.facts
  for (let index = findStep(mirror.steps, rule.id) - 1; index >= 0; index--) {
    const earlier = mirror.steps[index]
    if (earlier === undefined || earlier.flow !== rule.flow) continue
    if (earlier.event !== rule.event) return undefined
    if (earlier.kind !== 'rule' || earlier.facts.host !== host || earlier.facts.hook === 'POSTROUTING') continue
    if (/^(?:mark|meta mark set)\b/i.test(earlier.facts.action)) return callerOf(mirror, earlier) ?? earlier
  }
  return undefined
}

/**
 * The rule that decided what became of a request, seen from one of its later steps: the one that stopped the packet, else the last one that
 * chose its destination. Undefined where no rule did.
 */
export function decidingRule(mirror: Mirror, step: Step): Step<'rule'> | undefined {
  let chosen: Step<'rule'> | undefined
  for (let index = findStep(mirror.steps, step.id); index >= 0; index--) {
    const earlier = mirror.steps[index]
    if (earlier === undefined || earlier.flow !== step.flow) continue
    if (earlier.kind === 'packet-sent' && earlier.facts.direction === 'request') break
    if (earlier.kind !== 'rule') continue
    if (STOPS.test(earlier.facts.action)) return earlier
    if (earlier.facts.direction === 'request' && /^dnat\b/i.test(earlier.facts.action)) chosen ??= earlier
  }
  return chosen
}

/** Where a request first met the rules of a Node: its first hook on one. */
export function firstHook(mirror: Mirror, step: Step): Step<'packet-hook'> | undefined {
  let first: Step<'packet-hook'> | undefined
  for (let index = findStep(mirror.steps, step.id); index >= 0; index--) {
    const earlier = mirror.steps[index]
    if (earlier === undefined || earlier.flow !== step.flow) continue
    if (earlier.kind === 'packet-hook' && earlier.facts.direction === 'request' && !earlier.facts.host.includes('/'))
      first = earlier
    if (earlier.kind === 'packet-sent' && earlier.facts.direction === 'request') break
  }
  return first
}

const STOPS = /^(?:drop|reject)\b/i
