import type { Event, Lease, Namespace, Node, PriorityClass } from '../../generated/kubeTypes.js'
import type { SimTime } from '../../sim/index.js'
import { byCodeUnit } from '../../sim/index.js'
import { ageOf } from '../text/duration.js'
import type { TableKind } from './tableKind.js'
import { columns } from './tableKind.js'

export const nodeTable: TableKind<Node> = {
  columns: columns(
    'Name',
    'Status',
    'Roles',
    'Age',
    'Version',
    'Internal-IP*',
    'External-IP*',
    'OS-Image*',
    'Kernel-Version*',
    'Container-Runtime*',
  ),
  row: (node, { now }) => {
    const { metadata, spec, status } = node
    const ready = status?.conditions?.find((each) => each.type === 'Ready')
    const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
    const roles = nodeRoles(node)
    const info = status?.nodeInfo
    const address = (type: string): string => status?.addresses?.find((each) => each.type === type)?.address ?? '<none>'
    const orUnknown = (text: string | undefined): string => (text === undefined || text === '' ? '<unknown>' : text)
    return [
      metadata?.name ?? '',
      spec?.unschedulable === true ? `${word},SchedulingDisabled` : word,
      roles.length === 0 ? '<none>' : roles.join(','),
      ageOf(metadata?.creationTimestamp, now),
      info?.kubeletVersion ?? '',
      address('InternalIP'),
      address('ExternalIP'),
      orUnknown(info?.osImage),
      orUnknown(info?.kernelVersion),
      orUnknown(info?.containerRuntimeVersion),
    ]
  },
}

const ROLE_PREFIX = 'node-role.kubernetes.io/'

/** Source: kubernetes pkg/printers/internalversion/printers.go findNodeRoles */
export function nodeRoles(node: Node): readonly string[] {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(node.metadata?.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length))
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value)
  }
  return [...roles].sort(byCodeUnit)
}

export const namespaceTable: TableKind<Namespace> = {
  columns: columns('Name', 'Status', 'Age'),
  row: ({ metadata, status }, { now }) => [metadata?.name ?? '', status?.phase ?? '', ageOf(metadata?.creationTimestamp, now)],
}

export const eventTable: TableKind<Event> = {
  columns: columns('Last Seen', 'Type', 'Reason', 'Object', 'Subobject*', 'Source*', 'Message', 'First Seen*', 'Count*', 'Name*'),
  row: (event, { now }) => {
    const { involvedObject } = event
    const host = event.source?.host ?? ''
    const component = event.source?.component ?? event.reportingComponent ?? ''
    const count = event.series?.count ?? event.count ?? 0
    const target = involvedObject.name === undefined ? involvedObject.kind : `${involvedObject.kind}/${involvedObject.name}`
    return [
      lastSeen(event, now),
      event.type ?? '',
      event.reason ?? '',
      (target ?? '').replace(/^[^/]+/, (kind) => kind.toLowerCase()),
      involvedObject.fieldPath ?? '',
      host === '' ? component : `${component}, ${host}`,
      (event.message ?? '').trim(),
      firstSeen(event, now),
      count === 0 ? 1 : count,
      event.metadata?.name ?? '',
    ]
  },
}

function firstSeen(event: Event, now: SimTime): string {
  return ageOf(event.firstTimestamp ?? event.eventTime, now)
}

function lastSeen(event: Event, now: SimTime): string {
  return ageOf(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.firstTimestamp ?? event.eventTime, now)
}

export const leaseTable: TableKind<Lease> = {
  columns: columns('Name', 'Holder', 'Age'),
  row: ({ metadata, spec }, { now }) => [
    metadata?.name ?? '',
    spec?.holderIdentity ?? '',
    ageOf(metadata?.creationTimestamp, now),
  ],
}

export const priorityClassTable: TableKind<PriorityClass> = {
  columns: columns('Name', 'Value', 'Global-Default', 'Age', 'PreemptionPolicy'),
  row: ({ metadata, value, globalDefault, preemptionPolicy }, { now }) => [
    metadata?.name ?? '',
    value ?? 0,
    globalDefault ?? false,
    ageOf(metadata?.creationTimestamp, now),
    preemptionPolicy ?? '',
  ],
}
