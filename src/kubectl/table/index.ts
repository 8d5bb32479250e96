import type { KubeObject, ResourceName, StoredOf } from '../../sim/index.js'
import { ageOf } from '../text/duration.js'
import { eventTable, leaseTable, namespaceTable, nodeTable, priorityClassTable } from './cluster.js'
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
import type { Column, RowContext, TableKind } from './tableKind.js'
import { columns } from './tableKind.js'
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
  clusterroles: createdAtTable,
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
  limitranges: createdAtTable,
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
  roles: createdAtTable,
  secrets: secretTable,
  serviceaccounts: serviceAccountTable,
  services: serviceTable,
  statefulsets: statefulSetTable,
  storageclasses: storageClassTable,
}

const PLAIN: TableKind<KubeObject> = {
  columns: columns('Name', 'Age'),
  row: ({ metadata }, { now }) => [metadata.name ?? '', ageOf(metadata.creationTimestamp, now)],
}

export interface Table {
  readonly columns: readonly Column[]
  row(object: KubeObject, context: RowContext): readonly string[]
}

/** The table of a resource. The objects must be of that resource: the API server has said so. */
export function tableOf(resource: ResourceName): Table {
  // The record's own type ties each table to its resource; a lookup by a name known only now loses that tie.
  const kind = (TABLES[resource] ?? PLAIN) as TableKind<KubeObject>
  return { columns: kind.columns, row: (object, context) => kind.row(object, context).map(cellText) }
}

/** A cell holds one line. Source: kubernetes cli-runtime pkg/printers/tableprinter.go printRows */
function cellText(value: string | number | boolean): string {
  const text = String(value)
  const end = text.search(/[\f\n\r]/)
  return end < 0 ? text : `${text.slice(0, end)}...`
}
