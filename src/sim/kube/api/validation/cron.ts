import type { Faults } from './faults.js'
import { isTimeZone } from './timeZones.js'

interface Field {
  readonly min: number
  readonly max: number
  readonly names: readonly string[]
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const FIELDS: readonly Field[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
]

const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

/** Source: kubernetes pkg/apis/batch/validation validateScheduleFormat; robfig/cron parser.go for the words */
export function validateCronSchedule(faults: Faults, field: string, schedule: string, timeZone: string | undefined): void {
  if (schedule.includes('TZ')) {
    faults.invalid(
      field,
      schedule,
      timeZone === undefined
        ? 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
        : 'cannot use both timeZone field and TZ or CRON_TZ in schedule',
    )
  } else {
    const fault = cronFault(schedule)
    if (fault !== undefined) faults.invalid(field, schedule, fault)
  }
  if (timeZone === undefined) return
  if (timeZone === '') faults.invalid('spec.timeZone', timeZone, 'timeZone must be nil or non-empty string')
  else if (timeZone.toLowerCase() === 'local') {
    faults.invalid(
      'spec.timeZone',
      timeZone,
      'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    )
  } else if (!isTimeZone(timeZone)) {
    faults.invalid('spec.timeZone', timeZone, `unknown time zone ${timeZone}`)
  }
}

function cronFault(schedule: string): string | undefined {
  if (schedule.startsWith('@')) {
    if (DESCRIPTORS.includes(schedule) || /^@every \d+(\.\d+)?(ns|us|ms|s|m|h)/.test(schedule)) return undefined
    return schedule.startsWith('@every ')
      ? `failed to parse duration ${schedule}: time: invalid duration "${schedule.slice(7)}"`
      : `unrecognized descriptor: ${schedule}`
  }
  const parts = schedule.trim().split(/\s+/)
  if (parts.length !== 5) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`
  for (const [index, field] of FIELDS.entries()) {
    for (const range of (parts[index] ?? '').split(',')) {
      const fault = rangeFault(range, field)
      if (fault !== undefined) return fault
    }
  }
  return undefined
}

function rangeFault(expression: string, field: Field): string | undefined {
  const [range = '', stepText, ...moreSteps] = expression.split('/')
  const [lowText = '', highText, ...moreBounds] = range.split('-')
  if (moreSteps.length > 0) return `too many slashes: ${expression}`
  let low = field.min
  let high = field.max
  if (lowText !== '*' && lowText !== '?') {
    const parsed = parseNumber(lowText, field)
    if (typeof parsed === 'string') return parsed
    low = parsed
    high = stepText === undefined ? parsed : field.max
    if (moreBounds.length > 0) return `too many hyphens: ${expression}`
    if (highText !== undefined) {
      const end = parseNumber(highText, field)
      if (typeof end === 'string') return end
      high = end
    }
  }
  const step = stepText === undefined ? 1 : parseNumber(stepText, { min: 0, max: 1_000_000, names: [] })
  if (typeof step === 'string') return step
  if (low < field.min) return `beginning of range (${low}) below minimum (${field.min}): ${expression}`
  if (high > field.max) return `end of range (${high}) above maximum (${field.max}): ${expression}`
  if (low > high) return `beginning of range (${low}) beyond end of range (${high}): ${expression}`
  return step === 0 ? `step of range should be a positive number: ${expression}` : undefined
}

function parseNumber(text: string, field: Field): number | string {
  const named = field.names.indexOf(text.toLowerCase())
  if (named >= 0) return named + field.min
  if (/^-?\d+$/.test(text)) return Number(text) < 0 ? `negative number (${text}) not allowed: ${text}` : Number(text)
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
}
