import { expect, test } from 'vitest'
import { fromTimestamp, toTimestamp } from '../../../core/time.js'
import { nextTime, parseSchedule } from './schedule.js'

test.each([
  ['*/5 * * * *', '2026-03-01T00:02:00Z', '2026-03-01T00:05:00Z'],
  ['0 0 31 * *', '2026-03-31T00:00:00Z', '2026-05-31T00:00:00Z'],
  ['0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['30 4 1,15 * 5', '2026-03-02T00:00:00Z', '2026-03-06T04:30:00Z'],
  // Every second day is no star: either day will do.
  ['0 0 */2 * 1', '2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z'],
  ['0 0 * * 1', '2026-03-03T00:00:00Z', '2026-03-09T00:00:00Z'],
  ['0 0 1 * ?', '2026-03-03T00:00:00Z', '2026-04-01T00:00:00Z'],
  ['0 22 * * mon-fri', '2026-03-06T22:00:00Z', '2026-03-09T22:00:00Z'],
  ['@weekly', '2026-03-03T00:00:00Z', '2026-03-08T00:00:00Z'],
  ['10-20/5 * * * *', '2026-03-01T00:15:00Z', '2026-03-01T00:20:00Z'],
])('%s after %s', (text, after, expected) => {
  const schedule = parseSchedule(text)
  const next = schedule === undefined ? undefined : nextTime(schedule, fromTimestamp(after) ?? 0)
  expect(next === undefined ? undefined : toTimestamp(next)).toBe(expected)
})

test.each(['', '* * * *', '60 * * * *', '* * * * 7', '*/0 * * * *', '5-1 * * * *', 'a * * * *', '@sometimes'])(
  '%s is none',
  (text) => {
    expect(parseSchedule(text)).toBeUndefined()
  },
)
