const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md'
const META = `Standard object's metadata. More info: ${CONVENTIONS}#metadata`
const SPEC_AND_STATUS = `${CONVENTIONS}#spec-and-status`
const PROBES = 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes'
const CLAIMS = 'https://kubernetes.io/docs/concepts/storage/persistent-volumes#persistentvolumeclaims'

/**
 * What the API's documentation says of fields that hold another type; the package from which the rest comes leaves these out.
 * Source: OpenAPI documents of kube-apiserver 1.36
 */
export const REFERENCES: Readonly<Record<string, string>> = {
  'ConfigMap.metadata': META,
  'Container.lifecycle':
    'Actions that the management system should take in response to container lifecycle events. Cannot be updated.',
  'Container.livenessProbe': `Periodic probe of container liveness. Container will be restarted if the probe fails. Cannot be updated. More info: ${PROBES}`,
  'Container.readinessProbe': `Periodic probe of container service readiness. Container will be removed from service endpoints if the probe fails. Cannot be updated. More info: ${PROBES}`,
  'Container.resources':
    'Compute Resources required by this container. Cannot be updated. More info: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  'Container.securityContext':
    'SecurityContext defines the security options the container should be run with. If set, the fields of SecurityContext override the equivalent fields of PodSecurityContext. More info: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
  'CronJob.metadata': META,
  'CronJob.spec': `Specification of the desired behavior of a cron job, including the schedule. More info: ${SPEC_AND_STATUS}`,
  'CronJob.status': `Current status of a cron job. More info: ${SPEC_AND_STATUS}`,
  'DaemonSet.metadata': META,
  'DaemonSet.spec': `The desired behavior of this daemon set. More info: ${SPEC_AND_STATUS}`,
  'DaemonSet.status': `The current status of this daemon set. This data may be out of date by some window of time. Populated by the system. Read-only. More info: ${SPEC_AND_STATUS}`,
  'Deployment.metadata': META,
  'Deployment.spec': 'Specification of the desired behavior of the Deployment.',
  'Deployment.status': 'Most recently observed status of the Deployment.',
  'DeploymentSpec.selector':
    "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.",
  'DeploymentSpec.strategy': 'The deployment strategy to use to replace existing pods with new ones.',
  'DeploymentSpec.template':
    'Template describes the pods that will be created. The only allowed template.spec.restartPolicy value is "Always".',
  'DeploymentStrategy.rollingUpdate': 'Rolling update config params. Present only if DeploymentStrategyType = RollingUpdate.',
  'Endpoint.conditions': 'conditions contains information about the current status of the endpoint.',
  'Endpoint.hints': 'hints contains information associated with how an endpoint should be consumed.',
  'Endpoint.targetRef': 'targetRef is a reference to a Kubernetes object that represents this endpoint.',
  'EndpointSlice.metadata': "Standard object's metadata.",
  'Endpoints.metadata': META,
  'Ingress.metadata': META,
  'Ingress.spec': `spec is the desired state of the Ingress. More info: ${SPEC_AND_STATUS}`,
  'Ingress.status': `status is the current state of the Ingress. More info: ${SPEC_AND_STATUS}`,
  'Job.metadata': META,
  'Job.spec': `Specification of the desired behavior of a job. More info: ${SPEC_AND_STATUS}`,
  'Job.status': `Current status of a job. More info: ${SPEC_AND_STATUS}`,
  'Namespace.metadata': META,
  'Namespace.spec': `Spec defines the behavior of the Namespace. More info: ${SPEC_AND_STATUS}`,
  'Namespace.status': `Status describes the current status of a Namespace. More info: ${SPEC_AND_STATUS}`,
  'NetworkPolicy.metadata': META,
  'NetworkPolicy.spec': 'spec represents the specification of the desired behavior for this NetworkPolicy.',
  'Node.metadata': META,
  'Node.spec': `Spec defines the behavior of a node. ${SPEC_AND_STATUS}`,
  'Node.status': `Most recently observed status of the node. Populated by the system. Read-only. More info: ${SPEC_AND_STATUS}`,
  'PersistentVolumeClaim.metadata': META,
  'PersistentVolumeClaim.spec': `spec defines the desired characteristics of a volume requested by a pod author. More info: ${CLAIMS}`,
  'PersistentVolumeClaim.status': `status represents the current information/status of a persistent volume claim. Read-only. More info: ${CLAIMS}`,
  'Pod.metadata': META,
  'Pod.spec': `Specification of the desired behavior of the pod. More info: ${SPEC_AND_STATUS}`,
  'Pod.status': `Most recently observed status of the pod. This data may not be up to date. Populated by the system. Read-only. More info: ${SPEC_AND_STATUS}`,
  'PodSpec.affinity': "If specified, the pod's scheduling constraints",
  'PodSpec.dnsConfig':
    'Specifies the DNS parameters of a pod. Parameters specified here will be merged to the generated DNS configuration based on DNSPolicy.',
  'PodSpec.securityContext':
    'SecurityContext holds pod-level security attributes and common container settings. Optional: Defaults to empty.  See type description for default values of each field.',
  'Probe.exec': 'Exec specifies a command to execute in the container.',
  'Probe.grpc': 'GRPC specifies a GRPC HealthCheckRequest.',
  'Probe.httpGet': 'HTTPGet specifies an HTTP GET request to perform.',
  'Probe.tcpSocket': 'TCPSocket specifies a connection to a TCP port.',
  'ReplicaSet.metadata': `If the Labels of a ReplicaSet are empty, they are defaulted to be the same as the Pod(s) that the ReplicaSet manages. ${META}`,
  'ReplicaSet.spec': `Spec defines the specification of the desired behavior of the ReplicaSet. More info: ${SPEC_AND_STATUS}`,
  'ReplicaSet.status': `Status is the most recently observed status of the ReplicaSet. This data may be out of date by some window of time. Populated by the system. Read-only. More info: ${SPEC_AND_STATUS}`,
  'Secret.metadata': META,
  'Service.metadata': META,
  'Service.spec': `Spec defines the behavior of a service. ${SPEC_AND_STATUS}`,
  'Service.status': `Most recently observed status of the service. Populated by the system. Read-only. More info: ${SPEC_AND_STATUS}`,
  'ServiceAccount.metadata': META,
  'ServiceSpec.sessionAffinityConfig': 'sessionAffinityConfig contains the configurations of session affinity.',
  'StatefulSet.metadata': META,
  'StatefulSet.spec': 'Spec defines the desired identities of pods in this set.',
  'StatefulSet.status':
    'Status is the current status of Pods in this StatefulSet. This data may be out of date by some window of time.',
}
