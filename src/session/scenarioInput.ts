import { withLastApplied } from '../kubectl/lastApplied.js'
import type { ScenarioAction, ScenarioInput } from '../scenario/index.js'
import type { ClusterSpec, KubeObject, MachineSpec } from '../sim/index.js'
import { findKind, SECOND } from '../sim/index.js'
import type { Action } from './action.js'
import type { SessionInput } from './session.js'

/** Virtual time at which a Node that joins later is switched on: the first Pods have been placed and run by then. */
const JOINS_AT = 45 * SECOND

/** What the command line may change of a scenario's cluster. */
export interface ClusterOverrides {
  readonly controllers?: string
  readonly proxyMode?: NonNullable<ClusterSpec['cluster']>['kubeProxyMode']
}

/** The session that a scenario's files ask for. */
export function toSessionInput(input: ScenarioInput, overrides: ClusterOverrides = {}): SessionInput {
  const objects = input.objects.map(({ object }) => object)
  const kubeProxyMode = overrides.proxyMode ?? modeOf(input)
  const layout = input.cluster
  const spec: ClusterSpec = {
    seed: input.seed,
    cluster: {
      ...(layout === undefined
        ? {}
        : { nodes: layout.nodes.map(toMachine), podSubnet: layout.podSubnet, serviceSubnet: layout.serviceSubnet }),
      ...(kubeProxyMode === undefined ? {} : { kubeProxyMode }),
    },
    ...(input.kubeProxy === undefined ? {} : { kubeProxy: input.kubeProxy }),
    ...(input.scheduler === undefined ? {} : { scheduler: input.scheduler }),
    ...(overrides.controllers === undefined ? {} : { controllers: overrides.controllers }),
    ...(input.isWholeCluster ? { restore: objects } : { objects: objects.flatMap(asApplied) }),
  }
  return { spec, timed: input.actions.flatMap(({ at, action }) => toTimed(at, action)) }
}

/** A scenario's objects stand as `kubectl apply` would have made them: each carries its own manifest, so that it can be applied again. */
function asApplied(object: KubeObject): readonly KubeObject[] {
  const items = object['items']
  if (object.kind.endsWith('List') && Array.isArray(items))
    return items.flatMap((item) => (isObject(item) ? asApplied(item) : []))
  if ((object.metadata.name ?? '') === '') return [object]
  const isPlaced = findKind(object.apiVersion, object.kind)?.namespaced !== true || (object.metadata.namespace ?? '') !== ''
  return [withLastApplied(isPlaced ? object : { ...object, metadata: { ...object.metadata, namespace: 'default' } })]
}

function isObject(value: unknown): value is KubeObject {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('metadata' in value)) return false
  return typeof value.kind === 'string' && typeof value.metadata === 'object' && value.metadata !== null
}

const MODES = ['userspace', 'iptables', 'ipvs', 'nftables', 'none'] as const

function modeOf(input: ScenarioInput): (typeof MODES)[number] | undefined {
  return MODES.find((mode) => mode === input.cluster?.proxyMode)
}

function toMachine(node: NonNullable<ScenarioInput['cluster']>['nodes'][number]): MachineSpec {
  return { name: node.name, role: node.role, labels: node.labels, ...(node.joinsLater ? { joinsAt: JOINS_AT } : {}) }
}

function toTimed(at: number, action: ScenarioAction): { at: number; action: Action }[] {
  const timed = toAction(action)
  return timed === undefined ? [] : [{ at, action: timed }]
}

/** The session's action that a scenario's is; a Node that joins is part of the cluster's layout instead. */
export function toAction(action: ScenarioAction): Action | undefined {
  return action.type === 'join-node' ? undefined : action
}
