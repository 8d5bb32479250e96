import type {
  LabelSelector,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  StorageClass,
} from '../../../generated/kubeTypes.js'
import type { NodeInfo } from './nodeInfo.js'
import type { SchedulerProfile } from './profile.js'
import type { Labels } from './selectors.js'

/** What plugins may ask about the rest of the cluster. */
export interface Lookups {
  /** Labels of a Namespace; undefined when it is not known. */
  namespaceLabels(namespace: string): Labels | undefined
  namespaces(): readonly string[]
  /** What Services and controllers select this Pod by, all together; undefined when nothing does. */
  defaultSelectors(pod: Pod): readonly LabelSelector[] | undefined
  claim(key: string): PersistentVolumeClaim | undefined
  volume(name: string): PersistentVolume | undefined
  volumes(): readonly PersistentVolume[]
  storageClass(name: string): StorageClass | undefined
  /** Disruption budgets of a Namespace. */
  budgets(namespace: string): readonly PodDisruptionBudget[]
}

/** Nothing but the Pod and the Nodes is known. */
export const NO_LOOKUPS: Lookups = {
  namespaceLabels: () => undefined,
  namespaces: () => [],
  defaultSelectors: () => undefined,
  claim: () => undefined,
  volume: () => undefined,
  volumes: () => [],
  storageClass: () => undefined,
  budgets: () => [],
}

/** One attempt to place one Pod. */
export interface Cycle {
  readonly pod: Pod
  readonly profile: SchedulerProfile
  /** All Nodes, in the order in which they came. */
  readonly nodes: readonly NodeInfo[]
  readonly lookups: Lookups
}

export type FilterStatus =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reasons: readonly string[]
      /** Evicting other Pods would not help (`UnschedulableAndUnresolvable`). */
      readonly unresolvable: boolean
    }

export const PASS: FilterStatus = { ok: true }

export function refuse(unresolvable: boolean, ...reasons: readonly string[]): FilterStatus {
  return { ok: false, reasons, unresolvable }
}

/** Judges one Node. */
export type Filter = (info: NodeInfo) => FilterStatus

export interface FilterPlugin {
  readonly name: string
  /** Looks at the Pod (and, where needed, at all Nodes) once for the cycle; undefined when the plugin has nothing to say of this Pod. */
  prepare(cycle: Cycle): Filter | undefined
}

/** Scores of the Nodes that passed, in their order. */
export interface ScoreRun {
  readonly raw: readonly number[]
  /** 0 to 100, before the weight. */
  readonly normalized: readonly number[]
}

export interface ScorePlugin {
  readonly name: string
  /** Undefined when the plugin skips this Pod. */
  score(cycle: Cycle, feasible: readonly NodeInfo[]): ScoreRun | undefined
}

export const MAX_NODE_SCORE = 100

/** Scales scores so that the highest is 100; `reverse` makes fewer better. Source: kubernetes pkg/scheduler/framework/plugins/helper/normalize_score.go */
export function normalizeByMax(raw: readonly number[], reverse: boolean): readonly number[] {
  const max = Math.max(0, ...raw)
  if (max === 0) return reverse ? raw.map(() => MAX_NODE_SCORE) : raw
  return raw.map((each) => {
    const scaled = Math.trunc((MAX_NODE_SCORE * each) / max)
    return reverse ? MAX_NODE_SCORE - scaled : scaled
  })
}
