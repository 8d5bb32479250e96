import { useMemo, useRef } from 'react'
import type { FlowInfo, Step, ThingId } from '../../protocol/index.js'
import { findStep, useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { scaleOf } from './fit.js'
import type { FlowNode } from './flowNodes.js'
import { toFlowNodes } from './flowNodes.js'
import type { Journey } from './journey.js'
import { activeFlow, journeyOf } from './journey.js'
import type { Layout } from './layout.js'
import { layoutScene } from './layout.js'
import type { Message } from './message.js'
import { messageOf } from './message.js'
import { assignSlots, NO_SLOTS } from './slots.js'
import type { Size } from './useSize.js'

/** What happens at the present position, as far as it can be seen. */
export interface Happening {
  readonly journey: Journey | undefined
  readonly message: Message | undefined
  /** The current step, and before it those of its kind since the last stop: kube-proxy on every Node is lit on every Node. */
  readonly present: readonly Step[]
  /** Steps of the followed flow up to now. */
  readonly past: readonly Step[]
}

const NOTHING: Happening = { journey: undefined, message: undefined, present: [], past: [] }
/** A jump over more than this is a journey through time, not a fan-out to be lit as one. */
const MOST_PRESENT = 120

/** The packet's journey or the control plane's message at the present position. */
export function useHappening(): Happening {
  const steps = useMirror((mirror) => mirror.steps)
  const at = useMirror((mirror) => mirror.position.step)
  const flows = useMirror((mirror) => mirror.flows)
  const following = useView((view) => view.following)
  const shown = useRef(0)
  return useMemo(() => {
    const before = shown.current
    shown.current = at
    if (at === 0) return NOTHING
    const index = findStep(steps, at + 1) - 1
    const flow = activeFlow(steps, index, following, flows)
    if (flow === undefined) return NOTHING
    const own = stepsOf(steps, flow)
    const past = own.slice(0, findStep(own, at + 1))
    const last = past.at(-1)
    if (last === undefined) return NOTHING
    const since = before < at ? past.slice(findStep(past, before + 1)) : []
    const isFanOut = before > 0 && since.length <= MOST_PRESENT && !since.some((step) => 'direction' in step.facts)
    const present = isFanOut ? [...since.filter((step) => step.kind === last.kind && step !== last), last] : [last]
    const journey = journeyOf(own, { step: at })
    return { journey, message: messageOf(last), present, past }
  }, [steps, at, flows, following])
}

function stepsOf(steps: readonly Step[], flow: FlowInfo): readonly Step[] {
  return steps.slice(findStep(steps, flow.first), findStep(steps, flow.last + 1)).filter((step) => step.flow === flow.id)
}

/** More Nodes than this at a time are not opened by a packet in a large cluster: the latest are. */
const MOST_OPENED = 3

/** Layout of the present scene in the given room. Pods keep their places as they come and go. */
export function useLayoutOf(size: Size, entered: readonly string[]): Layout {
  const scene = useMirror((mirror) => mirror.scene)
  const openNodes = useView((view) => view.openNodes)
  const moved = useView((view) => view.moved)
  const slots = useRef(NO_SLOTS)
  const enteredKey = entered.slice(-MOST_OPENED).sort().join(' ')
  return useMemo(() => {
    slots.current = assignSlots(slots.current, scene)
    const open = new Set([...openNodes, ...enteredKey.split(' ').filter((name) => name !== '')])
    const scale = scaleOf(size)
    const room = { width: Math.floor(size.width / scale), height: Math.floor(size.height / scale) }
    return layoutScene({ scene, slots: slots.current, open, moved, ...room })
  }, [scene, openNodes, moved, enteredKey, size])
}

/** React Flow's nodes for a layout, the same objects where nothing changed. */
export function useFlowNodes(layout: Layout): FlowNode[] {
  const last = useRef<ReadonlyMap<ThingId, FlowNode>>(new Map())
  return useMemo(() => {
    last.current = toFlowNodes(layout, last.current)
    return [...last.current.values()]
  }, [layout])
}
