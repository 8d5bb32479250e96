import type { Taint, Toleration } from '../../../../generated/kubeTypes.js'
import { hostPorts, type NodeInfo } from '../nodeInfo.js'
import { perNode } from '../perNode.js'
import { type FilterPlugin, normalizeByMax, PASS, refuse, type ScorePlugin } from '../plugin.js'

/** Whether a toleration bears a taint. Source: kubernetes staging api core/v1/toleration.go ToleratesTaint */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false
  const key = toleration.key ?? ''
  if (key !== '' && key !== taint.key) return false
  const value = taint.value ?? ''
  switch (toleration.operator ?? 'Equal') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === value
    case 'Exists':
      return true
    case 'Lt':
    case 'Gt': {
      if (!/^-?\d+$/.test(value) || !/^-?\d+$/.test(toleration.value ?? '')) return false
      return toleration.operator === 'Lt' ? Number(value) < Number(toleration.value) : Number(value) > Number(toleration.value)
    }
    default:
      return false
  }
}

/** The first taint with one of these effects that no toleration bears. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return (taints ?? []).find(
    (taint) => effects.includes(taint.effect) && !(tolerations ?? []).some((each) => tolerates(each, taint)),
  )
}

/** Source: kubernetes pkg/scheduler/framework/plugins/nodeunschedulable/node_unschedulable.go Filter */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  prepare({ pod }) {
    const taint: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
    const bears = (pod.spec?.tolerations ?? []).some((each) => tolerates(each, taint))
    return (info) => (info.node?.spec?.unschedulable === true && !bears ? refuse(true, 'node(s) were unschedulable') : PASS)
  },
}

/** Source: kubernetes pkg/scheduler/framework/plugins/nodename/node_name.go Filter */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  prepare({ pod }) {
    const wanted = pod.spec?.nodeName ?? ''
    if (wanted === '') return undefined
    return (info) => (info.name === wanted ? PASS : refuse(true, "node(s) didn't match the requested node name"))
  },
}

/** Source: kubernetes pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go */
export const taintToleration: FilterPlugin & ScorePlugin = {
  name: 'TaintToleration',
  prepare({ pod }) {
    return (info) =>
      untoleratedTaint(info.node?.spec?.taints, pod.spec?.tolerations, ['NoSchedule', 'NoExecute']) === undefined
        ? PASS
        : refuse(true, 'node(s) had untolerated taint(s)')
  },
  score(cycle, feasible) {
    const { pod } = cycle
    const soft = (pod.spec?.tolerations ?? []).filter(
      ({ effect }) => effect === undefined || effect === '' || effect === 'PreferNoSchedule',
    )
    const disliked = perNode(
      cycle,
      'disliked taints',
      (info) =>
        (info.node?.spec?.taints ?? []).filter(
          (taint) => taint.effect === 'PreferNoSchedule' && !soft.some((each) => tolerates(each, taint)),
        ).length,
    )
    const raw = feasible.map(disliked)
    return { raw, normalized: normalizeByMax(raw, true) }
  },
}

/** Source: kubernetes pkg/scheduler/framework/plugins/nodeports/node_ports.go Fits; pkg/scheduler/framework/types.go HostPortInfo.CheckConflict */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  prepare({ pod }) {
    const wanted = hostPorts(pod)
    if (wanted.length === 0) return undefined
    return (info) =>
      wanted.some((port) => isTaken(info, port))
        ? refuse(false, "node(s) didn't have free ports for the requested pod ports")
        : PASS
  },
}

/** 0.0.0.0 collides with every address. */
function isTaken(info: NodeInfo, wanted: { readonly ip: string; readonly protocol: string; readonly port: number }): boolean {
  for (const used of info.ports.values()) {
    if (used.protocol !== wanted.protocol || used.port !== wanted.port) continue
    if (used.ip === wanted.ip || used.ip === '0.0.0.0' || wanted.ip === '0.0.0.0') return true
  }
  return false
}

const MB = 1024 * 1024
/** Smaller images count for nothing, larger ones for no more. */
const MIN_IMAGE_BYTES = 23 * MB
const MAX_IMAGE_BYTES = 1000 * MB

/** Source: kubernetes pkg/scheduler/framework/plugins/imagelocality/image_locality.go */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  score(cycle, feasible) {
    const { pod, nodes } = cycle
    const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
    const wanted = containers.map((each) => normalizedImageName(each.image ?? ''))
    const sizesOn = perNode(cycle, 'images', (info) => wanted.map((image) => imageSize(info, image)))
    const holders = wanted.map(() => 0)
    for (const info of nodes) {
      const sizes = sizesOn(info)
      for (let index = 0; index < sizes.length; index++) {
        if (sizes[index] !== undefined) holders[index] = (holders[index] ?? 0) + 1
      }
    }
    const raw = feasible.map((info) => {
      let sum = 0
      sizesOn(info).forEach((size, index) => {
        sum += Math.trunc((size ?? 0) * ((holders[index] ?? 0) / nodes.length))
      })
      const max = MAX_IMAGE_BYTES * containers.length
      const clamped = Math.min(Math.max(sum, MIN_IMAGE_BYTES), max)
      return max <= MIN_IMAGE_BYTES ? 0 : Math.trunc((100 * (clamped - MIN_IMAGE_BYTES)) / (max - MIN_IMAGE_BYTES))
    })
    return { raw, normalized: raw }
  },
}

/** Sizes by image name, per Node object. Can be rebuilt. */
const imageTables = new WeakMap<object, ReadonlyMap<string, number>>()

function imageSize(info: NodeInfo, image: string): number | undefined {
  const images = info.node?.status?.images
  if (images === undefined) return undefined
  let table = imageTables.get(images)
  if (table === undefined) {
    table = new Map(images.flatMap((each) => (each.names ?? []).map((name) => [name, each.sizeBytes ?? 0] as const)))
    imageTables.set(images, table)
  }
  return table.get(image)
}

/** An image name without a tag means `:latest`. */
function normalizedImageName(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name
}

/** No Pod here claims devices, so every Node gets 0; the real profile lists it all the same. */
export const dynamicResources: ScorePlugin = {
  name: 'DynamicResources',
  score: (_cycle, feasible) => {
    const raw = feasible.map(() => 0)
    return { raw, normalized: raw }
  },
}
