import type { FlowId, StepId } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import { getRuleset, setRuleset } from '../../net/rules/ruleset.js'
import type { Ruleset } from '../../net/rules/types.js'
import type { InformerCache } from '../api/informer.js'
import { cacheOf } from '../api/informer.js'
import type { Ctx } from '../context.js'
import { healthChecksOf, openHealthPorts } from './healthChecks.js'
import { parseTables, patchRuleset } from './install.js'
import type { IptablesState, ProxySituation } from './iptables/ruleset.js'
import { updateIptables, writeIptables } from './iptables/ruleset.js'
import type { ProxyNode } from './node.js'
import { proxyNodeOf } from './node.js'
import type { ServiceAndSlices } from './objects.js'
import { joinServices, serviceKeyOfSlice } from './objects.js'
import type { PendingChange, ProxyProcess } from './part.js'

interface Origin {
  readonly node: string
  readonly state: IptablesState
  /** Rules in all tables. */
  readonly rules: number
}

/** What a kernel's rules were made of. Can be rebuilt: a missing entry only makes the next sync write everything anew. */
const origins = new WeakMap<Ruleset, Origin>()

/** What a kernel's rules were made of; undefined where kube-proxy did not write them in this run of the program. */
export function proxyStateOf(ruleset: Ruleset): IptablesState | undefined {
  return origins.get(ruleset)?.state
}

/**
 * Writes what is pending into the Node's kernel and tells it in one step for each flow that asked for it.
 *
 * @returns what the process remembers of it.
 */
export function syncRules(ctx: Ctx, process: ProxyProcess): Pick<ProxyProcess, 'writtenBy' | 'healthPorts'> {
  const node = ctx.self.instance
  const { net, proxy } = ctx.world.parts
  const cache = cacheOf(ctx)
  const situation: ProxySituation = { family: 'IPv4', node: situationOf(ctx, cache), configuration: proxy.configuration }
  const before = getRuleset(net, node)
  const known = origins.get(before)
  const written =
    (process.needsFullSync ? undefined : writeTouched(cache, process, situation, before)) ?? writeAll(cache, situation, before)
  const { ruleset: after, state } = written
  if (after !== before) setRuleset(net, node, after)
  const difference = compareRulesets(before, after)
  origins.set(after, { node, state, rules: (known?.rules ?? countRules(before)) + difference.rules })
  const changed = changedServices(known?.state, state, written.touched)
  const writtenBy = tell(ctx, { process, difference, rulesBefore: known?.rules ?? countRules(before), changed })
  return { writtenBy, healthPorts: syncHealthPorts(ctx, process, cache) }
}

interface Written {
  readonly ruleset: Ruleset
  readonly state: IptablesState
  /** Services that may have changed; all of them when absent. */
  readonly touched: readonly string[] | undefined
}

/** Rewrites the touched Services alone; undefined when that is not enough. */
function writeTouched(
  cache: InformerCache,
  process: ProxyProcess,
  situation: ProxySituation,
  before: Ruleset,
): Written | undefined {
  const known = origins.get(before)
  if (known?.node !== situation.node.name || process.pending.some((change) => change.service === '')) return undefined
  const touched = touchedServices(cache, process.pending)
  const update = updateIptables(known.state, situation, touched)
  if (update === undefined) return undefined
  const ruleset = update.patch.size === 0 ? before : patchRuleset(before, update.patch)
  return { ruleset, state: update.state, touched: [...touched.keys()] }
}

function writeAll(cache: InformerCache, situation: ProxySituation, before: Ruleset): Written {
  const services = joinServices(cache.list('services'), cache.list('endpointslices'))
  const { tables, ...state } = writeIptables({ ...situation, services })
  return { ruleset: parseTables(tables, before), state, touched: undefined }
}

function situationOf(ctx: Ctx, cache: InformerCache): ProxyNode {
  const name = ctx.self.instance
  const addresses = ctx.world.parts.net.hosts.get(name)?.addresses
  const object = cache.get('nodes', name) ?? { metadata: { name } }
  return proxyNodeOf(object, addresses === undefined ? undefined : ['127.0.0.1', '::1', ...addresses])
}

/** The Services of these changes as the cache has them now; `undefined` for those that are gone. */
function touchedServices(
  cache: InformerCache,
  pending: readonly PendingChange[],
): ReadonlyMap<string, ServiceAndSlices | undefined> {
  const touched = new Map<string, ServiceAndSlices | undefined>()
  for (const key of new Set(pending.map((change) => change.service))) {
    const service = cache.get('services', key)
    const namespace = key.slice(0, key.indexOf('/'))
    const slices = cache.list('endpointslices', namespace).filter((slice) => serviceKeyOfSlice(slice) === key)
    touched.set(key, service === undefined ? undefined : { key, service, slices })
  }
  return touched
}

function changedServices(
  before: IptablesState | undefined,
  after: IptablesState,
  touched: readonly string[] | undefined,
): readonly string[] {
  const keys = touched ?? [...new Set([...(before?.services.keys() ?? []), ...after.services.keys()])]
  return keys.filter((key) => linesKey(before, key) !== linesKey(after, key))
}

/** Same fragment, same rules; Services without rules of their own count as absent. */
function linesKey(state: IptablesState | undefined, key: string): unknown {
  const fragment = state?.services.get(key)
  return fragment === undefined || fragment.ports.length === 0 ? undefined : fragment
}

interface Flow {
  readonly flow: FlowId
  readonly cause: StepId | undefined
  /** Services it touched; with `''` any. */
  readonly services: ReadonlySet<string>
}

/** The flows that wait for this sync, each with the latest step that asked for it. */
function groupByFlow(pending: readonly PendingChange[]): readonly Flow[] {
  const flows = new Map<FlowId, Flow>()
  for (const { flow, cause, service } of pending) {
    flows.set(flow, { flow, cause, services: new Set([...(flows.get(flow)?.services ?? []), service]) })
  }
  return [...flows.values()]
}

interface Telling {
  readonly process: ProxyProcess
  readonly difference: Difference
  readonly rulesBefore: number
  readonly changed: readonly string[]
}

/** One `proxy-sync` step for each flow whose changes altered rules; the first flow that touched a Service has it. */
function tell(ctx: Ctx, { process, difference, rulesBefore, changed }: Telling): ReadonlyMap<string, StepId> {
  if (!difference.any) return process.writtenBy
  const node = ctx.self.instance
  const writtenBy = new Map(process.writtenBy)
  const left = new Set(changed)
  let told: Difference = difference
  let rules = rulesBefore
  for (const { flow, cause, services } of groupByFlow(process.pending)) {
    const own = [...left].filter((key) => services.has(key) || services.has(''))
    for (const key of own) left.delete(key)
    if (own.length === 0 && !services.has('')) continue
    const step = ctx.emit({
      kind: 'proxy-sync',
      from: thing.kubeProxy(node),
      to: thing.iptables(node),
      flow,
      ...(cause === undefined ? {} : { cause }),
      facts: {
        node,
        mode: ctx.world.parts.proxy.configuration.mode,
        services: own,
        rulesBefore: rules,
        rulesAfter: rules + told.rules,
        chainsAdded: told.added,
        chainsRemoved: told.removed,
      },
    })
    rules += told.rules
    told = { any: false, rules: 0, added: [], removed: [] }
    for (const key of own) writtenBy.set(key, step)
  }
  return writtenBy
}

/** How two kernels' rules differ. */
interface Difference {
  readonly any: boolean
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Rules more, or fewer. */
  readonly rules: number
}

function compareRulesets(before: Ruleset, after: Ruleset): Difference {
  const added: string[] = []
  const removed: string[] = []
  let rules = 0
  let any = false
  for (const [name, table] of after.tables) {
    const old = before.tables.get(name)
    if (old === table) continue
    for (const [chain, now] of table.chains) {
      const known = old?.chains.get(chain)
      if (known === now) continue
      any = true
      if (known === undefined) added.push(chain)
      rules += now.rules.length - (known?.rules.length ?? 0)
    }
    for (const [chain, known] of old?.chains ?? []) {
      if (table.chains.has(chain)) continue
      any = true
      removed.push(chain)
      rules -= known.rules.length
    }
  }
  return { any, added, removed, rules }
}

function countRules(ruleset: Ruleset): number {
  return compareRulesets({ tables: new Map() }, ruleset).rules
}

function syncHealthPorts(ctx: Ctx, process: ProxyProcess, cache: InformerCache): ReadonlyMap<string, number> {
  const services = cache.list('services').filter((service) => (service.spec?.healthCheckNodePort ?? 0) !== 0)
  if (services.length === 0 && process.healthPorts.size === 0) return process.healthPorts
  const checks = healthChecksOf(joinServices(services, cache.list('endpointslices')), 'IPv4', ctx.self.instance)
  return openHealthPorts(ctx, process.healthPorts, checks)
}
