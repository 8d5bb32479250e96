import { COLUMN_DOCS } from '../../../../generated/columnDocs.js'
import type { ResourceName } from '../resources.js'
import type { ColumnDocName } from './columnDocNames.js'

/** A column as the server announces it. Source: apimachinery meta/v1 types.go TableColumnDefinition */
export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean' | 'date'
  readonly format: string
  readonly description: string
  /** Above 0 only with `-o wide`. */
  readonly priority: number
}

function column(
  name: string,
  description: string,
  options: { readonly type?: Column['type']; readonly wide?: true } = {},
): Column {
  return { name, type: options.type ?? 'string', format: '', description, priority: options.wide === true ? 1 : 0 }
}

function docOf(field: ColumnDocName): string {
  return COLUMN_DOCS[field]
}

const integer = { type: 'integer' } as const
const boolean = { type: 'boolean' } as const
const wide = { wide: true } as const

const SELECTORS = 'More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors'
const JOB_SELECTOR = `A label query over pods that should match the pod count. Normally, the system sets this field for you. ${SELECTORS}`
const ROLE_RANGE =
  'RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.'
const CLUSTER_ROLE_RANGE =
  'RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.'

const name: Column = { ...column('Name', docOf('ObjectMeta.name')), format: 'name' }
const age = column('Age', docOf('ObjectMeta.creationTimestamp'))
const createdAt = column('Created At', docOf('ObjectMeta.creationTimestamp'), { type: 'date' })
const containers = column('Containers', 'Names of each container in the template.', wide)
const images = column('Images', 'Images referenced by each container in the template.', wide)
const ready = column('Ready', 'Number of the pod with ready state')

function subjects(kind: string): readonly Column[] {
  return ['Users', 'Groups', 'ServiceAccounts'].map((each) => column(each, `${each} in the ${kind}`, wide))
}

/** The columns in which every kind with a Pod template ends: its age, and behind `-o wide` what the template runs and which Pods are its own. */
function ageAndTemplate(selector: string): readonly Column[] {
  return [age, containers, images, column('Selector', selector, wide)]
}

/** Columns of kinds that have no printer of their own. Source: apiserver pkg/registry/rest/table.go */
export const DEFAULT_COLUMNS: readonly Column[] = [name, createdAt]

/** Columns of a `Scale`. */
export const SCALE_COLUMNS: readonly Column[] = [
  column('Name', docOf('ObjectMeta.name')),
  column('Desired', docOf('ScaleSpec.replicas'), integer),
  column('Available', docOf('ScaleStatus.replicas'), integer),
  age,
]

/** The columns of each resource. Source: kubernetes pkg/printers/internalversion/printers.go AddHandlers */
export const COLUMNS: { readonly [R in ResourceName]?: readonly Column[] } = {
  clusterrolebindings: [name, column('Role', CLUSTER_ROLE_RANGE), age, ...subjects('clusterRoleBinding')],
  configmaps: [name, column('Data', docOf('ConfigMap.data')), age],
  controllerrevisions: [
    name,
    column('Controller', 'Controller of the object'),
    column('Revision', docOf('ControllerRevision.revision')),
    age,
  ],
  cronjobs: [
    name,
    column('Schedule', docOf('CronJobSpec.schedule')),
    column('Timezone', docOf('CronJobSpec.timeZone')),
    column('Suspend', docOf('CronJobSpec.suspend'), boolean),
    column('Active', docOf('CronJobStatus.active'), integer),
    column('Last Schedule', docOf('CronJobStatus.lastScheduleTime')),
    ...ageAndTemplate(JOB_SELECTOR),
  ],
  daemonsets: [
    name,
    column('Desired', docOf('DaemonSetStatus.desiredNumberScheduled'), integer),
    column('Current', docOf('DaemonSetStatus.currentNumberScheduled'), integer),
    column(
      'Ready',
      'The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and ready.',
      integer,
    ),
    column('Up-to-date', docOf('DaemonSetStatus.updatedNumberScheduled'), integer),
    column('Available', docOf('DaemonSetStatus.numberAvailable'), integer),
    column('Node Selector', docOf('PodSpec.nodeSelector')),
    ...ageAndTemplate(
      `A label query over pods that are managed by the daemon set. Must match in order to be controlled. If empty, defaulted to labels on Pod template. ${SELECTORS}`,
    ),
  ],
  deployments: [
    name,
    ready,
    column('Up-to-date', docOf('DeploymentStatus.updatedReplicas')),
    column('Available', docOf('DeploymentStatus.availableReplicas')),
    ...ageAndTemplate(
      'Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment.',
    ),
  ],
  endpoints: [name, column('Endpoints', docOf('Endpoints.subsets')), age],
  endpointslices: [
    name,
    column(
      'AddressType',
      'addressType specifies the type of address carried by this EndpointSlice. All addresses in this slice must be the same type. This field is immutable after creation. The following address types are currently supported: * IPv4: Represents an IPv4 Address. * IPv6: Represents an IPv6 Address. * FQDN: Represents a Fully Qualified Domain Name.',
    ),
    column(
      'Ports',
      'ports specifies the list of network ports exposed by each endpoint in this slice. Each port must have a unique name. When ports is empty, it indicates that there are no defined ports. When a port is defined with a nil port value, it indicates "all ports". Each slice may include a maximum of 100 ports.',
    ),
    column(
      'Endpoints',
      'endpoints is a list of unique endpoints in this slice. Each slice may include a maximum of 1000 endpoints.',
    ),
    age,
  ],
  events: [
    column('Last Seen', docOf('Event.lastTimestamp')),
    column('Type', docOf('Event.type')),
    column('Reason', docOf('Event.reason')),
    column('Object', 'The object that this event is about.'),
    column('Subobject', docOf('ObjectReference.fieldPath'), wide),
    column('Source', 'The component reporting this event. Should be a short machine understandable string.', wide),
    column('Message', docOf('Event.message')),
    column('First Seen', docOf('Event.firstTimestamp'), wide),
    column('Count', docOf('Event.count'), wide),
    { ...name, priority: 1 },
  ],
  horizontalpodautoscalers: [
    name,
    column(
      'Reference',
      'scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.',
    ),
    column('Targets', docOf('V2HorizontalPodAutoscalerSpec.metrics')),
    column('MinPods', docOf('V2HorizontalPodAutoscalerSpec.minReplicas')),
    column('MaxPods', docOf('V2HorizontalPodAutoscalerSpec.maxReplicas')),
    column('Replicas', docOf('V2HorizontalPodAutoscalerStatus.currentReplicas')),
    age,
  ],
  ingressclasses: [
    name,
    column('Controller', 'Controller that is responsible for handling this class'),
    column('Parameters', 'A reference to a resource with additional parameters'),
    age,
  ],
  ingresses: [
    name,
    column('Class', 'The name of the IngressClass resource that should be used for additional configuration'),
    column('Hosts', 'Hosts that incoming requests are matched against before the ingress rule'),
    column('Address', 'Address is a list containing ingress points for the load-balancer'),
    column('Ports', 'Ports of TLS configurations that open'),
    age,
  ],
  jobs: [
    name,
    column('Status', 'Status of the job.'),
    column('Completions', docOf('JobStatus.succeeded')),
    column('Duration', 'Time required to complete the job.'),
    ...ageAndTemplate(JOB_SELECTOR),
  ],
  leases: [name, column('Holder', docOf('LeaseSpec.holderIdentity')), age],
  namespaces: [name, column('Status', 'The status of the namespace'), age],
  networkpolicies: [
    name,
    column(
      'Pod-Selector',
      'Selects the pods to which this NetworkPolicy object applies.  The array of ingress rules is applied to any pods selected by this field. Multiple network policies can select the same set of pods.  In this case, the ingress rules for each are combined additively. This field is NOT optional and follows standard label selector semantics. An empty podSelector matches all pods in this namespace.',
    ),
    age,
  ],
  nodes: [
    name,
    column('Status', 'The status of the node'),
    column('Roles', 'The roles of the node'),
    age,
    column('Version', docOf('NodeSystemInfo.kubeletVersion')),
    column('Internal-IP', docOf('NodeStatus.addresses'), wide),
    column('External-IP', docOf('NodeStatus.addresses'), wide),
    column('OS-Image', docOf('NodeSystemInfo.osImage'), wide),
    column('Kernel-Version', docOf('NodeSystemInfo.kernelVersion'), wide),
    column('Container-Runtime', docOf('NodeSystemInfo.containerRuntimeVersion'), wide),
  ],
  persistentvolumeclaims: [
    name,
    column('Status', docOf('PersistentVolumeClaimStatus.phase')),
    column('Volume', docOf('PersistentVolumeClaimSpec.volumeName')),
    column('Capacity', docOf('PersistentVolumeClaimStatus.capacity')),
    column('Access Modes', docOf('PersistentVolumeClaimStatus.accessModes')),
    column('StorageClass', 'StorageClass of the pvc'),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the pvc'),
    age,
    column('VolumeMode', docOf('PersistentVolumeClaimSpec.volumeMode'), wide),
  ],
  persistentvolumes: [
    name,
    column('Capacity', docOf('PersistentVolumeSpec.capacity')),
    column('Access Modes', docOf('PersistentVolumeSpec.accessModes')),
    column('Reclaim Policy', docOf('PersistentVolumeSpec.persistentVolumeReclaimPolicy')),
    column('Status', docOf('PersistentVolumeStatus.phase')),
    column(
      'Claim',
      'claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding',
    ),
    column('StorageClass', 'StorageClass of the pv'),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the pv'),
    column('Reason', docOf('PersistentVolumeStatus.reason')),
    age,
    column('VolumeMode', docOf('PersistentVolumeSpec.volumeMode'), wide),
  ],
  poddisruptionbudgets: [
    name,
    column('Min Available', 'The minimum number of pods that must be available.'),
    column('Max Unavailable', 'The maximum number of pods that may be unavailable.'),
    column('Allowed Disruptions', 'Calculated number of pods that may be disrupted at this time.', integer),
    age,
  ],
  pods: [
    name,
    column('Ready', 'The aggregate readiness state of this pod for accepting traffic.'),
    column('Status', 'The aggregate status of the containers in this pod.'),
    column(
      'Restarts',
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    ),
    age,
    column('IP', docOf('PodStatus.podIP'), wide),
    column('Node', docOf('PodSpec.nodeName'), wide),
    column('Nominated Node', docOf('PodStatus.nominatedNodeName'), wide),
    column('Readiness Gates', docOf('PodSpec.readinessGates'), wide),
  ],
  podtemplates: [
    name,
    column('Containers', 'Names of each container in the template.'),
    column('Images', 'Images referenced by each container in the template.'),
    column('Pod Labels', 'The labels for the pod template.'),
  ],
  priorityclasses: [
    name,
    column('Value', docOf('PriorityClass.value'), integer),
    column('Global-Default', docOf('PriorityClass.globalDefault'), boolean),
    age,
    column('PreemptionPolicy', docOf('PriorityClass.preemptionPolicy')),
  ],
  replicasets: [
    name,
    column('Desired', docOf('ReplicaSetSpec.replicas'), integer),
    column('Current', docOf('ReplicaSetStatus.replicas'), integer),
    column('Ready', docOf('ReplicaSetStatus.readyReplicas'), integer),
    ...ageAndTemplate(
      `Selector is a label query over pods that should match the replica count. If the selector is empty, it is defaulted to the labels present on the pod template. Label keys and values that must match in order to be controlled by this replica set. ${SELECTORS}`,
    ),
  ],
  replicationcontrollers: [
    name,
    column('Desired', docOf('ReplicationControllerSpec.replicas'), integer),
    column('Current', docOf('ReplicationControllerStatus.replicas'), integer),
    column('Ready', docOf('ReplicationControllerStatus.readyReplicas'), integer),
    ...ageAndTemplate(docOf('ReplicationControllerSpec.selector')),
  ],
  resourcequotas: [
    name,
    column('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.'),
    column(
      'Limit',
      'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
    ),
    age,
  ],
  rolebindings: [name, column('Role', ROLE_RANGE), age, ...subjects('roleBinding')],
  secrets: [name, column('Type', docOf('Secret.type')), column('Data', docOf('Secret.data')), age],
  serviceaccounts: [name, column('Secrets', docOf('ServiceAccount.secrets')), age],
  services: [
    name,
    column('Type', docOf('ServiceSpec.type')),
    column('Cluster-IP', docOf('ServiceSpec.clusterIP')),
    column('External-IP', docOf('ServiceSpec.externalIPs')),
    column('Port(s)', docOf('ServiceSpec.ports')),
    age,
    column('Selector', docOf('ServiceSpec.selector'), wide),
  ],
  statefulsets: [name, ready, age, containers, images],
  storageclasses: [
    name,
    column('Provisioner', docOf('StorageClass.provisioner')),
    column('ReclaimPolicy', docOf('StorageClass.reclaimPolicy')),
    column('VolumeBindingMode', docOf('StorageClass.volumeBindingMode')),
    column('AllowVolumeExpansion', docOf('StorageClass.allowVolumeExpansion')),
    age,
  ],
}
