/**
 * What the field table does not tell about Go's types: which fields are written even when empty, which hold quantities, and how Go
 * calls them. Source: kubernetes staging/src/k8s.io/api types.go of each group (pointers and `omitempty`).
 */

type Fields = Readonly<Record<string, string>>

type Lookup = ReadonlyMap<string, readonly string[]>

/** The table with its fields taken apart once: decoding asks for each field of each object. */
function lookup(table: Fields): Lookup {
  return new Map(Object.entries(table).map(([type, fields]) => [type, fields.split(' ')]))
}

const NONE: readonly string[] = []

function fieldsIn(table: Lookup, type: string): readonly string[] {
  return table.get(type) ?? NONE
}

/** Structs that are no pointers: always written, `{}` when empty. */
const STRUCTS = lookup({
  Pod: 'spec status',
  PodTemplate: 'template',
  PodTemplateSpec: 'metadata spec',
  Deployment: 'spec status',
  DeploymentSpec: 'template strategy',
  ReplicaSet: 'spec status',
  ReplicaSetSpec: 'template',
  StatefulSet: 'spec status',
  StatefulSetSpec: 'template updateStrategy',
  DaemonSet: 'spec status',
  DaemonSetSpec: 'template updateStrategy',
  ReplicationController: 'spec status',
  Job: 'spec status',
  JobSpec: 'template',
  CronJob: 'spec status',
  CronJobSpec: 'jobTemplate',
  JobTemplateSpec: 'metadata spec',
  Service: 'spec status',
  ServiceStatus: 'loadBalancer',
  Node: 'spec status',
  NodeStatus: 'daemonEndpoints nodeInfo',
  NodeDaemonEndpoints: 'kubeletEndpoint',
  Namespace: 'spec status',
  PersistentVolume: 'spec status',
  PersistentVolumeClaim: 'spec status',
  PersistentVolumeClaimSpec: 'resources',
  PersistentVolumeClaimTemplate: 'metadata spec',
  PodDisruptionBudget: 'spec status',
  ResourceQuota: 'spec status',
  LimitRange: 'spec',
  Lease: 'spec',
  Ingress: 'spec status',
  IngressStatus: 'loadBalancer',
  IngressClass: 'spec',
  HTTPIngressPath: 'backend',
  NetworkPolicy: 'spec',
  NetworkPolicySpec: 'podSelector',
  HorizontalPodAutoscaler: 'spec status',
  HorizontalPodAutoscalerSpec: 'scaleTargetRef',
  V2HorizontalPodAutoscaler: 'spec status',
  V2HorizontalPodAutoscalerSpec: 'scaleTargetRef',
  V2ResourceMetricSource: 'target',
  V2PodsMetricSource: 'metric target',
  V2ObjectMetricSource: 'describedObject metric target',
  V2ExternalMetricSource: 'metric target',
  V2ContainerResourceMetricSource: 'target',
  Scale: 'spec status',
  Container: 'resources',
  EphemeralContainer: 'resources',
  ContainerStatus: 'state lastState',
  Endpoint: 'conditions',
  ClusterRoleBinding: 'roleRef',
  RoleBinding: 'roleRef',
  Event: 'involvedObject source',
  Binding: 'target',
  WeightedPodAffinityTerm: 'podAffinityTerm',
  PreferredSchedulingTerm: 'preference',
})

/** Lists that are written as `null` when missing. */
const NULL_LISTS = lookup({
  PodSpec: 'containers',
  Role: 'rules',
  ClusterRole: 'rules',
  EndpointSlice: 'endpoints ports',
  Endpoint: 'addresses',
  LimitRangeSpec: 'limits',
  V2HorizontalPodAutoscalerStatus: 'currentMetrics',
})

/** Numbers written also when 0, beyond those the documentation calls required. */
const ALWAYS_NUMBERS = lookup({
  PodDisruptionBudgetStatus: 'disruptionsAllowed currentHealthy desiredHealthy expectedPods',
  StatefulSetStatus: 'availableReplicas',
  PriorityClass: 'value',
})

/** Numbers and booleans that are no pointers: 0 and false are not written. */
const OMITTED_ZERO = lookup({
  NodeSpec: 'unschedulable',
  PodSpec: 'hostIPC hostNetwork hostPID',
  ServiceSpec: 'publishNotReadyAddresses healthCheckNodePort',
  ServicePort: 'nodePort',
  ContainerPort: 'hostPort',
  DeploymentSpec: 'paused minReadySeconds',
  ReplicaSetSpec: 'minReadySeconds',
  ReplicationControllerSpec: 'minReadySeconds',
  DaemonSetSpec: 'minReadySeconds',
  StatefulSetSpec: 'minReadySeconds',
  PriorityClass: 'globalDefault',
  Container: 'stdin stdinOnce tty',
  EphemeralContainer: 'stdin stdinOnce tty',
  Probe: 'initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold',
  ObjectMeta: 'generation',
  DeploymentStatus: 'observedGeneration replicas updatedReplicas readyReplicas availableReplicas unavailableReplicas',
  ReplicaSetStatus: 'observedGeneration fullyLabeledReplicas readyReplicas availableReplicas',
  ReplicationControllerStatus: 'observedGeneration fullyLabeledReplicas readyReplicas availableReplicas',
  DaemonSetStatus: 'observedGeneration updatedNumberScheduled numberAvailable numberUnavailable',
  StatefulSetStatus: 'observedGeneration readyReplicas currentReplicas updatedReplicas',
  JobStatus: 'active succeeded failed',
  PodStatus: 'observedGeneration',
  PodCondition: 'observedGeneration',
  Condition: 'observedGeneration',
  PodDisruptionBudgetStatus: 'observedGeneration',
  V2HorizontalPodAutoscalerStatus: 'currentReplicas',
  ServiceBackendPort: 'number',
  ContainerStateTerminated: 'signal',
  Event: 'count',
  CoreV1EventSeries: 'count',
  EventsV1Event: 'deprecatedCount',
  ScaleSpec: 'replicas',
  ContainerImage: 'sizeBytes',
  AWSElasticBlockStoreVolumeSource: 'partition',
  GCEPersistentDiskVolumeSource: 'partition',
})

/** Texts that are pointers: an empty one is written. */
const EMPTY_TEXTS = lookup({
  PersistentVolumeClaimSpec: 'storageClassName volumeName',
  DiscoveryV1EndpointPort: 'name appProtocol',
  Endpoint: 'hostname nodeName zone',
  ServicePort: 'appProtocol',
  ServiceSpec: 'internalTrafficPolicy ipFamilyPolicy loadBalancerClass trafficDistribution',
  CronJobSpec: 'timeZone',
  JobSpec: 'completionMode managedBy',
  IngressSpec: 'ingressClassName',
  StorageClass: 'reclaimPolicy volumeBindingMode',
  PodSpec: 'runtimeClassName',
  LeaseSpec: 'holderIdentity',
})

/** Texts written also when empty, beyond those the documentation calls required. */
const ALWAYS_TEXTS = lookup({ Event: 'reportingComponent reportingInstance' })

/** Moments written as `null` when missing. */
const NULL_TIMES = lookup({
  Event: 'firstTimestamp lastTimestamp eventTime',
  PodCondition: 'lastProbeTime lastTransitionTime',
  NodeCondition: 'lastHeartbeatTime lastTransitionTime',
  PersistentVolumeClaimCondition: 'lastProbeTime lastTransitionTime',
  DeploymentCondition: 'lastUpdateTime lastTransitionTime',
  JobCondition: 'lastProbeTime lastTransitionTime',
})

const QUANTITIES = lookup({
  ResourceRequirements: 'limits requests',
  VolumeResourceRequirements: 'limits requests',
  NodeStatus: 'capacity allocatable',
  PersistentVolumeSpec: 'capacity',
  PersistentVolumeClaimStatus: 'capacity allocatedResources',
  ContainerStatus: 'allocatedResources',
  PodSpec: 'overhead',
  PodStatus: 'allocatedResources',
  LimitRangeItem: 'max min default defaultRequest maxLimitRequestRatio',
  ResourceQuotaSpec: 'hard',
  ResourceQuotaStatus: 'hard used',
  V2MetricTarget: 'value averageValue',
  V2MetricValueStatus: 'value averageValue',
  V2HPAScalingRules: 'tolerance',
  EmptyDirVolumeSource: 'sizeLimit',
  ResourceFieldSelector: 'divisor',
})

/** How Go calls a text that has a type of its own. */
const GO_TEXTS: Readonly<Record<string, string>> = {
  'ObjectMeta.uid': 'types.UID',
  'OwnerReference.uid': 'types.UID',
  'PodSpec.restartPolicy': 'v1.RestartPolicy',
  'PodSpec.dnsPolicy': 'v1.DNSPolicy',
  'PodSpec.preemptionPolicy': 'v1.PreemptionPolicy',
  'Container.imagePullPolicy': 'v1.PullPolicy',
  'Container.restartPolicy': 'v1.ContainerRestartPolicy',
  'Container.terminationMessagePolicy': 'v1.TerminationMessagePolicy',
  'ContainerPort.protocol': 'v1.Protocol',
  'ServicePort.protocol': 'v1.Protocol',
  'ServiceSpec.type': 'v1.ServiceType',
  'ServiceSpec.sessionAffinity': 'v1.ServiceAffinity',
  'ServiceSpec.externalTrafficPolicy': 'v1.ServiceExternalTrafficPolicy',
  'ServiceSpec.internalTrafficPolicy': 'v1.ServiceInternalTrafficPolicy',
  'ServiceSpec.ipFamilyPolicy': 'v1.IPFamilyPolicy',
  'HTTPGetAction.scheme': 'v1.URIScheme',
  'Taint.effect': 'v1.TaintEffect',
  'Toleration.operator': 'v1.TolerationOperator',
  'Toleration.effect': 'v1.TaintEffect',
  'DeploymentStrategy.type': 'v1.DeploymentStrategyType',
  'Secret.type': 'v1.SecretType',
  'LabelSelectorRequirement.operator': 'v1.LabelSelectorOperator',
  'CronJobSpec.concurrencyPolicy': 'v1.ConcurrencyPolicy',
  'HTTPIngressPath.pathType': 'v1.PathType',
  'ConfigMap.binaryData': 'map[string][]uint8',
}

export const goTypes = {
  structs: (type: string): readonly string[] => fieldsIn(STRUCTS, type),
  nullLists: (type: string): readonly string[] => fieldsIn(NULL_LISTS, type),
  nullTimes: (type: string): readonly string[] => fieldsIn(NULL_TIMES, type),
  alwaysTexts: (type: string): readonly string[] => fieldsIn(ALWAYS_TEXTS, type),
  alwaysNumbers: (type: string): readonly string[] => fieldsIn(ALWAYS_NUMBERS, type),
  omitsZero: (type: string, field: string): boolean => field === 'readOnly' || fieldsIn(OMITTED_ZERO, type).includes(field),
  keepsEmptyText: (type: string, field: string): boolean =>
    fieldsIn(EMPTY_TEXTS, type).includes(field) || fieldsIn(ALWAYS_TEXTS, type).includes(field),
  isQuantity: (type: string, field: string): boolean => fieldsIn(QUANTITIES, type).includes(field),
  textType: (type: string, field: string): string => GO_TEXTS[`${type}.${field}`] ?? 'string',
}

/** Go's name of one of our types: ours carry prefixes where two would clash. */
export function goName(type: string): string {
  return type.replace(/^(V2|DiscoveryV1|CoreV1|RbacV1|EventsV1)(?=[A-Z])/, '')
}
