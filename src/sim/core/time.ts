/** Virtual time since the world began, in whole microseconds. Integers, so that sums are exact everywhere. */
export type SimTime = number

export const US = 1
export const MS = 1_000
export const SECOND = 1_000_000
export const MINUTE = 60 * SECOND

/** The calendar moment of virtual time 0, in milliseconds since 1970: 2026-01-01T00:00:00Z. */
const EPOCH_MS = 1_767_225_600_000

/** RFC 3339 with seconds, as `metav1.Time` prints: `2026-01-01T00:00:05Z`. */
export function toTimestamp(at: SimTime): string {
  const parts = civil(at)
  return `${parts.year}-${two(parts.month)}-${two(parts.day)}T${two(parts.hour)}:${two(parts.minute)}:${two(parts.second)}Z`
}

/** RFC 3339 with microseconds, as `metav1.MicroTime` prints: `2026-01-01T00:00:05.000123Z`. */
export function toMicroTimestamp(at: SimTime): string {
  const micros = String(mod(at, SECOND)).padStart(6, '0')
  return toTimestamp(at).replace('Z', `.${micros}Z`)
}

/**
 * Virtual time of an RFC 3339 time stamp in UTC or with an offset; undefined when it is none.
 * Times before the epoch give negative numbers.
 */
export function fromTimestamp(text: string): SimTime | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|z|([+-])(\d\d):(\d\d))$/.exec(text)
  if (match === null) return undefined
  const field = (index: number): number => Number(match[index] ?? 0)
  const days = daysFromCivil(field(1), field(2), field(3))
  const seconds = days * 86_400 + field(4) * 3_600 + field(5) * 60 + field(6)
  const offset = match[9] === undefined ? 0 : (match[9] === '-' ? -1 : 1) * (field(10) * 3_600 + field(11) * 60)
  const micros = Number((match[7] ?? '0').padEnd(6, '0').slice(0, 6))
  return (seconds - offset) * SECOND - EPOCH_MS * MS + micros
}

interface Civil {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0 is Sunday. */
  readonly weekday: number
}

/** Calendar parts of a virtual time, in UTC. `sim` may not use `Date`. Source: Howard Hinnant, chrono-compatible date algorithms. */
export function civil(at: SimTime): Civil {
  const total = Math.floor((at + EPOCH_MS * MS) / SECOND)
  const days = Math.floor(total / 86_400)
  const inDay = mod(total, 86_400)
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = mod(z, 146_097)
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
    hour: Math.floor(inDay / 3_600),
    minute: Math.floor((inDay % 3_600) / 60),
    second: inDay % 60,
    weekday: mod(days + 4, 7),
  }
}

function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by
}
