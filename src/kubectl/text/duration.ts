import { civil, fromTimestamp } from '../../sim/index.js'

export { ageOf, humanDuration } from '../../sim/index.js'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Fri, 20 Nov 2026 21:23:46 +0000`. Source: Go time.RFC1123Z */
export function longTime(timestamp: string | undefined): string {
  const at = timestamp === undefined ? undefined : fromTimestamp(timestamp)
  if (at === undefined) return 'Mon, 01 Jan 0001 00:00:00 +0000'
  const { weekday, day, month, year, hour, minute, second } = civil(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${DAYS[weekday]}, ${two(day)} ${MONTHS[month - 1]} ${year} ${two(hour)}:${two(minute)}:${two(second)} +0000`
}

/** `2026-11-20 21:25:34 +0000 UTC`, as Go prints a time by itself. */
export function goTime(timestamp: string | undefined): string {
  if (timestamp === undefined) return '0001-01-01 00:00:00 +0000 UTC'
  return `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)} +0000 UTC`
}
