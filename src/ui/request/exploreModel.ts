import type { ExploredOutcome } from '../../protocol/index.js'
import { fractionOf } from '../transport/presentModel.js'

/** Outcomes that begin with the same choice of the load balancer. */
export interface Branch {
  readonly at: string
  readonly chosen: string
  readonly share: string
  readonly leaves: readonly Leaf[]
}

export interface Leaf {
  readonly outcome: ExploredOutcome
  /** `1/3 × 1/3 = 1/9`. */
  readonly chance: string
  readonly node: string | undefined
}

/** The outcomes as a tree: load balancer × endpoint. Without a load balancer there is one branch without name. */
export function branchesOf(outcomes: readonly ExploredOutcome[]): readonly Branch[] {
  const branches = new Map<string, { readonly at: string; readonly chosen: string; share: string; leaves: Leaf[] }>()
  for (const outcome of outcomes) {
    const first = outcome.choices.find((choice) => choice.by === 'load-balancer')
    const key = first === undefined ? '' : `${first.at} ${first.chosen}`
    const branch = branches.get(key) ?? {
      at: first?.at ?? '',
      chosen: first?.chosen ?? '',
      share: first === undefined ? '' : (first.chance.share ?? fractionOf(first.chance.probability)),
      leaves: [],
    }
    branch.leaves.push({ outcome, chance: chanceText(outcome), node: first?.chosen })
    branches.set(key, branch)
  }
  return [...branches.values()]
}

/**
 * How the outcome's probability comes about, as exactly as fractions allow.
 * A chain's last rule rolls no dice: its share is what the others leave, and stands in the product like theirs.
 */
export function chanceText(outcome: ExploredOutcome): string {
  const whole = fractionOf(outcome.probability)
  const chances = outcome.choices.map((choice) => choice.chance.probability)
  const told = chances.reduce((product, chance) => product * chance, 1)
  const left = told > 0 ? outcome.probability / told : 1
  const shares = [...chances, left].map(fractionOf).filter((share) => share !== '1')
  return shares.length < 2 ? whole : `${shares.join(' × ')} = ${whole}`
}
