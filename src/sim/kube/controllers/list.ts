import { autoscalerController } from './autoscaling/autoscalerController.js'
import { daemonSetController } from './daemonset/daemonSetController.js'
import { deploymentController } from './deployment/deploymentController.js'
import { endpointSliceController } from './endpoints/endpointSliceController.js'
import { endpointsController } from './endpoints/endpointsController.js'
import { mirroringController } from './endpoints/mirroringController.js'
import type { Controller } from './framework.js'
import { garbageCollector } from './garbageCollector.js'
import { cronJobController } from './job/cronJobController.js'
import { jobController } from './job/jobController.js'
import { ttlAfterFinishedController } from './job/ttlAfterFinishedController.js'
import { namespaceController } from './namespaces/namespaceController.js'
import { rootCaController, serviceAccountController } from './namespaces/serviceAccountController.js'
import { nodeIpamController } from './nodes/nodeIpamController.js'
import { nodeLifecycleController } from './nodes/nodeLifecycleController.js'
import { podGarbageCollector } from './nodes/podGarbageCollector.js'
import { taintEvictionController } from './nodes/taintEvictionController.js'
import { ttlController } from './nodes/ttlController.js'
import { disruptionController } from './quota/disruptionController.js'
import { resourceQuotaController } from './quota/resourceQuotaController.js'
import { replicaSetController, replicationController } from './replicaset/replicaSetController.js'
import { statefulSetController } from './statefulset/statefulSetController.js'
import { volumeBinderController } from './volumes/binderController.js'
import { localPathProvisioner } from './volumes/localPathProvisioner.js'
import { claimProtectionController, volumeProtectionController } from './volumes/protectionControllers.js'

/** The controllers that are simulated, in the order in which a change reaches them. */
export const CONTROLLERS: readonly Controller[] = [
  deploymentController,
  replicaSetController,
  replicationController,
  statefulSetController,
  daemonSetController,
  jobController,
  cronJobController,
  ttlAfterFinishedController,
  volumeBinderController,
  claimProtectionController,
  volumeProtectionController,
  localPathProvisioner,
  endpointSliceController,
  endpointsController,
  mirroringController,
  autoscalerController,
  disruptionController,
  resourceQuotaController,
  namespaceController,
  serviceAccountController,
  rootCaController,
  garbageCollector,
  nodeIpamController,
  nodeLifecycleController,
  taintEvictionController,
  podGarbageCollector,
  ttlController,
]

/**
 * Every controller that kube-controller-manager knows by name, and the cloud controller manager's for load balancers.
 * Source: kubernetes cmd/kube-controller-manager/names/controller_names.go
 */
export const KNOWN_CONTROLLERS: readonly string[] = [
  'bootstrap-signer-controller',
  'certificatesigningrequest-approving-controller',
  'certificatesigningrequest-cleaner-controller',
  'certificatesigningrequest-signing-controller',
  'cloud-node-lifecycle-controller',
  'clusterrole-aggregation-controller',
  'cronjob-controller',
  'daemonset-controller',
  'deployment-controller',
  'device-taint-eviction-controller',
  'disruption-controller',
  'endpoints-controller',
  'endpointslice-controller',
  'endpointslice-mirroring-controller',
  'ephemeral-volume-controller',
  'garbage-collector-controller',
  'horizontal-pod-autoscaler-controller',
  'job-controller',
  'kube-apiserver-serving-clustertrustbundle-publisher-controller',
  'legacy-serviceaccount-token-cleaner-controller',
  'namespace-controller',
  'node-ipam-controller',
  'node-lifecycle-controller',
  'node-route-controller',
  'persistentvolume-attach-detach-controller',
  'persistentvolume-binder-controller',
  'persistentvolume-expander-controller',
  'persistentvolume-protection-controller',
  'persistentvolumeclaim-protection-controller',
  'pod-garbage-collector-controller',
  'podcertificaterequest-cleaner-controller',
  'replicaset-controller',
  'replicationcontroller-controller',
  'resourceclaim-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'selinux-warning-controller',
  'service-cidr-controller',
  'service-lb-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'statefulset-controller',
  'storage-version-migrator-controller',
  'storageversion-garbage-collector-controller',
  'taint-eviction-controller',
  'token-cleaner-controller',
  'ttl-after-finished-controller',
  'ttl-controller',
  'validatingadmissionpolicy-status-controller',
  'volumeattributesclass-protection-controller',
]

/** Run only when named. */
export const OFF_BY_DEFAULT: ReadonlySet<string> = new Set([
  'bootstrap-signer-controller',
  'token-cleaner-controller',
  'selinux-warning-controller',
])

/** Kinds that are stored but that no controller acts on here, with the controller that would in a real cluster. */
export const NOT_SIMULATED: Readonly<Record<string, string>> = {
  Ingress: 'an ingress controller',
  NetworkPolicy: 'a network plugin that enforces policies',
}
