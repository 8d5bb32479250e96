import { create } from 'zustand'
import type {
  ActionRecord,
  FlowId,
  FlowInfo,
  OpenedScenario,
  Position,
  Scene,
  ScenePatch,
  SceneTable,
  SceneTables,
  StatePatch,
  Step,
  StepId,
} from '../protocol/index.js'

export type Phase = 'loading' | 'ready' | 'crashed'

/** A read-only mirror of the simulation at the present position. Only `client.ts` writes it. */
export interface Mirror {
  readonly phase: Phase
  readonly opened: OpenedScenario | undefined
  readonly scene: Scene
  /** All steps that are remembered, by rising id; also those ahead of the position. */
  readonly steps: readonly Step[]
  readonly forgotten: number
  readonly flows: readonly FlowInfo[]
  readonly position: Position
  readonly actions: readonly ActionRecord[]
  readonly unfinished: boolean
  readonly undoDepth: number
  readonly ghosts: readonly { readonly id: StepId; readonly flow: FlowId }[]
  readonly crash:
    | { readonly message: string; readonly seed: string; readonly step: StepId; readonly restored: boolean }
    | undefined
}

const EMPTY_SCENE: Scene = {
  clients: new Map(),
  loadBalancers: new Map(),
  components: new Map(),
  nodes: new Map(),
  pods: new Map(),
  services: new Map(),
  workloads: new Map(),
  faults: new Map(),
}

export const EMPTY_MIRROR: Mirror = {
  phase: 'loading',
  opened: undefined,
  scene: EMPTY_SCENE,
  steps: [],
  forgotten: 0,
  flows: [],
  position: { step: 0, at: 0, end: 0, endAt: 0 },
  actions: [],
  unfinished: false,
  undoDepth: 0,
  ghosts: [],
  crash: undefined,
}

export const useMirror = create<Mirror>()(() => EMPTY_MIRROR)

/** The scene with a patch applied; tables without changes stay the same Maps. */
export function patchScene(scene: Scene, patch: ScenePatch): Scene {
  const next: Record<string, unknown> = { ...scene }
  for (const table of Object.keys(scene)) {
    if (isTable(table)) next[table] = patchTable(scene, table, patch)
  }
  // Every table of the old scene is in `next`, each with its own type.
  return next as unknown as Scene
}

function isTable(name: string): name is SceneTable {
  return name in EMPTY_SCENE
}

function patchTable<T extends SceneTable>(scene: Scene, table: T, patch: ScenePatch): ReadonlyMap<string, SceneTables[T]> {
  const change = patch[table]
  const old = scene[table]
  if (change === undefined || (change.put.length === 0 && change.gone.length === 0)) return old
  const entries = new Map<string, SceneTables[T]>(old)
  for (const id of change.gone) entries.delete(id)
  for (const entry of change.put) entries.set(entry.id, entry)
  return entries
}

/** The mirror after a message of the worker. */
export function patchMirror(mirror: Mirror, patch: StatePatch, fresh: boolean): Mirror {
  const { from, added, forgotten } = patch.steps
  const kept = fresh ? [] : cutBefore(mirror.steps, from)
  return {
    ...mirror,
    phase: 'ready',
    crash: undefined,
    scene: patchScene(fresh ? EMPTY_SCENE : mirror.scene, patch.scene),
    steps: added.length === 0 ? kept : kept.concat(added),
    forgotten,
    flows: patch.flows,
    position: patch.position,
    actions: patch.actions,
    unfinished: patch.unfinished,
    undoDepth: patch.undoDepth,
    ghosts: patch.ghosts,
  }
}

function cutBefore(steps: readonly Step[], from: StepId): readonly Step[] {
  const last = steps.at(-1)
  return last === undefined || last.id < from ? steps : steps.slice(0, findStep(steps, from))
}

/** Index of the first step with this id or a later one. */
export function findStep(steps: readonly Step[], id: StepId): number {
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >> 1
    const step = steps[middle]
    if (step !== undefined && step.id < id) low = middle + 1
    else high = middle
  }
  return low
}

/** The step at which we stand, if it is remembered. */
export function currentStep(mirror: Mirror): Step | undefined {
  const step = mirror.steps[findStep(mirror.steps, mirror.position.step)]
  return step?.id === mirror.position.step ? step : undefined
}
