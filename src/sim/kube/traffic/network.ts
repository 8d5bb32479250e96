import { assertNever, SimBug } from '../../core/result.js'
import type { FlowId } from '../../core/step.js'
import type { SimTime } from '../../core/time.js'
import { MS, SECOND, US } from '../../core/time.js'
import type { Chooser } from '../../net/chooser.js'
import { createChooser, probabilityOf } from '../../net/chooser.js'
import { settleConnection } from '../../net/conntrack.js'
import { FIRST_TTL } from '../../net/errors.js'
import { answerTo, beginProgress, conclude, firstPacket, learn, learnArrival, noteArrival } from '../../net/follow.js'
import type { Arrival, Handled, Transit } from '../../net/handled.js'
import { createHandled } from '../../net/handled.js'
import type { Kernel } from '../../net/kernel.js'
import { createKernel } from '../../net/kernel.js'
import { INTERNET, layClient } from '../../net/layout.js'
import { hostThing } from '../../net/noteSteps.js'
import type { Packet } from '../../net/packet.js'
import { packetOf } from '../../net/packet.js'
import { sendOwn } from '../../net/send.js'
import { receive } from '../../net/stack.js'
import type { Ctx } from '../context.js'
import { httpAnswer } from './answers.js'
import { countRequests } from './count.js'
import { force } from './force.js'
import { openKernel, takePort } from './open.js'
import { destinationOf } from './outcome.js'
import type { NetworkMessage, RequestRecord } from './part.js'
import type { RequestSpec } from './requestSpec.js'
import { parseWhere, parseWho } from './requestSpec.js'
import type { Target } from './target.js'
import { clientFor, preferredAddresses, resolveWhere } from './target.js'
import { senderOf } from './tracePlan.js'

/** How long a client waits for an answer. */
const PATIENCE = 3 * SECOND
/** Requests that are remembered after they are over, so that one can send on their connections. */
const MOST_REMEMBERED = 64
/** Packets of the rest of an HTTP exchange on a connection that stands: ACK, request, ACK, response, ACK, and the close. */
const REST_PACKETS = 8
const REST_PACKETS_KEPT = 3

/** Starts a request of a person in the flow of the event in hand; the rest happens in virtual time. */
export function startRequest(ctx: Ctx, spec: RequestSpec): void {
  ctx.send({ kind: 'network' }, { type: 'start', spec })
}

/** Carries packets: each host's handling of a packet is one event, each link takes its time. */
export function network(ctx: Ctx, message: NetworkMessage): void {
  switch (message.type) {
    case 'start':
      start(ctx, message.spec)
      return
    case 'arrive':
      arrive(ctx, message.request, message.transit)
      return
    case 'answer':
      answer(ctx, message.request, message.host, message.packet)
      return
    case 'finish':
      finish(ctx, message.request)
      return
    case 'give-up':
      finishWith(ctx, recordOf(ctx, message.request))
      return
    default:
      assertNever(message)
  }
}

function refuse(ctx: Ctx, spec: RequestSpec, verdict: 'unresolved' | 'no-route', reason: string): void {
  ctx.emit({
    kind: 'request-done',
    facts: { verdict, from: spec.from, asked: spec.to, masqueraded: false, with: reason, probability: 1, forced: false },
  })
}

function start(ctx: Ctx, spec: RequestSpec): void {
  const who = parseWho(spec.from)
  const where = parseWhere(spec.to)
  if (!who.ok) return refuse(ctx, spec, 'no-route', who.error)
  if (!where.ok) return refuse(ctx, spec, 'unresolved', where.error)
  const { net } = ctx.world.parts
  if (who.value.kind === 'client') layClient(net, who.value.ip)
  const named = senderOf(ctx.world, net, who.value)
  if (!named.ok) return refuse(ctx, spec, 'no-route', named.error.message)
  const target = resolveWhere(ctx.world, who.value, where.value, spec.proto)
  if (!target.ok) return refuse(ctx, spec, 'unresolved', target.error)
  const client = clientFor(who.value, target.value)
  if (client.kind === 'client') layClient(net, client.ip)
  const sender = client === who.value ? named : senderOf(ctx.world, net, client)
  if (!sender.ok) return refuse(ctx, spec, 'no-route', sender.error.message)
  const place = hostThing(net, sender.value)
  if (target.value.asked !== undefined) {
    const found = target.value.addresses.length > 0
    ctx.emit({
      kind: 'dns',
      from: place,
      to: place,
      facts: { name: target.value.asked, answer: found ? target.value.addresses.join(' ') : undefined, server: 'kube-dns' },
    })
  }
  if (target.value.addresses.length === 0) return refuse(ctx, spec, 'unresolved', target.value.asked ?? spec.to)
  const chosen = preferredAddresses(net, sender.value, target.value)
  if ((spec.count ?? 1) > 1) return countRequests(ctx, spec, sender.value, chosen)
  send(ctx, spec, sender.value, chosen)
}

function send(ctx: Ctx, spec: RequestSpec, from: string, target: Target): void {
  const script = spec.force === undefined ? [] : force(ctx, spec, from, target, spec.force)
  if (script === undefined) return refuse(ctx, spec, 'no-route', `no way leads to ${spec.force?.endpoint ?? ''}`)
  const earlier = spec.sameConnectionAs === undefined ? undefined : ctx.world.parts.traffic.requests.get(spec.sameConnectionAs)
  const chooser = openChooser(ctx, script)
  const weights = target.addresses.map(() => 1 / target.addresses.length)
  const chosen = target.addresses.length === 1 ? 0 : chooser.choose({ what: 'dns', host: from, weights })
  const ip = target.addresses[chosen] ?? ''
  const kernel = openKernel(ctx, { chooser, forced: spec.force !== undefined }, spec, ip)
  const packet =
    earlier === undefined
      ? firstPacket(kernel, from, { proto: spec.proto, ip, port: target.port }, takePort(ctx))
      : packetOf(earlier.progress.asked, { ttl: FIRST_TTL, mark: 0, flags: 'DATA' })
  if (packet === undefined) return refuse(ctx, spec, 'no-route', 'ENETUNREACH')
  const record: RequestRecord = {
    flow: freeId(ctx),
    spec,
    startedAt: ctx.now,
    path: target.path,
    progress: beginProgress({ from: earlier?.progress.from ?? from, packet }),
    trail: [],
    script,
    pending: 0,
    connections: earlier?.connections ?? [],
    done: false,
  }
  remember(ctx, record)
  kernel.trace({ kind: 'packet-sent', packet, direction: 'request', host: from, by: spec.from })
  step(ctx, record, { kernel, chooser }, (noting, handled) => sendOwn(noting, record.progress.from, packet, 'request', handled))
}

/** A request is known by its flow; a second one that begins in the same flow while the first is under way gets a number. */
function freeId(ctx: Ctx): FlowId {
  const { requests } = ctx.world.parts.traffic
  for (let number = 1; ; number++) {
    const id = number === 1 ? ctx.flow : `${ctx.flow}#${number}`
    const known = requests.get(id)
    if (known === undefined || (known.done && known.pending === 0)) return id
  }
}

function openChooser(ctx: Ctx, script: readonly number[]): Chooser {
  return createChooser(script, () => ctx.random('network.choice').next())
}

function recordOf(ctx: Ctx, flow: FlowId): RequestRecord {
  const record = ctx.world.parts.traffic.requests.get(flow)
  if (record === undefined) throw new SimBug('unknown-request', { flow })
  return record
}

function remember(ctx: Ctx, record: RequestRecord): void {
  const { requests } = ctx.world.parts.traffic
  requests.set(record.flow, record)
  if (requests.size <= MOST_REMEMBERED) return
  for (const [flow, each] of requests) {
    if (requests.size <= MOST_REMEMBERED) return
    if (each.done && each.pending === 0) requests.delete(flow)
  }
}

function reopen(ctx: Ctx, record: RequestRecord): { readonly kernel: Kernel; readonly chooser: Chooser } {
  const chooser = openChooser(ctx, record.script.slice(record.trail.length))
  const options = { chooser, forced: record.spec.force !== undefined }
  return { chooser, kernel: openKernel(ctx, options, record.spec, record.progress.asked.dst) }
}

/**
 * One host's handling within a request: what it did is learnt, its packets are queued for the other ends of their links, arrivals are
 * answered; when nothing of the request is left under way, it is over or the sender waits in vain.
 */
function step(
  ctx: Ctx,
  record: RequestRecord,
  opened: { readonly kernel: Kernel; readonly chooser: Chooser },
  handle: (kernel: Kernel, handled: Handled) => void,
): void {
  const connections = [...record.connections]
  const progress = { ...record.progress }
  const noting = createKernel({
    ...opened.kernel,
    trace(note) {
      if (note.kind === 'conntrack' && note.operation === 'confirmed' && note.entry !== undefined)
        connections.push({ host: note.host, tuple: note.entry.original })
      opened.kernel.trace(note)
    },
  })
  let pending = record.pending
  let finishAt: SimTime | undefined
  const handled = createHandled()
  handle(noting, handled)
  learn(progress, handled)
  for (let arrival = handled.arrivals.shift(); arrival !== undefined; arrival = handled.arrivals.shift()) {
    const reaction = arrival.direction === 'request' ? answerTo(noting, arrival.host, arrival.packet) : undefined
    learnArrival(progress, arrival, reaction)
    noteArrival(noting, progress, arrival, reaction, reaction?.what !== 'data')
    if (reaction === undefined) {
      if (endsRequest(progress, arrival)) finishAt = restOf(record, progress)
      continue
    }
    if (reaction.what === 'data') {
      // A process answers when it is ready; the kernel answers at once.
      pending++
      const delay = Math.max(US, reaction.socket?.response.latencyUs ?? 0)
      ctx.send({ kind: 'network' }, { type: 'answer', request: record.flow, host: arrival.host, packet: reaction.packet }, delay)
      continue
    }
    const back = createHandled()
    sendOwn(noting, arrival.host, reaction.packet, 'reply', back)
    learn(progress, back)
    handled.arrivals.push(...back.arrivals)
    handled.transits.push(...back.transits)
  }
  for (const transit of handled.transits) {
    pending++
    ctx.send({ kind: 'network' }, { type: 'arrive', request: record.flow, transit }, linkDelay(ctx, transit))
  }
  const next: RequestRecord = {
    ...record,
    progress,
    pending,
    connections,
    trail: [...record.trail, ...opened.chooser.trail],
  }
  remember(ctx, next)
  if (record.done) return
  if (finishAt !== undefined) ctx.send({ kind: 'network' }, { type: 'finish', request: record.flow }, finishAt)
  else if (progress.verdict === 'no-route' && progress.requestLoss?.ownError !== undefined) finishWith(ctx, next)
  else if (pending === 0 && !isFinishing(next))
    ctx.send({ kind: 'network' }, { type: 'give-up', request: record.flow }, Math.max(0, record.startedAt + PATIENCE - ctx.now))
}

/** An answer that settles the request has come to the sender: its end is queued already. */
function isFinishing(record: RequestRecord): boolean {
  return record.progress.answered
}

function endsRequest(progress: RequestRecord['progress'], arrival: Arrival): boolean {
  return arrival.direction === 'reply' && arrival.host === progress.from && progress.answered
}

/** Time from the first answer to the end: for a connection that stands, the exchange that follows on it. */
function restOf(record: RequestRecord, progress: RequestRecord['progress']): SimTime {
  if (progress.verdict !== 'delivered' || record.spec.proto === 'udp') return 0
  return MS + (progress.socket?.response.latencyUs ?? 0)
}

function arrive(ctx: Ctx, flow: FlowId, transit: Transit): void {
  const record = landed(recordOf(ctx, flow))
  step(ctx, record, reopen(ctx, record), (kernel, handled) => receive(kernel, transit, handled))
}

function answer(ctx: Ctx, flow: FlowId, host: string, packet: Packet): void {
  const record = landed(recordOf(ctx, flow))
  const opened = reopen(ctx, record)
  const by = record.progress.socket?.owner ?? host
  opened.kernel.trace({ kind: 'answered', packet, direction: 'reply', host, by, what: 'data' })
  step(ctx, record, opened, (kernel, handled) => sendOwn(kernel, host, packet, 'reply', handled))
}

function landed(record: RequestRecord): RequestRecord {
  return { ...record, pending: record.pending - 1 }
}

function finish(ctx: Ctx, flow: FlowId): void {
  const record = recordOf(ctx, flow)
  if (record.done) return
  const { socket, verdict } = record.progress
  if (verdict === 'delivered' && socket !== undefined && record.spec.proto !== 'udp') {
    const { kernel } = reopen(ctx, record)
    const answer = httpAnswer(ctx.world, record.progress.reached ?? '', socket, record.path)
    for (const { host, tuple } of record.connections) settleConnection(kernel, host, tuple, false)
    const from = hostThing(kernel.net, record.progress.from)
    ctx.emit({
      kind: 'connection-rest',
      from,
      to: hostThing(kernel.net, record.progress.reached ?? record.progress.from),
      facts: {
        packets: record.spec.sameConnectionAs === undefined ? REST_PACKETS : REST_PACKETS_KEPT,
        request: `GET ${record.path} HTTP/1.1`,
        status: answer.status,
        body: answer.body,
        servedBy: socket.response.servedBy,
      },
    })
  }
  finishWith(ctx, record)
}

function finishWith(ctx: Ctx, record: RequestRecord): void {
  if (record.done) return
  const ending = conclude(record.progress)
  const { kernel } = reopen(ctx, record)
  const place = hostThing(kernel.net, record.progress.from)
  ctx.emit({
    kind: 'request-done',
    from: place,
    to: place,
    facts: {
      verdict: ending.verdict,
      from: record.spec.from,
      asked: record.spec.to,
      to: destinationOf(kernel.net, ending.to),
      ...(ending.sourceSeen === undefined ? {} : { sourceSeen: ending.sourceSeen }),
      masqueraded: ending.masqueraded,
      ...(ending.with === undefined ? {} : { with: ending.with }),
      ...(ending.unheard === undefined ? {} : { unheard: ending.unheard }),
      probability: probabilityOf(record.trail),
      forced: record.spec.force !== undefined,
    },
  })
  remember(ctx, { ...record, done: true })
}

/** A veth takes 50 us, the underlay 200 us, the way outside 300 us. */
function linkDelay(ctx: Ctx, transit: Transit): SimTime {
  const { net } = ctx.world.parts
  const device = net.interfaces.get(transit.at.host)?.get(transit.at.device)
  if (device?.kind === 'veth') return 50 * US
  return device?.segment === INTERNET ? 300 * US : 200 * US
}
