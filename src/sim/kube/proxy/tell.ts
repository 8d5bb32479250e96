import type { FlowId, StepId } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import type { Ctx } from '../context.js'
import type { PendingChange, ProxyProcess } from './part.js'
import { configurationOf } from './part.js'

/** How a kernel's rules differ before and after a sync. */
export interface Difference {
  readonly any: boolean
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Rules more, or fewer. */
  readonly rules: number
}

export interface SyncResult extends Difference {
  readonly rulesBefore: number
  /** Services whose rules changed, as `namespace/name`. */
  readonly services: readonly string[]
  /** When chains out of use were last looked for, where that is remembered. */
  readonly cleanedAt?: ProxyProcess['cleanedAt']
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

/** One `proxy-sync` step for each flow whose changes altered rules; the first flow that touched a Service has it. */
export function tellSync(ctx: Ctx, process: ProxyProcess, result: SyncResult): ReadonlyMap<string, StepId> {
  if (!result.any) return process.writtenBy
  const node = ctx.self.instance
  const writtenBy = new Map(process.writtenBy)
  const left = new Set(result.services)
  let told: Difference = result
  let rules = result.rulesBefore
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
        mode: configurationOf(ctx.world.parts.proxy, process).mode,
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
