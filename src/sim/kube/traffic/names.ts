import type { EndpointSlice, Service } from '../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../core/digest.js'
import { canonicalAddress } from '../../net/address.js'
import type { StoredOf } from '../api/resources.js'
import type { World } from '../context.js'
import { getStored, listIndexed } from '../etcd/store.js'

/** What the cluster's DNS answers: addresses, or nothing. */
export type NameAnswer = readonly string[]

const DOMAIN = 'cluster.local'
const MOST_ALIASES = 8

/** The Service of that name as stored. */
export function findService(world: World, namespace: string, name: string): StoredOf<'services'> | undefined {
  // What lies under `services` in the store are Services.
  return getStored(world.parts.etcd, 'services', `${namespace}/${name}`) as unknown as StoredOf<'services'> | undefined
}

export function findPod(world: World, namespace: string, name: string): StoredOf<'pods'> | undefined {
  return getStored(world.parts.etcd, 'pods', `${namespace}/${name}`) as unknown as StoredOf<'pods'> | undefined
}

/** The slices of a Service, by name. */
export function slicesOf(world: World, namespace: string, service: string): readonly EndpointSlice[] {
  const slices = listIndexed(
    world.parts.etcd,
    'endpointslices',
    'namespace',
    namespace,
  ) as unknown as readonly StoredOf<'endpointslices'>[]
  return slices
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service)
    .sort((a, b) => byCodeUnit(a.metadata.name, b.metadata.name))
}

/**
 * What a lookup gives in a Pod of this Namespace: the search path is tried for names with fewer than five dots, as `ndots:5` asks.
 *
 * Simplified: CoreDNS' cache and its watch's delay are left out; where the cluster has a `kube-dns` Service without ready endpoints, nothing is answered.
 * Source: kubernetes pkg/kubelet/network/dns/dns.go; coredns plugin/kubernetes
 */
export function resolveName(world: World, name: string, namespace: string): NameAnswer {
  if (!isDnsUp(world)) return []
  const isAbsolute = name.endsWith('.')
  const bare = isAbsolute ? name.slice(0, -1) : name
  const searched = [`${namespace}.svc.${DOMAIN}`, `svc.${DOMAIN}`, DOMAIN].map((suffix) => `${bare}.${suffix}`)
  const dots = bare.split('.').length - 1
  const tried = isAbsolute ? [bare] : dots >= 5 ? [bare, ...searched] : [...searched, bare]
  for (const each of tried) {
    const answer = lookUp(world, each, 0)
    if (answer !== undefined) return answer
  }
  return []
}

function isDnsUp(world: World): boolean {
  const service = findService(world, 'kube-system', 'kube-dns')
  if (service === undefined) return true
  return slicesOf(world, 'kube-system', 'kube-dns').some((slice) =>
    slice.endpoints?.some((endpoint) => endpoint.conditions?.ready !== false),
  )
}

/** Answers for one full name; undefined when there is no such name. */
function lookUp(world: World, full: string, depth: number): NameAnswer | undefined {
  const labels = full.split('.')
  if (full === `kubernetes.default.svc.${DOMAIN}` || labels.slice(-3).join('.') === `svc.${DOMAIN}`) {
    const own = labels.slice(0, -3)
    const namespace = own.at(-1)
    const name = own.at(-2)
    if (namespace === undefined || name === undefined || own.length > 3) return undefined
    const service = findService(world, namespace, name)
    return service === undefined ? undefined : answerFor(world, service, own.length === 3 ? own[0] : undefined, depth)
  }
  if (labels.slice(-3).join('.') === `pod.${DOMAIN}` && labels.length === 5) {
    const dashed = labels[0] ?? ''
    const ip = canonicalAddress(dashed.replaceAll('-', '.')) ?? canonicalAddress(dashed.replaceAll('-', ':'))
    return ip === undefined ? undefined : [ip]
  }
  return undefined
}

function answerFor(
  world: World,
  service: StoredOf<'services'>,
  hostname: string | undefined,
  depth: number,
): NameAnswer | undefined {
  const spec: Partial<Service['spec'] & object> = service.spec ?? {}
  if (spec.type === 'ExternalName') {
    if (hostname !== undefined || spec.externalName === undefined || depth > MOST_ALIASES) return undefined
    const alias = spec.externalName.replace(/\.$/, '').toLowerCase()
    return lookUp(world, alias, depth + 1) ?? []
  }
  if (spec.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None') {
    return hostname === undefined ? (spec.clusterIPs ?? [spec.clusterIP]).flatMap((ip) => ip ?? []) : undefined
  }
  const { namespace = '', name } = service.metadata
  const addresses = slicesOf(world, namespace, name).flatMap((slice) =>
    (slice.endpoints ?? [])
      .filter((endpoint) => spec.publishNotReadyAddresses === true || endpoint.conditions?.ready !== false)
      .filter((endpoint) => hostname === undefined || hostnameOf(endpoint) === hostname)
      .flatMap((endpoint) => endpoint.addresses.slice(0, 1)),
  )
  if (hostname !== undefined && addresses.length === 0) return undefined
  return [...new Set(addresses)]
}

/** An endpoint's own name under a headless Service: its hostname, else its address with dashes. Source: coredns plugin/kubernetes endpointHostname */
function hostnameOf(endpoint: NonNullable<EndpointSlice['endpoints']>[number]): string {
  return endpoint.hostname ?? (endpoint.addresses[0] ?? '').replace(/[.:]/g, '-')
}
