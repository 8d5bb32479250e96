import { describe, expect, it } from 'vitest'
import { driveCluster, isReadyPod, podsOf, webManifests } from '../../../testing/clusterDriver.js'
import { thing } from '../../core/thing.js'
import type { Manifest } from '../api/client.js'
import { openApi } from '../api/openApi.js'
import { listStored } from '../etcd/store.js'

function node(name: string, address: string, podCIDR: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDR, podCIDRs: [podCIDR] },
    status: {
      addresses: [{ type: 'InternalIP', address }],
      allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
      capacity: { cpu: '4', memory: '8Gi', pods: '110' },
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }],
    },
  }
}

const FILE: readonly Manifest[] = [
  node('a', '192.168.7.1', '10.1.1.0/24'),
  node('b', '192.168.7.2', '10.1.2.0/24'),
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'old', namespace: 'shop', uid: '11111111-2222-4333-8444-555555555555' },
    spec: { nodeName: 'a', containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 9000 }] }] },
    status: {
      phase: 'Running',
      podIP: '10.1.1.2',
      podIPs: [{ ip: '10.1.1.2' }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  },
]

describe('a whole cluster as it stands', () => {
  it('is exactly what the file says, and stays so', () => {
    const { world, settle, run } = driveCluster({ restore: FILE })
    settle()
    run(400)
    expect(listStored(world.parts.etcd, 'nodes').map((each) => each.metadata.name)).toEqual(['a', 'b'])
    const nodes = listStored(world.parts.etcd, 'nodes') as unknown as {
      spec: { taints?: unknown }
      status: { conditions: readonly { type: string; status: string }[] }
    }[]
    expect(nodes.map((each) => [each.spec.taints, each.status.conditions.find((one) => one.type === 'Ready')?.status])).toEqual([
      [undefined, 'True'],
      [undefined, 'True'],
    ])
    expect(podsOf(world, 'shop').map((each) => [each.metadata.uid, each.status.phase, each.metadata.deletionTimestamp])).toEqual([
      ['11111111-2222-4333-8444-555555555555', 'Running', undefined],
    ])
    expect(listStored(world.parts.etcd, 'services').map((each) => each.metadata.name)).toEqual(['kubernetes'])
    expect([...(world.parts.net.sockets.get('pod/shop/old')?.keys() ?? [])]).toEqual(['tcp *:9000'])
    expect(world.parts.net.rulesets.has('b')).toBe(true)
  })

  it('runs what is put on it from then on', () => {
    const { world, settle } = driveCluster({ restore: FILE, objects: webManifests(3) })
    settle()
    expect(world.parts.cluster.refused).toEqual([])
    const web = podsOf(world)
    expect(web.length).toBe(3)
    expect(web.every(isReadyPod)).toBe(true)
    expect(web.every((each) => each.status.podIP?.startsWith('10.1.'))).toBe(true)
    expect(web.some((each) => each.status.podIP === '10.1.1.2')).toBe(false)
  })

  it('lets a Pod go that somebody deletes', () => {
    const { world, settle, act } = driveCluster({ restore: FILE })
    settle()
    act((ctx) => {
      const deleted = openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') }).delete('pods', 'shop/old')
      expect(deleted.ok).toBe(true)
    })
    settle()
    expect(podsOf(world, 'shop')).toEqual([])
    expect(world.parts.net.hosts.has('pod/shop/old')).toBe(false)
  })
})
