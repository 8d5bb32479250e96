import { nextUint32, seedStream } from '../../core/random.js'
import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import { canonicalAddress, familyOf } from '../../net/address.js'
import type { Chooser } from '../../net/chooser.js'
import { createChooser, explore, probabilityOf } from '../../net/chooser.js'
import type { Ending, Entrance } from '../../net/follow.js'
import { firstOf, firstPacket, followRequest } from '../../net/follow.js'
import { forkNet } from '../../net/fork.js'
import type { Kernel } from '../../net/kernel.js'
import { createKernel, createScratch } from '../../net/kernel.js'
import { layClient } from '../../net/layout.js'
import { openView } from '../../net/machine.js'
import { parseNftRuleset, setNftRuleset } from '../../net/nft/ruleset.js'
import type { Note } from '../../net/note.js'
import { stepOf } from '../../net/noteSteps.js'
import type { Packet } from '../../net/packet.js'
import { endpointText } from '../../net/packet.js'
import { isLocal } from '../../net/routing.js'
import type { Miss } from '../../net/rules/explain.js'
import { explainMisses } from '../../net/rules/explain.js'
import type { RuleFault } from '../../net/rules/ruleset.js'
import { setRuleset } from '../../net/rules/ruleset.js'
import { parseIptablesSave } from '../../net/rules/save.js'
import type { NetState } from '../../net/state.js'
import { fabricRoute } from '../../net/topology.js'
import type { World } from '../context.js'
import { httpAnswer } from './answers.js'
import type { TraceOutcome } from './outcome.js'
import { outcomeOf } from './outcome.js'
import { FIRST_PORT, LAST_PORT } from './part.js'
import type { RequestProtocol, Who } from './requestSpec.js'
import { hostOfWho, parseWhere, parseWho } from './requestSpec.js'
import type { Target } from './target.js'
import { clientFor, preferredAddresses, resolveWhere } from './target.js'

/** What `trace` is asked: a request of somebody, or one packet put into a Node's stack. */
export type TraceSpec =
  | {
      readonly kind: 'request'
      readonly from: string
      readonly to: string
      readonly proto: RequestProtocol
      /** The Node to which the fabric hands packets for the address asked for, unchanged. */
      readonly deliverTo?: string
    }
  | { readonly kind: 'packet'; readonly at: string; readonly src: string; readonly dst: string; readonly proto: RequestProtocol }

export interface TraceOptions {
  /** Every outcome with its exact probability; else one is drawn. */
  readonly all?: boolean
  /** Sends that many new connections and counts where they went. */
  readonly count?: number
  /** With `count`: gets the record of each request in turn. */
  readonly record?: ((notes: readonly Note[]) => void) | undefined
  /** The world's own when absent. */
  readonly seed?: string
  /** Only the way that ends at this endpoint, `IP:PORT`, and through this Node where one is named. */
  readonly force?: { readonly endpoint: string; readonly node?: string }
  /** Dumps by Node, held by its kernel in place of what kube-proxy wrote; several of one Node after each other: its IPv4 and its IPv6. */
  readonly rules?: Iterable<readonly [node: string, text: string]>
  /** Adds the rules that did not match and why. */
  readonly verbose?: boolean
}

export interface TraceResult {
  readonly outcomes: readonly (TraceOutcome & { readonly misses?: readonly Miss[] })[]
  /** With `count`: endpoint as `ip:port` to how many ended there, or by verdict for what ended nowhere. */
  readonly counts?: Readonly<Record<string, number>>
}

/** A trace that cannot be made: `usage` when what was asked makes no sense, `cluster` when the cluster has no such thing. */
export interface TraceError {
  readonly kind: 'usage' | 'cluster'
  readonly message: string
}

interface Plan {
  readonly net: NetState
  readonly who: Who | undefined
  readonly entrance: Entrance
  readonly target: Target
  readonly proto: RequestProtocol
  /** Source address; the sender's own choice when absent. */
  readonly src: string | undefined
  readonly deliverTo: string | undefined
}

/**
 * Follows a request through the cluster as it stands now, without touching it: connections, counters, recent lists and streams of
 * chance stay as they are.
 *
 * @returns the outcomes in the form of `trace --json`.
 */
export function traceRequest(world: World, spec: TraceSpec, options: TraceOptions = {}): Result<TraceResult, TraceError> {
  const net = forkNet(world.parts.net)
  for (const [node, text] of options.rules ?? []) {
    if (net.hosts.get(node)?.kind !== 'node') return fail({ kind: 'cluster', message: `nodes "${node}" not found` })
    const fault = loadRules(net, node, text)
    if (fault !== undefined) return fail({ kind: 'cluster', message: `rules of ${node}: line ${fault.line}: ${fault.message}` })
  }
  const plan = spec.kind === 'request' ? planRequest(world, net, spec) : planPacket(net, spec)
  if (!plan.ok) return plan
  if (plan.value.target.addresses.length === 0)
    return ok({ outcomes: [UNRESOLVED], ...(options.count === undefined ? {} : { counts: {} }) })
  const draw = seededDraw(options.seed ?? world.seed)
  // The port that the next request takes: one of an earlier request would be known to conntrack, and no new connection.
  const fresh = world.parts.traffic.nextPort
  const portDraw = `${world.seed} ${fresh}`
  const view = openView(net)
  const one = (chooser: Chooser): Run =>
    runOnce(world, plan.value, { view, chooser, scratch: createScratch(), random: seededDraw(portDraw) }, fresh)
  const tell = (run: Run, probability: number) => {
    const entries = run.notes.map((note) => stepOf(net, note))
    const outcome = { ...outcomeOf(net, run.ending, entries, probability), ...httpOf(world, plan.value, run.ending) }
    return options.verbose === true ? { ...outcome, misses: explainMisses(net, entries) } : outcome
  }
  const counted =
    options.count === undefined
      ? undefined
      : countRuns(world, plan.value, options.count, { view, draw, random: seededDraw(portDraw), record: options.record })
  const extra = counted === undefined ? {} : { counts: counted }
  if (options.all === true || options.force !== undefined) {
    const outcomes = explore(one).map(({ value, probability }) => ({
      run: value,
      probability,
    }))
    const wanted = options.force === undefined ? outcomes : bestOf(outcomes, options.force)
    if (wanted.length === 0) return fail({ kind: 'cluster', message: `no way leads to ${options.force?.endpoint ?? ''}` })
    return ok({ outcomes: wanted.map(({ run, probability }) => tell(run, probability)), ...extra })
  }
  const chooser = createChooser([], draw)
  const run = one(chooser)
  return ok({ outcomes: [tell(run, probabilityOf(chooser.trail))], ...extra })
}

/**
 * Loads a dump in place of the rules that a Node's kernel holds: the text of `nft list ruleset` in place of all, that of `iptables-save`
 * or `ip6tables-save` in place of its family's.
 */
function loadRules(net: NetState, node: string, text: string): RuleFault | undefined {
  if (/^\s*(#[^\n]*\n\s*)*table /.test(text)) {
    const parsed = parseNftRuleset(text)
    if (!parsed.ok) return parsed.error
    net.rulesets.delete(node)
    net.rulesets6.delete(node)
    setNftRuleset(net, node, parsed.value)
    return undefined
  }
  const parsed = parseIptablesSave(text)
  if (!parsed.ok) return parsed.error
  net.nftables.delete(node)
  setRuleset(net, node, parsed.value, isIpv6Dump(text) ? 6 : 4)
  return undefined
}

/** Says itself that it is of ip6tables, or speaks of IPv6 in its rules. */
export function isIpv6Dump(text: string): boolean {
  if (/^# Generated by ip6tables-save/m.test(text)) return true
  return /^(?:\[\d+:\d+\] )?-A .*(?: -[sd] [0-9a-f]*:[0-9a-f:]*\/|icmp6-|ipv6-icmp|--to-\S+ \[)/m.test(text)
}

const UNRESOLVED: TraceOutcome = { probability: 1, verdict: 'unresolved', masqueraded: false, choices: [], hops: [], reply: [] }

/** What a URL is answered with. */
function httpOf(world: World, { target, proto }: Plan, { verdict, socket, reached }: Ending): Pick<TraceOutcome, 'http'> {
  if (target.isUrl !== true || proto !== 'tcp' || verdict !== 'delivered' || socket === undefined) return {}
  return { http: httpAnswer(world, reached ?? '', socket, target.path) }
}

interface Run {
  readonly ending: Ending
  readonly notes: readonly Note[]
}

type RunOptions = Pick<Kernel, 'view' | 'chooser' | 'scratch' | 'random'>

function runOnce(world: World, plan: Plan, { view, chooser, scratch, random }: RunOptions, sport: number): Run {
  const notes: Note[] = []
  const { addresses, port } = plan.target
  const host = plan.entrance.kind === 'own' ? plan.entrance.host : plan.entrance.transit.at.host
  const ip = addresses.length === 1 ? (addresses[0] ?? '') : chooseAddress(chooser, host, addresses)
  const kernel = createKernel({
    net: plan.net,
    view,
    now: world.now,
    scratch,
    chooser,
    random,
    trace: (note) => void notes.push(note),
    deliverTo: plan.deliverTo === undefined ? undefined : { ip, node: plan.deliverTo },
  })
  const packet = beginWith(kernel, plan, host, ip, port, sport)
  if (packet === undefined) {
    return { ending: { verdict: 'no-route', with: 'ENETUNREACH', to: { ip, port }, masqueraded: false }, notes }
  }
  const { entrance } = plan
  const used: Entrance = entrance.kind === 'own' ? entrance : { kind: 'device', transit: { ...entrance.transit, packet } }
  return { ending: followRequest(kernel, used, packet), notes }
}

function chooseAddress(chooser: Chooser, host: string, addresses: readonly string[]): string {
  return addresses[chooser.choose({ what: 'dns', host, weights: addresses.map(() => 1 / addresses.length) })] ?? ''
}

function beginWith(kernel: Kernel, plan: Plan, host: string, ip: string, port: number, sport: number): Packet | undefined {
  if (plan.src === undefined) return firstPacket(kernel, host, { proto: plan.proto, ip, port }, sport)
  return firstOf({ proto: plan.proto, src: plan.src, sport, dst: ip, dport: port })
}

/** Sends one request after the other, each on a connection of its own that is closed, and forgotten, before the next begins. */
function countRuns(
  world: World,
  plan: Plan,
  count: number,
  {
    view,
    draw,
    random,
    record,
  }: Pick<Kernel, 'view' | 'random'> & Pick<TraceOptions, 'record'> & { readonly draw: () => number },
): Record<string, number> {
  const counts: Record<string, number> = {}
  const scratch = createScratch()
  const first = world.parts.traffic.nextPort - FIRST_PORT
  for (let sent = 0; sent < count; sent++) {
    const sport = FIRST_PORT + ((first + sent) % (LAST_PORT - FIRST_PORT))
    const { ending, notes } = runOnce(world, plan, { view, chooser: createChooser([], draw), scratch, random }, sport)
    record?.(notes)
    const key = endpointText(ending.to.ip, ending.to.port)
    counts[key] = (counts[key] ?? 0) + 1
    scratch.conntrack.clear()
    scratch.steered.clear()
  }
  return counts
}

/** The likeliest way that ends where it should. */
function bestOf<T extends { readonly run: Run; readonly probability: number }>(
  outcomes: readonly T[],
  force: { readonly endpoint: string; readonly node?: string },
): readonly T[] {
  const fitting = outcomes.filter(({ run }) => endsAt(run.ending, run.notes, force))
  const best = fitting.reduce<T | undefined>((a, b) => (a === undefined || b.probability > a.probability ? b : a), undefined)
  return best === undefined ? [] : [best]
}

/** Whether a way ends at an endpoint, and enters the cluster by a Node where one is named. */
export function endsAt(
  ending: Pick<Ending, 'to'>,
  notes: readonly Note[],
  force: { readonly endpoint: string; readonly node?: string },
): boolean {
  if (endpointText(ending.to.ip, ending.to.port) !== force.endpoint) return false
  if (force.node === undefined) return true
  return notes.find((note) => note.kind === 'packet-hook')?.host === force.node
}

function seededDraw(seed: string): () => number {
  let state = seedStream(seed, 'trace')
  return () => {
    const [drawn, next] = nextUint32(state)
    state = next
    return drawn / 4_294_967_296
  }
}

function planRequest(world: World, net: NetState, spec: Extract<TraceSpec, { kind: 'request' }>): Result<Plan, TraceError> {
  const who = parseWho(spec.from)
  if (!who.ok) return fail({ kind: 'usage', message: who.error })
  const where = parseWhere(spec.to)
  if (!where.ok) return fail({ kind: 'usage', message: where.error })
  if (who.value.kind === 'client') layClient(net, who.value.ip)
  const sender = senderOf(world, net, who.value)
  if (!sender.ok) return sender
  if (spec.deliverTo !== undefined && net.hosts.get(spec.deliverTo)?.kind !== 'node')
    return fail({ kind: 'cluster', message: `nodes "${spec.deliverTo}" not found` })
  const target = resolveWhere(world, who.value, where.value, spec.proto)
  if (!target.ok) return fail({ kind: 'cluster', message: target.error })
  const client = clientFor(who.value, target.value)
  const host = client.kind === 'client' ? layClient(net, client.ip) : sender.value
  return ok({
    net,
    who: client,
    entrance: { kind: 'own', host },
    target: preferredAddresses(net, host, target.value),
    proto: spec.proto,
    src: undefined,
    deliverTo: spec.deliverTo,
  })
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

function planPacket(net: NetState, spec: Extract<TraceSpec, { kind: 'packet' }>): Result<Plan, TraceError> {
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
