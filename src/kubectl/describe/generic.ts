import { isRecord } from '../../scenario/index.js'
import type { KubeObject } from '../../sim/index.js'
import { byCodeUnit } from '../../sim/index.js'
import type { DescribeContext } from './common.js'
import { writeAnnotations, writeEvents, writeLabels } from './common.js'
import type { DescribeWriter } from './writer.js'

const SKIPPED = new Set([
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
  '.metadata.managedFields',
])

/** Any kind without a describer of its own: field by field. Source: kubernetes kubectl pkg/describe/describe.go genericDescriber */
export function describeGeneric(object: KubeObject, context: DescribeContext, w: DescribeWriter): void {
  const { metadata } = object
  w.line(0, `Name:\t${metadata.name ?? ''}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  writeFields(w, 0, object, '')
  writeEvents(w, context, object)
}

function writeFields(w: DescribeWriter, level: number, fields: object, path: string): void {
  for (const [name, value] of Object.entries(fields).sort(([a], [b]) => byCodeUnit(a, b))) {
    const at = `${path}.${name}`
    if (SKIPPED.has(at) || value === undefined) continue
    const title = labelFor(name)
    if (Array.isArray(value)) {
      w.line(level, `${title}:`)
      for (const item of value) {
        if (isRecord(item)) writeFields(w, level + 1, item, at)
        else w.line(level + 1, String(item))
      }
    } else if (isRecord(value)) {
      w.line(level, `${title}:`)
      writeFields(w, level + 1, value, at)
    } else {
      w.line(level, `${title}:\t${value === null ? '<nil>' : String(value)}`)
    }
  }
}

const ACRONYMS = new Set(['API', 'URL', 'UID', 'OSB', 'GUID'])

/** `holderIdentity` to `Holder Identity`. Source: kubernetes kubectl pkg/describe/describe.go smartLabelFor */
function labelFor(field: string): string {
  if (!/[A-Za-z]/.test(field) || /[^A-Za-z0-9]/.test(field)) return field
  return [...field.matchAll(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g)]
    .map(([part]) => {
      const upper = part.toUpperCase()
      return ACRONYMS.has(upper) ? upper : part.charAt(0).toUpperCase() + part.slice(1)
    })
    .join(' ')
}
