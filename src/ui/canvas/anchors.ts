import type { Scene, ThingId } from '../../protocol/index.js'
import { componentOf } from './drawnPods.js'
import type { Point } from './geometry.js'
import { centre } from './geometry.js'
import type { Lanes } from './lanes.js'
import { findWay } from './lanes.js'
import type { Layout } from './layout.js'
import { thing } from './things.js'

/** Controllers that run in the cloud controller manager, by the name that the API server's clients have. */
const CLOUD_CONTROLLERS: ReadonlySet<string> = new Set([
  'service-lb-controller',
  'cloud-node-controller',
  'cloud-node-lifecycle-controller',
  'node-route-controller',
])

/**
 * The drawn thing that stands for a thing: itself, or what it is part of at this zoom.
 * A hook of a folded Node is its iptables sign; a hook of a Pod is the Pod; a Pod among dots is their field.
 */
export function anchorOf(id: ThingId, layout: Pick<Layout, 'things'>, scene: Scene): ThingId {
  if (layout.things.has(id)) return id
  const parts = id.split('/')
  const [kind = '', second = ''] = parts
  if (kind === 'router') return thing.router
  // Who speaks to the API server from outside, `client/kubectl`, stands where the outside begins.
  if (kind === 'client') return 'person'
  if (kind === 'controller') return CLOUD_CONTROLLERS.has(second) ? thing.cloudControllerManager : thing.controllerManager
  if (kind === 'container') return anchorOf(`pod/${second}/${parts[2] ?? ''}`, layout, scene)
  if (second === 'pod') return anchorOf(`pod/${parts[2] ?? ''}/${parts[3] ?? ''}`, layout, scene)
  if (second === 'client' || second === 'lb' || second === 'router')
    return anchorOf(
      second === 'router' ? thing.router : [second, parts[2], ...(second === 'lb' ? [parts[3]] : [])].join('/'),
      layout,
      scene,
    )
  if (kind === 'pod') return podAnchor(id, layout, scene)
  for (const fallback of [thing.iptables(second), thing.node(second)]) if (layout.things.has(fallback)) return fallback
  if (kind === 'object') return objectAnchor(parts, layout, scene)
  return id
}

function podAnchor(id: ThingId, layout: Pick<Layout, 'things'>, scene: Scene): ThingId {
  const pod = scene.pods.get(id)
  if (pod === undefined) return id
  const component = componentOf(pod)
  if (component !== undefined) return component
  if (layout.things.has(`pods/${pod.node}`)) return `pods/${pod.node}`
  return thing.node(pod.node)
}

function objectAnchor(parts: readonly string[], layout: Pick<Layout, 'things'>, scene: Scene): ThingId {
  const [, kind = '', namespace = '', name = ''] = parts
  if (kind === 'Pod') return anchorOf(`pod/${namespace}/${name}`, layout, scene)
  if (kind === 'Node') return thing.node(name)
  return thing.etcd
}

/** Where a token stands when it is at a thing; undefined when nothing of it is drawn. */
export function pointOf(id: ThingId, lanes: Lanes, layout: Layout, scene: Scene): Point | undefined {
  const anchor = anchorOf(id, layout, scene)
  const pinned = lanes.at.get(id) ?? lanes.at.get(anchor)
  if (pinned !== undefined) return pinned
  const placed = layout.things.get(anchor)
  return placed === undefined ? undefined : centre(placed.box)
}

/** The drawn way between two things: along lanes where there are some, else only its two ends, `jump` true. */
export function wayBetween(
  from: ThingId,
  to: ThingId,
  lanes: Lanes,
  layout: Layout,
  scene: Scene,
): { readonly points: readonly Point[]; readonly jump: boolean } {
  const vertex = (id: ThingId) => (lanes.at.has(id) ? id : anchorOf(id, layout, scene))
  const way = findWay(lanes, vertex(from), vertex(to))
  if (way !== undefined) return { points: way, jump: false }
  const ends = [pointOf(from, lanes, layout, scene), pointOf(to, lanes, layout, scene)].filter((point) => point !== undefined)
  return { points: ends, jump: true }
}
