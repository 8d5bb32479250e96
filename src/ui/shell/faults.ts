import { FAULT_CODES, type FaultCode } from '../../i18n/index.js'
import type { Action, Scene, SceneFault, SimTime, ThingId } from '../../protocol/index.js'

/** A thing that can be broken in one way. */
export interface FaultTarget {
  readonly target: ThingId
  readonly action: Action
}

export interface FaultKind {
  readonly code: FaultCode
  readonly targets: readonly FaultTarget[]
}

/** Codes of faults on a component of which there is one; the value is its id in the scene. */
const COMPONENT_OF: Readonly<Partial<Record<FaultCode, ThingId>>> = {
  'stop-apiserver': 'apiserver',
  'stop-etcd': 'etcd',
  'stop-scheduler': 'scheduler',
  'stop-controller-manager': 'controller-manager',
  'stop-cloud-controller-manager': 'cloud-controller-manager',
}

/** Everything that can be broken now, each with what it can be done to; what is broken already is left out. */
export function breakable(scene: Scene): readonly FaultKind[] {
  const broken = new Set([...scene.faults.values()].map((fault) => `${fault.fault} ${fault.target}`))
  return FAULT_CODES.map((code) => ({
    code,
    targets: targetsOf(scene, code)
      .filter((target) => !broken.has(`${code} ${target}`))
      .map((target) => ({ target, action: breakAction(code, target) })),
  }))
}

/** Faults that can be done to this thing (a Node includes its agents, a Pod its containers). */
export function breakableAt(scene: Scene, id: ThingId): readonly { readonly code: FaultCode; readonly target: FaultTarget }[] {
  return breakable(scene).flatMap(({ code, targets }) =>
    targets.filter((target) => belongsTo(target.target, id)).map((target) => ({ code, target })),
  )
}

/** Faults of now that concern this thing. */
export function brokenAt(scene: Scene, id: ThingId): readonly SceneFault[] {
  return [...scene.faults.values()].filter((fault) => belongsTo(fault.target, id))
}

function belongsTo(target: ThingId, id: ThingId): boolean {
  if (target === id) return true
  const [kind, ...rest] = id.split('/')
  const name = rest.join('/')
  if (kind === 'node') return target === `kubelet/${name}` || target === `kube-proxy/${name}`
  return kind === 'pod' && target.startsWith(`container/${name}/`)
}

function targetsOf(scene: Scene, code: FaultCode): readonly ThingId[] {
  const component = COMPONENT_OF[code]
  if (component !== undefined) return scene.components.has(component) ? [component] : []
  const nodes = [...scene.nodes.values()]
  const pods = [...scene.pods.values()].filter((pod) => !pod.isStatic).toSorted(ordinaryFirst)
  switch (code) {
    case 'delete-pod':
      return pods.map((pod) => pod.id)
    case 'kill-container':
      return pods.flatMap((pod) =>
        pod.containers
          .filter((container) => container.state === 'running')
          .map((container) => `container/${pod.namespace}/${pod.name}/${container.name}`),
      )
    case 'stop-kubelet':
      return nodes.map((node) => `kubelet/${node.name}`)
    case 'stop-kube-proxy':
    case 'slow-kube-proxy':
      return nodes.map((node) => `kube-proxy/${node.name}`)
    default:
      return nodes.toSorted((a, b) => Number(a.controlPlane) - Number(b.controlPlane)).map((node) => node.id)
  }
}

/** A person's own Pods before those of kube-system. */
function ordinaryFirst(a: { readonly namespace: string }, b: { readonly namespace: string }): number {
  return Number(a.namespace === 'kube-system') - Number(b.namespace === 'kube-system')
}

export function breakAction(code: FaultCode, target: ThingId): Action {
  if (code === 'delete-pod') {
    const [, namespace = '', name = ''] = target.split('/')
    return { type: 'kubectl', args: ['delete', 'pod', name, '-n', namespace], files: {} }
  }
  return { type: 'fault', fault: code, target, active: true }
}

/** The kube-proxies of all Nodes at once. */
export const EVERY_PROXY: ThingId = 'kube-proxy/*'

/** Lets a kube-proxy write that much later than by itself; none (0) mends it. */
export function lagAction(target: ThingId, us: SimTime): Action {
  const fault = { type: 'fault', fault: 'slow-kube-proxy', target } as const
  return us > 0 ? { ...fault, active: true, lag: us } : { ...fault, active: false }
}

export function mendAction(fault: SceneFault): Action {
  return { type: 'fault', fault: fault.fault, target: fault.target, active: false }
}
