import { cacheOf } from '../api/informer.js'
import type { Ctx } from '../context.js'
import type { IpFamily } from './address.js'
import type { EndpointInfo } from './endpoints.js'
import { endpointsOf, portKey } from './endpoints.js'
import { proxyNodeOf } from './node.js'
import { serviceKeyOfSlice } from './objects.js'
import type { Protocol } from './services.js'
import { servicePortsOf } from './services.js'
import type { TopologyMode } from './topology.js'
import { categorizeEndpoints, topologyMode } from './topology.js'

/** Why a Node's kube-proxy sends no traffic of a policy to an endpoint that it knows. */
export type LeftOutWhy = 'not-ready' | 'terminating' | 'other-node' | 'hinted-zone' | 'hinted-node'

export interface LeftOut {
  /** `ip:port` */
  readonly endpoint: string
  readonly node: string | undefined
  readonly why: LeftOutWhy
}

/** What a Node's kube-proxy makes of the endpoints of one port of a Service, for traffic under one policy. */
export interface PolicyChoice {
  readonly used: readonly string[]
  readonly leftOut: readonly LeftOut[]
  /** None is ready: those that still serve while they terminate are used. */
  readonly isFallback: boolean
}

export interface PortChoice {
  readonly cluster?: PolicyChoice
  readonly local?: PolicyChoice
}

/**
 * Which endpoints of a Service's port the kube-proxy of a Node uses and which not, each with the reason, by what it knows now. A policy under
 * which no traffic of this port is, is absent; so is all when the Node's kube-proxy does not serve the Service.
 */
export function portChoiceOn(
  ctx: Pick<Ctx, 'world'>,
  node: string,
  service: string,
  port: { readonly name: string; readonly protocol: Protocol; readonly family: IpFamily },
): PortChoice {
  // Only the world is read, so a context of any event would do.
  const cache = cacheOf(ctx as Ctx, 'kube-proxy', node)
  const [object, self] = [cache.get('services', service), cache.get('nodes', node)]
  const info = object && servicePortsOf(object, port.family).find((each) => isPort(each, port))
  if (info === undefined) return {}
  const slices = cache.list('endpointslices', info.namespace).filter((slice) => serviceKeyOfSlice(slice) === service)
  const endpoints = endpointsOf(slices, port.family).get(portKey(port.name, port.protocol)) ?? []
  const place = self === undefined ? { name: node, zone: '' } : proxyNodeOf(self)
  const { cluster, local } = categorizeEndpoints(endpoints, info, place)
  const mode = topologyMode(endpoints, place)
  const choice = (used: readonly EndpointInfo[], why: (each: EndpointInfo) => LeftOutWhy): PolicyChoice => {
    const taken = new Set(used)
    return {
      used: used.map((each) => each.text),
      leftOut: endpoints
        .filter((each) => !taken.has(each))
        .map((each) => ({ endpoint: each.text, node: each.nodeName, why: why(each) })),
      isFallback: used.length > 0 && used.every((each) => !each.ready),
    }
  }
  const isHere = (each: EndpointInfo): boolean => each.nodeName === place.name
  return {
    ...(cluster === undefined ? {} : { cluster: choice(cluster, (each) => whyNot(each, mode)) }),
    ...(local === undefined ? {} : { local: choice(local, (each) => (isHere(each) ? whyNot(each, 'none') : 'other-node')) }),
  }
}

function isPort(
  info: { readonly portName: string; readonly protocol: Protocol },
  port: { readonly name: string; readonly protocol: Protocol },
): boolean {
  return info.portName === port.name && info.protocol === port.protocol
}

function whyNot(endpoint: EndpointInfo, mode: TopologyMode): LeftOutWhy {
  if (!endpoint.ready) return endpoint.terminating ? 'terminating' : 'not-ready'
  return mode === 'PreferSameNode' ? 'hinted-node' : 'hinted-zone'
}
