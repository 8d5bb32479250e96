import type { Verdict } from '../core/vocabulary.js'
import { back, FIRST_TTL, icmpAbout, resetOfHost } from './errors.js'
import type { Arrival, Handled, Loss, Transit } from './handled.js'
import { createHandled } from './handled.js'
import type { Kernel } from './kernel.js'
import { machineOf } from './machine.js'
import type { Packet, Protocol, Tuple } from './packet.js'
import { packetOf, payloadOf, sameTuple, tupleOf } from './packet.js'
import { sourceFor } from './routing.js'
import { sendOwn } from './send.js'
import type { Socket } from './sockets.js'
import { socketAt } from './sockets.js'
import { receive } from './stack.js'
import type { HostName } from './state.js'

/** The first packet of a request and who sends it. */
export interface Request {
  readonly from: HostName
  readonly packet: Packet
}

/** How a request ended, as far as the network knows. */
export interface Ending {
  readonly verdict: Verdict
  /** What answered in place of the asked one: `icmp-port-unreachable`, `tcp-reset`; what was not modelled; why there is no answer. */
  readonly with?: string | undefined
  /** Where the packet was headed after all NAT. */
  readonly to: { readonly ip: string; readonly port: number }
  /** Who it reached, if anybody. */
  readonly reached?: HostName | undefined
  /** The source that the destination saw, if the packet reached one. */
  readonly sourceSeen?: string | undefined
  /** Whether the source port that the destination saw was the sender's. */
  readonly sourcePortKept?: boolean | undefined
  readonly masqueraded: boolean
  /** A rule rejected the request, but the sender's program hears nothing of it and waits in vain. */
  readonly unheard?: true | undefined
  readonly socket?: Socket | undefined
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
  return firstOf({ proto: to.proto, src, sport, dst: to.ip, dport: to.port })
}

/** The packet that begins a connection. */
export function firstOf(tuple: Tuple): Packet {
  return packetOf(tuple, { ttl: FIRST_TTL, mark: 0, flags: firstFlags(tuple.proto) })
}

function firstFlags(proto: Protocol): string {
  return proto === 'tcp' ? 'SYN' : proto === 'sctp' ? 'INIT' : 'DATA'
}

export interface Answer {
  readonly packet: Packet
  readonly what: 'SYN+ACK' | 'RST' | 'data' | 'icmp'
  readonly socket: Socket | undefined
}

/** What a host answers to the first packet of a request that has reached its sockets. Source: Linux net/ipv4/tcp_ipv4.c tcp_v4_rcv, udp.c __udp4_lib_rcv */
export function answerTo(kernel: Kernel, host: HostName, packet: Packet): Answer | undefined {
  const socket = socketAt(machineOf(kernel.view, host).sockets, packet.proto, packet.dst, packet.dport)
  switch (packet.proto) {
    case 'tcp':
      if (socket === undefined) return { packet: resetOfHost(packet), what: 'RST', socket }
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

/** What is known of a request while its packets travel: a draft that each host's handling is written into. */
export interface Progress {
  readonly from: HostName
  /** The connection as the sender knows it. */
  readonly asked: Tuple
  /** The request's packet where it was last seen. */
  seen: Tuple
  reached: HostName | undefined
  arrivedAs: Tuple | undefined
  socket: Socket | undefined
  /** A rule or a lack of route ended the request itself. */
  requestLoss: Loss | undefined
  replyLoss: Loss | undefined
  verdict: Verdict | undefined
  with: string | undefined
  /** A rule gave the request another source, even if it came out the same. */
  masqueraded: boolean
  /** An answer that settles the request has come to the sender; one to a rejected request may be lost or pass unheard. */
  answered: boolean
}

export function beginProgress(request: Request): Progress {
  return {
    from: request.from,
    asked: tupleOf(request.packet),
    seen: request.packet,
    reached: undefined,
    arrivedAs: undefined,
    socket: undefined,
    requestLoss: undefined,
    replyLoss: undefined,
    verdict: undefined,
    with: undefined,
    masqueraded: false,
    answered: false,
  }
}

/** Takes in what one host did. */
export function learn(progress: Progress, handled: Handled): void {
  for (const loss of handled.losses) learnLoss(progress, loss)
  for (const transit of handled.transits) learnTransit(progress, transit)
  for (const { direction, packet } of handled.arrivals) if (direction === 'request') progress.seen = packet
  progress.masqueraded ||= handled.masqueraded
}

function learnTransit(progress: Progress, { direction, packet }: Transit): void {
  if (direction === 'request') progress.seen = payloadOf(packet)
}

function learnLoss(progress: Progress, loss: Loss | undefined): void {
  if (loss === undefined) return
  if (loss.direction === 'reply') {
    progress.replyLoss ??= loss
    return
  }
  progress.seen = loss.packet
  progress.requestLoss = loss
  if (loss.why === 'drop') {
    progress.verdict = 'dropped'
    if (loss.with !== undefined) progress.with = loss.with
  } else if (loss.why === 'reject') settle(progress, 'rejected', loss.with ?? 'icmp-port-unreachable')
  else if (loss.ownError !== undefined && loss.host === progress.from) settle(progress, 'no-route', loss.ownError)
  else if (loss.why === 'not-modelled') settle(progress, 'timeout', `not modelled: ${loss.with ?? ''}`)
}

function settle(progress: Progress, verdict: Verdict, because: string): void {
  progress.verdict = verdict
  progress.with = because
}

/** Takes in that a packet reached sockets: the request its destination, or an answer the sender. */
export function learnArrival(progress: Progress, arrival: Arrival, answer: Answer | undefined): void {
  if (arrival.direction === 'request') {
    progress.seen = arrival.packet
    progress.reached = arrival.host
    progress.arrivedAs = arrival.packet
    progress.socket = answer?.socket ?? progress.socket
    return
  }
  if (arrival.host === progress.from && !progress.answered) judgeAnswer(progress, arrival.packet)
}

/** What an answer means to the sender's socket. Where a REJECT rule ended the request, it was that rule's answer, if it is heard. */
function judgeAnswer(progress: Progress, packet: Packet): void {
  const meaning = meaningOf(progress.asked, packet)
  switch (meaning) {
    case 'not-ours':
      return
    case 'quiet-error':
      if (progress.verdict === undefined) progress.with = packet.flags
      return
    case 'wrong-address':
      if (progress.verdict === undefined) progress.with ??= meaning
      return
    default:
      progress.answered = true
      if (progress.verdict !== undefined) return
      progress.verdict = meaning
      if (meaning !== 'delivered') progress.with = packet.inner === undefined ? 'tcp-reset' : packet.flags
  }
}

function meaningOf(
  asked: Tuple,
  packet: Packet,
): 'not-ours' | 'quiet-error' | 'wrong-address' | 'refused' | 'no-route' | 'delivered' {
  if (packet.inner !== undefined) {
    if (!sameTuple(packet.inner, asked)) return 'not-ours'
    if (REFUSALS.has(packet.flags)) return 'refused'
    return asked.proto === 'udp' && !UDP_ERRORS.has(packet.flags) ? 'quiet-error' : 'no-route'
  }
  const isOurs =
    packet.src === asked.dst && packet.sport === asked.dport && packet.dst === asked.src && packet.dport === asked.sport
  if (!isOurs) return 'wrong-address'
  return packet.flags.includes('RST') || packet.flags === 'ABORT' ? 'refused' : 'delivered'
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

/** Whether an answer came to a socket that never asked there: the sender's, from another address, or another host's altogether. */
export function isFromWrongAddress(progress: Progress, { direction, host, packet }: Arrival): boolean {
  if (direction !== 'reply' || packet.inner !== undefined) return false
  if (host !== progress.from) return !packet.flags.includes('RST')
  return packet.src !== progress.asked.dst || packet.sport !== progress.asked.dport
}

/** The ending of a request of which nothing more will happen. */
export function conclude(progress: Progress): Ending {
  const { asked, seen } = progress
  const source = progress.arrivedAs ?? seen
  const { replyLoss } = progress
  // Nobody knows what a rule that is not modelled would have done to the answer: it is named, not counted as a loss.
  if (progress.verdict === undefined && replyLoss?.why === 'not-modelled') progress.with = `not modelled: ${replyLoss.with ?? ''}`
  return {
    verdict: progress.verdict ?? 'timeout',
    to: { ip: seen.dst, port: seen.dport },
    masqueraded: progress.masqueraded || source.src !== asked.src || source.sport !== asked.sport,
    with: progress.with,
    unheard: progress.verdict === 'rejected' && !progress.answered ? true : undefined,
    reached: progress.reached,
    sourceSeen: progress.arrivedAs?.src,
    sourcePortKept: progress.arrivedAs === undefined ? undefined : progress.arrivedAs.sport === asked.sport,
    socket: progress.socket,
  }
}

/** How a packet gets into the network: sent by its own host, or put on a device of one as if it came from outside. */
export type Entrance = { readonly kind: 'own'; readonly host: HostName } | { readonly kind: 'device'; readonly transit: Transit }

/**
 * Follows a request to its end at once: its first packet, the answer to it, and every error on the way.
 * What it changes goes where the kernel's scratch says.
 */
export function followRequest(kernel: Kernel, entrance: Entrance, packet: Packet): Ending {
  const from = entrance.kind === 'own' ? entrance.host : ownerOf(kernel, packet.src)
  const progress = beginProgress({ from, packet })
  const handled = createHandled()
  kernel.trace({ kind: 'packet-sent', packet, direction: 'request', host: from, by: from })
  if (entrance.kind === 'own') sendOwn(kernel, entrance.host, packet, 'request', handled)
  else receive(kernel, entrance.transit, handled)
  // What the hosts put there is taken in its order, arrivals before what is still on its way.
  let arrived = 0
  let carried = 0
  let lost = 0
  for (;;) {
    for (; lost < handled.losses.length; lost++) learnLoss(progress, handled.losses[lost])
    const arrival = handled.arrivals[arrived]
    const transit = handled.transits[carried]
    if (arrival !== undefined) {
      arrived++
      const answer = arrival.direction === 'request' ? answerTo(kernel, arrival.host, arrival.packet) : undefined
      learnArrival(progress, arrival, answer)
      noteArrival(kernel, progress, arrival, answer)
      if (answer !== undefined) sendOwn(kernel, arrival.host, answer.packet, 'reply', handled)
    } else if (transit !== undefined) {
      carried++
      learnTransit(progress, transit)
      receive(kernel, transit, handled)
    } else {
      progress.masqueraded = handled.masqueraded
      return conclude(progress)
    }
  }
}

function ownerOf(kernel: Kernel, ip: string): HostName {
  return kernel.net.owners.get(ip) ?? `outside/${ip}`
}

/** Notes that a packet reached sockets, and what was answered unless that comes later. */
export function noteArrival(
  kernel: Kernel,
  progress: Progress,
  arrival: Arrival,
  answer: Answer | undefined,
  isAnsweredNow = true,
): void {
  const { host, packet, direction } = arrival
  if (isFromWrongAddress(progress, arrival)) {
    kernel.trace({ kind: 'stopped', packet, direction, host, hook: undefined, stop: { why: 'wrong-address' } })
    return
  }
  const socket = direction === 'request' ? (answer?.socket?.owner ?? '') : 'sender'
  kernel.trace({ kind: 'delivered', packet, direction, host, socket })
  if (answer === undefined || !isAnsweredNow) return
  const by = answer.socket?.owner ?? 'kernel'
  kernel.trace({ kind: 'answered', packet: answer.packet, direction: 'reply', host, by, what: answer.what })
}
