import type {
  ClusterRole,
  ConfigMap,
  CronJob,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Endpoints,
  Ingress,
  IngressClass,
  Job,
  Lease,
  LimitRange,
  Namespace,
  NetworkPolicy,
  Node,
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
  StatefulSet,
  StorageClass,
  V2HorizontalPodAutoscaler,
} from '../../../../generated/kubeTypes.js'
import type { StoredObject } from '../../etcd/store.js'
import type { Call } from '../call.js'
import type { Draft, ObjectDraft } from '../draft.js'
import type { FieldError } from '../errors.js'
import { validateAutoscaler } from './autoscalers.js'
import { validateConfigMap, validateNamespace, validateNode, validateSecret } from './coreKinds.js'
import { validateEndpointSlice, validateEndpoints } from './endpoints.js'
import type { Faults } from './faults.js'
import { gatherFaults } from './faults.js'
import { validateCronJob, validateJob } from './jobs.js'
import { validateLimitRange, validateQuota } from './limitRanges.js'
import { validateMeta, validateMetaUpdate } from './meta.js'
import { validateIngress, validateIngressClass, validateNetworkPolicy } from './networking.js'
import { validatePodSpec, validatePodTemplate, validatePodUpdate } from './pods.js'
import {
  validateBinding,
  validateBudget,
  validateClusterRole,
  validateLease,
  validatePriorityClass,
  validateRole,
} from './policies.js'
import { validateService, validateServiceUpdate } from './services.js'
import { validateClaim, validateStorageClass, validateVolumeObject } from './storage.js'
import {
  validateDaemonSet,
  validateDeployment,
  validateReplicaSet,
  validateReplicationController,
  validateStatefulSet,
} from './workloads.js'

type Rule = (faults: Faults, draft: unknown, old: unknown) => void

/** Decoding made the object what its kind says; the rules name that type. */
function of<T>(rule: (faults: Faults, draft: Draft<T>, old: Draft<T> | undefined) => void): Rule {
  return (faults, draft, old) => {
    rule(faults, draft as Draft<T>, old as Draft<T> | undefined)
  }
}

const RULES: Readonly<Record<string, Rule>> = {
  pods: of<Pod>((faults, pod, old) => {
    if (old === undefined) {
      validatePodSpec(faults, 'spec', pod.spec ?? {})
      if ((pod.spec?.ephemeralContainers ?? []).length > 0)
        faults.forbidden('spec.ephemeralContainers', 'cannot be set on create')
    } else validatePodUpdate(faults, pod, old)
  }),
  podtemplates: of<PodTemplate>((faults, each) => {
    validatePodTemplate(faults, 'template', each.template ?? {})
  }),
  deployments: of<Deployment>(validateDeployment),
  replicasets: of<ReplicaSet>(validateReplicaSet),
  replicationcontrollers: of<ReplicationController>(validateReplicationController),
  statefulsets: of<StatefulSet>(validateStatefulSet),
  daemonsets: of<DaemonSet>(validateDaemonSet),
  jobs: of<Job>(validateJob),
  cronjobs: of<CronJob>(validateCronJob),
  services: of<Service>((faults, service, old) => {
    if (old === undefined) validateService(faults, service)
    else validateServiceUpdate(faults, service, old)
  }),
  endpoints: of<Endpoints>(validateEndpoints),
  endpointslices: of<EndpointSlice>(validateEndpointSlice),
  configmaps: of<ConfigMap>(validateConfigMap),
  secrets: of<Secret>(validateSecret),
  namespaces: of<Namespace>(validateNamespace),
  nodes: of<Node>(validateNode),
  persistentvolumeclaims: of<PersistentVolumeClaim>(validateClaim),
  persistentvolumes: of<PersistentVolume>(validateVolumeObject),
  horizontalpodautoscalers: of<V2HorizontalPodAutoscaler>(validateAutoscaler),
  poddisruptionbudgets: of<PodDisruptionBudget>(validateBudget),
  ingresses: of<Ingress>((faults, ingress, old) => {
    validateIngress(faults, ingress, old === undefined)
  }),
  ingressclasses: of<IngressClass>(validateIngressClass),
  networkpolicies: of<NetworkPolicy>(validateNetworkPolicy),
  roles: of<Role>((faults, role) => {
    validateRole(faults, role, true)
  }),
  clusterroles: of<ClusterRole>(validateClusterRole),
  rolebindings: of<RoleBinding>((faults, binding, old) => {
    validateBinding(faults, binding, true, old)
  }),
  clusterrolebindings: of<RoleBinding>((faults, binding, old) => {
    validateBinding(faults, binding, false, old)
  }),
  priorityclasses: of<PriorityClass>(validatePriorityClass),
  storageclasses: of<StorageClass>(validateStorageClass),
  leases: of<Lease>(validateLease),
  resourcequotas: of<ResourceQuota>(validateQuota),
  limitranges: of<LimitRange>(validateLimitRange),
}

/** Faults of a new object. Source: kubernetes pkg/apis/<group>/validation */
export function validateCreate(call: Call, draft: ObjectDraft): FieldError[] {
  const faults = gatherFaults()
  validateMeta(faults, call.info, draft.metadata)
  RULES[call.info.resource]?.(faults, draft, undefined)
  return faults.list
}

/** Faults of a changed object, among them changes of what must stay. */
export function validateUpdate(call: Call, draft: ObjectDraft, old: StoredObject): FieldError[] {
  const faults = gatherFaults()
  validateMeta(faults, call.info, draft.metadata)
  validateMetaUpdate(faults, draft.metadata, old)
  if (call.subresource === '') RULES[call.info.resource]?.(faults, draft, old)
  return faults.list
}
