import { describe, expect, it } from 'vitest'
import type { Container, ContainerStatus, Pod } from '../../../generated/kubeTypes.js'
import { nextAddress } from '../../cni/bridge.js'
import { admissionProblem } from './admission.js'
import { phaseOf, shouldRestart } from './status.js'

function pod(restartPolicy: string, init: readonly Partial<Container>[] = []): Pod {
  return {
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      restartPolicy,
      containers: [{ name: 'a' }, { name: 'b' }],
      initContainers: init.map((each, index) => ({ name: `i${index}`, ...each })),
    },
  }
}

function status(state: 'waiting' | 'running' | number, last?: number): ContainerStatus {
  return {
    name: 'x',
    image: '',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: state === 'waiting' ? { waiting: {} } : state === 'running' ? { running: {} } : { terminated: { exitCode: state } },
    ...(last === undefined ? {} : { lastState: { terminated: { exitCode: last } } }),
  }
}

describe('phase of a Pod', () => {
  it.each([
    ['nothing begun', 'Always', [], [status('waiting'), status('waiting')], 'Pending'],
    ['one of two begun', 'Always', [], [status('running'), status('waiting')], 'Pending'],
    ['all run', 'Always', [], [status('running'), status('running')], 'Running'],
    ['one ended, it comes back', 'Always', [], [status('running'), status(1)], 'Running'],
    ['one waits after a crash', 'Always', [], [status('running'), status('waiting', 1)], 'Running'],
    ['all ended well, for good', 'Never', [], [status(0), status(0)], 'Succeeded'],
    ['one ended badly, for good', 'Never', [], [status(0), status(1)], 'Failed'],
    ['one ended badly, it comes back', 'OnFailure', [], [status(0), status(1)], 'Running'],
    ['all ended well', 'OnFailure', [], [status(0), status(0)], 'Succeeded'],
  ] as const)('%s', (_, policy, init, main, phase) => {
    expect(phaseOf(pod(policy), [...init], [...main])).toBe(phase)
  })

  it('waits for init containers, and fails with them where nothing comes back', () => {
    expect(phaseOf(pod('Always', [{}]), [status('running')], [status('waiting'), status('waiting')])).toBe('Pending')
    expect(phaseOf(pod('Never', [{}]), [status(1)], [status('waiting'), status('waiting')])).toBe('Failed')
  })

  it.each([
    ['Always', 0, true],
    ['OnFailure', 0, false],
    ['OnFailure', 1, true],
    ['Never', 1, false],
  ] as const)('%s after code %i: %s', (policy, code, again) => {
    expect(shouldRestart(policy, code)).toBe(again)
  })
})

describe('what a kubelet turns away', () => {
  const node = {
    metadata: { name: 'n', labels: { disk: 'ssd' } },
    status: { allocatable: { cpu: '1', memory: '1Gi', pods: '2' } },
  }
  const asks = (cpu: string, more: Pod['spec'] = { containers: [] }): Pod => ({
    metadata: { name: cpu },
    spec: { ...more, containers: [{ name: 'c', resources: { requests: { cpu } } }] },
  })
  it.each([
    ['fits', asks('500m'), [], undefined],
    ['too much', asks('600m'), [asks('500m')], 'OutOfcpu'],
    ['too many', asks('1m'), [asks('1m'), asks('2m')], 'OutOfpods'],
    ['elsewhere', asks('1m', { containers: [], nodeSelector: { disk: 'hdd' } }), [], 'NodeAffinity'],
  ] as const)('%s', (_, incoming, others, reason) => {
    expect(admissionProblem(incoming, node, [...others])?.reason).toBe(reason)
  })
})

describe('addresses of Pods', () => {
  it('go on after the last one and come round', () => {
    const taken = new Map([['10.244.1.2', 'a']])
    expect(nextAddress('10.244.1.0/24', new Map(), undefined)).toBe('10.244.1.2')
    expect(nextAddress('10.244.1.0/24', taken, '10.244.1.2')).toBe('10.244.1.3')
    expect(nextAddress('10.244.1.0/24', new Map(), '10.244.1.5')).toBe('10.244.1.6')
    expect(nextAddress('10.244.1.0/29', taken, '10.244.1.6')).toBe('10.244.1.3')
    const all = new Map(['10.244.1.2', '10.244.1.3', '10.244.1.4', '10.244.1.5', '10.244.1.6'].map((ip) => [ip, 'x']))
    expect(nextAddress('10.244.1.0/29', all, '10.244.1.6')).toBeUndefined()
  })
})
