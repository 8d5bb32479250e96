import { KINDS } from '../../../generated/kubeFields.js'
import type { ResourceName } from './resources.js'

/** What the API server knows of a resource: how it is called, where it is served, what may be done with it. */
export interface ResourceInfo {
  readonly resource: ResourceName
  /** Empty for the core group. */
  readonly group: string
  /** The version that is stored. */
  readonly version: string
  /** Other versions served, newest first. */
  readonly otherVersions: readonly string[]
  readonly kind: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly namespaced: boolean
  readonly categories: readonly string[]
  readonly subresources: readonly string[]
}

interface Options {
  readonly namespaced?: boolean
  readonly short?: readonly string[]
  readonly all?: boolean
  readonly subresources?: readonly string[]
  readonly otherVersions?: readonly string[]
}

function define(resource: ResourceName, groupVersion: string, kind: string, options: Options = {}): ResourceInfo {
  const slash = groupVersion.indexOf('/')
  return {
    resource,
    group: slash < 0 ? '' : groupVersion.slice(0, slash),
    version: groupVersion.slice(slash + 1),
    otherVersions: options.otherVersions ?? [],
    kind,
    singular: kind.toLowerCase(),
    shortNames: options.short ?? [],
    namespaced: options.namespaced ?? true,
    categories: options.all === true ? ['all'] : [],
    subresources: options.subresources ?? [],
  }
}

const cluster = { namespaced: false } as const

/** Every stored resource. Source: kubernetes pkg/registry, storage_*.go and `ShortNames`, `Categories` of each rest storage. */
export const RESOURCE_LIST: readonly ResourceInfo[] = [
  define('bindings', 'v1', 'Binding'),
  define('configmaps', 'v1', 'ConfigMap', { short: ['cm'] }),
  define('endpoints', 'v1', 'Endpoints', { short: ['ep'] }),
  define('events', 'v1', 'Event', { short: ['ev'] }),
  define('limitranges', 'v1', 'LimitRange', { short: ['limits'] }),
  define('namespaces', 'v1', 'Namespace', { ...cluster, short: ['ns'], subresources: ['finalize', 'status'] }),
  define('nodes', 'v1', 'Node', { ...cluster, short: ['no'], subresources: ['proxy', 'status'] }),
  define('persistentvolumeclaims', 'v1', 'PersistentVolumeClaim', { short: ['pvc'], subresources: ['status'] }),
  define('persistentvolumes', 'v1', 'PersistentVolume', { ...cluster, short: ['pv'], subresources: ['status'] }),
  define('pods', 'v1', 'Pod', {
    short: ['po'],
    all: true,
    subresources: [
      'attach',
      'binding',
      'ephemeralcontainers',
      'eviction',
      'exec',
      'log',
      'portforward',
      'proxy',
      'resize',
      'status',
    ],
  }),
  define('podtemplates', 'v1', 'PodTemplate'),
  define('replicationcontrollers', 'v1', 'ReplicationController', {
    short: ['rc'],
    all: true,
    subresources: ['scale', 'status'],
  }),
  define('resourcequotas', 'v1', 'ResourceQuota', { short: ['quota'], subresources: ['status'] }),
  define('secrets', 'v1', 'Secret'),
  define('serviceaccounts', 'v1', 'ServiceAccount', { short: ['sa'], subresources: ['token'] }),
  define('services', 'v1', 'Service', { short: ['svc'], all: true, subresources: ['proxy', 'status'] }),
  define('controllerrevisions', 'apps/v1', 'ControllerRevision'),
  define('daemonsets', 'apps/v1', 'DaemonSet', { short: ['ds'], all: true, subresources: ['status'] }),
  define('deployments', 'apps/v1', 'Deployment', { short: ['deploy'], all: true, subresources: ['scale', 'status'] }),
  define('replicasets', 'apps/v1', 'ReplicaSet', { short: ['rs'], all: true, subresources: ['scale', 'status'] }),
  define('statefulsets', 'apps/v1', 'StatefulSet', { short: ['sts'], all: true, subresources: ['scale', 'status'] }),
  define('horizontalpodautoscalers', 'autoscaling/v2', 'HorizontalPodAutoscaler', {
    short: ['hpa'],
    all: true,
    subresources: ['status'],
    otherVersions: ['v1'],
  }),
  define('cronjobs', 'batch/v1', 'CronJob', { short: ['cj'], all: true, subresources: ['status'] }),
  define('jobs', 'batch/v1', 'Job', { all: true, subresources: ['status'] }),
  define('leases', 'coordination.k8s.io/v1', 'Lease'),
  define('endpointslices', 'discovery.k8s.io/v1', 'EndpointSlice'),
  define('ingressclasses', 'networking.k8s.io/v1', 'IngressClass', cluster),
  define('ingresses', 'networking.k8s.io/v1', 'Ingress', { short: ['ing'], subresources: ['status'] }),
  define('networkpolicies', 'networking.k8s.io/v1', 'NetworkPolicy', { short: ['netpol'] }),
  define('poddisruptionbudgets', 'policy/v1', 'PodDisruptionBudget', { short: ['pdb'], subresources: ['status'] }),
  define('clusterrolebindings', 'rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', cluster),
  define('clusterroles', 'rbac.authorization.k8s.io/v1', 'ClusterRole', cluster),
  define('rolebindings', 'rbac.authorization.k8s.io/v1', 'RoleBinding'),
  define('roles', 'rbac.authorization.k8s.io/v1', 'Role'),
  define('priorityclasses', 'scheduling.k8s.io/v1', 'PriorityClass', { ...cluster, short: ['pc'] }),
  define('storageclasses', 'storage.k8s.io/v1', 'StorageClass', { ...cluster, short: ['sc'] }),
]

const BY_NAME: ReadonlyMap<string, ResourceInfo> = new Map(RESOURCE_LIST.map((info) => [info.resource, info]))

/** Known `apiVersion/kind` to its resource, in every version served. */
const BY_KIND: ReadonlyMap<string, ResourceInfo> = new Map([
  ...RESOURCE_LIST.flatMap((info) =>
    [info.version, ...info.otherVersions].map((version) => [`${groupVersion(info.group, version)}/${info.kind}`, info] as const),
  ),
  ['events.k8s.io/v1/Event', infoOf('events')] as const,
])

export function groupVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`
}

/** `apiVersion` under which the resource is stored. */
export function apiVersionOf(info: ResourceInfo): string {
  return groupVersion(info.group, info.version)
}

export function infoOf(resource: ResourceName): ResourceInfo {
  const info = BY_NAME.get(resource)
  if (info === undefined) throw new Error(`unknown resource ${resource}`)
  return info
}

/** The resource of a manifest, by its `apiVersion` and `kind`; undefined when the server has no such kind in that version. */
export function findKind(apiVersion: string, kind: string): ResourceInfo | undefined {
  return BY_KIND.get(`${apiVersion}/${kind}`)
}

/** The resource by its plural name, in its group when one is given. */
export function findResource(plural: string, group?: string): ResourceInfo | undefined {
  const info = BY_NAME.get(plural)
  if (info === undefined || group === undefined || info.group === group) return info
  return plural === 'events' && group === 'events.k8s.io' ? info : undefined
}

/** The resource that a person means by `po`, `pod`, `Pods`, `deploy.apps`, `deployments.v1.apps`; undefined when there is none. */
export function findByAnyName(text: string): ResourceInfo | undefined {
  const [name = '', ...rest] = text.toLowerCase().split('.')
  const found = RESOURCE_LIST.find((info) => info.resource === name || info.singular === name || info.shortNames.includes(name))
  if (found === undefined || rest.length === 0) return found
  const qualifier = rest.join('.')
  const names = [
    found.group,
    ...[found.version, ...found.otherVersions].map((v) => (found.group === '' ? v : `${v}.${found.group}`)),
  ]
  return names.includes(qualifier) ? found : undefined
}

/** True when the generated tables know this kind. */
export function isKnownKind(apiVersion: string, kind: string): boolean {
  return KINDS[`${apiVersion}/${kind}`] !== undefined
}
