import type { Overlay } from '../net/layout.js'

/** The part of an object that is read here: whatever a person wrote, only what has the right form counts. */
interface Told {
  readonly kind?: unknown
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown; readonly annotations?: unknown }
}

/** Where flannel's manifests put it, now and before. */
const NAMESPACES = ['kube-flannel', 'kube-system']

const BACKEND_TYPE = 'flannel.alpha.coreos.com/backend-type'

/**
 * How flannel on a Node reaches the other Nodes' Pods, as its annotation says; undefined when it says nothing.
 * Source: flannel pkg/subnet/kube/annotations.go
 */
export function overlayOfNode({ metadata }: Told): Overlay | undefined {
  return overlayNamed(member(metadata?.annotations, BACKEND_TYPE))
}

/**
 * The same for a whole cluster, from flannel's own configuration: ConfigMap `kube-flannel-cfg` with `net-conf.json`. It is read when the
 * cluster starts, as flannel reads it.
 * Source: flannel Documentation/kube-flannel.yml, pkg/subnet/config.go ParseConfig
 */
export function overlayOfCluster(objects: readonly Told[]): Overlay | undefined {
  const config = objects.find(
    ({ kind, metadata }) =>
      kind === 'ConfigMap' && metadata?.name === 'kube-flannel-cfg' && NAMESPACES.includes(String(metadata.namespace)),
  )
  const text = member(member(config, 'data'), 'net-conf.json')
  if (typeof text !== 'string') return undefined
  try {
    // flannel's own default is udp, which nobody runs; what is not told is taken as the cluster's usual routes.
    return overlayNamed(member(member(JSON.parse(text), 'Backend'), 'Type'))
  } catch {
    return undefined
  }
}

function overlayNamed(name: unknown): Overlay | undefined {
  return name === 'vxlan' || name === 'host-gw' ? name : undefined
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}
