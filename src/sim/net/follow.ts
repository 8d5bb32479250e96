import type { StepInput } from '../core/step.js'
import type { Verdict } from '../core/vocabulary.js'
import { back, FIRST_TTL, icmpAbout, resetFor } from './errors.js'
import type { Kernel } from './kernel.js'
import { hostThing } from './kernel.js'
import type { Packet, Protocol, Tuple } from './packet.js'
import { tupleOf } from './packet.js'
import { lookUpRoute, sourceFor } from './routing.js'
import type { Socket } from './sockets.js'
import type { Arrival, Handled, Loss, Transit } from './stack.js'
import { createHandled, receive, sendOwn } from './stack.js'
import type { HostName } from './state.js'
import { socketFor } from './topology.js'

/** The first packet of a request and who sends it. */
export interface Request {
  readonly from: HostName
  readonly packet: Packet
}

/** How a request ended, as far as the network knows. */
export interface Ending {
  readonly verdict: Verdict
  /** What answered in place of the asked one: `icmp-port-unreachable`, `tcp-reset`; what was not modelled; why there is no answer. */
  readonly with?: string
  /** Where the packet was headed after all NAT. */
  readonly to: { readonly ip: string; readonly port: number }
  /** Who it reached, if anybody. */
  readonly reached?: HostName
  /** The source that the destination saw, if the packet reached one. */
  readonly sourceSeen?: string
  /** Whether the source port that the destination saw was the sender's. */
  readonly sourcePortKept?: boolean
  readonly masqueraded: boolean
  readonly socket?: Socket
}

/** The first packet that a host sends to a destination; undefined when it has no address to send from. */
export function firstPacket(
  kernel: Kernel,
  from: HostName,
  to: { readonly proto: Protocol; readonly ip: string; readonly port: number },
  sport: number,
): Packet | undefined {
  const src = sourceFor(kernel, from, to.ip)
  if (src === undefined) return undefined
  return { proto: to.proto, src, sport, dst: to.ip, dport: to.port, ttl: FIRST_TTL, mark: 0, flags: firstFlags(to.proto) }
}

export function firstFlags(proto: Protocol): string {
  return proto === 'tcp' ? 'SYN' : proto === 'sctp' ? 'INIT' : 'DATA'
}

export interface Answer {
  readonly packet: Packet
  readonly what: 'SYN+ACK' | 'RST' | 'data' | 'icmp'
  readonly socket: Socket | undefined
}

/** What a host answers to the first packet of a request that has reached its sockets. Source: Linux net/ipv4/tcp_ipv4.c tcp_v4_rcv, udp.c __udp4_lib_rcv */
export function answerTo(kernel: Kernel, host: HostName, packet: Packet): Answer | undefined {
  const socket = socketFor(kernel.net, host, packet.proto, packet.dst, packet.dport)
  switch (packet.proto) {
    case 'tcp':
      if (socket === undefined) return { packet: resetFor(packet), what: 'RST', socket }
      if (packet.flags !== 'SYN') return { packet: back(packet, 'DATA'), what: 'data', socket }
      return { packet: back(packet, 'SYN+ACK'), what: 'SYN+ACK', socket }
    case 'udp': {
      if (socket !== undefined) return { packet: back(packet, 'DATA'), what: 'data', socket }
      const error = icmpAbout(kernel, host, packet, 'icmp-port-unreachable')
      return error === undefined ? undefined : { packet: error, what: 'icmp', socket }
    }
    case 'sctp':
      if (socket === undefined) return { packet: back(packet, 'ABORT'), what: 'RST', socket }
      return { packet: back(packet, 'INIT+ACK'), what: 'SYN+ACK', socket }
    case 'icmp':
      return undefined
    default:
      return undefined
  }
}

/** What is known of a request while its packets travel; plain data, replaced at each event. */
export interface Progress {
  readonly from: HostName
  /** The connection as the sender knows it. */
  readonly asked: Tuple
  /** The request's packet where it was last seen. */
  readonly seen: Tuple
  readonly reached?: HostName
  readonly arrivedAs?: Tuple
  readonly socket?: Socket
  /** A rule or a lack of route ended the request itself. */
  readonly requestLoss?: Loss
  readonly replyLoss?: Loss
  readonly verdict?: Verdict
  readonly with?: string
  /** A rule gave the request another source, even if it came out the same. */
  readonly masqueraded?: boolean
  /** An answer that settles the request has come to the sender. */
  readonly answered?: boolean
}

export function beginProgress(request: Request): Progress {
  const asked = tupleOf(request.packet)
  return { from: request.from, asked, seen: asked }
}

/** Takes in what one host did. */
export function learn(progress: Progress, handled: Handled): Progress {
  let next = progress
  for (const loss of handled.losses) next = learnLoss(next, loss)
  for (const each of [...handled.transits, ...handled.arrivals]) {
    if (each.direction === 'request') next = { ...next, seen: tupleOf(each.packet) }
  }
  return next
}

function learnLoss(progress: Progress, loss: Loss): Progress {
  if (loss.direction === 'reply') return progress.replyLoss === undefined ? { ...progress, replyLoss: loss } : progress
  const next = { ...progress, seen: tupleOf(loss.packet), requestLoss: loss }
  if (loss.why === 'drop') return { ...next, verdict: 'dropped' }
  if (loss.why === 'reject') return { ...next, verdict: 'rejected', with: loss.with ?? 'icmp-port-unreachable' }
  if (loss.ownError !== undefined && loss.host === progress.from) return { ...next, verdict: 'no-route', with: loss.ownError }
  if (loss.why === 'not-modelled') return { ...next, verdict: 'timeout', with: `not modelled: ${loss.with ?? ''}` }
  return next
}

/** Takes in that a packet reached sockets: the request its destination, or an answer the sender. */
export function learnArrival(progress: Progress, arrival: Arrival, answer: Answer | undefined): Progress {
  if (arrival.direction === 'request') {
    return {
      ...progress,
      seen: tupleOf(arrival.packet),
      reached: arrival.host,
      arrivedAs: tupleOf(arrival.packet),
      ...(answer?.socket === undefined ? {} : { socket: answer.socket }),
    }
  }
  if (arrival.host !== progress.from || progress.answered === true) return progress
  const judged = judgeAnswer(progress, arrival.packet)
  return judged.verdict === undefined ? judged : { ...judged, answered: true }
}

/** What an answer means to the sender's socket. Where a REJECT rule ended the request, it was that rule's answer. */
function judgeAnswer(progress: Progress, packet: Packet): Progress {
  if (progress.verdict !== undefined) return progress
  const { asked } = progress
  if (packet.inner !== undefined) {
    const isOurs = sameTuple(packet.inner, asked)
    if (!isOurs) return progress
    if (REFUSALS.has(packet.flags)) return { ...progress, verdict: 'refused', with: packet.flags }
    if (asked.proto === 'udp' && !UDP_ERRORS.has(packet.flags)) return { ...progress, with: packet.flags }
    return { ...progress, verdict: 'no-route', with: packet.flags }
  }
  const isOurs =
    packet.src === asked.dst && packet.sport === asked.dport && packet.dst === asked.src && packet.dport === asked.sport
  if (!isOurs) return { ...progress, with: progress.with ?? 'wrong-address' }
  if (packet.flags.includes('RST') || packet.flags === 'ABORT') return { ...progress, verdict: 'refused', with: 'tcp-reset' }
  return { ...progress, verdict: 'delivered' }
}

const REFUSALS = new Set(['icmp-port-unreachable', 'icmp-proto-unreachable', 'icmp6-port-unreachable'])

/**
 * ICMP errors that a datagram socket tells its owner; others pass unheard.
 * Source: Linux net/ipv4/icmp.c icmp_err_convert, udp.c __udp4_lib_err; net/ipv6/icmp.c icmpv6_err_convert
 */
const UDP_ERRORS = new Set([
  'icmp-net-prohibited',
  'icmp-host-prohibited',
  'icmp-admin-prohibited',
  'icmp6-adm-prohibited',
  'icmp6-policy-fail',
  'icmp6-reject-route',
])

function sameTuple(a: Tuple, b: Tuple): boolean {
  return a.proto === b.proto && a.src === b.src && a.sport === b.sport && a.dst === b.dst && a.dport === b.dport
}

/** Whether an answer that came to the sender is from an address that it never asked. */
export function isFromWrongAddress(progress: Progress, arrival: Arrival): boolean {
  return (
    arrival.direction === 'reply' &&
    arrival.host === progress.from &&
    arrival.packet.inner === undefined &&
    (arrival.packet.src !== progress.asked.dst || arrival.packet.sport !== progress.asked.dport)
  )
}

/** The ending of a request of which nothing more will happen. */
export function conclude(progress: Progress): Ending {
  const { asked, seen } = progress
  const source = progress.arrivedAs ?? seen
  return {
    verdict: progress.verdict ?? 'timeout',
    to: { ip: seen.dst, port: seen.dport },
    masqueraded: progress.masqueraded === true || source.src !== asked.src || source.sport !== asked.sport,
    ...(progress.with === undefined ? {} : { with: progress.with }),
    ...(progress.reached === undefined ? {} : { reached: progress.reached }),
    ...(progress.arrivedAs === undefined
      ? {}
      : { sourceSeen: progress.arrivedAs.src, sourcePortKept: progress.arrivedAs.sport === asked.sport }),
    ...(progress.socket === undefined ? {} : { socket: progress.socket }),
  }
}

/** Whether this happened to a request: a rule gave it another source. */
export function isMasquerade(entry: StepInput): boolean {
  return entry.kind === 'rule' && entry.facts.direction === 'request' && /^(MASQUERADE|SNAT)$/.test(entry.facts.action)
}

/** How a packet gets into the network: sent by its own host, or put on a device of one as if it came from outside. */
export type Entrance = { readonly kind: 'own'; readonly host: HostName } | { readonly kind: 'device'; readonly transit: Transit }

/**
 * Follows a request to its end at once: its first packet, the answer to it, and every error on the way.
 * What it changes goes where the kernel's scratch says.
 */
export function followRequest(opened: Kernel, entrance: Entrance, packet: Packet): Ending {
  const kernel: Kernel = {
    ...opened,
    trace(entry) {
      if (isMasquerade(entry)) progress = { ...progress, masqueraded: true }
      opened.trace(entry)
    },
  }
  const from = entrance.kind === 'own' ? entrance.host : ownerOf(kernel, packet.src)
  let progress = beginProgress({ from, packet })
  const queue: Handled[] = []
  const pending: Transit[] = []
  const take = (handled: Handled): void => {
    progress = learn(progress, handled)
    pending.push(...handled.transits)
    if (handled.arrivals.length > 0) queue.push(handled)
  }
  const first = createHandled()
  kernel.trace({
    kind: 'packet-sent',
    from: hostThing(kernel, from),
    facts: { packet, direction: 'request', host: from, by: from },
  })
  if (entrance.kind === 'own') sendOwn({ ...kernel, direction: 'request' }, entrance.host, packet, first)
  else receive({ ...kernel, direction: 'request' }, entrance.transit, first)
  take(first)
  for (;;) {
    const arrived = queue.shift()
    if (arrived !== undefined) {
      for (const arrival of arrived.arrivals) {
        const answer = arrival.direction === 'request' ? answerTo(kernel, arrival.host, arrival.packet) : undefined
        progress = learnArrival(progress, arrival, answer)
        traceArrival(kernel, progress, arrival, answer)
        if (answer === undefined) continue
        const handled = createHandled()
        sendOwn({ ...kernel, direction: 'reply' }, arrival.host, answer.packet, handled)
        take(handled)
      }
      continue
    }
    const transit = pending.shift()
    if (transit === undefined) break
    const handled = createHandled()
    receive({ ...kernel, direction: transit.direction }, transit, handled)
    take(handled)
  }
  return conclude(progress)
}

function ownerOf(kernel: Kernel, ip: string): HostName {
  return kernel.net.owners.get(ip) ?? `outside/${ip}`
}

/** Tells that a packet reached sockets, and what was answered unless that comes later. */
export function traceArrival(
  kernel: Kernel,
  progress: Progress,
  arrival: Arrival,
  answer: Answer | undefined,
  isAnsweredNow = true,
): void {
  const { host, packet, direction } = arrival
  const place = hostThing(kernel, host)
  const facts = { packet, direction, host }
  if (isFromWrongAddress(progress, arrival)) {
    kernel.trace({ kind: 'stopped', from: place, facts: { ...facts, why: 'wrong-address' } })
    return
  }
  const socket = direction === 'request' ? (answer?.socket?.owner ?? '') : 'sender'
  kernel.trace({ kind: 'delivered', from: place, to: place, facts: { ...facts, socket } })
  if (answer === undefined || !isAnsweredNow) return
  kernel.trace({
    kind: 'answered',
    from: place,
    facts: { packet: answer.packet, direction: 'reply', host, by: answer.socket?.owner ?? 'kernel', what: answer.what },
  })
}

/** Whether a host can send to an address at all. */
export function hasRoute(kernel: Kernel, host: HostName, ip: string): boolean {
  return lookUpRoute(kernel, host, ip).kind !== 'unreachable'
}
