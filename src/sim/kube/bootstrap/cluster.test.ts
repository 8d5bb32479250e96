import { describe, expect, it } from 'vitest'
import {
  isReadyPod as isReady,
  driveCluster as open,
  type PodShape,
  podsOf as pods,
  webManifests,
} from '../../../testing/clusterDriver.js'
import { SECOND } from '../../core/time.js'
import { listStored } from '../etcd/store.js'

const WEB = webManifests()

describe('a cluster from the start', () => {
  it('comes up with Nodes, DNS and kube-proxy, and settles', () => {
    const { world, settle } = open()
    settle()
    expect(world.parts.cluster.refused).toEqual([])
    const nodes = listStored(world.parts.etcd, 'nodes') as unknown as {
      metadata: { name: string }
      spec: { podCIDR?: string; taints?: unknown[] }
      status: PodShape['status']
    }[]
    expect(
      nodes.map((each) => [
        each.metadata.name,
        each.spec.podCIDR,
        each.status.conditions?.find((one) => one.type === 'Ready')?.status,
      ]),
    ).toEqual([
      ['control-plane', '10.244.0.0/24', 'True'],
      ['node1', '10.244.1.0/24', 'True'],
      ['node2', '10.244.2.0/24', 'True'],
      ['node3', '10.244.3.0/24', 'True'],
    ])
    expect(
      pods(world, 'kube-system')
        .map((each) => [each.metadata.name.replace(/(?<=^coredns|^kube-proxy)-.*$/, ''), each.status.phase, isReady(each)])
        .sort(),
    ).toEqual([
      ['coredns', 'Running', true],
      ['coredns', 'Running', true],
      ['etcd-control-plane', 'Running', true],
      ['kube-apiserver-control-plane', 'Running', true],
      ['kube-controller-manager-control-plane', 'Running', true],
      ['kube-proxy', 'Running', true],
      ['kube-proxy', 'Running', true],
      ['kube-proxy', 'Running', true],
      ['kube-proxy', 'Running', true],
      ['kube-scheduler-control-plane', 'Running', true],
    ])
  })

  it('runs a Deployment behind a Service: Pods, endpoints, load balancer', () => {
    const { world, settle } = open({
      objects: WEB,
      cluster: {
        nodes: [
          { name: 'control-plane', role: 'control-plane' },
          { name: 'node1', role: 'worker' },
          { name: 'node2', role: 'worker' },
          { name: 'node3', role: 'worker', joinsAt: 40 * SECOND },
        ],
      },
    })
    settle()
    expect(world.parts.cluster.refused).toEqual([])
    const web = pods(world, 'default')
    expect(web.map((each) => [each.status.phase, isReady(each)])).toEqual([
      ['Running', true],
      ['Running', true],
    ])
    expect(web.map((each) => each.spec.nodeName).sort()).toEqual(['node1', 'node2'])
    expect(
      [...world.parts.cloud.loadBalancers.values()].map((each) => [each.addresses, each.nodes.length, each.excluded]),
    ).toEqual([[['172.18.0.100'], 3, [{ node: 'control-plane', why: 'excluded-by-label' }]]])
    expect(world.parts.net.rulesets.has('node3')).toBe(true)
  })

  it('gives the same world for the same spec', () => {
    const one = open({ objects: WEB })
    const two = open({ objects: WEB })
    one.settle()
    two.settle()
    expect(one.steps.length).toBe(two.steps.length)
    expect(JSON.stringify(one.steps.at(-1))).toBe(JSON.stringify(two.steps.at(-1)))
  })
})

describe('self-healing', () => {
  it('restarts a killed container at once, then with back-off', () => {
    const { world, settle, fault, run } = open({ objects: WEB })
    settle()
    const [pod] = pods(world, 'default')
    const target = `container/default/${pod?.metadata.name}/web`
    fault('kill-container', target)
    settle()
    expect(pods(world, 'default')[0]?.status.containerStatuses?.[0]).toMatchObject({ restartCount: 1, state: { running: {} } })
    fault('kill-container', target)
    settle()
    expect(pods(world, 'default')[0]?.status.containerStatuses?.[0]?.state).toMatchObject({
      waiting: { reason: 'CrashLoopBackOff' },
    })
    run(12)
    expect(pods(world, 'default')[0]?.status.containerStatuses?.[0]).toMatchObject({ restartCount: 2, state: { running: {} } })
  })

  it('replaces a deleted Pod with a new one of another name and address', () => {
    const { world, settle, fault } = open({ objects: WEB })
    settle()
    const before = pods(world, 'default')
    fault('delete-pod', `pod/default/${before[0]?.metadata.name}`)
    settle()
    const after = pods(world, 'default')
    expect(after.length).toBe(2)
    expect(after.every(isReady)).toBe(true)
    expect(after.some((each) => each.metadata.uid === before[0]?.metadata.uid)).toBe(false)
  })

  it('evicts the Pods of a dead Node after their toleration, and takes the Node back', () => {
    const { world, settle, fault, run } = open({ objects: WEB })
    settle()
    const victim = pods(world, 'default')[0]
    const node = victim?.spec.nodeName ?? ''
    fault('stop-node', `node/${node}`)
    run(120)
    expect(
      pods(world, 'default').find((each) => each.metadata.uid === victim?.metadata.uid)?.metadata.deletionTimestamp,
    ).toBeUndefined()
    run(300)
    const ready = pods(world, 'default').filter((each) => isReady(each) && each.metadata.deletionTimestamp === undefined)
    expect(ready.length).toBe(2)
    expect(ready.some((each) => each.spec.nodeName === node)).toBe(false)
    fault('stop-node', `node/${node}`, false)
    run(60)
    settle()
    const nodes = listStored(world.parts.etcd, 'nodes') as unknown as {
      metadata: { name: string }
      spec: { taints?: unknown[] }
      status: PodShape['status']
    }[]
    const back = nodes.find((each) => each.metadata.name === node)
    expect(back?.status.conditions?.find((each) => each.type === 'Ready')?.status).toBe('True')
    expect(pods(world, 'default').length).toBe(2)
  })

  it('goes on without the API server, and catches up when it is back', () => {
    const { world, settle, fault, run } = open({ objects: WEB })
    settle()
    fault('stop-apiserver', 'apiserver')
    const [pod] = pods(world, 'default')
    fault('kill-container', `container/default/${pod?.metadata.name}/web`)
    run(20)
    expect(pods(world, 'default')[0]?.status.containerStatuses?.[0]?.restartCount).toBe(0)
    fault('stop-apiserver', 'apiserver', false)
    run(30)
    expect(pods(world, 'default')[0]?.status.containerStatuses?.[0]).toMatchObject({ restartCount: 1, state: { running: {} } })
  })
})
