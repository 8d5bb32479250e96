import type { KubeObject, ResourceName, StoredOf } from '../resources.js'
import { eventTable, leaseTable, namespaceTable, nodeTable, priorityClassTable } from './cluster.js'
import type { Column } from './columns.js'
import { COLUMNS, DEFAULT_COLUMNS } from './columns.js'
import {
  budgetTable,
  claimTable,
  configMapTable,
  createdAtTable,
  quotaTable,
  roleBindingTable,
  secretTable,
  serviceAccountTable,
  storageClassTable,
  volumeTable,
} from './configuration.js'
import {
  endpointSliceTable,
  endpointsTable,
  ingressClassTable,
  ingressTable,
  networkPolicyTable,
  serviceTable,
} from './network.js'
import { podTable } from './pods.js'
import type { Cell, RowCondition, RowContext, TableKind } from './tableKind.js'
import {
  autoscalerTable,
  controllerRevisionTable,
  cronJobTable,
  daemonSetTable,
  deploymentTable,
  jobTable,
  podTemplateTable,
  replicaSetTable,
  replicationControllerTable,
  statefulSetTable,
} from './workloads.js'

const TABLES: { readonly [R in ResourceName]?: TableKind<StoredOf<R>> } = {
  clusterrolebindings: roleBindingTable,
  configmaps: configMapTable,
  controllerrevisions: controllerRevisionTable,
  cronjobs: cronJobTable,
  daemonsets: daemonSetTable,
  deployments: deploymentTable,
  endpoints: endpointsTable,
  endpointslices: endpointSliceTable,
  events: eventTable,
  horizontalpodautoscalers: autoscalerTable,
  ingressclasses: ingressClassTable,
  ingresses: ingressTable,
  jobs: jobTable,
  leases: leaseTable,
  namespaces: namespaceTable,
  networkpolicies: networkPolicyTable,
  nodes: nodeTable,
  persistentvolumeclaims: claimTable,
  persistentvolumes: volumeTable,
  poddisruptionbudgets: budgetTable,
  pods: podTable,
  podtemplates: podTemplateTable,
  priorityclasses: priorityClassTable,
  replicasets: replicaSetTable,
  replicationcontrollers: replicationControllerTable,
  resourcequotas: quotaTable,
  rolebindings: roleBindingTable,
  secrets: secretTable,
  serviceaccounts: serviceAccountTable,
  services: serviceTable,
  statefulsets: statefulSetTable,
  storageclasses: storageClassTable,
}

export interface Table {
  readonly columns: readonly Column[]
  row(object: KubeObject, context: RowContext): readonly Cell[]
  conditions(object: KubeObject): readonly RowCondition[]
}

/** The table of a resource. The objects must be of that resource: the API server has said so. */
export function tableOf(resource: ResourceName): Table {
  // The record's own type ties each table to its resource; a lookup by a name known only now loses that tie.
  const kind = (TABLES[resource] ?? createdAtTable) as TableKind<KubeObject>
  return {
    columns: COLUMNS[resource] ?? DEFAULT_COLUMNS,
    row: (object, context) => kind.row(object, context),
    conditions: (object) => kind.conditions?.(object) ?? [],
  }
}
