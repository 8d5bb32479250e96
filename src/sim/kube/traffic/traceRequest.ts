import { drawFrom } from '../../core/random.js'
import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import type { Chooser } from '../../net/chooser.js'
import { createChooser, explore, probabilityOf } from '../../net/chooser.js'
import type { Ending } from '../../net/follow.js'
import { forkNet } from '../../net/fork.js'
import { createScratch } from '../../net/kernel.js'
import { openView } from '../../net/machine.js'
import { parseNftRuleset, setNftRuleset } from '../../net/nft/ruleset.js'
import type { Note } from '../../net/note.js'
import { stepOf } from '../../net/noteSteps.js'
import type { Miss } from '../../net/rules/explain.js'
import { explainMisses } from '../../net/rules/explain.js'
import type { RuleFault } from '../../net/rules/ruleset.js'
import { setRuleset } from '../../net/rules/ruleset.js'
import { parseIptablesSave } from '../../net/rules/save.js'
import type { NetState } from '../../net/state.js'
import type { World } from '../context.js'
import { httpAnswer } from './answers.js'
import type { TraceOutcome } from './outcome.js'
import { outcomeOf } from './outcome.js'
import type { RequestProtocol } from './requestSpec.js'
import type { TracePlan } from './tracePlan.js'
import { planPacket, planRequest } from './tracePlan.js'
import type { Run } from './traceRuns.js'
import { bestOf, countRuns, runOnce } from './traceRuns.js'

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
  const draw = drawFrom(options.seed ?? world.seed, 'trace')
  // The port that the next request takes: one of an earlier request would be known to conntrack, and no new connection.
  const fresh = world.parts.traffic.nextPort
  const portDraw = `${world.seed} ${fresh}`
  const view = openView(net)
  const one = (chooser: Chooser): Run =>
    runOnce(world, plan.value, { view, chooser, scratch: createScratch(), random: drawFrom(portDraw, 'trace') }, fresh)
  const tell = (run: Run, probability: number) => {
    const outcome = { ...outcomeOf(net, run.ending, run.notes, probability), ...httpOf(world, plan.value, run.ending) }
    if (options.verbose !== true) return outcome
    const steps = run.notes.map((note) => stepOf(net, note))
    return { ...outcome, misses: explainMisses(net, steps) }
  }
  const counted =
    options.count === undefined
      ? undefined
      : countRuns(world, plan.value, options.count, { view, draw, random: drawFrom(portDraw, 'trace'), record: options.record })
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
  for (const { family, text: part } of familiesIn(text)) {
    const parsed = parseIptablesSave(part)
    if (!parsed.ok) return parsed.error
    net.nftables.delete(node)
    setRuleset(net, node, parsed.value, family)
  }
  return undefined
}

const SAVED_BY = /^# Generated by (ip6?)tables-save/

/** What iptables-save and ip6tables-save wrote, one after the other, each with all else blanked: lines keep their numbers. */
function familiesIn(text: string): readonly { readonly family: 4 | 6; readonly text: string }[] {
  const lines = text.split('\n')
  let section: 4 | 6 | undefined
  const owners = lines.map((line) => {
    const by = SAVED_BY.exec(line)
    if (by !== null) section = by[1] === 'ip6' ? 6 : 4
    // Sets belong to both.
    return /^(create|add) /.test(line) ? undefined : section
  })
  if (!owners.includes(4) || !owners.includes(6)) return [{ family: isIpv6Dump(text) ? 6 : 4, text }]
  return ([4, 6] as const).map((family) => ({
    family,
    text: lines.map((line, at) => (owners[at] === undefined || owners[at] === family ? line : '')).join('\n'),
  }))
}

/** Says itself that it is of ip6tables, or speaks of IPv6 in its rules. */
export function isIpv6Dump(text: string): boolean {
  if (/^# Generated by ip6tables-save/m.test(text)) return true
  return /^(?:\[\d+:\d+\] )?-A .*(?: -[sd] [0-9a-f]*:[0-9a-f:]*\/|icmp6-|ipv6-icmp|--to-\S+ \[)/m.test(text)
}

const UNRESOLVED: TraceOutcome = { probability: 1, verdict: 'unresolved', masqueraded: false, choices: [], hops: [], reply: [] }

/** What a URL is answered with. */
function httpOf(world: World, { target, proto }: TracePlan, { verdict, socket, reached }: Ending): Pick<TraceOutcome, 'http'> {
  if (target.isUrl !== true || proto !== 'tcp' || verdict !== 'delivered' || socket === undefined) return {}
  return { http: httpAnswer(world, reached ?? '', socket, target.path) }
}
