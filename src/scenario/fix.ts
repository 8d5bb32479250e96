import type { Document } from 'yaml'
import { isMap, isNode, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { SourceDocument } from './documents.js'
import { isRecord } from './documents.js'
import { YAML_OPTIONS } from './yamlSchema.js'

/** A one-click change of a text: `text` is the whole text after it. */
export interface TextFix {
  readonly code: 'newer-api-version' | 'add-selector'
  readonly text: string
}

const WORKLOADS = ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet']

/** Versions that the API server no longer serves, by kind, and where each kind lives now. Source: kubernetes.io, Deprecated API Migration Guide */
const MOVED: readonly { readonly kinds: readonly string[]; readonly from: RegExp; readonly to: string }[] = [
  { kinds: WORKLOADS, from: /^(?:extensions\/v1beta1|apps\/v1beta[12]|v1|apps\/v1alpha1)$/, to: 'apps/v1' },
  { kinds: ['Ingress', 'IngressClass'], from: /^(?:extensions|networking\.k8s\.io)\/v1beta1$/, to: 'networking.k8s.io/v1' },
  { kinds: ['NetworkPolicy'], from: /^extensions\/v1beta1$/, to: 'networking.k8s.io/v1' },
  { kinds: ['CronJob'], from: /^batch\/v(?:1beta1|2alpha1)$/, to: 'batch/v1' },
  { kinds: ['PodDisruptionBudget'], from: /^policy\/v1beta1$/, to: 'policy/v1' },
  { kinds: ['HorizontalPodAutoscaler'], from: /^autoscaling\/v2beta[12]$/, to: 'autoscaling/v2' },
  {
    kinds: ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'],
    from: /^rbac\.authorization\.k8s\.io\/v1(?:alpha|beta)1$/,
    to: 'rbac.authorization.k8s.io/v1',
  },
  { kinds: ['StorageClass'], from: /^storage\.k8s\.io\/v1beta1$/, to: 'storage.k8s.io/v1' },
  { kinds: ['PriorityClass'], from: /^scheduling\.k8s\.io\/v1(?:alpha|beta)1$/, to: 'scheduling.k8s.io/v1' },
  { kinds: ['EndpointSlice'], from: /^discovery\.k8s\.io\/v1beta1$/, to: 'discovery.k8s.io/v1' },
  { kinds: ['Lease'], from: /^coordination\.k8s\.io\/v1beta1$/, to: 'coordination.k8s.io/v1' },
]

interface Edit {
  readonly at: number
  readonly end: number
  readonly text: string
}

/**
 * A change that makes an old manifest one that today's API server takes: its new `apiVersion`, the selector that `apps/v1` asks for, an
 * Ingress' new form of backends. Everything else in the text stays as it is, comments included.
 *
 * @param text the whole file in which the document stands.
 */
export function suggestFix(document: SourceDocument, text: string): TextFix | undefined {
  const { value } = document
  if (!isRecord(value) || document.path !== '') return undefined
  const { apiVersion, kind } = value
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  const moved = MOVED.find((each) => each.kinds.includes(kind) && each.from.test(apiVersion))
  const parsed = parseAllDocuments(text, YAML_OPTIONS)
  const found = Array.isArray(parsed) ? parsed[document.document] : undefined
  if (found === undefined) return undefined
  const edits: Edit[] = []
  if (moved !== undefined) edits.push(...replaceValue(found, ['apiVersion'], moved.to))
  if (WORKLOADS.includes(kind)) edits.push(...addSelector(found, value, text))
  if (kind === 'Ingress' && moved !== undefined) edits.push(...rewriteBackends(found, text))
  if (edits.length === 0) return undefined
  const changed = edits
    .toSorted((a, b) => b.at - a.at)
    .reduce((whole, edit) => whole.slice(0, edit.at) + edit.text + whole.slice(edit.end), text)
  return { code: moved === undefined ? 'add-selector' : 'newer-api-version', text: changed }
}

function replaceValue(document: Document, path: readonly string[], to: string): readonly Edit[] {
  const node: unknown = document.getIn(path, true)
  if (!isScalar(node) || node.range === null || node.range === undefined) return []
  return [{ at: node.range[0], end: node.range[1], text: to }]
}

/** Puts `selector.matchLabels` before the template, with the template's own labels. */
function addSelector(document: Document, value: Readonly<Record<string, unknown>>, text: string): readonly Edit[] {
  const { spec } = value
  if (!isRecord(spec) || spec['selector'] !== undefined || !isRecord(spec['template'])) return []
  const { metadata } = spec['template']
  const labels = isRecord(metadata) && isRecord(metadata['labels']) ? metadata['labels'] : {}
  const specNode: unknown = document.getIn(['spec'], true)
  if (Object.keys(labels).length === 0 || !isMap(specNode) || specNode.flow === true) return []
  const pair = specNode.items.find((each) => isScalar(each.key) && each.key.value === 'template')
  const start = isNode(pair?.key) ? pair.key.range?.[0] : undefined
  if (start === undefined) return []
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1))
  const lines = Object.entries(labels).map(([key, label]) => `${indent}    ${key}: ${quoted(String(label))}`)
  const block = ['selector:', `${indent}  matchLabels:`, ...lines, indent].join(newline)
  return [{ at: start, end: start, text: block }]
}

function quoted(value: string): string {
  return /^[A-Za-z][\w.-]*$/.test(value) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(value)
    ? value
    : JSON.stringify(value)
}

/** `serviceName` and `servicePort` to `service.name` and `service.port`, and a `pathType` for each path. */
function rewriteBackends(document: Document, text: string): readonly Edit[] {
  const edits: Edit[] = []
  const backends: unknown[] = [document.getIn(['spec', 'backend'], true)]
  const renamed: unknown = document.getIn(['spec'], true)
  if (isMap(renamed)) {
    const pair = renamed.items.find((each) => isScalar(each.key) && each.key.value === 'backend')
    const range = isNode(pair?.key) ? pair.key.range : undefined
    if (range !== null && range !== undefined) edits.push({ at: range[0], end: range[1], text: 'defaultBackend' })
  }
  const rules: unknown = document.getIn(['spec', 'rules'], true)
  for (const rule of isSeq(rules) ? rules.items : []) {
    const paths: unknown = isMap(rule) ? rule.getIn(['http', 'paths'], true) : undefined
    for (const path of isSeq(paths) ? paths.items : []) {
      if (!isMap(path)) continue
      backends.push(path.get('backend', true))
      if (path.has('pathType')) continue
      const pair = path.items.find((each) => isScalar(each.key) && each.key.value === 'backend')
      const start = isNode(pair?.key) ? pair.key.range?.[0] : undefined
      if (start === undefined) continue
      const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1))
      edits.push({ at: start, end: start, text: path.flow === true ? 'pathType: Prefix, ' : `pathType: Prefix\n${indent}` })
    }
  }
  for (const backend of backends) edits.push(...rewriteBackend(backend))
  return edits
}

function rewriteBackend(backend: unknown): readonly Edit[] {
  if (!isMap(backend) || backend.range === null || backend.range === undefined) return []
  const name: unknown = backend.get('serviceName')
  const port: unknown = backend.get('servicePort')
  if (typeof name !== 'string' || (typeof port !== 'string' && typeof port !== 'number')) return []
  const target = typeof port === 'number' ? `number: ${port}` : `name: ${port}`
  return [{ at: backend.range[0], end: backend.range[1], text: `{service: {name: ${name}, port: {${target}}}}` }]
}
