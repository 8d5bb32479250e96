import { own } from '../../../core/own.js'

/**
 * How server-side apply merges each field, where that differs from "maps and structs field by field, lists as a whole".
 * Source: `x-kubernetes-list-type`, `x-kubernetes-list-map-keys` and `x-kubernetes-map-type` of kubernetes api/openapi-spec
 */

const LIST_KEYS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  ObjectMeta: { ownerReferences: ['uid'] },
  PodSpec: {
    containers: ['name'],
    initContainers: ['name'],
    ephemeralContainers: ['name'],
    volumes: ['name'],
    imagePullSecrets: ['name'],
    hostAliases: ['ip'],
    topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
    schedulingGates: ['name'],
    resourceClaims: ['name'],
  },
  Container: { ports: ['containerPort', 'protocol'], env: ['name'], volumeMounts: ['mountPath'], volumeDevices: ['devicePath'] },
  EphemeralContainer: {
    ports: ['containerPort', 'protocol'],
    env: ['name'],
    volumeMounts: ['mountPath'],
    volumeDevices: ['devicePath'],
  },
  ServiceSpec: { ports: ['port', 'protocol'] },
  ServiceAccount: { secrets: ['name'] },
  PodStatus: { podIPs: ['ip'], hostIPs: ['ip'] },
  NodeStatus: { addresses: ['type'] },
}

const SETS: Readonly<Record<string, readonly string[]>> = { ObjectMeta: ['finalizers'], NodeSpec: ['podCIDRs'] }

/** Types and single fields that are owned as a whole. */
const ATOMIC_TYPES: ReadonlySet<string> = new Set([
  'LabelSelector',
  'NodeSelector',
  'NodeSelectorTerm',
  'ObjectReference',
  'LocalObjectReference',
  'SecretKeySelector',
  'ConfigMapKeySelector',
  'ObjectFieldSelector',
  'ResourceFieldSelector',
  'TypedLocalObjectReference',
  'SecretReference',
  'RoleRef',
  'RbacV1Subject',
  'ScopeSelector',
])
const ATOMIC_FIELDS: ReadonlySet<string> = new Set([
  'PodSpec.nodeSelector',
  'ServiceSpec.selector',
  'ReplicationControllerSpec.selector',
])

/** Values that a key has when an item leaves it out. */
const KEY_DEFAULTS: Readonly<Record<string, string>> = { protocol: 'TCP' }

export type Merge =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'struct'; readonly type: string }
  | { readonly kind: 'map'; readonly inner: string }
  | { readonly kind: 'keyed'; readonly inner: string; readonly keys: readonly string[] }
  | { readonly kind: 'set' }

/** How a field of a type with this type expression is merged. */
export function mergeOf(type: string, field: string, expression: string, fields: Readonly<Record<string, unknown>>): Merge {
  if (expression.startsWith('[]')) {
    const keys = field === 'conditions' && type.endsWith('Status') ? ['type'] : own(own(LIST_KEYS, type), field)
    if (keys !== undefined) return { kind: 'keyed', inner: expression.slice(2), keys }
    return own(SETS, type)?.includes(field) === true ? { kind: 'set' } : { kind: 'atomic' }
  }
  if (ATOMIC_FIELDS.has(`${type}.${field}`) || ATOMIC_TYPES.has(expression)) return { kind: 'atomic' }
  if (expression.startsWith('map[]')) return { kind: 'map', inner: expression.slice(5) }
  return own(fields, expression) === undefined ? { kind: 'atomic' } : { kind: 'struct', type: expression }
}

export function keyDefault(name: string): string | undefined {
  return own(KEY_DEFAULTS, name)
}
