import type { KubeObject, ResourceName, StoredOf } from '../../sim/index.js'
import { describeIngressClass, describePriorityClass, describeRole, describeRoleBinding, describeStorageClass } from './access.js'
import { describeAutoscaler } from './autoscaler.js'
import type { DescribeContext } from './common.js'
import {
  describeBudget,
  describeClaim,
  describeConfigMap,
  describeLimitRange,
  describeNamespace,
  describeQuota,
  describeSecret,
  describeServiceAccount,
} from './configuration.js'
import { describeGeneric } from './generic.js'
import { describeEndpointSlice, describeEndpoints, describeIngress, describeNetworkPolicy, describeService } from './network.js'
import { describeNode } from './node.js'
import { describePod } from './pod.js'
import { describeVolume } from './volumes.js'
import {
  describeCronJob,
  describeDaemonSet,
  describeDeployment,
  describeJob,
  describeReplicaSet,
  describeReplicationController,
  describeStatefulSet,
} from './workloads.js'
import { DescribeWriter } from './writer.js'

type Describer<T> = (object: T, context: DescribeContext, w: DescribeWriter) => void

const DESCRIBERS: { readonly [R in ResourceName]?: Describer<StoredOf<R>> } = {
  clusterrolebindings: describeRoleBinding,
  clusterroles: describeRole,
  configmaps: describeConfigMap,
  cronjobs: describeCronJob,
  daemonsets: describeDaemonSet,
  deployments: describeDeployment,
  endpoints: describeEndpoints,
  endpointslices: describeEndpointSlice,
  horizontalpodautoscalers: describeAutoscaler,
  ingressclasses: describeIngressClass,
  ingresses: describeIngress,
  jobs: describeJob,
  limitranges: describeLimitRange,
  namespaces: describeNamespace,
  networkpolicies: describeNetworkPolicy,
  nodes: describeNode,
  persistentvolumeclaims: describeClaim,
  persistentvolumes: describeVolume,
  poddisruptionbudgets: describeBudget,
  pods: describePod,
  priorityclasses: describePriorityClass,
  replicasets: describeReplicaSet,
  replicationcontrollers: describeReplicationController,
  resourcequotas: describeQuota,
  rolebindings: describeRoleBinding,
  roles: describeRole,
  secrets: describeSecret,
  serviceaccounts: describeServiceAccount,
  services: describeService,
  statefulsets: describeStatefulSet,
  storageclasses: describeStorageClass,
}

/** What `kubectl describe` prints of one object. */
export function describeObject(resource: ResourceName, object: KubeObject, context: DescribeContext): string {
  const w = new DescribeWriter()
  // The record's own type ties each describer to its resource; a lookup by a name known only now loses that tie.
  const describer = (DESCRIBERS[resource] ?? describeGeneric) as Describer<KubeObject>
  describer(object, context, w)
  return w.text()
}
