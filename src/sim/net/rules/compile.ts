import { assertNever } from '../../core/result.js'
import type { Chance } from '../../core/vocabulary.js'
import type { Match, RuleTest, Target } from './types.js'

const NOTHING: readonly Match[] = []

/**
 * Puts the conditions that most rules have into one flat record, so that trying a rule touches little memory; what is left is kept as
 * it is, in its order. Nothing that stands behind a condition that draws, counts or remembers is put before it.
 */
export function compileTest(matches: readonly Match[]): RuleTest {
  let src: string | undefined
  let dst: string | undefined
  let proto: string | undefined
  let dport = -1
  const rest: Match[] = []
  for (const match of matches) {
    switch (match.kind) {
      case 'comment':
      case 'nfacct':
        break
      case 'source':
        if (src === undefined && isSingle(match)) src = bare(match.prefix.text)
        else rest.push(match)
        break
      case 'destination':
        if (dst === undefined && isSingle(match)) dst = bare(match.prefix.text)
        else rest.push(match)
        break
      case 'protocol':
        // Which ICMP a packet is depends on its family.
        if (proto === undefined && !match.negated && !match.protocol.endsWith('icmp')) proto = match.protocol
        else rest.push(match)
        break
      case 'transport': {
        const [only, ...more] = match.conditions
        const isOnePort = only?.kind === 'dport' && !only.negated && only.range.from === only.range.to
        if (
          rest.some(isStateful) ||
          proto !== match.protocol ||
          more.length > 0 ||
          (only !== undefined && (!isOnePort || dport >= 0))
        )
          rest.push(match)
        else if (only?.kind === 'dport') dport = only.range.from
        break
      }
      default:
        rest.push(match)
    }
  }
  return { src, dst, proto, dport, rest: rest.length === 0 ? NOTHING : rest }
}

/** A match that draws, counts or remembers, or may do so: it is asked in its turn alone. */
export function isStateful({ kind }: Match): boolean {
  return (
    kind === 'random' || kind === 'nth' || kind === 'recent' || kind === 'limit' || kind === 'hashlimit' || kind === 'unknown'
  )
}

function isSingle(match: Extract<Match, { kind: 'source' | 'destination' }>): boolean {
  return !match.negated && match.prefix.length === (match.prefix.family === 4 ? 32 : 128)
}

function bare(text: string): string {
  return text.slice(0, text.indexOf('/'))
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
    case 'mark':
    case 'connmark':
    case 'log':
    case 'notrack':
    case 'ct':
    case 'ttl':
    case 'set':
      return target.kind.toUpperCase()
    default:
      return assertNever(target)
  }
}
