import type { SimTime } from '../sim/index.js'
import { MINUTE, MS, SECOND } from '../sim/index.js'

const UNITS: Readonly<Record<string, number>> = { h: 60 * MINUTE, m: MINUTE, s: SECOND, ms: MS, us: 1, µs: 1, ns: 0.001 }

/** Go's duration text (`1m30s`, `500ms`, `0`) to microseconds; undefined when it is none. Source: Go time.ParseDuration */
export function parseDuration(text: string): SimTime | undefined {
  if (text === '0') return 0
  const match = /^([-+]?)((?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|m|s|us|µs|ns))+$/.exec(text)
  if (match === null) return undefined
  let total = 0
  for (const part of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)/g)) {
    total += Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0)
  }
  return Math.round(match[1] === '-' ? -total : total)
}
