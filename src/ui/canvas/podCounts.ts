import type { Scene } from '../../protocol/index.js'
import { hasPlace } from './drawnPods.js'

const counted = new WeakMap<Scene['pods'], ReadonlyMap<string, number>>()

/** How many Pods each Node has. Counted once for each table of Pods. */
export function podCounts(pods: Scene['pods']): ReadonlyMap<string, number> {
  const known = counted.get(pods)
  if (known !== undefined) return known
  const counts = new Map<string, number>()
  for (const pod of pods.values()) if (hasPlace(pod)) counts.set(pod.node, (counts.get(pod.node) ?? 0) + 1)
  counted.set(pods, counts)
  return counts
}
