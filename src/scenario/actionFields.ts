import { parseDuration } from './duration.js'
import type { FieldReader } from './fields.js'
import type { ScenarioAction, ScenarioRequest } from './types.js'
import { splitWords } from './words.js'

const KINDS = ['apply', 'delete', 'kubectl', 'request', 'fault', 'joinNode', 'wait'] as const

/** Reads an action: a map with one field that says what is done. */
export function readAction(value: unknown, path: string, reader: FieldReader): ScenarioAction | undefined {
  const fields = reader.record(value, path)
  reader.only(fields, path, KINDS)
  const kind = KINDS.find((each) => fields[each] !== undefined)
  if (kind === undefined) {
    reader.report(path, 'missing-field', `needs one of ${KINDS.join(', ')}`)
    return undefined
  }
  const at = `${path}.${kind}`
  const given = fields[kind]
  switch (kind) {
    case 'apply':
      return { type: 'kubectl', args: ['apply', '-f', 'manifests.yaml'], files: { 'manifests.yaml': reader.required(given, at) } }
    case 'delete':
      return { type: 'kubectl', args: ['delete', ...splitWords(reader.required(given, at))], files: {} }
    case 'kubectl':
      return { type: 'kubectl', args: splitWords(reader.required(given, at)), files: {} }
    case 'request':
      return { type: 'request', request: readRequest(reader.record(given, at), at, reader) }
    case 'fault': {
      const fault = reader.record(given, at)
      reader.only(fault, at, ['name', 'target', 'active', 'lag'])
      const lag = readSpan(fault['lag'], `${at}.lag`, reader)
      return {
        type: 'fault',
        fault: reader.required(fault['name'], `${at}.name`),
        target: reader.required(fault['target'], `${at}.target`),
        active: fault['active'] === undefined || reader.flag(fault['active'], `${at}.active`),
        ...(lag === undefined ? {} : { lag }),
      }
    }
    case 'joinNode': {
      const node = reader.record(given, at)
      reader.only(node, at, ['name', 'labels'])
      const name = reader.required(node['name'], `${at}.name`)
      return {
        type: 'join-node',
        node: { name, role: 'worker', labels: reader.strings(node['labels'], `${at}.labels`), joinsLater: false },
      }
    }
    case 'wait': {
      const text = reader.required(given, at)
      return { type: 'wait', us: readSpan(text, at, reader) ?? 0 }
    }
  }
}

function readSpan(value: unknown, at: string, reader: FieldReader): number | undefined {
  const text = reader.text(value, at)
  if (text === undefined) return undefined
  const us = parseDuration(text)
  if (us === undefined || us < 0) reader.report(at, 'bad-field', `"${text}" is not a time such as 5s or 1m30s`)
  return us === undefined || us < 0 ? undefined : us
}

/** Reads the fields of a request; `beside` are fields of the map that belong to somebody else. */
export function readRequest(
  fields: Readonly<Record<string, unknown>>,
  path: string,
  reader: FieldReader,
  beside: readonly string[] = [],
): ScenarioRequest {
  reader.only(fields, path, ['from', 'to', 'proto', 'count', 'forceTo', ...beside])
  const count = reader.count(fields['count'], `${path}.count`)
  const endpoint = reader.text(fields['forceTo'], `${path}.forceTo`)
  return {
    from: reader.text(fields['from'], `${path}.from`) ?? 'client',
    to: reader.required(fields['to'], `${path}.to`),
    proto: reader.oneOf(fields['proto'], `${path}.proto`, ['tcp', 'udp', 'sctp'] as const) ?? 'tcp',
    ...(count === undefined ? {} : { count }),
    ...(endpoint === undefined ? {} : { force: { endpoint } }),
  }
}
