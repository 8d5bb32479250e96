import type { Result } from '../../core/result.js'
import { assertNever, fail, ok } from '../../core/result.js'
import type { World } from '../context.js'
import { listStored } from '../etcd/store.js'
import { findPod, findService, resolveName } from './names.js'
import type { RequestProtocol, Where, Who } from './requestSpec.js'

/** Where a request goes once names are resolved: several addresses when DNS gives several, one of which the sender takes. */
export interface Target {
  readonly addresses: readonly string[]
  readonly port: number
  readonly path: string
  /** The name that DNS was asked for, if it was. */
  readonly asked?: string
}

/** Resolves WHERE for somebody; an empty list of addresses means that DNS has none. */
export function resolveWhere(world: World, who: Who, where: Where, proto: RequestProtocol): Result<Target, string> {
  switch (where.kind) {
    case 'address':
      return ok({ addresses: [where.ip], port: where.port, path: where.path })
    case 'name':
      return ok({
        addresses: resolveName(world, where.name, namespaceOf(who)),
        port: where.port,
        path: where.path,
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
  const ip = pod.status?.podIP
  const first = port ?? pod.spec?.containers.flatMap((container) => container.ports ?? [])[0]?.containerPort ?? 80
  return ok({ addresses: ip === undefined || ip === '' ? [] : [ip], port: first, path })
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
  const target = (ip: string, number: number): Result<Target, string> => ok({ addresses: [ip], port: number, path: place.path })
  if (who.kind === 'client') {
    const balanced = service.status?.loadBalancer?.ingress?.find((ingress) => ingress.ip !== undefined)?.ip
    if (balanced !== undefined) return target(balanced, port.port)
    const external = spec.externalIPs?.[0]
    if (external !== undefined) return target(external, port.port)
    const node = firstNodeAddress(world)
    if (port.nodePort !== undefined && port.nodePort !== 0 && node !== undefined) return target(node, port.nodePort)
  }
  return target(spec.clusterIP ?? '', port.port)
}

interface NodeLike {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] }
}

function firstNodeAddress(world: World): string | undefined {
  const nodes = listStored(world.parts.etcd, 'nodes') as unknown as readonly NodeLike[]
  const isWorker = (node: NodeLike): boolean => node.metadata.labels?.['node-role.kubernetes.io/control-plane'] === undefined
  const chosen = nodes.find(isWorker) ?? nodes[0]
  return chosen?.status?.addresses?.find((address) => address.type === 'InternalIP')?.address
}
