import { describe, expect, it } from 'vitest'
import type { V2HorizontalPodAutoscaler } from '../../generated/kubeTypes.js'
import type { ApiClient, StoredOf } from '../../sim/index.js'
import { describeAutoscaler } from './autoscaler.js'
import { writeVolumeSource } from './volumes.js'
import { DescribeWriter } from './writer.js'

type Source = Parameters<typeof writeVolumeSource>[1]

function described(source: Source): readonly string[] {
  const w = new DescribeWriter()
  writeVolumeSource(w, source)
  return w.raw().trimEnd().split('\n')
}

/** Source: kubernetes kubectl pkg/describe/describe.go, each printer of a volume's source */
describe('what a volume is made of', () => {
  it.each([
    [
      'iscsi',
      { targetPortal: 'p', iqn: 'q', lun: 1 },
      ['    ISCSIInterface\t', '    Portals:\t[]', '    InitiatorName:\t<none>'],
    ],
    ['azureDisk', { diskName: 'd', diskURI: 'u' }, ['    Kind: \tShared', '    CachingMode:\tReadWrite']],
    ['fc', { targetWWNs: ['a', 'b'] }, ['    TargetWWNs:\ta, b', '    LUN:\t<none>']],
    ['cinder', { volumeID: 'v', secretRef: { name: 's' } }, ['    SecretRef:\t&LocalObjectReference{Name:s,}']],
    ['csi', { driver: 'x', volumeAttributes: { b: '2', a: '1' } }, ['    VolumeAttributes:\t    a=1', '    \t    b=2']],
    ['csi', { driver: 'x', volumeHandle: 'h' }, ['    VolumeHandle:\th', '    VolumeAttributes:\t<none>']],
    ['gitRepo', { repository: 'r' }, ['    Type:\tGitRepo (a volume that is pulled from git when the pod is created)']],
    [
      'ephemeral',
      { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem' } } },
      ['    StorageClass:\t', '    Labels:\t<none>', '    Capacity:\t', '    VolumeMode:\tFilesystem'],
    ],
  ] as const)('%s', (field, value, lines) => {
    expect(described({ [field]: value } as unknown as Source)).toEqual(expect.arrayContaining([...lines]))
  })

  it('says so where it knows none', () => {
    expect(described({})).toEqual(['  <unknown>'])
  })
})

describe('a HorizontalPodAutoscaler', () => {
  it('shows each kind of metric, and how it scales', () => {
    const autoscaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'default', uid: 'u' },
      spec: {
        maxReplicas: 5,
        scaleTargetRef: { kind: 'Deployment', name: 'web' },
        metrics: [
          { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '1k' } } },
          { type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value', value: '30' } } },
          {
            type: 'Object',
            object: {
              metric: { name: 'hits' },
              describedObject: { kind: 'Ingress', name: 'i' },
              target: { type: 'AverageValue', averageValue: '2' },
            },
          },
          {
            type: 'ContainerResource',
            containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 60 } },
          },
        ],
        behavior: { scaleDown: { policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }] } },
      },
    } satisfies V2HorizontalPodAutoscaler
    const w = new DescribeWriter()
    const api = { list: () => ({ ok: true, value: [] }) } as unknown as ApiClient
    describeAutoscaler(autoscaler as unknown as StoredOf<'horizontalpodautoscalers'>, { api, now: 0, showEvents: false }, w)
    const text = w.raw()
    expect(text).toContain('  "rps" on pods:\t<unknown> / 1k\n')
    expect(text).toContain('  "q" (target value):\t<unknown> / 30\n')
    expect(text).toContain('  "hits" on Ingress/i (target average value):\t<unknown> / 2\n')
    expect(text).toContain('  resource cpu of container "c" on pods  (as a percentage of request):\t<unknown> / 60%\n')
    expect(text).toContain('Behavior:\n  Scale Down:\n    Select Policy: Max\n    Policies:\n')
    expect(text).toContain('      - Type: Percent\tValue: 10\tPeriod: 60 seconds\n')
  })
})
