import type {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  ControllerRevision,
  CronJob,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Endpoints,
  Event,
  Ingress,
  IngressClass,
  Job,
  Lease,
  LimitRange,
  Namespace,
  NetworkPolicy,
  Node,
  ObjectMeta,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PodTemplate,
  PriorityClass,
  ReplicaSet,
  ReplicationController,
  ResourceQuota,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  StorageClass,
  V2HorizontalPodAutoscaler,
} from '../../../generated/kubeTypes.js'

/** Every resource that is stored, by its plural name (unique across groups here), with the type of its storage version. */
export interface Resources {
  bindings: never
  clusterrolebindings: ClusterRoleBinding
  clusterroles: ClusterRole
  configmaps: ConfigMap
  controllerrevisions: ControllerRevision
  cronjobs: CronJob
  daemonsets: DaemonSet
  deployments: Deployment
  endpoints: Endpoints
  endpointslices: EndpointSlice
  events: Event
  horizontalpodautoscalers: V2HorizontalPodAutoscaler
  ingressclasses: IngressClass
  ingresses: Ingress
  jobs: Job
  leases: Lease
  limitranges: LimitRange
  namespaces: Namespace
  networkpolicies: NetworkPolicy
  nodes: Node
  persistentvolumeclaims: PersistentVolumeClaim
  persistentvolumes: PersistentVolume
  poddisruptionbudgets: PodDisruptionBudget
  pods: Pod
  podtemplates: PodTemplate
  priorityclasses: PriorityClass
  replicasets: ReplicaSet
  replicationcontrollers: ReplicationController
  resourcequotas: ResourceQuota
  rolebindings: RoleBinding
  roles: Role
  secrets: Secret
  serviceaccounts: ServiceAccount
  services: Service
  statefulsets: StatefulSet
  storageclasses: StorageClass
}

export type ResourceName = keyof Resources

/** Metadata of an object that the API server has stored: these fields are always there. */
export interface StoredMeta extends ObjectMeta {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string
}

/** An object as the API server gives it out: complete and immutable. Cluster-scoped objects have no `metadata.namespace`. */
export type Stored<T> = T & { readonly apiVersion: string; readonly kind: string; readonly metadata: StoredMeta }

export type StoredOf<R extends ResourceName> = Stored<Resources[R]>

/** Any object whose kind is not known statically. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

/** `namespace/name`, or `name` for cluster-scoped objects: the key of an object within its resource. */
export type ObjectKey = string

export function keyOf(object: { readonly metadata: { readonly namespace?: string; readonly name?: string } }): ObjectKey {
  const { namespace, name = '' } = object.metadata
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}
