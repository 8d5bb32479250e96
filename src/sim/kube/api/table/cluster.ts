import type { Event, Lease, Namespace, Node, PriorityClass } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import type { SimTime } from '../../../core/time.js'
import { ageOf } from './duration.js'
import type { TableKind } from './tableKind.js'

export const nodeTable: TableKind<Node> = {
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
      kernelOf(info?.kernelVersion, info?.architecture),
      orUnknown(info?.containerRuntimeVersion),
    ]
  },
}

/** Since 1.36 with the architecture. Source: kubernetes pkg/printers/internalversion/printers.go printNode */
function kernelOf(version: string | undefined, architecture: string | undefined): string {
  if (version === undefined || version === '') return '<unknown>'
  return architecture === undefined || architecture === '' ? version : `${version} (${architecture})`
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
  row: ({ metadata, status }, { now }) => [metadata?.name ?? '', status?.phase ?? '', ageOf(metadata?.creationTimestamp, now)],
}

export const eventTable: TableKind<Event> = {
  row: (event, { now }) => {
    const { involvedObject } = event
    const host = firstOf(event.source?.host, event.reportingInstance)
    const component = firstOf(event.source?.component, event.reportingComponent)
    const count = event.series?.count ?? (event.count === undefined || event.count === 0 ? 1 : event.count)
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
      count,
      event.metadata?.name ?? '',
    ]
  },
}

function firstOf(...texts: readonly (string | undefined)[]): string {
  return texts.find((each) => each !== undefined && each !== '') ?? ''
}

function firstSeen(event: Event, now: SimTime): string {
  return ageOf(event.firstTimestamp ?? event.eventTime, now)
}

function lastSeen(event: Event, now: SimTime): string {
  return ageOf(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.firstTimestamp ?? event.eventTime, now)
}

export const leaseTable: TableKind<Lease> = {
  row: ({ metadata, spec }, { now }) => [
    metadata?.name ?? '',
    spec?.holderIdentity ?? '',
    ageOf(metadata?.creationTimestamp, now),
  ],
}

export const priorityClassTable: TableKind<PriorityClass> = {
  row: ({ metadata, value, globalDefault, preemptionPolicy }, { now }) => [
    metadata?.name ?? '',
    value ?? 0,
    globalDefault ?? false,
    ageOf(metadata?.creationTimestamp, now),
    preemptionPolicy ?? '',
  ],
}
