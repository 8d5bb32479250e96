import type { SimTime } from '../protocol/index.js'
import { type Phrase, phrase } from './message.js'

/** A span of virtual time (microseconds) with at most three digits: `12.8 ms`, `40 s`, `5 min 40 s`. */
export function spanPhrase(us: SimTime): Phrase {
  if (us < 1_000) return phrase('time.us', { n: us })
  if (us < 1_000_000) return phrase('time.ms', { n: short(us / 1_000) })
  if (us < 60_000_000) return phrase('time.s', { n: short(us / 1_000_000) })
  const seconds = Math.round(us / 1_000_000)
  const minutes = Math.floor(seconds / 60)
  const rest = seconds % 60
  return rest === 0 ? phrase('time.min', { n: minutes }) : phrase('time.minS', { m: minutes, s: rest })
}

function short(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 10) / 10
}
