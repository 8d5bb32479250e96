const UNIT_MICROS: Readonly<Record<string, number>> = {
  h: 3_600_000_000,
  m: 60_000_000,
  s: 1_000_000,
  ms: 1_000,
  us: 1,
  µs: 1,
  ns: 0.001,
}

/** A Go duration (`1m30s`, `-500ms`) in microseconds; undefined when it is none. Source: Go time.ParseDuration */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const rest = text.replace(/^[-+]/, '')
  if (rest === '0') return 0
  if (!/^((\d+(\.\d*)?|\.\d+)(h|ms|us|µs|ns|m|s))+$/.test(rest)) return undefined
  let micros = 0
  for (const part of rest.matchAll(/(\d+(?:\.\d*)?|\.\d+)(h|ms|us|µs|ns|m|s)/g))
    micros += Number(part[1]) * (UNIT_MICROS[part[2] ?? ''] ?? 0)
  return Math.round(micros) === 0 ? 0 : sign * Math.round(micros)
}

/** As Go prints a duration: `1m30s`, `1h0m0s`, `500ms`, `-5s`. Source: Go time.Duration.String */
export function formatDuration(micros: number): string {
  const sign = micros < 0 ? '-' : ''
  const size = Math.abs(micros)
  if (size === 0) return '0s'
  if (size < 1_000) return `${sign}${size}µs`
  if (size < 1_000_000) return `${sign}${size / 1_000}ms`
  const hours = Math.floor(size / 3_600_000_000)
  const minutes = Math.floor(size / 60_000_000) % 60
  const seconds = (size % 60_000_000) / 1_000_000
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : ''
  return `${sign}${head}${seconds}s`
}
