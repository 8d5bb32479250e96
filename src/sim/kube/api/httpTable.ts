import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import type { SimTime } from '../../core/time.js'
import type { ApiError } from './apiError.js'
import { isRecord } from './draft.js'
import { badRequest } from './errors.js'
import type { HttpResponse, Target } from './httpTypes.js'
import type { KubeObject } from './resources.js'
import type { Column } from './table/columns.js'
import { SCALE_COLUMNS } from './table/columns.js'
import { ageOf } from './table/duration.js'
import type { Table } from './table/index.js'
import { tableOf } from './table/index.js'

const INCLUDED = ['Metadata', 'Object', 'None', ''] as const
type Included = (typeof INCLUDED)[number]

/** What of each object a table carries along, from the query's `includeObject`. Source: apimachinery meta/v1/validation ValidateTableOptions */
export function includedObject(text: string): Result<Included, ApiError> {
  const included = INCLUDED.find((each) => each === text)
  if (included !== undefined) return ok(included)
  const fault = `includeObject: Invalid value: ${JSON.stringify(text)}: must be 'Metadata', 'Object', 'None', or empty`
  return fail(badRequest(`Unable to convert to Table as requested: ${fault}`))
}

interface TableOptions {
  readonly now: SimTime
  readonly included: Included
  /** Of `meta.k8s.io`. */
  readonly version: string
}

/** The same answer as a table; refusals and Status objects stay as they are. Source: apiserver pkg/endpoints/handlers/response.go asTable */
export function asTable(
  response: Omit<HttpResponse, 'warnings'>,
  target: Target,
  options: TableOptions,
): Omit<HttpResponse, 'warnings'> {
  const { code, body } = response
  if (code >= 300) return response
  const table = target.subresource === 'scale' ? SCALE : tableOf(target.info.resource)
  const typeMeta = { apiVersion: target.apiVersion, kind: target.info.kind }
  if (Array.isArray(body)) {
    let isFirst = true
    const events = (body as readonly { readonly type: string; readonly object: unknown }[]).map((event) => {
      if (event.type === 'ERROR' || !isRecord(event.object)) return event
      const made = makeTable(table, [event.object], metadataOf(event.object), options)
      // Only the first table of a watch names the columns.
      const columnDefinitions = isFirst ? made.columnDefinitions : null
      isFirst = false
      return { ...event, object: { ...made, columnDefinitions } }
    })
    return { code, body: events }
  }
  if (!isRecord(body) || body['kind'] === 'Status') return response
  if (!Array.isArray(body['items'])) return { code, body: makeTable(table, [body], metadataOf(body), options) }
  const items = (body['items'] as readonly Record<string, unknown>[]).map((each) => ({ ...typeMeta, ...each }))
  return { code, body: makeTable(table, items, isRecord(body['metadata']) ? body['metadata'] : {}, options) }
}

/** Of a table of one object: its version. */
function metadataOf(object: Record<string, unknown>): object {
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {}
  return metadata['resourceVersion'] === undefined ? {} : { resourceVersion: metadata['resourceVersion'] }
}

function makeTable(
  table: Table,
  objects: readonly Record<string, unknown>[],
  metadata: object,
  { now, included, version }: TableOptions,
): { readonly columnDefinitions: readonly Column[] } & Readonly<Record<string, unknown>> {
  const apiVersion = `meta.k8s.io/${version}`
  const rows = objects.map((each) => {
    // The registry gave it out under this kind.
    const object = each as KubeObject
    const conditions = table.conditions(object)
    return {
      cells: table.row(object, { now }),
      ...(conditions.length === 0 ? {} : { conditions }),
      object: included === 'None' ? null : included === 'Object' ? object : partOf(object, apiVersion),
    }
  })
  return { kind: 'Table', apiVersion, metadata, columnDefinitions: table.columns, rows }
}

function partOf(object: KubeObject, apiVersion: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata }
}

/** Source: kubernetes pkg/printers/internalversion/printers.go printScale */
const SCALE: Table = {
  columns: SCALE_COLUMNS,
  row: ({ metadata, spec, status }, { now }) => [
    metadata.name ?? '',
    replicasOf(spec),
    replicasOf(status),
    ageOf(metadata.creationTimestamp, now),
  ],
  conditions: () => [],
}

function replicasOf(part: unknown): number {
  const replicas = isRecord(part) ? part['replicas'] : undefined
  return typeof replicas === 'number' ? replicas : 0
}
