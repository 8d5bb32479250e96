import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import { canonicalAddress, familyOf } from '../../net/address.js'
import type { Entrance } from '../../net/follow.js'
import { firstOf } from '../../net/follow.js'
import { layClient } from '../../net/layout.js'
import { isLocal } from '../../net/routing.js'
import type { NetState } from '../../net/state.js'
import { fabricRoute } from '../../net/topology.js'
import type { World } from '../context.js'
import type { RequestProtocol, Who } from './requestSpec.js'
import { hostOfWho, parseWhere, parseWho } from './requestSpec.js'
import type { Target } from './target.js'
import { clientFor, preferredAddresses, resolveWhere } from './target.js'
import type { TraceError, TraceSpec } from './traceForms.js'

/** What a trace follows: who sends, where it enters the network, and where it is headed. */
export interface TracePlan {
  readonly net: NetState
  readonly who: Who | undefined
  readonly entrance: Entrance
  readonly target: Target
  readonly proto: RequestProtocol
  /** Source address; the sender's own choice when absent. */
  readonly src: string | undefined
  readonly deliverTo: string | undefined
}

/** The plan of a request of somebody. */
export function planRequest(
  world: World,
  net: NetState,
  spec: Extract<TraceSpec, { kind: 'request' }>,
): Result<TracePlan, TraceError> {
  const who = parseWho(spec.from)
  if (!who.ok) return fail({ kind: 'usage', message: who.error })
  const where = parseWhere(spec.to)
  if (!where.ok) return fail({ kind: 'usage', message: where.error })
  if (who.value.kind === 'client') {
    const owner = insideOwner(net, who.value.ip)
    if (owner !== undefined) return fail({ kind: 'usage', message: `${spec.from} is nobody outside: ${owner} has this address` })
    layClient(net, who.value.ip)
  }
  const sender = senderOf(world, net, who.value)
  if (!sender.ok) return sender
  if (spec.deliverTo !== undefined && net.hosts.get(spec.deliverTo)?.kind !== 'node')
    return fail({ kind: 'cluster', message: `nodes "${spec.deliverTo}" not found` })
  const target = resolveWhere(world, who.value, where.value, spec.proto)
  if (!target.ok) return fail({ kind: 'cluster', message: target.error })
  const client = clientFor(who.value, target.value)
  const host = client.kind === 'client' ? layClient(net, client.ip) : sender.value
  // An address that a machine has is its own, whatever the fabric outside would do with another one.
  const isInside = target.value.addresses.some((ip) => insideOwner(net, ip) !== undefined)
  return ok({
    net,
    who: client,
    entrance: { kind: 'own', host },
    target: preferredAddresses(net, host, target.value),
    proto: spec.proto,
    src: undefined,
    deliverTo: isInside ? undefined : spec.deliverTo,
  })
}

/** The Node or Pod that has an address. */
function insideOwner(net: NetState, ip: string): string | undefined {
  const owner = net.hosts.get(net.owners.get(ip) ?? '')
  return owner?.kind === 'node' || owner?.kind === 'pod' ? owner.name : undefined
}

/** The network namespace that somebody sends from: a Pod on its Node's own network has none of its own. */
export function senderOf(world: World, net: NetState, who: Who): Result<string, TraceError> {
  const host = hostOfWho(who)
  if (net.hosts.has(host)) return ok(host)
  if (who.kind === 'pod') {
    const pod = world.parts.etcd.objects.get('pods')?.get(`${who.namespace}/${who.name}`)
    if (pod === undefined) return fail({ kind: 'cluster', message: `pods "${who.name}" not found` })
    const spec = pod['spec']
    const node =
      typeof spec === 'object' && spec !== null && 'hostNetwork' in spec && spec.hostNetwork === true && 'nodeName' in spec
        ? spec.nodeName
        : undefined
    if (typeof node === 'string' && net.hosts.has(node)) return ok(node)
    return fail({ kind: 'cluster', message: `pod ${who.namespace}/${who.name} has no network yet` })
  }
  return fail({ kind: 'cluster', message: `${who.kind}s "${who.kind === 'node' ? who.name : host}" not found` })
}

/** The plan of one packet that is put into a Node's stack. */
export function planPacket(net: NetState, spec: Extract<TraceSpec, { kind: 'packet' }>): Result<TracePlan, TraceError> {
  const node = net.hosts.get(spec.at)
  if (node?.kind !== 'node') return fail({ kind: 'cluster', message: `nodes "${spec.at}" not found` })
  const src = canonicalAddress(spec.src)
  if (src === undefined) return fail({ kind: 'usage', message: `"${spec.src}" is no IP address` })
  const where = parseWhere(spec.dst)
  if (!where.ok || where.value.kind !== 'address') return fail({ kind: 'usage', message: `"${spec.dst}" is no IP:PORT` })
  const { ip, port, path } = where.value
  if (familyOf(ip) !== familyOf(src))
    return fail({ kind: 'usage', message: `${spec.src} and ${spec.dst} are of different families` })
  const owner = net.hosts.get(net.owners.get(src) ?? '')
  const isPodHere = owner?.kind === 'pod' && owner.node === spec.at
  const isLocalProcess = isLocal(net, spec.at, src)
  // Answers find their way back to a sender that the file does not know as a host.
  if (owner === undefined && !isLocalProcess && fabricRoute(net, src) === undefined) layClient(net, src)
  const port0 = { host: spec.at, device: 'eth0' }
  const placeholder = firstOf({ proto: spec.proto, src, sport: 0, dst: ip, dport: port })
  const entrance: Entrance = isPodHere
    ? { kind: 'own', host: owner.name }
    : isLocalProcess
      ? { kind: 'own', host: spec.at }
      : { kind: 'device', transit: { packet: placeholder, direction: 'request', at: port0, target: port0 } }
  return ok({
    net,
    who: undefined,
    entrance,
    target: { addresses: [ip], port, path },
    proto: spec.proto,
    src,
    deliverTo: undefined,
  })
}
