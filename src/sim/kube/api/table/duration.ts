import type { SimTime } from '../../../core/time.js'
import { fromTimestamp, SECOND } from '../../../core/time.js'

/** A span of time as tables show ages: two units at most, coarser as it grows. Source: apimachinery pkg/util/duration/duration.go HumanDuration */
export function humanDuration(us: SimTime): string {
  const seconds = Math.trunc(us / SECOND)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 60 * 2) return `${seconds}s`
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
  if (minutes < 60 * 3) return `${minutes}m`
  const hours = Math.trunc(minutes / 60)
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 24 * 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.trunc(hours / 24 / 365)
  if (hours < 24 * 365 * 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`
  return `${years}y`
}

/** Time since a time stamp, or `<unknown>` where there is none. */
export function ageOf(timestamp: string | undefined, now: SimTime): string {
  const at = timestamp === undefined ? undefined : fromTimestamp(timestamp)
  return at === undefined ? '<unknown>' : humanDuration(now - at)
}
