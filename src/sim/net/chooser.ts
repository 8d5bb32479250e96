/** What is being chosen, so that a step can tell it. */
export interface ChoicePoint {
  readonly what: 'statistic' | 'load-balancer' | 'dns'
  readonly host: string
  /** Probability of each option; they add up to 1. */
  readonly weights: readonly number[]
}

export interface Choice {
  readonly index: number
  readonly weights: readonly number[]
}

/** Decides whatever is left to chance on a packet's way. One way of deciding per request: drawn, prescribed, or explored. */
export interface Chooser {
  choose(point: ChoicePoint): number
  /** The choices made so far, in order. */
  readonly trail: readonly Choice[]
}

/**
 * Follows `script` (index of the option at each choice), then `draw` when it is used up.
 *
 * @param draw gives numbers in [0, 1); absent, the first option with a chance is taken: so does exploring.
 */
export function createChooser(script: readonly number[] = [], draw?: () => number): Chooser {
  const trail: Choice[] = []
  return {
    trail,
    choose(point) {
      const index = pick(point.weights, script[trail.length], draw)
      trail.push({ index, weights: point.weights })
      return index
    },
  }
}

function pick(weights: readonly number[], prescribed: number | undefined, draw: (() => number) | undefined): number {
  if (prescribed !== undefined && (weights[prescribed] ?? 0) > 0) return prescribed
  if (draw === undefined) return Math.max(nextOption(weights, -1) ?? 0, 0)
  let left = draw()
  let index = 0
  for (const weight of weights) {
    if (left < weight) return index
    left -= weight
    index++
  }
  return lastOption(weights)
}

function nextOption(weights: readonly number[], after: number): number | undefined {
  const index = weights.findIndex((weight, at) => at > after && weight > 0)
  return index < 0 ? undefined : index
}

function lastOption(weights: readonly number[]): number {
  return weights.findLastIndex((weight) => weight > 0)
}

/** Exact probability of a sequence of choices. */
export function probabilityOf(trail: readonly Choice[]): number {
  return trail.reduce((product, choice) => product * (choice.weights[choice.index] ?? 0), 1)
}

/** Most outcomes that `explore` follows; beyond, it ends, and the probabilities add up to less than 1. */
export const MOST_OUTCOMES = 20_000

/**
 * Runs every sequence of choices once, first options first.
 *
 * @param run is called with a chooser that prescribes one sequence; it must leave nothing behind that changes the next run.
 */
export function explore<T>(
  run: (chooser: Chooser) => T,
): { readonly value: T; readonly probability: number; readonly script: readonly number[] }[] {
  const outcomes: { value: T; probability: number; script: readonly number[] }[] = []
  let script: readonly number[] | undefined = []
  while (script !== undefined && outcomes.length < MOST_OUTCOMES) {
    const chooser = createChooser(script)
    const value = run(chooser)
    outcomes.push({ value, probability: probabilityOf(chooser.trail), script: chooser.trail.map((choice) => choice.index) })
    script = following(chooser.trail)
  }
  return outcomes
}

/** The script of the next outcome: the last choice that has another option takes it. */
function following(trail: readonly Choice[]): readonly number[] | undefined {
  for (let at = trail.length - 1; at >= 0; at--) {
    const choice = trail[at]
    if (choice === undefined) continue
    const next = nextOption(choice.weights, choice.index)
    if (next !== undefined) return [...trail.slice(0, at).map((each) => each.index), next]
  }
  return undefined
}
