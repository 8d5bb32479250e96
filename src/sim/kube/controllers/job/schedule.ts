import { own } from '../../../core/own.js'
import type { SimTime } from '../../../core/time.js'
import { civil, MINUTE } from '../../../core/time.js'

/** Minutes, hours, days of month, months, days of week that a schedule names. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** Both kinds of day are restricted: either will do. */
  readonly eitherDay: boolean
}

const SHORTHANDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** Reads a schedule in cron's form; undefined for what is none. Source: robfig/cron v3 parser.go ParseStandard */
export function parseSchedule(text: string): Schedule | undefined {
  const fields = (own(SHORTHANDS, text.trim()) ?? text).trim().split(/\s+/)
  if (fields.length !== 5) return undefined
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const minutes = parseField(minute, 0, 59, [])
  const hours = parseField(hour, 0, 23, [])
  const days = parseField(day, 1, 31, [])
  const months = parseField(month, 1, 12, MONTHS)
  const weekdays = parseField(weekday, 0, 6, WEEKDAYS)
  if (!minutes || !hours || !days || !months || !weekdays) return undefined
  // Every second day is a restriction.
  const isFree = (field: string): boolean => field.split(',').some((part) => /^[*?](\/1)?$/.test(part))
  return { minutes, hours, days, months, weekdays, eitherDay: !isFree(day) && !isFree(weekday) }
}

function parseField(text: string, least: number, most: number, names: readonly string[]): ReadonlySet<number> | undefined {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const match = /^(\*|\?|[\w]+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part)
    if (match === null) return undefined
    const [, first = '', last, step] = match
    const isAll = first === '*' || first === '?'
    const from = isAll ? least : numberOf(first, least, names)
    const to = isAll ? most : last !== undefined ? numberOf(last, least, names) : step !== undefined ? most : from
    if (from === undefined || to === undefined || from < least || to > most || from > to || step === '0') return undefined
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value)
  }
  return values
}

function numberOf(text: string, least: number, names: readonly string[]): number | undefined {
  if (/^\d+$/.test(text)) return Number(text)
  const index = names.indexOf(text.toLowerCase())
  return index < 0 ? undefined : index + least
}

/** Beyond so many days there is no next time. */
const HORIZON_DAYS = 5 * 366

/** The next moment after `after` that a schedule names, in UTC; undefined when there is none within five years. */
export function nextTime(schedule: Schedule, after: SimTime): SimTime | undefined {
  let at = (Math.floor(after / MINUTE) + 1) * MINUTE
  for (let days = 0; days < HORIZON_DAYS; ) {
    const time = civil(at)
    if (!isDay(schedule, time.month, time.day, time.weekday)) {
      at += (24 * 60 - time.hour * 60 - time.minute) * MINUTE
      days++
    } else if (!schedule.hours.has(time.hour)) at += (60 - time.minute) * MINUTE
    else if (!schedule.minutes.has(time.minute)) at += MINUTE
    else return at
  }
  return undefined
}

function isDay(schedule: Schedule, month: number, day: number, weekday: number): boolean {
  if (!schedule.months.has(month)) return false
  const [byDay, byWeekday] = [schedule.days.has(day), schedule.weekdays.has(weekday)]
  return schedule.eitherDay ? byDay || byWeekday : byDay && byWeekday
}
