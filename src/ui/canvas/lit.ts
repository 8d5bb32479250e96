import type { Scene, Step, ThingId } from '../../protocol/index.js'
import { anchorOf } from './anchors.js'
import type { Layout } from './layout.js'
import { objectIds } from './message.js'
import { thing } from './things.js'

/** Why a thing stands out: something happens there now, or it belongs to what is selected. */
export type Light = 'now' | 'related' | 'now related'

/** What the scheduler said of a Node for the Pod that it is placing. */
export interface Badge {
  readonly ok: boolean
  /** A score, or the first reason against it, in the scheduler's own words. */
  readonly text: string
}

/** Things touched by a step. */
function touchedBy(step: Step): readonly ThingId[] {
  const touched = [step.from, step.to].filter((id) => id !== undefined)
  switch (step.kind) {
    case 'proxy-sync':
    case 'proxy-sync-failed':
      return [...touched, thing.iptables(step.facts.node)]
    case 'conntrack':
      return [thing.conntrack(step.facts.host)]
    case 'route':
      return [thing.routing(step.facts.host)]
    case 'etcd-write':
    case 'watch-event':
    case 'api-request':
      return [...touched, ...objectIds(step.facts.object)]
    case 'container-state':
    case 'cni':
    case 'pod-status':
    case 'kubelet-sync':
      return [...touched, ...objectIds(step.facts.pod)]
    default:
      return touched
  }
}

/**
 * What stands out: what the present steps touch, and what belongs to the selected thing.
 *
 * @param present the steps that happened since the last stop, the current one last.
 */
export function lightsOf(
  scene: Scene,
  layout: Pick<Layout, 'things'>,
  present: readonly Step[],
  selected: ThingId | undefined,
): ReadonlyMap<ThingId, Light> {
  const lights = new Map<ThingId, Light>()
  for (const id of selected === undefined ? [] : relatedTo(selected, scene)) lights.set(anchorOf(id, layout, scene), 'related')
  for (const step of present) for (const id of touchedBy(step)) lights.set(anchorOf(id, layout, scene), 'now')
  return lights
}

/** What belongs to a thing: a Service's endpoints and its rules on every Node, a workload's Pods, a Pod's Services. */
export function relatedTo(id: ThingId, scene: Scene): readonly ThingId[] {
  const service = scene.services.get(id) ?? serviceOfLoadBalancer(id, scene)
  if (service !== undefined) {
    const rules = service.clusterIP === 'None' ? [] : [...scene.nodes.values()].map((node) => thing.iptables(node.name))
    const endpoints = service.endpoints.filter((endpoint) => endpoint.pod !== '').map((endpoint) => endpoint.pod)
    const lbs = [...scene.loadBalancers.values()].filter((lb) => lb.service === `${service.namespace}/${service.name}`)
    return [...rules, ...endpoints, ...lbs.map((lb) => lb.id), service.id]
  }
  const workload = scene.workloads.get(id)
  if (workload !== undefined) {
    const sets = [...scene.workloads.values()]
      .filter((set) => set.namespace === workload.namespace && set.owner === `${workload.kind}/${workload.name}`)
      .map((set) => `${set.kind}/${set.name}`)
    const owners = new Set([`${workload.kind}/${workload.name}`, ...sets])
    return [...scene.pods.values()]
      .filter((pod) => pod.namespace === workload.namespace && owners.has(pod.owner))
      .map((pod) => pod.id)
  }
  if (scene.pods.has(id))
    return [...scene.services.values()]
      .filter((candidate) => candidate.endpoints.some((endpoint) => endpoint.pod === id))
      .map((candidate) => candidate.id)
  return []
}

function serviceOfLoadBalancer(id: ThingId, scene: Scene) {
  const lb = scene.loadBalancers.get(id)
  return lb === undefined ? undefined : scene.services.get(`object/Service/${lb.service}`)
}

/**
 * The scheduler's verdicts on Nodes for the Pod that it is placing at this moment; empty at any other moment.
 *
 * @param steps those of the followed flow up to now.
 */
export function badgesOf(steps: readonly Step[]): ReadonlyMap<string, Badge> {
  const badges = new Map<string, Badge>()
  const last = steps.at(-1)
  if (last === undefined || !last.kind.startsWith('scheduler-') || !('pod' in last.facts)) return badges
  const pod = last.facts.pod.name
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index]
    if (step === undefined || !step.kind.startsWith('scheduler-') || !('pod' in step.facts) || step.facts.pod.name !== pod) break
    if (step.kind === 'scheduler-score' && !badges.has(step.facts.node))
      badges.set(step.facts.node, { ok: true, text: String(step.facts.total) })
    if (step.kind === 'scheduler-filter' && !step.facts.ok)
      badges.set(step.facts.node, { ok: false, text: step.facts.reasons[0] ?? step.facts.plugin })
  }
  return badges
}
