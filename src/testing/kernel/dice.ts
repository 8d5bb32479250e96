/** Numbers in [0, 1) that are the same for the same seed. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Chance that is the same for the same seed. */
export interface Dice {
  /** True this often. */
  chance(share: number): boolean
  one<T>(of: readonly [T, ...T[]]): T
  some<T>(of: readonly T[], share: number): readonly T[]
}

export function diceFrom(seed: number): Dice {
  const next = numbersFrom(seed)
  return {
    chance: (share) => next() < share,
    one: (of) => of[Math.floor(next() * of.length)] ?? of[0],
    some: (of, share) => of.filter(() => next() < share),
  }
}
