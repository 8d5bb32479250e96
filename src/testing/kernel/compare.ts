import { expect } from 'vitest'
import type { HostName } from '../../sim/net/state.js'
import type { ConnectResult } from './agent.js'
import type { Lab } from './lab.js'
import type { Outcome, Probe } from './simulate.js'
import type { KernelHop, Tracer } from './trace.js'

/** Longer than an answer takes on a busy machine, shorter than the second after which TCP asks again. */
const TIMEOUT_MS = 900
/** What nobody answers is not waited for as long. */
const SILENCE_MS = 500
/** IPv6's TCP hears a refusal that comes while it still sends only with its second try, a second later. Source: Linux net/ipv6/tcp_ipv6.c tcp_v6_err */
const SECOND_TRY_MS = 2_500

/** What can be compared of an ending: all that a program on the sending host learns, and what the answering one saw. */
export interface Told {
  readonly verdict: 'answered' | 'refused' | 'no-route' | 'timeout'
  readonly who?: string
  readonly source?: string
}

export function toldBySimulation({ verdict, who, source }: Outcome): Told {
  switch (verdict) {
    case 'delivered':
      return { verdict: 'answered', who, source }
    // A program cannot tell a closed port from a rule that rejects with icmp-port-unreachable.
    case 'refused':
    case 'rejected':
      return { verdict: 'refused' }
    case 'no-route':
      return { verdict: 'no-route' }
    default:
      return { verdict: 'timeout' }
  }
}

export function toldByKernel(result: ConnectResult): Told {
  if (result.verdict === 'answered') return { verdict: 'answered', who: result.who, source: result.source }
  if (result.verdict === 'timeout' || result.verdict === 'silent') return { verdict: 'timeout' }
  if (result.verdict === 'garbled') throw new Error(`an agent answered ${result.text}`)
  if (result.code === 'ECONNREFUSED') return { verdict: 'refused' }
  if (result.code === 'EHOSTUNREACH' || result.code === 'ENETUNREACH') return { verdict: 'no-route' }
  throw new Error(`connect failed with ${result.code}`)
}

export type HopList = Readonly<Record<HostName, readonly string[]>>

/** Rules by host, in the form in which both sides are compared. */
export function hopsOfSimulation(hops: Outcome['hops']): HopList {
  const byHost: Record<HostName, string[]> = {}
  for (const hop of hops) {
    const list = byHost[hop.host] ?? []
    byHost[hop.host] = list
    list.push(`${hop.hook} ${hop.table} ${hop.chain} ${hop.rule}`)
  }
  return byHost
}

/** The same of the kernel's. @param mayRepeat whether the way may have been gone twice. */
export function hopsOfKernel(hops: ReadonlyMap<HostName, readonly KernelHop[]>, mayRepeat: boolean): HopList {
  return Object.fromEntries(
    [...hops].map(([host, each]) => {
      const list = each.map((hop) => `${hop.hook} ${hop.table} ${hop.chain} ${hop.rule}`)
      return [host, mayRepeat ? once(list) : list]
    }),
  )
}

/** A way that was gone twice, once. */
function once(list: readonly string[]): readonly string[] {
  const half = list.slice(0, list.length / 2)
  return list.length % 2 === 0 && half.every((hop, index) => hop === list[half.length + index]) ? half : list
}

/** Ports by which a datagram is told from its answer. */
function portsOf(probe: Probe, outcomes: readonly Outcome[]): readonly number[] {
  return [probe.port, ...outcomes.map((outcome) => outcome.port)]
}

export interface Comparison {
  readonly told: Told
  /** Rules that the kernel met, both directions. */
  readonly hops: number
}

/**
 * Makes a connection for real and demands that it went one of the ways that the simulation says: the same answer from the same
 * host, which saw the same source, and the same rules in the same order on every Node, request and answer.
 */
export async function expectSame(lab: Lab, tracer: Tracer, probe: Probe, outcomes: readonly Outcome[]): Promise<Comparison> {
  const wanted = outcomes.map((outcome) => toldBySimulation(outcome).verdict)
  const isRejected = probe.ip.includes(':') && outcomes.some(({ verdict }) => verdict === 'rejected' || verdict === 'no-route')
  const timeout = isRejected ? SECOND_TRY_MS : wanted.every((verdict) => verdict === 'timeout') ? SILENCE_MS : TIMEOUT_MS
  const connect = () =>
    tracer.during(portsOf(probe, outcomes), () =>
      lab.connect(probe.from, { proto: probe.proto, ip: probe.ip, port: probe.port, timeout }),
    )
  let { result, trace } = await connect()
  // On a machine that does much else an answer may be late; what is never answered stays so however often one asks.
  const mayBeLate = !wanted.includes('timeout')
  for (let again = 0; again < 3 && mayBeLate && result.verdict === 'timeout'; again++) ({ result, trace } = await connect())
  const told = toldByKernel(result)
  const same = outcomes.filter((outcome) => sameTold(toldBySimulation(outcome), told))
  expect(
    same.length,
    `${probe.name}: ${JSON.stringify(told)} is none of ${JSON.stringify(outcomes.map(toldBySimulation))}`,
  ).toBeGreaterThan(0)

  const real = { request: hopsOfKernel(trace.request, isRejected), reply: hopsOfKernel(trace.reply, isRejected) }
  const ways = same.map((outcome) => ({ request: hopsOfSimulation(outcome.hops), reply: hopsOfSimulation(outcome.reply) }))
  const way = ways.find((each) => JSON.stringify(sorted(each)) === JSON.stringify(sorted(real)))
  if (way === undefined) expect(real, `${probe.name}: the rules that were met`).toEqual(ways[0])
  const count = [...trace.request.values(), ...trace.reply.values()].reduce((sum, hops) => sum + hops.length, 0)
  return { told, hops: count }
}

export function sameTold(a: Told, b: Told): boolean {
  return a.verdict === b.verdict && a.who === b.who && a.source === b.source
}

function sorted(hops: Readonly<Record<string, HopList>>): unknown {
  return Object.entries(hops).map(([direction, byHost]) => [
    direction,
    Object.entries(byHost).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ])
}
