import type { FlowId, StepId } from '../../core/step.js'
import { BACKGROUND } from '../../core/step.js'
import type { Ctx } from '../context.js'

/** Where what is found out belongs: a flow, and the step behind it if one is known. */
export interface News {
  readonly flow: FlowId
  readonly cause?: StepId
}

/**
 * The flow of what the clock brings to light about a Node (a silent kubelet, a Pod to evict, a container that ended): that of the fault
 * which befell the Node, while there is one; else a flow of its own. Only the telling depends on it, never what happens.
 */
export function newsOf(ctx: Ctx, node: string): News {
  for (const { target, flow, step } of ctx.world.parts.faults.active.values()) {
    if (target === `node/${node}` || target === `kubelet/${node}`) return { flow, cause: step }
  }
  return { flow: `news-${ctx.world.nextFlow++}` }
}

/** As `newsOf`, for a component in the midst of something: what somebody's change has set going stays in that change's flow. */
export function ownFlow(ctx: Ctx, node: string): FlowId {
  return ctx.flow === BACKGROUND ? newsOf(ctx, node).flow : ctx.flow
}
