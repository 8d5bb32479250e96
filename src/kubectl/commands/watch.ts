import { isRecord } from '../../scenario/index.js'
import type { ResourceInfo, SimTime } from '../../sim/index.js'
import { apiVersionOf } from '../../sim/index.js'
import type { CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import type { StoredObject } from '../dynamicApi.js'
import { plainError } from '../errors.js'
import type { FormatOptions, TableOptions } from '../printing.js'
import { printFormatted, tableCells } from '../printing.js'
import type { Targets } from '../targets.js'
import { fetchTargets } from '../targets.js'
import { requestTimeout } from './raw.js'

const POLL_US = 250_000
const EVENT_WIDTH = 'MODIFIED'.length + 3

/** One event of a watch, and when it was seen: its ages are those of that moment. */
interface WatchLine {
  readonly type: string
  readonly at: SimTime
  readonly object: StoredObject
}

interface Printing {
  readonly format: string
  readonly options: FormatOptions
  readonly table: TableOptions
}

/**
 * `get --watch`: what is there, then what changes, until the request's timeout or for as long as the caller lets time pass.
 * Source: kubernetes kubectl pkg/cmd/get/get.go watch
 */
export function runWatch(input: CommandInput, named: Targets, printing: Printing): CommandOutput {
  const { args, env } = input
  const [target] = named.targets
  if (target === undefined || named.targets.length > 1) {
    return failed(plainError('you may only specify a single resource type'))
  }
  const { info } = target
  const isFirst = env.resume === undefined
  const { found, errors } = isFirst ? fetchTargets(input, named.targets) : { found: [], errors: [] }
  const [problem] = errors
  if (problem !== undefined) return failed(problem)
  const present: readonly WatchLine[] =
    isFirst && !args.flag('watch-only') ? found.map(({ object }) => ({ type: 'ADDED', at: env.now, object })) : []
  const memory: Memory = isFirst ? { since: revisionNow(input, info), widths: [] } : readMemory(env.resume?.memory ?? '')
  const answer = env.api.request({
    verb: 'GET',
    path: pathOf(input, info),
    query: {
      watch: 'true',
      resourceVersion: memory.since,
      labelSelector: args.text('selector') ?? '',
      fieldSelector: target.name === undefined ? (args.text('field-selector') ?? '') : `metadata.name=${target.name}`,
    },
  })
  if (answer.code >= 400) return failed(plainError('the watch was closed'))
  const changes = linesOf(answer.body, env.now)
  const since = changes.at(-1)?.object.metadata.resourceVersion ?? memory.since
  const page = openPage(input, info, printing, memory.widths)
  page.write(present, isFirst)
  for (const change of changes) page.write([change], isFirst && present.length === 0 && change === changes[0])
  const limit = requestTimeout(input)
  const isOver = limit !== undefined && env.now - (env.resume?.startedAt ?? env.now) >= limit
  if (isOver) return { stdout: page.text() }
  return { stdout: page.text(), waiting: { pollUs: POLL_US, memory: JSON.stringify({ since, widths: page.widths }) } }
}

/** Lays lines out as they come: a column keeps the greatest width it had. Source: cli-runtime pkg/printers/tabwriter.go (RememberWidths) */
function openPage(input: CommandInput, info: ResourceInfo, { format, options, table }: Printing, known: readonly number[]) {
  const withEvents = input.args.flag('output-watch-events')
  // The longest word there can be is known beforehand.
  const widths = known.length === 0 && withEvents ? [EVENT_WIDTH] : [...known]
  let text = ''
  const align = (rows: readonly (readonly string[])[]): void => {
    for (const row of rows) {
      for (const [index, cell] of row.slice(0, -1).entries()) widths[index] = Math.max(widths[index] ?? 6, [...cell].length + 3)
    }
    for (const row of rows)
      text += `${row.map((cell, at) => (at < row.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell)).join('')}\n`
  }
  const write = (lines: readonly WatchLine[], withHead: boolean): void => {
    if (lines.length === 0) return
    if (format !== '' && format !== 'wide') {
      for (const { object } of lines) {
        const printed = printFormatted(format, [{ info, object }], true, options)
        text += printed.ok ? printed.value : ''
      }
      return
    }
    const rows: (readonly string[])[] = []
    for (const { type, at, object } of lines) {
      const { head, rows: cells } = tableCells([{ info, object }], { ...table, now: at })
      if (rows.length === 0 && withHead && !table.noHeaders) rows.push(withEvents ? ['EVENT', ...head] : head)
      rows.push(...cells.map((row) => (withEvents ? [type, ...row] : row)))
    }
    align(rows)
  }
  return { widths, write, text: () => text }
}

interface Memory {
  readonly since: string
  readonly widths: readonly number[]
}

/** Written by this module alone. */
function readMemory(text: string): Memory {
  return JSON.parse(text) as Memory
}

function linesOf(body: unknown, at: SimTime): readonly WatchLine[] {
  if (!Array.isArray(body)) return []
  return body.flatMap((event: unknown): WatchLine[] => {
    if (!isRecord(event) || !isRecord(event['object']) || event['type'] === 'ERROR') return []
    // The server gave it out: it has apiVersion, kind and complete metadata.
    return [{ type: String(event['type']), at, object: event['object'] as unknown as StoredObject }]
  })
}

function pathOf({ args, namespace }: CommandInput, info: ResourceInfo): string {
  const version = apiVersionOf(info)
  const base = version.includes('/') ? `/apis/${version}` : `/api/${version}`
  const isAll = !info.namespaced || args.flag('all-namespaces')
  return isAll ? `${base}/${info.resource}` : `${base}/namespaces/${namespace}/${info.resource}`
}

function revisionNow(input: CommandInput, info: ResourceInfo): string {
  const { body } = input.env.api.request({ verb: 'GET', path: pathOf(input, info), query: { limit: '1' } })
  const metadata = isRecord(body) && isRecord(body['metadata']) ? body['metadata'] : {}
  return String(metadata['resourceVersion'] ?? '')
}
