import type { Result } from '../../core/result.js'
import { assertNever, fail, ok } from '../../core/result.js'
import { familyOf } from '../../net/address.js'
import type { NetState } from '../../net/state.js'
import type { World } from '../context.js'
import { listStored } from '../etcd/store.js'
import { findPod, findService, resolveName } from './names.js'
import type { RequestProtocol, Where, Who } from './requestSpec.js'
import { DEFAULT_CLIENT, DEFAULT_CLIENT6 } from './requestSpec.js'

/** Where a request goes once names are resolved: several addresses when DNS gives several, one of which the sender takes. */
export interface Target {
  readonly addresses: readonly string[]
  readonly port: number
  readonly path: string
  /** It was asked for by URL: whoever asks wants to see the answer. */
  readonly isUrl?: boolean
  /** The name that DNS was asked for, if it was. */
  readonly asked?: string
}

/** Resolves WHERE for somebody; an empty list of addresses means that DNS has none. */
export function resolveWhere(world: World, who: Who, where: Where, proto: RequestProtocol): Result<Target, string> {
  switch (where.kind) {
    case 'address':
      return ok({ addresses: [where.ip], port: where.port, path: where.path, isUrl: where.isUrl })
    case 'name':
      // Everybody's /etc/hosts has it: DNS is not asked.
      if (/^localhost\.?$/.test(where.name))
        return ok({ addresses: ['127.0.0.1'], port: where.port, path: where.path, isUrl: where.isUrl })
      return ok({
        addresses: resolveName(world, where.name, namespaceOf(who)),
        port: where.port,
        path: where.path,
        isUrl: where.isUrl,
        asked: where.name,
      })
    case 'object':
      return where.object === 'pod' ? podTarget(world, where) : serviceTarget(world, who, where, proto)
    default:
      return assertNever(where)
  }
}

function namespaceOf(who: Who): string {
  return who.kind === 'pod' ? who.namespace : 'default'
}

type ObjectPlace = Extract<Where, { kind: 'object' }>

function podTarget(world: World, { namespace, name, port, path }: ObjectPlace): Result<Target, string> {
  const pod = findPod(world, namespace, name)
  if (pod === undefined) return fail(`pods "${name}" not found`)
  const ips = pod.status?.podIPs?.flatMap((each) => each.ip ?? []) ?? []
  const ip = pod.status?.podIP
  const first = port ?? pod.spec?.containers.flatMap((container) => container.ports ?? [])[0]?.containerPort ?? 80
  return ok({ addresses: ips.length > 1 ? ips : ip === undefined || ip === '' ? [] : [ip], port: first, path })
}

/**
 * A Service's address as somebody would use it: from inside its ClusterIP, from outside its load balancer, a NodePort of the first
 * Node that is no control plane, or an external IP.
 */
function serviceTarget(world: World, who: Who, place: ObjectPlace, proto: RequestProtocol): Result<Target, string> {
  const service = findService(world, place.namespace, place.name)
  if (service === undefined) return fail(`services "${place.name}" not found`)
  const spec = service.spec ?? {}
  const ports = spec.ports ?? []
  const wanted = (port: (typeof ports)[number]): boolean => (port.protocol ?? 'TCP').toLowerCase() === proto
  const port = ports.find((each) => (place.port === undefined ? wanted(each) : each.port === place.port)) ?? ports[0]
  const asked = `${place.name}.${place.namespace}.svc.cluster.local`
  if (spec.type === 'ExternalName' || spec.clusterIP === 'None') {
    return ok({
      addresses: resolveName(world, `${asked}.`, place.namespace),
      port: place.port ?? port?.port ?? 80,
      path: place.path,
      asked,
    })
  }
  if (port === undefined) return fail(`services "${place.name}" has no ports`)
  const target = (addresses: readonly string[], number: number): Result<Target, string> =>
    ok({ addresses, port: number, path: place.path })
  if (who.kind === 'client') {
    const balanced = oneOfEach((service.status?.loadBalancer?.ingress ?? []).flatMap((ingress) => ingress.ip ?? []))
    if (balanced.length > 0) return target(balanced, port.port)
    const external = oneOfEach(spec.externalIPs ?? [])
    if (external.length > 0) return target(external, port.port)
    const node = firstNodeAddresses(world, spec.ipFamilies ?? [])
    if (port.nodePort !== undefined && port.nodePort !== 0 && node.length > 0) return target(node, port.nodePort)
  }
  return target(spec.clusterIPs?.flatMap((ip) => ip ?? []) ?? [spec.clusterIP ?? ''], port.port)
}

interface NodeLike {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] }
}

/** The first address of each family. */
function oneOfEach(addresses: readonly string[]): readonly string[] {
  return addresses.filter((ip, index) => addresses.findIndex((each) => familyOf(each) === familyOf(ip)) === index)
}

/** The first Node's addresses in the Service's families. */
function firstNodeAddresses(world: World, families: readonly (string | undefined)[]): readonly string[] {
  const nodes = listStored(world.parts.etcd, 'nodes') as unknown as readonly NodeLike[]
  const isWorker = (node: NodeLike): boolean => node.metadata.labels?.['node-role.kubernetes.io/control-plane'] === undefined
  const chosen = nodes.find(isWorker) ?? nodes[0]
  const own = (chosen?.status?.addresses ?? []).filter((each) => each.type === 'InternalIP').map((each) => each.address)
  return oneOfEach(own.filter((ip) => families.length === 0 || families.includes(familyOf(ip) === 6 ? 'IPv6' : 'IPv4')))
}

/**
 * Of a target's addresses, those that the sender tries first: of a family that it has itself, and, where it has both, IPv4 before
 * addresses of one's own site (fc00::/7) and IPv6 before IPv4 otherwise.
 *
 * Source: RFC 6724, section 2.1 (policy table) and 6 (rules 1 and 6)
 */
export function preferredAddresses(net: NetState, sender: string, target: Target): Target {
  const { addresses } = target
  if (addresses.length < 2) return target
  const own = new Set((net.hosts.get(sender)?.addresses ?? []).map((ip) => familyOf(ip)))
  const usable = addresses.filter((ip) => own.has(familyOf(ip)))
  if (usable.length === 0) return target
  const rank = (ip: string): number => (familyOf(ip) === 4 ? 1 : /^f[cd]/.test(ip) ? 2 : 0)
  const best = Math.min(...usable.map(rank))
  return { ...target, addresses: usable.filter((ip) => rank(ip) === best) }
}

/** Who sends when nobody in particular was named: the client outside has an address of each family. */
export function clientFor(who: Who, target: Target): Who {
  const isDefault = who.kind === 'client' && who.ip === DEFAULT_CLIENT
  return isDefault && target.addresses.length > 0 && target.addresses.every((ip) => familyOf(ip) === 6)
    ? { kind: 'client', ip: DEFAULT_CLIENT6 }
    : who
}
