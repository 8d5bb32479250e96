/**
 * Writes what the simulation and the editor know about Kubernetes' API types, from the maintained client package:
 *
 * - `src/generated/kubeTypes.ts`: interfaces in the wire form (dates are strings), one per API type;
 * - `src/generated/kubeFields.ts`: the same as a compact table for strict decoding (`Type.field -> type expression`);
 * - `src/generated/kubeDocs.json`: the API's documentation, for `kubectl explain`;
 * - `src/generated/columnDocs.ts`: the documentation of those fields that tables show;
 * - `src/generated/editorSchema.json`: JSON Schema with the API's documentation, for the manifest editor.
 *
 * Nothing of it is committed; `npm ci` runs this through `prepare`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { COLUMN_DOC_NAMES } from '../src/sim/kube/api/table/columnDocNames.js'

interface Attribute {
  readonly name: string
  readonly baseName: string
  readonly type: string
  readonly format: string
}

interface FieldDoc {
  readonly optional: boolean
  readonly text: string
}

/** `[group/version, kind]` of every kind that the API server serves. */
const KINDS: readonly (readonly [string, string])[] = [
  ['v1', 'Binding'],
  ['v1', 'ConfigMap'],
  ['v1', 'Endpoints'],
  ['v1', 'LimitRange'],
  ['v1', 'Namespace'],
  ['v1', 'Node'],
  ['v1', 'PersistentVolume'],
  ['v1', 'PersistentVolumeClaim'],
  ['v1', 'Pod'],
  ['v1', 'PodTemplate'],
  ['v1', 'ReplicationController'],
  ['v1', 'ResourceQuota'],
  ['v1', 'Secret'],
  ['v1', 'Service'],
  ['v1', 'ServiceAccount'],
  ['apps/v1', 'ControllerRevision'],
  ['apps/v1', 'DaemonSet'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'ReplicaSet'],
  ['apps/v1', 'StatefulSet'],
  ['autoscaling/v1', 'HorizontalPodAutoscaler'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['autoscaling/v1', 'Scale'],
  ['batch/v1', 'CronJob'],
  ['batch/v1', 'Job'],
  ['coordination.k8s.io/v1', 'Lease'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
  ['events.k8s.io/v1', 'Event'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['networking.k8s.io/v1', 'IngressClass'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['policy/v1', 'Eviction'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
  ['scheduling.k8s.io/v1', 'PriorityClass'],
  ['storage.k8s.io/v1', 'StorageClass'],
]

/** Classes whose name is not simply `V1` + kind. */
const CLASS_OF: Readonly<Record<string, string>> = {
  'autoscaling/v2 HorizontalPodAutoscaler': 'V2HorizontalPodAutoscaler',
  'events.k8s.io/v1 Event': 'EventsV1Event',
}

/** The core group's Event has its own class; both are served. */
const EXTRA_KINDS: readonly (readonly [string, string, string])[] = [['v1', 'Event', 'CoreV1Event']]

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(import.meta.url)
const modelsDir = join(dirname(require.resolve('@kubernetes/client-node')), 'gen', 'models')

/** Wire name of a class: `V1PodSpec` is `PodSpec`; other prefixes stay where two would clash. */
function wireName(className: string): string {
  if (className === 'CoreV1Event') return 'Event'
  if (className === 'V1MicroTime') return 'MicroTime'
  return className.startsWith('V1') ? className.slice(2) : className
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  Date: 'Time',
  V1MicroTime: 'Time',
  IntOrString: 'IntOrString',
  any: 'any',
  object: 'any',
}

/** Client type expression to ours: `Array<V1Container>` is `[]Container`, `{ [key: string]: string; }` is `map[]string`. */
function typeExpression(type: string, format: string, visit: (className: string) => void): string {
  const array = /^(?:Array|Set)<(.*)>$/.exec(type)
  if (array?.[1] !== undefined) return `[]${typeExpression(array[1], format, visit)}`
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)
  if (map?.[1] !== undefined) return `map[]${typeExpression(map[1], format, visit)}`
  if (type === 'number' && (format === 'int32' || format === 'int64')) return format
  if (type === 'string' && format === 'byte') return 'bytes'
  if (type === 'string' && format === 'quantity') return 'Quantity'
  const primitive = PRIMITIVES[type]
  if (primitive !== undefined) return primitive
  visit(type)
  return wireName(type)
}

function toTypeScript(expression: string): string {
  if (expression.startsWith('[]')) return `readonly ${wrap(toTypeScript(expression.slice(2)))}[]`
  if (expression.startsWith('map[]')) return `Readonly<Record<string, ${toTypeScript(expression.slice(5))}>>`
  switch (expression) {
    case 'int32':
    case 'int64':
      return 'number'
    case 'Time':
    case 'bytes':
    case 'Quantity':
      return 'string'
    case 'IntOrString':
      return 'number | string'
    case 'any':
      return 'unknown'
    default:
      return expression
  }
}

function wrap(type: string): string {
  return type.includes(' ') ? `(${type})` : type
}

function toJsonSchema(expression: string): object {
  if (expression.startsWith('[]')) return { type: 'array', items: toJsonSchema(expression.slice(2)) }
  if (expression.startsWith('map[]')) return { type: 'object', additionalProperties: toJsonSchema(expression.slice(5)) }
  switch (expression) {
    case 'int32':
    case 'int64':
      return { type: 'integer' }
    case 'number':
    case 'boolean':
    case 'string':
      return { type: expression }
    case 'Time':
    case 'bytes':
      return { type: 'string' }
    case 'Quantity':
    case 'IntOrString':
      return { type: ['string', 'integer', 'number'] }
    case 'any':
      return {}
    default:
      return { $ref: `#/definitions/${expression}` }
  }
}

/** Documentation and optionality of each field, from the class's declaration file. */
function readFieldDocs(className: string): { readonly text: string; readonly fields: ReadonlyMap<string, FieldDoc> } {
  const source = readFileSync(join(modelsDir, `${className}.d.ts`), 'utf8')
  const fields = new Map<string, FieldDoc>()
  const pattern = /(?:\/\*\*\n((?:\s*\*[^\n]*\n)*?)\s*\*\/\n)?\s*'(\w+)'(\?)?: [^\n]*;/g
  for (const match of source.matchAll(pattern)) {
    const name = match[2]
    if (name !== undefined) fields.set(name, { optional: match[3] === '?', text: cleanDoc(match[1] ?? '') })
  }
  const head = /\/\*\*\n((?:\s*\*[^\n]*\n)*?)\s*\*\/\nexport declare class/.exec(source)
  return { text: cleanDoc(head?.[1] ?? ''), fields }
}

/** The same documentation, of every field and with its paragraphs, for `kubectl explain`. */
function readExplanation(className: string): { readonly text: string; readonly fields: Record<string, string> } {
  const source = readFileSync(join(modelsDir, `${className}.d.ts`), 'utf8')
  const fields: Record<string, string> = {}
  for (const match of source.matchAll(/\/\*\*\n((?:\s*\*[^\n]*\n)*?)\s*\*\/\n\s*'(\w+)'\??:/g)) {
    fields[match[2] ?? ''] = withParagraphs(cleanDoc(match[1] ?? ''))
  }
  const head = /\/\*\*\n((?:\s*\*[^\n]*\n)*?)\s*\*\/\nexport declare class/.exec(source)
  return { text: withParagraphs(cleanDoc(head?.[1] ?? '')), fields }
}

/** The client package writes escaped quotes, and two spaces for an empty line: of those, what begins a paragraph is known by its words. */
function withParagraphs(text: string): string {
  return text
    .replace(/\\(["'])/g, '$1')
    .replace(
      / {2}(?=(?:This field (?:may hold|depends|is immutable|is beta|is alpha|is an alpha|is a beta)|Populated by the system|Deprecated:))/g,
      '\n\n',
    )
}

function cleanDoc(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*\s?/, ''))
    .join(' ')
    .trim()
}

async function readAttributes(className: string): Promise<readonly Attribute[]> {
  const module: unknown = await import(pathToFileURL(join(modelsDir, `${className}.js`)).href)
  const cls = (module as Record<string, { getAttributeTypeMap?: () => readonly Attribute[] }>)[className]
  if (cls?.getAttributeTypeMap === undefined) throw new Error(`${className} is not a model class`)
  return cls.getAttributeTypeMap()
}

const pending: string[] = []
const seen = new Set<string>()
function visit(className: string): void {
  if (seen.has(className)) return
  seen.add(className)
  pending.push(className)
}

const roots: { apiVersion: string; kind: string; className: string }[] = []
for (const [apiVersion, kind] of KINDS) {
  roots.push({ apiVersion, kind, className: CLASS_OF[`${apiVersion} ${kind}`] ?? `V1${kind}` })
}
for (const [apiVersion, kind, className] of EXTRA_KINDS) roots.push({ apiVersion, kind, className })
for (const { className } of roots) visit(className)

const interfaces: string[] = []
const table: Record<string, Record<string, string>> = {}
const required: Record<string, readonly string[]> = {}
const definitions: Record<string, object> = {}
const explanations: Record<string, ReturnType<typeof readExplanation>> = {}
for (let className = pending.shift(); className !== undefined; className = pending.shift()) {
  const name = wireName(className)
  const docs = readFieldDocs(className)
  explanations[name] = readExplanation(className)
  const fields: Record<string, string> = {}
  const properties: Record<string, object> = {}
  const lines: string[] = []
  const needed: string[] = []
  for (const attribute of await readAttributes(className)) {
    const expression = typeExpression(attribute.type, attribute.format, visit)
    const doc = docs.fields.get(attribute.name)
    const optional = doc?.optional ?? true
    fields[attribute.baseName] = expression
    properties[attribute.baseName] = { ...toJsonSchema(expression), ...(doc?.text ? { description: doc.text } : {}) }
    if (!optional) needed.push(attribute.baseName)
    if (doc?.text) lines.push(`  /** ${doc.text.replaceAll('*/', '* /')} */`)
    const key = /^\w+$/.test(attribute.baseName) ? attribute.baseName : `'${attribute.baseName}'`
    lines.push(`  readonly ${key}${optional ? '?' : ''}: ${toTypeScript(expression)}`)
  }
  table[name] = fields
  if (needed.length > 0) required[name] = needed
  definitions[name] = {
    type: 'object',
    ...(docs.text ? { description: docs.text } : {}),
    properties,
    additionalProperties: false,
    ...(needed.length > 0 ? { required: needed } : {}),
  }
  interfaces.push(`/** ${docs.text.replaceAll('*/', '* /') || name} */\nexport interface ${name} {\n${lines.join('\n')}\n}\n`)
}

const kinds = Object.fromEntries(roots.map(({ apiVersion, kind, className }) => [`${apiVersion}/${kind}`, wireName(className)]))
const schemaByKind = roots.map(({ apiVersion, kind, className }) => ({
  if: { properties: { apiVersion: { const: apiVersion }, kind: { const: kind } }, required: ['apiVersion', 'kind'] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's keyword.
  then: { $ref: `#/definitions/${wireName(className)}` },
}))

const head = '// Written by scripts/generateKubeTypes.ts. Do not edit; do not commit.\n'
const out = join(root, 'src', 'generated')
mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'kubeTypes.ts'), `${head}\n${interfaces.join('\n')}`)
writeFileSync(
  join(out, 'kubeFields.ts'),
  `${head}
/** \`apiVersion/kind\` to the type in \`FIELDS\`. */
export const KINDS: Readonly<Record<string, string>> = ${JSON.stringify(kinds, undefined, 2)}

/** Type, field, type expression: \`string | boolean | number | int32 | int64 | Time | bytes | Quantity | IntOrString | any | TypeName\`, prefixed by \`[]\` or \`map[]\`. */
export const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = ${JSON.stringify(table)}

/** Fields that the API's documentation calls required, by type. */
export const REQUIRED: Readonly<Record<string, readonly string[]>> = ${JSON.stringify(required)}
`,
)
writeFileSync(join(out, 'kubeDocs.json'), JSON.stringify(explanations))
const columnDocs = COLUMN_DOC_NAMES.map((each) => {
  const [type = '', field = ''] = each.split('.')
  const text = explanations[type]?.fields[field]
  if (text === undefined) throw new Error(`no documentation of ${each}`)
  return [each, text] as const
})
writeFileSync(
  join(out, 'columnDocs.ts'),
  `${head}
/** What the API's documentation says of the fields that columns of tables show. */
export const COLUMN_DOCS = ${JSON.stringify(Object.fromEntries(columnDocs), undefined, 2)} as const
`,
)
writeFileSync(
  join(out, 'editorSchema.json'),
  JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      apiVersion: { type: 'string', enum: [...new Set(roots.map((each) => each.apiVersion))] },
      kind: { type: 'string', enum: [...new Set(roots.map((each) => each.kind))] },
    },
    required: ['apiVersion', 'kind'],
    allOf: schemaByKind,
    definitions,
  }),
)
process.stdout.write(`kube types: ${Object.keys(table).length} types, ${roots.length} kinds\n`)
