import type { Scene, ScenePod, ThingId } from '../../protocol/index.js'
import { hasPlace } from './drawnPods.js'

/** Which place each Pod has on its Node: it keeps it as long as it lives, so that nothing jumps when another goes. */
export type Slots = ReadonlyMap<ThingId, { readonly node: string; readonly slot: number }>

export const NO_SLOTS: Slots = new Map()

/**
 * Gives every Pod of the scene a place on its Node. Pods that had one keep it; new ones take the lowest free, by name.
 *
 * @param before the places of the scene shown until now; the same object is returned when nothing changed.
 */
export function assignSlots(before: Slots, scene: Pick<Scene, 'pods'>): Slots {
  const taken = new Map<string, Set<number>>()
  const next = new Map<ThingId, { readonly node: string; readonly slot: number }>()
  const waiting: ScenePod[] = []
  for (const pod of scene.pods.values()) {
    if (!hasPlace(pod)) continue
    const had = before.get(pod.id)
    if (had === undefined || had.node !== pod.node) {
      waiting.push(pod)
      continue
    }
    next.set(pod.id, had)
    takenOn(taken, pod.node).add(had.slot)
  }
  if (waiting.length === 0 && next.size === before.size) return before
  for (const pod of waiting.sort(inOrder)) {
    const used = takenOn(taken, pod.node)
    let slot = 0
    while (used.has(slot)) slot++
    used.add(slot)
    next.set(pod.id, { node: pod.node, slot })
  }
  return next
}

/** A person's own Pods before the system's, then by name. */
function inOrder(a: ScenePod, b: ScenePod): number {
  const rank = (pod: ScenePod) => (pod.namespace === 'kube-system' ? 1 : 0)
  return rank(a) - rank(b) || (a.id < b.id ? -1 : 1)
}

function takenOn(taken: Map<string, Set<number>>, node: string): Set<number> {
  const used = taken.get(node) ?? new Set<number>()
  taken.set(node, used)
  return used
}
