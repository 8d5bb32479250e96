import type { Container, DiscoveryV1EndpointPort, Endpoint, ServicePort } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import type { StoredOf } from '../../api/resources.js'
import type { StoredPod } from '../framework.js'
import { isPodReady, isPodTerminal } from '../pods.js'
import { fnv128a } from './fnv128a.js'

export type StoredService = StoredOf<'services'>

/** Source: kubernetes staging/src/k8s.io/endpointslice/utils.go ShouldPodBeInEndpoints */
export function belongsInEndpoints(pod: StoredPod, withTerminating: boolean): boolean {
  if (isPodTerminal(pod) || addressesOf(pod).length === 0) return false
  return withTerminating || pod.metadata.deletionTimestamp === undefined
}

export function addressesOf(pod: StoredPod): readonly string[] {
  const known = addresses.get(pod)
  if (known !== undefined) return known
  const all = (pod.status?.podIPs ?? []).flatMap(({ ip }) => (ip === undefined || ip === '' ? [] : [ip]))
  const first = pod.status?.podIP ?? ''
  const found = all.length > 0 || first === '' ? all : [first]
  addresses.set(pod, found)
  return found
}

/** Addresses of Pods that were asked for before. Can be rebuilt. */
const addresses = new WeakMap<StoredPod, readonly string[]>()

export function familyOf(address: string): 'IPv4' | 'IPv6' {
  return address.includes(':') ? 'IPv6' : 'IPv4'
}

/** Number of the port that a Service's port means in a Pod; undefined when the Pod has no port of that name. */
export function findPort(pod: StoredPod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target === 0 ? port.port : target
  const sidecars = (pod.spec?.initContainers ?? []).filter((each) => each.restartPolicy === 'Always')
  const containers: readonly Container[] = [...(pod.spec?.containers ?? []), ...sidecars]
  for (const container of containers) {
    for (const each of container.ports ?? []) {
      if (each.name === target && (each.protocol ?? 'TCP') === (port.protocol ?? 'TCP')) return each.containerPort
    }
  }
  return undefined
}

/** Ports of a slice for one Pod, in the Service's order. Source: endpointslice/utils.go getEndpointPorts */
export function slicePorts(service: StoredService, pod: StoredPod): readonly DiscoveryV1EndpointPort[] {
  const ports = (service.spec?.ports ?? []).flatMap((port) => {
    const number = findPort(pod, port)
    if (number === undefined) return []
    const { appProtocol } = port
    const own = { name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP' }
    return [appProtocol === undefined ? own : { ...own, appProtocol }]
  })
  return ports.length < 2 ? ports : ports.sort((a, b) => byCodeUnit(fnv128a(portText(a)), fnv128a(portText(b))))
}

/** A port as go-spew prints it for hashing. Source: k8s.io/endpointslice util/controller_utils.go NewPortMapKey */
function portText({ name = '', port = 0, protocol = '', appProtocol }: DiscoveryV1EndpointPort): string {
  return `(v1.EndpointPort){Name:(*string)${name} Protocol:(*v1.Protocol)${protocol} Port:(*int32)${port} AppProtocol:(*string)${appProtocol ?? '<nil>'}}`
}

/** One Pod as an endpoint of a Service. Source: endpointslice/utils.go podToEndpoint */
export function podToEndpoint(
  pod: StoredPod,
  node: StoredOf<'nodes'> | undefined,
  service: StoredService,
  family: 'IPv4' | 'IPv6',
): Endpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating)
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'] ?? ''
  const nodeName = pod.spec?.nodeName ?? ''
  return {
    addresses: addressesOf(pod).filter((each) => familyOf(each) === family),
    conditions: { ready, serving, terminating },
    ...(hasOwnName(pod, service) ? { hostname: pod.spec?.hostname ?? '' } : {}),
    ...(nodeName === '' ? {} : { nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid },
    ...(zone === '' ? {} : { zone }),
  }
}

/** A Pod with a hostname whose subdomain is the Service is found by that name. */
export function hasOwnName(pod: StoredPod, service: StoredService): boolean {
  return (pod.spec?.hostname ?? '') !== '' && pod.spec?.subdomain === service.metadata.name
}

/** Values of trafficDistribution that give hints. */
const CLOSE: ReadonlySet<string | undefined> = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode'])

/** Where traffic to each ready endpoint should come from. Source: endpointslice/trafficdist/trafficdist.go */
export function withHints(endpoint: Endpoint, distribution: string | undefined): Endpoint {
  const { zone, nodeName } = endpoint
  if (!CLOSE.has(distribution) || endpoint.conditions?.ready !== true) return endpoint
  const forZones = zone === undefined ? {} : { forZones: [{ name: zone }] }
  const forNodes = distribution !== 'PreferSameNode' || nodeName === undefined ? {} : { forNodes: [{ name: nodeName }] }
  const hints = { ...forZones, ...forNodes }
  return Object.keys(hints).length === 0 ? endpoint : { ...endpoint, hints }
}

export const SERVICE_NAME = 'kubernetes.io/service-name'
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
export const HEADLESS = 'service.kubernetes.io/headless'
export const SKIP_MIRROR = 'endpointslice.kubernetes.io/skip-mirror'

export function isHeadless(service: StoredService): boolean {
  const ip = service.spec?.clusterIP ?? ''
  return ip === '' || ip === 'None'
}

/** Pods of a namespace whose change may concern Services. */
export function endpointsMayChange(old: StoredPod, pod: StoredPod): boolean {
  return (
    isPodReady(old) !== isPodReady(pod) ||
    isPodTerminal(old) !== isPodTerminal(pod) ||
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
    old.spec?.nodeName !== pod.spec?.nodeName ||
    old.spec?.hostname !== pod.spec?.hostname ||
    addressesOf(old).join() !== addressesOf(pod).join() ||
    old.metadata.name !== pod.metadata.name
  )
}
