import { isRecord } from '../scenario/index.js'
import type { Result, SimTime } from '../sim/index.js'
import { fail, formatLabels, ok, own, tableOf } from '../sim/index.js'
import { runGoTemplate } from './select/goTemplate.js'
import { runJsonPath, selectValues, valueText } from './select/jsonpath.js'
import type { Found } from './targets.js'
import { kindName } from './targets.js'
import { escaped, goJson } from './text/json.js'
import { kyaml } from './text/kyaml.js'
import { inStructOrder } from './text/structOrder.js'
import { alignTabs, GET_STYLE } from './text/tabwriter.js'
import { goYaml } from './text/yaml.js'

export interface TableOptions {
  readonly now: SimTime
  readonly wide: boolean
  readonly withKind: boolean
  readonly withNamespace: boolean
  readonly noHeaders: boolean
  readonly showLabels: boolean
  readonly labelColumns: readonly string[]
}

/** Tables of objects, one for each resource, with a blank line between. Source: kubernetes kubectl pkg/cmd/get/get.go, cli-runtime tableprinter.go */
export function printTables(found: readonly Found[], options: TableOptions): string {
  const groups: Found[][] = []
  for (const each of found) {
    const last = groups.at(-1)
    if (last !== undefined && last[0]?.info === each.info) last.push(each)
    else groups.push([each])
  }
  return groups.map((group) => printTable(group, options)).join(options.noHeaders ? '' : '\n')
}

function printTable(group: readonly Found[], options: TableOptions): string {
  const { head, rows } = tableCells(group, options)
  const lines = options.noHeaders ? rows : [head, ...rows]
  return `${alignTabs(lines.map((cells) => cells.join('\t')).join('\n'), GET_STYLE)}\n`
}

/** The cells of a table of objects of one resource, its head among them. */
export function tableCells(
  group: readonly Found[],
  options: TableOptions,
): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const info = group[0]?.info
  if (info === undefined) return { head: [], rows: [] }
  const table = tableOf(info.resource)
  const shown = table.columns.map((column) => options.wide || column.priority === 0)
  const withNamespace = options.withNamespace && info.namespaced
  const names = table.columns.filter((_, index) => shown[index]).map((column) => column.name.toUpperCase())
  const labelNames = options.labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase())
  const head = [...(withNamespace ? ['NAMESPACE'] : []), ...names, ...labelNames, ...(options.showLabels ? ['LABELS'] : [])]
  // The kind goes before the name, wherever that stands, seen or not.
  const named = options.withKind ? table.columns.findIndex((column) => column.format === 'name') : -1
  const rows = group.map(({ object }) => {
    const cells = table
      .row(object, options)
      .map((cell, index) => (index === named ? `${kindName(info)}/${cellText(cell)}` : cellText(cell)))
      .filter((_, index) => shown[index])
    const { labels = {}, namespace = '' } = object.metadata
    const extra = options.labelColumns.map((label) => own(labels, label) ?? '')
    const row = [...(withNamespace ? [namespace] : []), ...cells, ...extra]
    return options.showLabels ? [...row, formatLabels(labels)] : row
  })
  return { head, rows }
}

/** A cell holds one line. Source: kubernetes cli-runtime pkg/printers/tableprinter.go printRows */
function cellText(value: string | number | boolean): string {
  const text = String(value)
  const end = text.search(/[\f\n\r]/)
  return end < 0 ? text : `${text.slice(0, end)}...`
}

/** An object as `-o yaml` and `-o json` show it: without who manages which field. */
export function withoutManagedFields(object: unknown): unknown {
  if (!isRecord(object) || !isRecord(object['metadata']) || object['metadata']['managedFields'] === undefined) return object
  const { managedFields: _hidden, ...metadata } = object['metadata']
  return { ...object, metadata }
}

/** One object alone, several as a `List`. */
export function asOneOrList(found: readonly Found[], isSingle: boolean, withManagedFields = false): unknown {
  const objects = found.map((each) => (withManagedFields ? each.object : withoutManagedFields(each.object)))
  const [only] = objects
  if (isSingle && only !== undefined) return only
  return { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } }
}

const FORMATS =
  'custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml'

export interface FormatOptions {
  readonly noHeaders?: boolean
  /** Shows who manages which field. */
  readonly managedFields?: boolean
  /** What `go-template-file=NAME` and its like find. */
  readonly files?: Readonly<Record<string, string>>
  /** JSON in the order of Go's structs instead of by name. */
  readonly isTyped?: boolean
}

/** Prints in a format that is no table. @returns the format's own complaint, to be shown after `error: `. */
export function printFormatted(
  format: string,
  found: readonly Found[],
  isSingle: boolean,
  { noHeaders = false, managedFields = false, files = {}, isTyped = false }: FormatOptions = {},
): Result<string, string> {
  const equals = format.indexOf('=')
  const kind = equals < 0 ? format : format.slice(0, equals)
  const argument = equals < 0 ? undefined : format.slice(equals + 1)
  if (argument !== undefined && BARE_FORMATS.includes(kind)) return noSuchFormat(format)
  const whole = asOneOrList(found, isSingle, managedFields)
  switch (kind) {
    case 'yaml':
      return ok(goYaml(whole))
    case 'kyaml':
      return ok(kyaml(whole))
    case 'json':
      if (isTyped) return ok(`${escaped(JSON.stringify(inStructOrder(whole), undefined, 4))}\n`)
      return ok(`${goJson(whole, '    ')}\n`)
    case 'name':
      return ok(found.map(({ info, object }) => `${kindName(info)}/${object.metadata.name}\n`).join(''))
    case 'jsonpath':
      if (argument === undefined || argument === '') return fail('template format specified but no template given')
      return runJsonPath(argument, whole)
    case 'go-template':
    case 'template':
      if (argument === undefined || argument === '') return fail('template format specified but no template given')
      return runGoTemplate(argument, whole)
    case 'custom-columns':
      if (argument === undefined || argument === '') return fail('custom-columns format specified but no custom columns given')
      return printCustomColumns(argument, found, noHeaders)
    case 'jsonpath-as-json': {
      if (argument === undefined || argument === '') return fail('template format specified but no template given')
      const values = selectValues(argument, whole)
      return values.ok ? ok(`${goJson(values.value, '    ')}\n`) : values
    }
    case 'jsonpath-file':
    case 'go-template-file':
    case 'templatefile':
    case 'custom-columns-file': {
      if (argument === undefined || argument === '') return fail('template format specified but no template given')
      const text = own(files, argument)
      if (text === undefined) return fail(`error reading template ${argument}, open ${argument}: no such file or directory`)
      return kind === 'custom-columns-file'
        ? printCustomColumns(columnsOfFile(text), found, false)
        : kind === 'jsonpath-file'
          ? runJsonPath(text, whole)
          : runGoTemplate(text, whole)
    }
    default:
      return noSuchFormat(format)
  }
}

/** Formats that take nothing behind an equals sign. */
const BARE_FORMATS = ['json', 'yaml', 'kyaml', 'name', 'wide']

function noSuchFormat(format: string): Result<string, string> {
  return fail(`unable to match a printer suitable for the output format "${format}", allowed formats are: ${FORMATS}`)
}

/** What is wrong with a format before anything is asked for: whether a template finds what it names shows only when it is run. */
export function formatProblem(format: string, files: Readonly<Record<string, string>> = {}): string | undefined {
  const probe = printFormatted(format, [], false, { files })
  return probe.ok || probe.error.startsWith('error executing') ? undefined : probe.error
}

/** A file of columns: their heads in one line, their paths in the next. Source: kubernetes kubectl pkg/cmd/get/customcolumn.go NewCustomColumnsPrinterFromTemplate */
function columnsOfFile(text: string): string {
  const [heads = '', paths = ''] = text.split('\n')
  const fields = paths.trim().split(/\s+/)
  return heads
    .trim()
    .split(/\s+/)
    .map((head, index) => `${head}:${fields[index] ?? ''}`)
    .join(',')
}

/** Source: kubernetes kubectl pkg/cmd/get/customcolumn.go */
function printCustomColumns(spec: string, found: readonly Found[], noHeaders: boolean): Result<string, string> {
  const columns: { readonly header: string; readonly path: string }[] = []
  for (const part of spec.split(',')) {
    const colon = part.indexOf(':')
    if (colon < 0) return fail(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`)
    columns.push({ header: part.slice(0, colon), path: part.slice(colon + 1) })
  }
  const lines = noHeaders ? [] : [columns.map((each) => each.header).join('\t')]
  for (const { object } of found) {
    const cells: string[] = []
    for (const { path } of columns) {
      const values = selectValues(path, object)
      if (!values.ok) return values
      cells.push(values.value.length === 0 ? '<none>' : values.value.map(valueText).join(','))
    }
    lines.push(cells.join('\t'))
  }
  return ok(`${alignTabs(lines.join('\n'), GET_STYLE)}\n`)
}
