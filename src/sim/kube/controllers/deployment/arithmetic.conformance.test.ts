import { expect, test } from 'vitest'
import table from '../conformance/data/deployment.json' with { type: 'json' }
import type { StoredDeployment, StoredReplicaSet } from '../framework.js'
import { newReplicaSetSize, planScaleDown, resolveFenceposts } from './arithmetic.js'
import { planCleanup } from './revisions.js'
import { planScale } from './scale.js'

type Value = number | string | null | undefined
interface Case {
  readonly id: string
  readonly kind: string
  readonly input: Readonly<Record<string, never>>
  readonly expect: Readonly<Record<string, never>>
}

const AGES: Readonly<Record<string, string>> = {
  newest: '2026-01-01T00:00:09Z',
  older: '2026-01-01T00:00:05Z',
  oldest: '2026-01-01T00:00:01Z',
}

function aSet(
  name: string,
  replicas: number,
  available = 0,
  age = 'older',
  annotations: Readonly<Record<string, string>> = {},
): StoredReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: AGES[age] ?? '', annotations },
    spec: { replicas, selector: {} },
    status: { replicas, availableReplicas: available },
  }
}

function aDeployment(replicas: number, maxSurge: Value, maxUnavailable: Value): StoredDeployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'foo', uid: 'foo', resourceVersion: '1', creationTimestamp: '' },
    spec: {
      replicas,
      selector: {},
      template: {},
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: maxSurge ?? 0, maxUnavailable: maxUnavailable ?? 0 } },
    },
  } as StoredDeployment
}

for (const each of table.cases as unknown as readonly Case[]) {
  test(each.id, () => {
    // The table's own kinds say which fields a case has.
    const input = each.input as Readonly<Record<string, never>> & Readonly<Record<string, number>>
    const want = each.expect as unknown as Readonly<Record<string, unknown>>
    const deployment = aDeployment(input['deploymentReplicas'] ?? 0, input['maxSurge'], input['maxUnavailable'])
    switch (each.kind) {
      case 'ResolveFenceposts': {
        const fences = resolveFenceposts(
          input['maxSurge'] ?? undefined,
          input['maxUnavailable'] ?? undefined,
          input['replicas'] ?? 0,
        )
        expect(fences ?? { error: true }).toEqual(want)
        return
      }
      case 'NewRSNewReplicas': {
        const total = (input['allReplicaSetsReplicas'] as unknown as readonly number[]).reduce((sum, size) => sum + size, 0)
        if (input['strategy'] !== ('RollingUpdate' as never)) return
        expect(newReplicaSetSize(deployment, total, input['newRSReplicas'] ?? 0)).toBe(want['newRSReplicas'])
        return
      }
      case 'reconcileNewReplicaSet': {
        const [old = 0, now = 0, wanted = 0] = [input['oldReplicas'], input['newReplicas'], input['deploymentReplicas']]
        const size = now > wanted ? wanted : newReplicaSetSize(deployment, old + now, now)
        expect(size).toBe(want['newReplicas'])
        return
      }
      case 'reconcileOldReplicaSets': {
        const plan = planScaleDown(deployment, aSet('new', input['newReplicas'] ?? 0, input['newAvailable']), [
          aSet('old', input['oldReplicas'] ?? 0, input['oldAvailable']),
        ])
        expect(plan?.at(-1)?.to ?? input['oldReplicas']).toBe(want['oldReplicas'])
        return
      }
      case 'scale': {
        const sets =
          (each.input['replicaSets'] as unknown as readonly {
            name: string
            isNew: boolean
            replicas: number
            age: string
            annotations: Record<string, string>
          }[]) ?? []
        const own = each.input['deployment'] as unknown as { replicas: number; maxSurge: Value; maxUnavailable: Value }
        const made = sets.map((one) => ({ isNew: one.isNew, rs: aSet(one.name, one.replicas, 0, one.age, one.annotations) }))
        const plan = planScale(
          aDeployment(own.replicas, own.maxSurge, own.maxUnavailable),
          made.find((one) => one.isNew)?.rs,
          made.filter((one) => !one.isNew).map((one) => one.rs),
        )
        const sizes = Object.fromEntries(
          sets.map((one) => [one.name, plan.changes.find(({ rs }) => rs.metadata.name === one.name)?.to ?? one.replicas]),
        )
        expect(sizes).toEqual(want['replicas'])
        return
      }
      case 'revisionHistoryCleanup': {
        const sets = each.input['oldReplicaSets'] as unknown as readonly {
          name: string
          specReplicas: number
          statusReplicas: number
          deletionTimestampSet: boolean
        }[]
        const old = sets.map((one): StoredReplicaSet => {
          const rs = aSet(one.name, one.specReplicas)
          const metadata = one.deletionTimestampSet ? { ...rs.metadata, deletionTimestamp: '2026-01-01T00:00:10Z' } : rs.metadata
          return { ...rs, metadata, status: { replicas: one.statusReplicas } }
        })
        const limit = input['revisionHistoryLimit']
        // The API's way to say "no limit" is the largest int32.
        expect(planCleanup(old, limit).length).toBe(want['deletions'])
        return
      }
      default:
        // cleanupUnhealthyReplicas and scaleDownOldReplicaSets are parts of reconcileOldReplicaSets here.
        expect(['cleanupUnhealthyReplicas', 'scaleDownOldReplicaSetsForRollingUpdate']).toContain(each.kind)
    }
  })
}
