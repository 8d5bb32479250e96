import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { Namespace, Node, Pod } from '../../../generated/kubeTypes.js'
import { FILTER_PLUGINS, SCORE_PLUGINS } from './evaluate.js'
import { emptyNodeInfo, type NodeInfo, withNode, withPod } from './nodeInfo.js'
import { type Cycle, NO_LOOKUPS } from './plugin.js'
import { DEFAULT_PROFILE, type SchedulerProfile, type ScoringStrategy } from './profile.js'

const DATA = new URL('./conformance/data/plugins/', import.meta.url)

/** Cases of older versions than ours, each with what it says. They must go on failing: one that passes is taken off the list. */
const NOT_OURS: Readonly<Record<string, string>> = {
  'balanced-node-without-the-scalar-resource-results-to-a-higher-score': 'a Pod without requests is not scored since 1.33',
  'balanced-nothing-scheduled-nothing-requested': 'a Pod without requests is not scored since 1.33',
  'balanced-requested-resources-at-node-capacity': 'since 1.36 the change of balance is scored, as the real 1.36.2 shows',
}

interface Case {
  readonly id: string
  readonly plugin: string
  readonly config?: Record<string, unknown>
  readonly pod: string
  readonly nodes: string
  readonly existingPods: string
  readonly extraObjects?: string
  readonly expect: {
    readonly filter?: Record<
      string,
      { ok: boolean; reasons?: string[]; reason?: string; reasonsNewest?: string[]; reasonNewest?: string }
    >
    readonly score?: Record<string, number>
  }
}

function documents<T>(text: string | undefined): T[] {
  if (text === undefined || text.trim() === '') return []
  return parseAllDocuments(text).flatMap((each) => {
    const value: unknown = each.toJS()
    return value === null ? [] : [value as T]
  })
}

function profileOf(config: Record<string, unknown> = {}): SchedulerProfile {
  const strategy = config['scoringStrategy']
  const resources = config['resources']
  const added = config['addedAffinity'] as
    | { requiredDuringSchedulingIgnoredDuringExecution?: never; preferredDuringSchedulingIgnoredDuringExecution?: never }
    | undefined
  const given = strategy as
    | { type: ScoringStrategy['type']; resources: never; requestedToCapacityRatio?: { shape: never } }
    | undefined
  return {
    ...DEFAULT_PROFILE,
    ...(typeof strategy === 'object' && given !== undefined
      ? { scoringStrategy: { type: given.type, resources: given.resources, shape: given.requestedToCapacityRatio?.shape ?? [] } }
      : {}),
    ...(resources === undefined ? {} : { balancedResources: resources as never }),
    ignoredResources: (config['ignoredResources'] as string[] | undefined) ?? [],
    ignoredResourceGroups: (config['ignoredResourceGroups'] as string[] | undefined) ?? [],
    ...(added === undefined
      ? {}
      : {
          addedAffinity: {
            ...(added.requiredDuringSchedulingIgnoredDuringExecution === undefined
              ? {}
              : { required: added.requiredDuringSchedulingIgnoredDuringExecution }),
            ...(added.preferredDuringSchedulingIgnoredDuringExecution === undefined
              ? {}
              : { preferred: added.preferredDuringSchedulingIgnoredDuringExecution }),
          },
        }),
    ...(config['hardPodAffinityWeight'] === undefined ? {} : { hardPodAffinityWeight: Number(config['hardPodAffinityWeight']) }),
    ...(config['defaultingType'] === undefined ? {} : { defaultSpread: config['defaultingType'] as 'System' | 'List' }),
  }
}

function cycleOf(given: Case): Cycle {
  const [pod] = documents<Pod>(given.pod)
  if (pod === undefined) throw new Error('no pod')
  const infos = new Map<string, NodeInfo>()
  for (const node of documents<Node>(given.nodes))
    infos.set(node.metadata?.name ?? '', withNode(emptyNodeInfo(node.metadata?.name ?? ''), node))
  for (const each of documents<Pod>(given.existingPods)) {
    const info = infos.get(each.spec?.nodeName ?? '')
    if (info !== undefined) infos.set(info.name, withPod(info, each, 1))
  }
  const namespaces = new Map(
    documents<Namespace>(given.extraObjects).map((each) => [each.metadata?.name ?? '', each.metadata?.labels ?? {}]),
  )
  return {
    pod,
    profile: profileOf(given.config),
    nodes: [...infos.values()],
    lookups: {
      ...NO_LOOKUPS,
      namespaceLabels: (name) => namespaces.get(name),
      namespaces: () => [...namespaces.keys()],
    },
  }
}

describe('scheduler plugins against upstream tables', () => {
  for (const file of readdirSync(DATA).sort()) {
    const given = JSON.parse(readFileSync(new URL(file, DATA), 'utf8')) as Case
    const run = (): void => {
      const cycle = cycleOf(given)
      if (given.expect.filter !== undefined) {
        const filter = FILTER_PLUGINS[given.plugin]?.prepare(cycle)
        for (const info of cycle.nodes) {
          const want = given.expect.filter[info.name]
          if (want === undefined) continue
          const got = filter === undefined ? { ok: true as const } : filter(info)
          expect(got.ok, info.name).toBe(want.ok)
          const reasons =
            want.reasonNewest !== undefined
              ? [want.reasonNewest]
              : (want.reasons ?? (want.reason === undefined ? [] : [want.reason]))
          if (!got.ok) expect(new Set(got.reasons)).toEqual(new Set(reasons))
        }
      }
      if (given.expect.score !== undefined) {
        const candidates = given.config?.['candidateNodes'] as string[] | undefined
        const feasible = cycle.nodes.filter((info) => candidates?.includes(info.name) ?? true)
        const plugin = SCORE_PLUGINS.find((each) => each.name === given.plugin)
        const scores = plugin?.score(cycle, feasible)?.normalized ?? feasible.map(() => 0)
        const got = Object.fromEntries(feasible.map((info, index) => [info.name, scores[index]]))
        expect(got).toEqual(given.expect.score)
      }
    }
    const reason = NOT_OURS[given.id]
    if (reason === undefined) it(given.id, run)
    else it(`${given.id} (not ours: ${reason})`, () => expect(run).toThrow())
  }
})
