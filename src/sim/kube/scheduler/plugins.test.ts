import { describe, expect, test } from 'vitest'
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  StorageClass,
} from '../../../generated/kubeTypes.js'
import { findFeasible, fitErrorMessage, scoreNodes } from './evaluate.js'
import { emptyNodeInfo, type NodeInfo, withNode, withPod } from './nodeInfo.js'
import { type Cycle, type Lookups, NO_LOOKUPS } from './plugin.js'
import { preempt } from './preemption.js'
import { DEFAULT_PROFILE, type SchedulerProfile } from './profile.js'

const BIG = { cpu: '4', memory: '8Gi', pods: '10' }

const node = (name: string, labels: Record<string, string> = {}, allocatable: Record<string, string> = BIG): Node => ({
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
  status: { allocatable },
})

function pod(name: string, spec: Pod['spec'] & object = { containers: [] }, metadata: Pod['metadata'] & object = {}): Pod {
  return { metadata: { name, namespace: 'default', ...metadata }, spec }
}

const asks = (cpu: string, priority = 0): Pod['spec'] & object => ({
  priority,
  containers: [{ name: 'app', resources: { requests: { cpu } } }],
})

function cycle(
  incoming: Pod,
  nodes: readonly Node[],
  existing: Readonly<Record<string, readonly Pod[]>> = {},
  lookups: Partial<Lookups> = {},
  profile: Partial<SchedulerProfile> = {},
): Cycle {
  const infos = nodes.map((each): NodeInfo => {
    const name = each.metadata?.name ?? ''
    let info = withNode(emptyNodeInfo(name), each)
    for (const other of existing[name] ?? []) info = withPod(info, other, 1)
    return info
  })
  return { pod: incoming, profile: { ...DEFAULT_PROFILE, ...profile }, nodes: infos, lookups: { ...NO_LOOKUPS, ...lookups } }
}

/** Nodes that fit, or the sentence that says why none does. */
function verdict(given: Cycle): string {
  const findings = findFeasible(given, { full: true })
  if (findings.feasible.length > 0) return findings.feasible.map((each) => each.name).join()
  const outcome = preempt(given, findings)
  if (outcome.kind === 'plan') {
    const victims = outcome.plan.victims.map((each) => each.metadata?.name ?? '').sort()
    return `${outcome.plan.node} without ${victims.join()}`
  }
  return fitErrorMessage(given.nodes.length, findings, outcome.message)
}

const NOT_HELPFUL = (count: number): string =>
  `no new claims to deallocate, preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`

describe('Nodes by name', () => {
  const named = (...terms: readonly (readonly string[])[]): Pod['spec'] & object => ({
    containers: [],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: terms.map((values) => ({
            matchFields: values.map((value) => ({ key: 'metadata.name', operator: 'In', values: [value] })),
          })),
        },
      },
    },
  })
  test.each<[string, Pod['spec'] & object, string]>([
    ['one', named(['b']), 'b'],
    ['one of two', named(['b'], ['c']), 'b,c'],
    ['never two at once', named(['b', 'c']), `0/3 nodes are available: pod affinity terms conflict. ${NOT_HELPFUL(3)}`],
    [
      'one that is not there',
      named(['x']),
      `0/3 nodes are available: 3 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${NOT_HELPFUL(3)}`,
    ],
  ])('%s', (_, spec, expected) => {
    expect(verdict(cycle(pod('p', spec), [node('a'), node('b'), node('c')]))).toBe(expected)
  })
})

test('an empty selector counts no Pod', () => {
  const spread = {
    containers: [],
    topologySpreadConstraints: [{ topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} }],
  }
  const labels = { app: 'web' }
  const nodes = [node('a', { zone: '1' }), node('b', { zone: '2' })]
  const others = { a: [pod('1', undefined, { labels }), pod('2', undefined, { labels })] }
  expect(verdict(cycle(pod('p', spread, { labels }), nodes, others))).toBe('a,b')
})

test('a Pod with wishes hears those of others, though they are to be ignored', () => {
  const likes = (app: string): Pod['spec'] & object => ({
    containers: [],
    affinity: {
      podAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 5, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } } },
        ],
      },
    },
  })
  const others = { a: [pod('1', likes('web'))] }
  const profile = { ignorePreferredTermsOfExistingPods: true }
  const score = (incoming: Pod): number | undefined => {
    const given = cycle(incoming, [node('a'), node('b')], others, {}, profile)
    return scoreNodes(given, given.nodes).get('a')?.plugins['InterPodAffinity']?.normalized
  }
  expect(score(pod('p', { containers: [] }, { labels: { app: 'web' } }))).toBeUndefined()
  expect(score(pod('p', likes('nobody'), { labels: { app: 'web' } }))).toBe(100)
})

describe('volumes', () => {
  const claim = (spec: PersistentVolumeClaim['spec'] & object, phase = 'Pending'): PersistentVolumeClaim => ({
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    status: { phase },
  })
  const volume = (name: string, host?: string, storage = '1Gi', storageClassName = 'local'): PersistentVolume => ({
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      storageClassName,
      ...(host === undefined
        ? {}
        : {
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [host] }] }],
              },
            },
          }),
    },
    status: { phase: 'Available' },
  })
  const local: StorageClass = { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }
  const zoned: StorageClass = {
    provisioner: 'example.com/disk',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['2'] }] }],
  }
  const classes: Readonly<Record<string, StorageClass>> = {
    local,
    zoned,
    slow: { provisioner: 'example.com/disk', volumeBindingMode: 'Immediate' },
  }
  const user = pod('p', { containers: [], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] })
  const nodes = [node('a', { zone: '1' }), node('b', { zone: '2' })]
  const NO_VOLUME = "node(s) didn't find available persistent volumes to bind"
  test.each<[string, PersistentVolumeClaim | undefined, readonly PersistentVolume[], string]>([
    ['no claim', undefined, [], `0/2 nodes are available: persistentvolumeclaim "data" not found. ${NOT_HELPFUL(2)}`],
    ['bound, for any Node', claim({ volumeName: 'v' }, 'Bound'), [volume('v')], 'a,b'],
    ['bound, for one Node', claim({ volumeName: 'v' }, 'Bound'), [volume('v', 'b')], 'b'],
    [
      'bound, for a Node elsewhere',
      claim({ volumeName: 'v' }, 'Bound'),
      [volume('v', 'x')],
      `0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity. ${NOT_HELPFUL(2)}`,
    ],
    [
      'bound to nothing',
      claim({ volumeName: 'v' }, 'Bound'),
      [],
      `0/2 nodes are available: 2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s). ${NOT_HELPFUL(2)}`,
    ],
    [
      'at once, and not yet',
      claim({ storageClassName: 'slow' }),
      [],
      `0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. ${NOT_HELPFUL(2)}`,
    ],
    [
      'of a class that is not there',
      claim({ storageClassName: 'x' }),
      [],
      `0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. ${NOT_HELPFUL(2)}`,
    ],
    ['waits, for one Node', claim({ storageClassName: 'local' }), [volume('v', 'b')], 'b'],
    [
      'waits, all too small',
      claim({ storageClassName: 'local' }),
      [volume('v', 'b', '1Mi')],
      `0/2 nodes are available: 2 ${NO_VOLUME}. ${NOT_HELPFUL(2)}`,
    ],
    [
      'waits, all of another class',
      claim({ storageClassName: 'local' }),
      [volume('v', 'b', '1Gi', 'x')],
      `0/2 nodes are available: 2 ${NO_VOLUME}. ${NOT_HELPFUL(2)}`,
    ],
    ['waits, can be made in one zone', claim({ storageClassName: 'zoned' }), [], 'b'],
  ])('%s', (_, data, volumes, expected) => {
    const lookups: Partial<Lookups> = {
      claim: () => data,
      volume: (name) => volumes.find((each) => each.metadata?.name === name),
      volumes: () => volumes,
      storageClass: (name) => classes[name],
    }
    expect(verdict(cycle(user, nodes, {}, lookups))).toBe(expected)
  })
})

describe('preemption', () => {
  const nodes = [node('a', {}, { cpu: '2', pods: '10' }), node('b', {}, { cpu: '2', pods: '10' })]
  const labels = { app: 'web' }
  const guard = (disruptionsAllowed: number): PodDisruptionBudget => ({
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: labels } },
    status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  })
  const other = (name: string, cpu: string, priority: number, guarded = false): Pod =>
    pod(name, asks(cpu, priority), guarded ? { labels } : {})
  test.each<[string, readonly Pod[], readonly Pod[], readonly PodDisruptionBudget[], string]>([
    ['the lower of two', [other('1', '2', 5)], [other('2', '2', 3)], [], 'b without 2'],
    ['one rather than two', [other('1', '1', 5), other('2', '1', 3)], [other('3', '2', 5)], [], 'b without 3'],
    // Each victim weighs, whatever its priority.
    [
      'fewer of the same highest',
      [other('1', '1', 3), other('2', '1', 3)],
      [other('3', '1', 3), other('4', '500m', 1), other('5', '500m', 1)],
      [],
      'a without 1,2',
    ],
    ['rather without breaking a budget', [other('1', '2', 1, true)], [other('2', '2', 3)], [guard(0)], 'b without 2'],
    ['a budget that allows one', [other('1', '2', 1, true)], [other('2', '2', 3)], [guard(1)], 'a without 1'],
    [
      'rather a high one than a guarded one',
      [other('1', '1', 3), other('2', '1', 1, true)],
      [other('3', '2', 9)],
      [guard(0)],
      'b without 3',
    ],
  ])('%s', (_, onA, onB, budgets, expected) => {
    const incoming = pod('p', asks('2', 10))
    expect(verdict(cycle(incoming, nodes, { a: onA, b: onB }, { budgets: () => budgets }))).toBe(expected)
  })
  test('a guarded Pod stays where another makes room enough', () => {
    const budgets = () => [guard(0)]
    const onA = [other('1', '1', 3), other('2', '1', 1, true)]
    expect(verdict(cycle(pod('p', asks('1', 10)), nodes.slice(0, 1), { a: onA }, { budgets }))).toBe('a without 1')
  })
})
