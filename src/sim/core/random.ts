import { hash32 } from './digest.js'

/** State of one named stream: four 32-bit words. Kept in the world, replaced at each draw. */
export type RandomState = readonly [number, number, number, number]

/** State with which a stream begins, from the world's seed and the stream's name, so that a new draw in one part shifts nothing in another. */
export function seedStream(seed: string, stream: string): RandomState {
  const text = `${seed}\u0000${stream}`
  return [hash32(text, 1), hash32(text, 2), hash32(text, 3), hash32(text, 4) | 1]
}

/** One step of xoshiro128**: the next 32-bit draw and the state after it. */
export function nextUint32(state: RandomState): readonly [number, RandomState] {
  const [a, b, c, d] = state
  const scrambled = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0
  const t = b << 9
  const c1 = c ^ a
  const d1 = d ^ b
  return [scrambled, [a ^ d1, b ^ c1, c1 ^ t, rotl(d1, 11)]]
}

function rotl(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

/** Numbers in [0, 1) of a stream that nobody keeps: the same that `nextUint32` would give, one after the other. */
export function drawFrom(seed: string, stream: string): () => number {
  let [a, b, c, d] = seedStream(seed, stream)
  return () => {
    const scrambled = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = rotl(d, 11)
    return scrambled / 4_294_967_296
  }
}

/** A stream in use: each draw writes the new state back where it lives. */
export interface Random {
  /** A number in [0, 1) with 32 random bits. */
  next(): number
  /** A whole number in [0, below). */
  int(below: number): number
}

/** Streams of a world, made at first use. */
export type RandomStreams = Map<string, RandomState>

export function openStream(streams: RandomStreams, seed: string, name: string): Random {
  const next = (): number => {
    const [drawn, state] = nextUint32(streams.get(name) ?? seedStream(seed, name))
    streams.set(name, state)
    return drawn / 4_294_967_296
  }
  return { next, int: (below) => Math.floor(next() * below) }
}
