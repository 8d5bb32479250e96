import { describe, expect, it } from 'vitest'
import { driveCluster, isReadyPod, podsOf, webManifests } from '../../../testing/clusterDriver.js'
import { openStream, type RandomStreams } from '../../core/random.js'
import { thing } from '../../core/thing.js'
import { openApi } from '../api/openApi.js'
import { listStored } from '../etcd/store.js'
import { FAULT_KINDS, type FaultCode } from './faultKinds.js'
import { applyFault } from './faults.js'

const TARGETS: Readonly<Record<FaultCode, string>> = {
  'kill-container': '',
  'delete-pod': '',
  'stop-node': 'node/node1',
  'stop-kubelet': 'kubelet/node2',
  'stop-kube-proxy': 'kube-proxy/node3',
  'slow-kube-proxy': 'kube-proxy/node3',
  'flush-rules': 'node/node1',
  'cut-node': 'node/node3',
  'stop-apiserver': 'apiserver',
  'stop-etcd': 'etcd',
  'stop-scheduler': 'scheduler',
  'stop-controller-manager': 'controller-manager',
  'stop-cloud-controller-manager': 'cloud-controller-manager',
}

describe('faults', () => {
  it('are refused on what they do not apply to, or twice', () => {
    const { settle, act, fault } = driveCluster()
    settle()
    act((ctx) => {
      expect(applyFault(ctx, { fault: 'stop-node', target: 'pod/default/x', active: true })).toMatchObject({
        error: 'wrong-target',
      })
      expect(applyFault(ctx, { fault: 'stop-node', target: 'node/node9', active: true })).toMatchObject({
        error: 'no-such-thing',
      })
      expect(applyFault(ctx, { fault: 'stop-node', target: 'node/node1', active: false })).toMatchObject({ error: 'already-so' })
    })
    fault('stop-node', 'node/node1')
    act((ctx) =>
      expect(applyFault(ctx, { fault: 'stop-node', target: 'node/node1', active: true })).toMatchObject({ error: 'already-so' }),
    )
  })

  it('without scheduler new Pods wait, and are placed when it is back', () => {
    const { world, settle, fault, run } = driveCluster({ objects: webManifests() })
    settle()
    fault('stop-scheduler', 'scheduler')
    fault('delete-pod', `pod/default/${podsOf(world)[0]?.metadata.name}`)
    run(10)
    expect(podsOf(world).filter((each) => each.spec.nodeName === undefined).length).toBe(1)
    expect(podsOf(world, 'kube-system').some((each) => each.metadata.name === 'kube-scheduler-control-plane')).toBe(false)
    fault('stop-scheduler', 'scheduler', false)
    run(10)
    const own = podsOf(world, 'kube-system').find((each) => each.metadata.name === 'kube-scheduler-control-plane')
    expect(own !== undefined && isReadyPod(own)).toBe(true)
    expect(podsOf(world).every(isReadyPod)).toBe(true)
  })

  it('a stopped kubelet leaves its containers running until they are evicted', () => {
    const { world, settle, fault, run } = driveCluster({ objects: webManifests() })
    settle()
    const pod = podsOf(world)[0]
    const node = pod?.spec.nodeName ?? ''
    fault('stop-kubelet', `kubelet/${node}`)
    run(80)
    const running = [...(world.parts.runtime.containers.get(node)?.values() ?? [])].filter((each) => each.state === 'running')
    expect(running.some((each) => each.podKey === `default/${pod?.metadata.name}`)).toBe(true)
    expect(world.parts.net.sockets.get(`pod/default/${pod?.metadata.name}`)?.has('tcp *:80')).toBe(true)
    fault('stop-kubelet', `kubelet/${node}`, false)
    run(40)
    settle()
    expect(podsOf(world).every(isReadyPod)).toBe(true)
    expect(podsOf(world).some((each) => each.metadata.uid === pod?.metadata.uid)).toBe(true)
  })

  it('a stopped kube-proxy keeps its rules as they were, and brings them up to date when it is back', () => {
    const { world, settle, fault, run } = driveCluster({ objects: webManifests() })
    settle()
    const rules = (): string => JSON.stringify([...(world.parts.net.rulesets.get('node3')?.tables.keys() ?? [])])
    const before = world.parts.net.rulesets.get('node3')
    fault('stop-kube-proxy', 'kube-proxy/node3')
    fault('delete-pod', `pod/default/${podsOf(world)[0]?.metadata.name}`)
    run(20)
    expect(world.parts.net.rulesets.get('node3')).toBe(before)
    fault('stop-kube-proxy', 'kube-proxy/node3', false)
    run(20)
    expect(world.parts.net.rulesets.get('node3')).not.toBe(before)
    expect(rules()).not.toBe('[]')
  })

  it('three control planes bear the loss of one, and of two without writing', () => {
    const nodes = ['control-plane', 'control-plane2', 'control-plane3'].map((name) => ({ name, role: 'control-plane' as const }))
    const { world, settle, fault, run } = driveCluster({
      objects: webManifests(),
      cluster: { nodes: [...nodes, { name: 'node1', role: 'worker' }] },
    })
    settle()
    fault('stop-node', 'node/control-plane')
    fault('delete-pod', `pod/default/${podsOf(world)[0]?.metadata.name}`)
    run(30)
    expect(podsOf(world).every(isReadyPod)).toBe(true)
    fault('stop-node', 'node/control-plane2')
    expect([world.parts.api.running, world.parts.etcd.running]).toEqual([true, false])
    fault('stop-node', 'node/control-plane2', false)
    expect([world.parts.api.running, world.parts.etcd.running]).toEqual([true, true])
  })

  it('without cloud controller a new Service gets no address, and gets one when it is back', () => {
    const { world, settle, act, fault, run } = driveCluster()
    settle()
    fault('stop-cloud-controller-manager', 'cloud-controller-manager')
    act((ctx) => {
      const api = openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') })
      const spec = { type: 'LoadBalancer', selector: { app: 'x' }, ports: [{ port: 80 }] }
      expect(
        api.create('services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x', namespace: 'default' }, spec }).ok,
      ).toBe(true)
    })
    run(10)
    expect(world.parts.cloud.loadBalancers.size).toBe(0)
    fault('stop-cloud-controller-manager', 'cloud-controller-manager', false)
    run(10)
    expect(world.parts.cloud.loadBalancers.get('default/x')?.addresses).toEqual(['172.18.0.100'])
    act((ctx) => {
      openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') }).delete('services', 'default/x')
    })
    settle()
    expect(world.parts.cloud.loadBalancers.size).toBe(0)
    expect(listStored(world.parts.etcd, 'services', 'default').map((each) => each.metadata.name)).toEqual(['kubernetes'])
  })

  it.each(['f1', 'f2', 'f3', 'f4', 'f5', 'f6'])('any sequence of faults heals (%s)', (seed) => {
    const streams: RandomStreams = new Map()
    const random = openStream(streams, seed, 'faults')
    const { world, settle, run, act } = driveCluster({ objects: webManifests(3), seed })
    settle()
    for (let round = 0; round < 12; round++) {
      const kind = FAULT_KINDS[random.int(FAULT_KINDS.length)]
      if (kind === undefined) continue
      const pod = podsOf(world)[random.int(Math.max(1, podsOf(world).length))]?.metadata.name ?? ''
      const target =
        kind.code === 'delete-pod'
          ? `pod/default/${pod}`
          : kind.code === 'kill-container'
            ? `container/default/${pod}/web`
            : TARGETS[kind.code]
      const active = !world.parts.faults.active.has(`${kind.code} ${target}`)
      act((ctx) => {
        applyFault(ctx, { fault: kind.code, target, active })
      })
      run(random.int(90))
    }
    for (const { fault, target } of [...world.parts.faults.active.values()]) {
      act((ctx) => expect(applyFault(ctx, { fault, target, active: false }).ok).toBe(true))
    }
    run(700)
    settle()
    const pods = podsOf(world)
    expect(pods.map((each) => [each.status.phase, isReadyPod(each)])).toEqual(pods.map(() => ['Running', true]))
    expect(pods.length).toBe(3)
    const nodes = listStored(world.parts.etcd, 'nodes') as unknown as {
      status: { conditions: readonly { type: string; status: string }[] }
    }[]
    expect(nodes.map((each) => each.status.conditions.find((one) => one.type === 'Ready')?.status)).toEqual([
      'True',
      'True',
      'True',
      'True',
    ])
    expect(world.parts.cloud.loadBalancers.get('default/web')?.nodes.length).toBe(3)
  })
})
