import type { Node, Service } from '../../../generated/kubeTypes.js'
import type { WatchChange } from '../api/informer.js'
import { IP_FAMILIES } from './address.js'
import { servesUdp } from './conntrack.js'
import { serviceKeyOfSlice } from './objects.js'
import type { PendingChange } from './part.js'
import { servicePortsOf } from './services.js'

/**
 * The Services whose rules a change may touch, as `namespace/name`; `''` when it may be any of them; none when kube-proxy has no use
 * for what changed (an annotation, a status, another Node's label).
 *
 * Source: kubernetes pkg/proxy/servicechangetracker.go Update, endpointschangetracker.go EndpointSliceUpdate, node.go
 */
export function servicesTouchedBy(change: WatchChange): readonly string[] {
  if (isChangeOf(change, 'services')) return isSame(change, rulesView) ? [] : [change.key]
  if (isChangeOf(change, 'endpointslices')) {
    // Slices are not looked into: whatever somebody wrote to one counts.
    const keys = [change.old, change.object].map((slice) => (slice === undefined ? undefined : serviceKeyOfSlice(slice)))
    return [...new Set(keys.filter((key) => key !== undefined))]
  }
  if (isChangeOf(change, 'nodes')) return isSame(change, nodeView) ? [] : ['']
  return []
}

/** The families in which a slice had endpoints of UDP ports before it changed. */
export function udpBefore(change: WatchChange): Pick<PendingChange, 'udp'> {
  if (!isChangeOf(change, 'endpointslices')) return {}
  const { old } = change
  const udp = old === undefined ? [] : IP_FAMILIES.filter((family) => servesUdp(old, family))
  return udp.length === 0 ? {} : { udp }
}

function isChangeOf<R extends 'services' | 'endpointslices' | 'nodes'>(
  change: WatchChange,
  resource: R,
): change is WatchChange<R> {
  return change.resource === resource
}

function isSame<T extends object>(
  change: { readonly type: string; readonly object: T; readonly old: T | undefined },
  view: (object: T) => unknown,
): boolean {
  if (change.type === 'DELETED' || change.old === undefined) return false
  return textOf(change.old, view) === textOf(change.object, view)
}

/** What matters of an object, as text: it comes to the proxy of every Node, and is written once. Can be rebuilt. */
const texts = new WeakMap<object, string>()

function textOf<T extends object>(object: T, view: (object: T) => unknown): string {
  const known = texts.get(object)
  if (known !== undefined) return known
  const text = JSON.stringify(view(object))
  texts.set(object, text)
  return text
}

function rulesView(service: Service): unknown {
  return IP_FAMILIES.map((family) => servicePortsOf(service, family))
}

function nodeView(node: Node): unknown {
  const { labels } = node.metadata ?? {}
  return [labels?.['topology.kubernetes.io/zone'], node.status?.addresses, node.spec?.podCIDRs]
}
