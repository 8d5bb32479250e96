import { expect, test } from 'vitest'
import type { V2HPAScalingRules } from '../../../../generated/kubeTypes.js'
import { MINUTE, SECOND } from '../../../core/time.js'
import { limitByRules, stabilizeByRules } from './behavior.js'
import type { MeasuredPod } from './replicas.js'
import { calculateReplicas } from './replicas.js'

const NOW = 1_000 * MINUTE
type Rules = { readonly scaleUp?: V2HPAScalingRules; readonly scaleDown?: V2HPAScalingRules }

const pods = (value: number, periodSeconds = 60) => ({ type: 'Pods', value, periodSeconds })
const percent = (value: number, periodSeconds = 60) => ({ type: 'Percent', value, periodSeconds })
const up = (rules: V2HPAScalingRules): Rules => ({ scaleUp: rules })
const down = (rules: V2HPAScalingRules): Rules => ({ scaleDown: rules })

test.each<[string, Rules, number, number, readonly (readonly [number, number])[], number, string]>([
  ['a few Pods at a time', up({ policies: [pods(4)] }), 3, 10, [], 7, 'ScaleUpLimit'],
  ['a share at a time', up({ policies: [percent(100)] }), 3, 10, [], 6, 'ScaleUpLimit'],
  ['a small share moves something', up({ policies: [percent(10)] }), 3, 10, [], 4, 'ScaleUpLimit'],
  ['the greater of two', up({ policies: [pods(4), percent(100)] }), 6, 100, [], 12, 'ScaleUpLimit'],
  ['the lesser of two', up({ policies: [pods(4), percent(100)], selectPolicy: 'Min' }), 6, 100, [], 10, 'ScaleUpLimit'],
  ['what was done in the period counts', up({ policies: [pods(4)] }), 7, 20, [[30, 4]], 7, 'ScaleUpLimit'],
  ['what was done before it does not', up({ policies: [pods(4)] }), 7, 20, [[90, 4]], 11, 'ScaleUpLimit'],
  ['what was taken away meanwhile is given back', up({ policies: [pods(4)] }), 7, 20, [[30, -2]], 13, 'ScaleUpLimit'],
  ['not at all', up({ policies: [pods(4)], selectPolicy: 'Disabled' }), 3, 10, [], 3, 'ScaleUpLimit'],
  ['no more than the most', up({ policies: [pods(400)] }), 3, 200, [], 100, 'TooManyReplicas'],
  ['within range', up({ policies: [pods(4)] }), 3, 5, [], 5, 'DesiredWithinRange'],
  ['down by a few', down({ policies: [pods(2)] }), 10, 2, [], 8, 'ScaleDownLimit'],
  ['down by a share', down({ policies: [percent(20)] }), 10, 2, [], 8, 'ScaleDownLimit'],
  ['down by the lesser of two', down({ policies: [pods(5), percent(10)], selectPolicy: 'Min' }), 10, 2, [], 9, 'ScaleDownLimit'],
  ['down by the greater of two', down({ policies: [pods(5), percent(10)] }), 10, 2, [], 5, 'ScaleDownLimit'],
  ['not down at all', down({ policies: [pods(5)], selectPolicy: 'Disabled' }), 10, 2, [], 10, 'ScaleDownLimit'],
  ['no less than the least', down({ policies: [percent(100)] }), 10, 0, [], 1, 'TooFewReplicas'],
])('rate: %s', (_, rules, current, desired, done, replicas, reason) => {
  const events = done.map(([ago, change]) => ({ at: NOW - ago * SECOND, change }))
  const found = limitByRules(rules, events, { current, desired, least: 1, most: 100 }, NOW)
  expect([found.replicas, found.reason]).toEqual([replicas, reason])
})

test.each<[string, Rules, number, number, readonly (readonly [number, number])[], number]>([
  ['grows at once', {}, 3, 8, [[30, 3]], 8],
  ['grows after a while', up({ stabilizationWindowSeconds: 60 }), 3, 8, [[30, 5]], 5],
  ['has waited long enough', up({ stabilizationWindowSeconds: 60 }), 3, 8, [[90, 5]], 8],
  ['shrinks after five minutes', {}, 8, 3, [[299, 6]], 6],
  ['shrinks at once', down({ stabilizationWindowSeconds: 0 }), 8, 3, [[30, 8]], 3],
  [
    'stays between',
    { scaleUp: { stabilizationWindowSeconds: 60 }, scaleDown: { stabilizationWindowSeconds: 60 } },
    5,
    9,
    [[30, 2]],
    5,
  ],
])('stabilization: %s', (_, rules, current, proposed, said, replicas) => {
  const recent = said.map(([ago, each]) => ({ at: NOW - ago * SECOND, replicas: each }))
  expect(stabilizeByRules(rules, recent, current, proposed, NOW).replicas).toBe(replicas)
})

const pod = (value: number | undefined, phase = 'Running'): MeasuredPod => ({
  phase,
  isDeleting: false,
  ready: { status: 'True', since: 0 },
  startedAt: 0,
  request: 100,
  sample: value === undefined ? undefined : { value, at: NOW, window: MINUTE },
})
const options = {
  isCpu: true,
  perPod: false,
  now: NOW,
  settings: { tolerance: { up: 0.1, down: 0.1 }, cpuInitializationPeriod: 5 * MINUTE, initialReadinessDelay: 30 * SECOND },
}

test.each<[string, readonly MeasuredPod[], object, number | string]>([
  ['a tenth above is borne', [pod(55), pod(55)], {}, 2],
  ['a tenth below is borne', [pod(45), pod(45)], {}, 2],
  ['more is not', [pod(56), pod(56)], {}, 3],
  ['a tolerance of its own', [pod(56), pod(56)], { settings: { ...options.settings, tolerance: { up: 0.2, down: 0.1 } } }, 2],
  ['none counts', [pod(10, 'Pending')], {}, 'did not receive metrics for targeted pods (pods might be unready)'],
  [
    'a request is missing',
    [pod(55)],
    { requestFault: 'missing request for cpu in container app of Pod web-0' },
    'missing request for cpu in container app of Pod web-0',
  ],
  ['for an amount it does not matter', [pod(55)], { requestFault: 'x', perPod: true }, 1],
  ['who does not say uses nothing of an amount that is met', [pod(50), pod(50), pod(50), pod(undefined)], { perPod: true }, 3],
])('replicas: %s', (_, measured, own, expected) => {
  const current = typeof expected === 'number' && measured.length === 4 ? 4 : measured.length
  const found = calculateReplicas(current, 50, measured, { ...options, ...own })
  expect(found.ok ? found.value.replicas : found.error).toBe(expected)
})
