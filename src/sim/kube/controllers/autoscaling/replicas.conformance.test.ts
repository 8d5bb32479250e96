import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../../core/time.js'
import table from '../conformance/data/hpa-resource.json' with { type: 'json' }
import { calculateReplicas } from './replicas.js'

interface Case {
  readonly id: string
  readonly resource: string
  readonly currentReplicas: number
  readonly targetUtilization: number
  readonly pods: readonly {
    name: string
    phase: string
    ready: string
    started: string
    deleting: boolean
    requestMilli: number
  }[]
  readonly metrics: readonly { podName: string; usageMilli: number }[]
  readonly expect: { replicas?: number; utilization?: number; averageValueMilli?: number; errorContains?: string }
}

const NOW = 1_000 * MINUTE
const STARTED: Readonly<Record<string, number>> = { longAgo: 0, cool: NOW - 3 * MINUTE, hot: NOW }

for (const each of table.cases as unknown as readonly Case[]) {
  test(each.id, () => {
    const pods = each.pods.map((pod) => {
      const metric = each.metrics.find(({ podName }) => podName === pod.name)
      const started = STARTED[pod.started] ?? 0
      return {
        phase: pod.phase,
        isDeleting: pod.deleting,
        ready: { status: pod.ready, since: started },
        startedAt: started,
        request: pod.requestMilli,
        sample: metric === undefined ? undefined : { value: metric.usageMilli, at: NOW, window: MINUTE },
      }
    })
    const result = calculateReplicas(each.currentReplicas, each.targetUtilization, pods, {
      isCpu: each.resource === 'cpu',
      perPod: false,
      now: NOW,
      settings: { tolerance: { up: 0.1, down: 0.1 }, cpuInitializationPeriod: 2 * MINUTE, initialReadinessDelay: 10 * SECOND },
    })
    if (each.expect.errorContains !== undefined) expect(result.ok ? '' : result.error).toContain(each.expect.errorContains)
    else {
      expect(result.ok ? result.value : result.error).toEqual({
        replicas: each.expect.replicas,
        utilization: each.expect.utilization,
        averageValue: each.expect.averageValueMilli,
      })
    }
  })
}
