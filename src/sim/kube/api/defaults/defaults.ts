import type {
  CronJob,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Endpoints,
  HTTPIngressPath,
  IngressClass,
  Job,
  JobSpec,
  LimitRange,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  Pod,
  PodDisruptionBudget,
  PodTemplateSpec,
  PriorityClass,
  ReplicaSet,
  ReplicationController,
  RoleBinding,
  Secret,
  Service,
  StatefulSet,
  StorageClass,
  V2HorizontalPodAutoscaler,
} from '../../../../generated/kubeTypes.js'
import { toBase64 } from '../base64.js'
import type { Draft, ObjectDraft } from '../draft.js'
import type { ResourceInfo } from '../kinds.js'
import { defaultPodSpec, defaultPodTemplate } from './podDefaults.js'
import { defaultService } from './serviceDefaults.js'

/** Fills in what the manifest leaves out. Source: kubernetes pkg/apis/<group>/<version>/defaults.go */
export function applyDefaults(info: ResourceInfo, draft: ObjectDraft): void {
  const apply = DEFAULTS[info.resource]
  // Decoding has made the draft of this resource's type.
  if (apply !== undefined) apply(draft)
}

/** Decoding made the object what its kind says; the functions here name that type. */
function of<T>(apply: (draft: Draft<T>) => void): (draft: unknown) => void {
  return (draft) => {
    apply(draft as Draft<T>)
  }
}

const DEFAULTS: Readonly<Record<string, (draft: unknown) => void>> = {
  pods: of<Pod>((pod) => {
    pod.spec ??= {}
    // 1.36: a Pod's own namespace of the host gives its container ports as host ports.
    defaultPodSpec(pod.spec, true)
    pod.spec.enableServiceLinks ??= true
  }),
  podtemplates: of<{ template: PodTemplateSpec }>((each) => {
    defaultPodTemplate(each)
  }),
  deployments: of<Deployment>((each) => {
    each.spec ??= {}
    const { spec } = each
    spec.replicas ??= 1
    spec.strategy ??= {}
    spec.strategy.type ??= 'RollingUpdate'
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {}
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
      spec.strategy.rollingUpdate.maxSurge ??= '25%'
    }
    spec.revisionHistoryLimit ??= 10
    spec.progressDeadlineSeconds ??= 600
    defaultPodTemplate(spec)
  }),
  replicasets: of<ReplicaSet>((each) => {
    each.spec ??= {}
    each.spec.replicas ??= 1
    defaultPodTemplate(each.spec)
  }),
  replicationcontrollers: of<ReplicationController>((each) => {
    each.spec ??= {}
    const labels = each.spec.template?.metadata?.labels
    each.metadata ??= {}
    if (labels !== undefined) {
      if (Object.keys(each.spec.selector ?? {}).length === 0) each.spec.selector = { ...labels }
      if (Object.keys(each.metadata.labels ?? {}).length === 0) each.metadata.labels = { ...labels }
    }
    each.spec.replicas ??= 1
    if (each.spec.template !== undefined) defaultPodTemplate(each.spec)
  }),
  daemonsets: of<DaemonSet>((each) => {
    each.spec ??= {}
    const { spec } = each
    spec.updateStrategy ??= {}
    spec.updateStrategy.type ??= 'RollingUpdate'
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {}
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0
    }
    spec.revisionHistoryLimit ??= 10
    defaultPodTemplate(spec)
  }),
  statefulsets: of<StatefulSet>((each) => {
    each.spec ??= {}
    const { spec } = each
    spec.podManagementPolicy ??= 'OrderedReady'
    spec.updateStrategy ??= {}
    if (spec.updateStrategy.type === undefined) {
      spec.updateStrategy.type = 'RollingUpdate'
      spec.updateStrategy.rollingUpdate ??= {}
      spec.updateStrategy.rollingUpdate.partition ??= 0
    }
    if (spec.updateStrategy.type === 'RollingUpdate' && spec.updateStrategy.rollingUpdate !== undefined) {
      spec.updateStrategy.rollingUpdate.partition ??= 0
    }
    spec.persistentVolumeClaimRetentionPolicy ??= {}
    spec.persistentVolumeClaimRetentionPolicy.whenDeleted ??= 'Retain'
    spec.persistentVolumeClaimRetentionPolicy.whenScaled ??= 'Retain'
    spec.replicas ??= 1
    spec.revisionHistoryLimit ??= 10
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion ??= 'v1'
      claim.kind ??= 'PersistentVolumeClaim'
      claim.spec ??= {}
      defaultClaim(claim.spec)
      claim.status ??= {}
      claim.status.phase ??= 'Pending'
    }
    defaultPodTemplate(spec)
  }),
  jobs: of<Job>((each) => {
    each.spec ??= {}
    defaultJob(each.spec)
    const labels = each.spec.template?.metadata?.labels
    each.metadata ??= {}
    if (labels !== undefined && Object.keys(each.metadata.labels ?? {}).length === 0) each.metadata.labels = { ...labels }
  }),
  cronjobs: of<CronJob>((each) => {
    each.spec ??= {}
    each.spec.concurrencyPolicy ??= 'Allow'
    each.spec.suspend ??= false
    each.spec.successfulJobsHistoryLimit ??= 3
    each.spec.failedJobsHistoryLimit ??= 1
    const template = each.spec.jobTemplate
    if (template?.spec?.template !== undefined) defaultPodTemplate(template.spec)
  }),
  services: of<Service>(defaultService),
  endpoints: of<Endpoints>((each) => {
    for (const subset of each.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ??= 'TCP'
  }),
  endpointslices: of<EndpointSlice>((each) => {
    for (const port of each.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  }),
  namespaces: of<Namespace>((each) => {
    each.metadata ??= {}
    const { name } = each.metadata
    if (name !== undefined && name !== '') each.metadata.labels = { ...each.metadata.labels, 'kubernetes.io/metadata.name': name }
    each.status ??= {}
    each.status.phase ??= 'Active'
  }),
  nodes: of<Node>((each) => {
    const { spec, status } = each
    if (status !== undefined && status.allocatable === undefined && status.capacity !== undefined) {
      status.allocatable = { ...status.capacity }
    }
    if (spec?.podCIDR !== undefined && spec.podCIDRs === undefined) spec.podCIDRs = [spec.podCIDR]
    else if (spec !== undefined && spec.podCIDR === undefined && spec.podCIDRs?.[0] !== undefined) spec.podCIDR = spec.podCIDRs[0]
  }),
  persistentvolumes: of<PersistentVolume>((each) => {
    each.status ??= {}
    each.status.phase ??= 'Pending'
    each.spec ??= {}
    each.spec.persistentVolumeReclaimPolicy ??= 'Retain'
    each.spec.volumeMode ??= 'Filesystem'
    if (each.spec.hostPath !== undefined) each.spec.hostPath.type ??= ''
  }),
  persistentvolumeclaims: of<PersistentVolumeClaim>((each) => {
    each.status ??= {}
    each.status.phase ??= 'Pending'
    each.spec ??= {}
    defaultClaim(each.spec)
  }),
  secrets: of<Secret>((each) => {
    each.type ??= 'Opaque'
    if (each.stringData !== undefined) {
      const encoded = Object.entries(each.stringData).map(([key, value]) => [key, toBase64(value ?? '')] as const)
      each.data = { ...each.data, ...Object.fromEntries(encoded) }
      delete each.stringData
    }
  }),
  storageclasses: of<StorageClass>((each) => {
    each.reclaimPolicy ??= 'Delete'
    each.volumeBindingMode ??= 'Immediate'
  }),
  priorityclasses: of<PriorityClass>((each) => {
    each.preemptionPolicy ??= 'PreemptLowerPriority'
  }),
  networkpolicies: of<NetworkPolicy>((each) => {
    each.spec ??= {}
    const { spec } = each
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP'
    }
    if (spec.policyTypes === undefined || spec.policyTypes.length === 0) {
      spec.policyTypes = ['Ingress', ...((spec.egress ?? []).length > 0 ? ['Egress'] : [])]
    }
  }),
  poddisruptionbudgets: of<PodDisruptionBudget>(() => undefined),
  ingresses: of<{ spec?: { rules?: readonly { http?: { paths?: readonly HTTPIngressPath[] } }[] } }>((each) => {
    for (const rule of each.spec?.rules ?? []) {
      for (const path of rule.http?.paths ?? []) path.pathType ??= 'ImplementationSpecific'
    }
  }),
  ingressclasses: of<IngressClass>((each) => {
    if (each.spec?.parameters !== undefined) each.spec.parameters.scope ??= 'Cluster'
  }),
  horizontalpodautoscalers: of<V2HorizontalPodAutoscaler>(defaultAutoscaler),
  rolebindings: of<RoleBinding>(defaultBinding),
  clusterrolebindings: of<RoleBinding>(defaultBinding),
  limitranges: of<LimitRange>((each) => {
    for (const item of each.spec?.limits ?? []) {
      if (item.type !== 'Container') continue
      item.default = { ...item.max, ...item.default }
      item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest }
      dropEmpty(item, 'default')
      dropEmpty(item, 'defaultRequest')
    }
  }),
}

function dropEmpty(item: Record<string, unknown>, field: string): void {
  const value = item[field]
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) delete item[field]
}

function defaultClaim(spec: Draft<PersistentVolumeClaimSpec>): void {
  spec.volumeMode ??= 'Filesystem'
}

function defaultJob(spec: Draft<JobSpec>): void {
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1
    spec.parallelism = 1
  }
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2_147_483_647
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ??= 'True'
  }
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'
  defaultPodTemplate(spec)
}

/** Source: kubernetes pkg/apis/autoscaling/v2/defaults.go */
function defaultAutoscaler(each: Draft<V2HorizontalPodAutoscaler>): void {
  each.spec ??= {}
  each.spec.minReplicas ??= 1
  if (each.spec.metrics === undefined || each.spec.metrics.length === 0) {
    each.spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]
  }
  const { behavior } = each.spec
  if (behavior === undefined) return
  if (behavior.scaleUp !== undefined || behavior.scaleDown !== undefined) {
    behavior.scaleUp = {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
      ...behavior.scaleUp,
    }
    behavior.scaleDown = {
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
      ...behavior.scaleDown,
    }
  }
}

const RBAC_GROUP = 'rbac.authorization.k8s.io'

function defaultBinding(each: Draft<RoleBinding>): void {
  each.roleRef ??= {}
  if (each.roleRef.apiGroup === undefined || each.roleRef.apiGroup === '') each.roleRef.apiGroup = RBAC_GROUP
  for (const subject of each.subjects ?? []) {
    if (subject.apiGroup !== undefined && subject.apiGroup !== '') continue
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup = RBAC_GROUP
  }
}
