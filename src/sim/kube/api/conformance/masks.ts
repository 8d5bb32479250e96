import { byCodeUnit } from '../../../core/digest.js'
import { isRecord } from '../draft.js'

const REMOVED: readonly string[] = ['uid', 'resourceVersion', 'creationTimestamp', 'selfLink']

/** Columns of a table that show how long ago something was. */
const AGE_COLUMNS: readonly string[] = ['Age', 'Last Seen', 'First Seen', 'Last Schedule', 'Duration', 'Created At']

/** Ages in a table, and of its objects all but their names. */
function maskTable(table: Readonly<Record<string, unknown>>, columns: unknown): unknown {
  const names = Array.isArray(columns) ? columns.map((each) => (isRecord(each) ? each['name'] : '')) : []
  const rows = (Array.isArray(table['rows']) ? table['rows'] : []).map((row: unknown) => {
    if (!isRecord(row) || !Array.isArray(row['cells'])) return row
    const cells = row['cells'].map((cell: unknown, index) => {
      const column = String(names[index] ?? '')
      if (typeof cell !== 'string') return cell
      if (column === 'Created At') return '<time>'
      if (AGE_COLUMNS.includes(column) && /\d[smhdy]$/.test(cell)) return '<age>'
      return cell.replace(/\((?:\d+[smhdy])+ ago\)$/, '(<age> ago)')
    })
    const object = row['object']
    const metadata = isRecord(object) && isRecord(object['metadata']) ? object['metadata'] : undefined
    const { name, namespace } = metadata ?? {}
    return { ...row, cells, object: metadata === undefined ? object : { ...(object as object), metadata: { name, namespace } } }
  })
  return { ...table, rows }
}

function maskTables(body: unknown): unknown {
  if (Array.isArray(body)) {
    const first: unknown = isRecord(body[0]) && isRecord(body[0]['object']) ? body[0]['object']['columnDefinitions'] : undefined
    return body.map((event: unknown) => {
      if (!isRecord(event) || !isRecord(event['object']) || event['object']['kind'] !== 'Table') return event
      return { ...event, object: maskTable(event['object'], event['object']['columnDefinitions'] ?? first) }
    })
  }
  return isRecord(body) && body['kind'] === 'Table' ? maskTable(body, body['columnDefinitions']) : body
}

/** Masks what the server gives out, as the recorded answers are masked. */
export function maskBody(whole: unknown, requestText: string): unknown {
  const body = maskTables(whole)
  const keepsManaged = requestText.includes('apply-patch')
  const walk = (value: unknown, path: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((each) => walk(each, path))
    if (isRecord(value)) {
      const result: Record<string, unknown> = {}
      for (const [key, each] of Object.entries(value)) {
        const isMeta = path[path.length - 1] === 'metadata'
        if (isMeta && REMOVED.includes(key)) continue
        if (isMeta && key === 'managedFields' && !keepsManaged) continue
        if (each === undefined) continue
        result[key] = walk(each, [...path, key])
      }
      return result
    }
    const key = path[path.length - 1] ?? ''
    if (typeof value === 'string') return maskText(value, key, path, requestText)
    if (
      typeof value === 'number' &&
      (key === 'nodePort' || key === 'healthCheckNodePort') &&
      !requestText.includes(String(value))
    ) {
      return `<${key}>`
    }
    return value
  }
  return walk(body, [])
}

function maskText(value: string, key: string, path: readonly string[], requestText: string): string {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(value) && !requestText.includes(value)) return '<uid>'
  if (['deletionTimestamp', 'time', 'lastTransitionTime', 'startTime', 'timeAdded'].includes(key) && /^\d{4}-/.test(value))
    return '<time>'
  if (['clusterIP', 'clusterIPs'].includes(key) && !requestText.includes(value) && value !== 'None') return '<clusterIP>'
  if (key === 'continue') return '<continue>'
  return value
    .replace(/kube-api-access-[bcdfghjklmnpqrstvwxz2-9]{5}\b/g, 'kube-api-access-<rand>')
    .replace(/^(.*-)[bcdfghjklmnpqrstvwxz2-9]{5}$/, (whole, base: string) =>
      key === 'name' && path.includes('metadata') && requestText.includes(`generateName`) ? `${base}<rand>` : whole,
    )
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (uid) =>
      requestText.includes(uid) ? uid : '<uid>',
    )
    .replace(/current: \d+/, 'current: <rv>')
}

/** Sorts what has no order and cuts what need not be compared. */
export function normalize(value: unknown, id: string): unknown {
  if (Array.isArray(value)) return value.map((each) => normalize(each, id))
  if (isRecord(value)) {
    const result: Record<string, unknown> = {}
    for (const key of Object.keys(value).sort(byCodeUnit)) {
      const each = value[key]
      if (key === 'causes' && Array.isArray(each)) {
        result[key] = each.map((cause) => JSON.stringify(normalize(cause, id))).sort(byCodeUnit)
      } else if (key === 'message' && typeof each === 'string') result[key] = normalizeMessage(each)
      else result[key] = normalize(each, id)
    }
    return result
  }
  return value
}

/** Several causes come in no order; diffs and Go structs are compared up to the first value. */
function normalizeMessage(message: string): string {
  const cut = /^(.*?Forbidden: (?:pod updates may not change|spec is immutable after)[^\n]*)\n/s.exec(message)?.[1] ?? message
  const struct = cut
    .replace(/Invalid value: \{"Capabilities".*$/s, 'Invalid value: <struct>')
    .replace(/patch: Invalid value: .*$/s, 'patch: Invalid value: <patch>')
  const list = /^(.* is invalid: )\[(.*)\]$/s.exec(struct)
  if (list === null) return struct
  const parts = (list[2] ?? '').split(/, (?=[a-zA-Z]+[\w.[\]()/-]*: )/)
  return `${list[1]}[${parts.sort(byCodeUnit).join(', ')}]`
}
