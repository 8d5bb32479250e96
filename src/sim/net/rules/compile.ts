import { assertNever } from '../../core/result.js'
import type { Chance } from '../../core/vocabulary.js'
import type { Match, RuleStep, RuleTest, Target } from './types.js'

const NOTHING: readonly Match[] = []

/**
 * Puts the conditions that most rules have into one flat record, so that trying a rule touches little memory; what is left is kept as
 * it is, in its order. Nothing that stands behind a condition that draws, counts or remembers is put before it.
 */
export function compileTest(matches: readonly Match[]): RuleTest {
  const test: Draft = { ...ANY }
  const rest: Match[] = []
  for (const match of matches) {
    // Addresses and protocol stand in the rule's head, and are asked before all matches of modules.
    if (!isFree(match) && !takeHead(test, match) && (rest.some(isStateful) || !takeModule(test, match))) rest.push(match)
  }
  const { src, dst, proto, dport, states, markMask, markValue, markNegated } = test
  // Written out, so that all records have one shape.
  const isOpen = matches.every(isFree)
  return { isOpen, src, dst, proto, dport, states, markMask, markValue, markNegated, rest: rest.length === 0 ? NOTHING : rest }
}

type Draft = { -readonly [Field in keyof Omit<RuleTest, 'rest' | 'isOpen'>]: RuleTest[Field] }

const ANY: Draft = {
  src: undefined,
  dst: undefined,
  proto: undefined,
  dport: -1,
  states: undefined,
  markMask: 0,
  markValue: 0,
  markNegated: false,
}

function isFree({ kind }: Match): boolean {
  return kind === 'comment' || kind === 'nfacct'
}

/** Takes a condition on addresses or protocol into the record, if it has a place there. */
function takeHead(test: Draft, match: Match): boolean {
  switch (match.kind) {
    case 'source':
      if (test.src !== undefined || !isSingle(match)) return false
      test.src = bare(match.prefix.text)
      return true
    case 'destination':
      if (test.dst !== undefined || !isSingle(match)) return false
      test.dst = bare(match.prefix.text)
      return true
    case 'protocol':
      // Which ICMP a packet is depends on its family.
      if (test.proto !== undefined || match.negated || match.protocol.endsWith('icmp')) return false
      test.proto = match.protocol
      return true
    default:
      return false
  }
}

/** Takes what a module asks into the record, if it has a place there. */
function takeModule(test: Draft, match: Match): boolean {
  switch (match.kind) {
    case 'transport': {
      const [only, ...more] = match.conditions
      if (test.proto !== match.protocol || more.length > 0) return false
      if (only === undefined) return true
      if (only.kind !== 'dport' || only.negated || only.range.from !== only.range.to || test.dport >= 0) return false
      test.dport = only.range.from
      return true
    }
    case 'conntrack': {
      const [only, ...more] = match.conditions
      if (test.states !== undefined || more.length > 0 || only?.kind !== 'ctstate' || only.negated) return false
      // DNAT and SNAT are no states but what was done to the connection.
      if (only.states.includes('DNAT') || only.states.includes('SNAT')) return false
      test.states = only.states
      return true
    }
    case 'mark':
      if (test.markMask !== 0 || match.mask === 0 || match.module !== 'mark') return false
      test.markMask = match.mask
      test.markValue = match.value
      test.markNegated = match.negated
      return true
    default:
      return false
  }
}

/** A match that draws, counts or remembers, or may do so: it is asked in its turn alone. */
export function isStateful({ kind }: Match): boolean {
  return (
    kind === 'random' ||
    kind === 'nth' ||
    kind === 'recent' ||
    kind === 'limit' ||
    kind === 'hashlimit' ||
    kind === 'connlimit' ||
    kind === 'unknown'
  )
}

function isSingle(match: Extract<Match, { kind: 'source' | 'destination' }>): boolean {
  return !match.negated && match.prefix.length === (match.prefix.family === 4 ? 32 : 128)
}

function bare(text: string): string {
  return text.slice(0, text.indexOf('/'))
}

/** What the walk does with a packet that the rule takes. */
export function stepOfTarget(target: Target): RuleStep {
  switch (target.kind) {
    case 'jump':
      return target.goto ? 'goto' : 'call'
    case 'return':
    case 'unknown':
      return target.kind
    default:
      return 'act'
  }
}

/** The chance of a rule that draws. */
export function chanceOf(matches: readonly Match[]): Chance | undefined {
  for (const match of matches) {
    if (match.kind !== 'random') continue
    const probability = match.negated ? 1 - match.probability : match.probability
    const parts = Math.round(1 / probability)
    const isShare = probability > 0 && Math.abs(1 / parts - probability) < 1e-8
    return isShare ? { probability, share: `1/${parts}` } : { probability }
  }
  return undefined
}

/** What a rule does, in a word or two: `jump KUBE-SVC-XXXX`, `DNAT`, `return`. */
export function actionText(target: Target): string {
  switch (target.kind) {
    case 'jump':
      return `${target.goto ? 'goto' : 'jump'} ${target.chain}`
    case 'accept':
    case 'drop':
    case 'return':
      return target.kind
    case 'none':
      return 'continue'
    case 'reject':
      return `REJECT ${target.with}`
    case 'pass':
    case 'unknown':
      return target.name
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
    case 'netmap':
    case 'mark':
    case 'connmark':
    case 'log':
    case 'notrack':
    case 'ct':
    case 'ttl':
    case 'set':
      return target.kind.toUpperCase()
    case 'tos':
      return target.name
    default:
      return assertNever(target)
  }
}
