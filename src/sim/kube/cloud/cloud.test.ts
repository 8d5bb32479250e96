import { describe, expect, it } from 'vitest'
import type { Service } from '../../../generated/kubeTypes.js'
import type { Driver } from '../../../testing/clusterDriver.js'
import { driveCluster } from '../../../testing/clusterDriver.js'
import { thing } from '../../core/thing.js'
import { openApi } from '../api/openApi.js'
import type { StoredOf } from '../api/resources.js'
import { listStored } from '../etcd/store.js'
import { rulesText } from '../proxy/rulesText.js'
import { findService } from '../traffic/names.js'
import { traceRequest } from '../traffic/traceRequest.js'
import { changeOf } from './changes.js'

const DUAL = { podSubnet: '10.244.0.0/16,fd00:10:244::/56', serviceSubnet: '10.96.0.0/16,fd00:10:96::/112' }
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
  spec: { nodeName: 'node2', containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }] },
}

function serviceOf(spec: Readonly<Record<string, unknown>>, annotations: Readonly<Record<string, string>> = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', annotations },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }], ...spec },
  }
}

function open(spec: Readonly<Record<string, unknown>>, annotations: Readonly<Record<string, string>> = {}): Driver {
  const driver = driveCluster({ cluster: DUAL, objects: [POD, serviceOf(spec, annotations)] })
  driver.settle()
  return driver
}

function ingressOf({ world }: Driver): readonly string[] {
  return (findService(world, 'default', 'web')?.status?.loadBalancer?.ingress ?? []).map((each) => each.ip ?? '')
}

function send({ world }: Driver, ip: string, from = 'client', proto: 'tcp' | 'udp' | 'sctp' = 'tcp', port = 80) {
  const to = ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
  const traced = traceRequest(world, { kind: 'request', from, to, proto }, { all: true })
  if (!traced.ok) throw new Error(traced.error.message)
  return traced.value.outcomes
}

function update(driver: Driver, spec: Readonly<Record<string, unknown>>): void {
  driver.act((ctx) => {
    const api = openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') })
    const current = api.get('services', 'default/web')
    if (!current.ok) throw new Error(current.error.message)
    const written = api.update('services', { ...current.value, spec: { ...current.value.spec, ...spec } } as StoredOf<'services'>)
    expect(written.ok ? '' : written.error.message).toBe('')
  })
  driver.run(5)
}

function eventsOf({ world }: Driver): readonly string[] {
  const events = listStored(world.parts.etcd, 'events', 'default') as unknown as readonly StoredOf<'events'>[]
  return events
    .filter((event) => event.involvedObject.kind === 'Service')
    .map((event) => `${event.reason}: ${event.message}${(event.count ?? 1) > 1 ? ` x${event.count}` : ''}`)
}

describe('load balancers of both families', () => {
  it('[CL1] has an address, rules and ways for each family, in the Service’s order', () => {
    const driver = open({ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] })
    expect(ingressOf(driver)).toEqual(['fc00:f853:ccd:e793::64', '172.18.0.100'])
    expect(rulesText(driver.world, 'node1')).toContain(
      '-d 172.18.0.100/32 -p tcp -m comment --comment "default/web loadbalancer IP"',
    )
    expect(rulesText(driver.world, 'node1')).not.toContain('fc00:f853')
    expect(rulesText(driver.world, 'node1', 'IPv6')).toContain(
      '-d fc00:f853:ccd:e793::64/128 -p tcp -m comment --comment "default/web loadbalancer IP"',
    )
  })

  it.each(['nodeport', 'pass-through', 'proxy', 'direct'])(
    '[CL2] %s: answers over both, with backends of the same family',
    (kind) => {
      const driver = open({ ipFamilyPolicy: 'RequireDualStack' }, { 'podpath.dev/load-balancer': kind })
      const [v4 = '', v6 = ''] = ingressOf(driver)
      for (const [ip, from, pod] of [
        [v4, 'client', '10.244.2.2'],
        [v6, 'client', 'fd00:10:244:2::2'],
        [v6, 'client/2001:db8:1::5', 'fd00:10:244:2::2'],
      ] as const) {
        const outcomes = send(driver, ip, from)
        expect(outcomes.reduce((sum, each) => sum + each.probability, 0)).toBeCloseTo(1, 9)
        for (const outcome of outcomes) expect(outcome).toMatchObject({ verdict: 'delivered', to: { ip: pod, port: 80 } })
      }
    },
  )

  it('[CL3] externalTrafficPolicy Local keeps an IPv6 client’s address, and leaves out Nodes without a Pod', () => {
    const driver = open({ ipFamilyPolicy: 'RequireDualStack', externalTrafficPolicy: 'Local' })
    driver.run(5)
    for (const ip of ingressOf(driver)) {
      const outcomes = send(driver, ip)
      expect(outcomes.map((each) => each.choices.map((choice) => choice.chosen)[0])).toEqual(['node2'])
      expect(outcomes[0]).toMatchObject({ verdict: 'delivered', masqueraded: false })
    }
  })

  it('[CL4] a second family that comes later gets an address, and loses it again', () => {
    const driver = open({})
    expect(ingressOf(driver)).toEqual(['172.18.0.100'])
    update(driver, { ipFamilyPolicy: 'PreferDualStack' })
    expect(ingressOf(driver)).toEqual(['172.18.0.100', 'fc00:f853:ccd:e793::64'])
    expect(send(driver, 'fc00:f853:ccd:e793::64')[0]?.verdict).toBe('delivered')
    expect(eventsOf(driver)).toContain('IPFamilies: Count: 1 -> 2')
    const [first] = findService(driver.world, 'default', 'web')?.spec?.clusterIPs ?? []
    update(driver, { ipFamilyPolicy: 'SingleStack', clusterIPs: [first], ipFamilies: ['IPv4'] })
    expect(ingressOf(driver)).toEqual(['172.18.0.100'])
    expect(rulesText(driver.world, 'node1', 'IPv6')).not.toContain('default/web')
  })

  it('[CL5] takes the address that the Service asks for in its family alone', () => {
    const driver = open({ ipFamilyPolicy: 'RequireDualStack', loadBalancerIP: '172.18.0.180' })
    expect(ingressOf(driver)).toEqual(['172.18.0.180', 'fc00:f853:ccd:e793::64'])
  })

  it('[CL6] lives on IPv6 alone', () => {
    const driver = driveCluster({
      cluster: { podSubnet: 'fd00:10:244::/56', serviceSubnet: 'fd00:10:96::/112' },
      objects: [POD, serviceOf({})],
    })
    driver.settle()
    const [ip = ''] = ingressOf(driver)
    expect(ip).toBe('fc00:f853:ccd:e793::64')
    expect(send(driver, ip)[0]).toMatchObject({ verdict: 'delivered', to: { ip: 'fd00:10:244:2::2' } })
  })
})

describe('what a load balancer knows of its Nodes', () => {
  it('[CL11] a settled cluster has been looked at: a Node without Pods gets nothing any more', () => {
    const driver = open({ externalTrafficPolicy: 'Local' })
    driver.settle()
    const [ip = ''] = ingressOf(driver)
    const ways = (): readonly (string | undefined)[] => send(driver, ip).map((each) => each.choices[0]?.chosen)
    expect(ways()).toEqual(['node2'])
    driver.act((ctx) => {
      const api = openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') })
      const spec = { ...POD.spec, nodeName: 'node3' }
      expect(api.create('pods', { ...POD, metadata: { ...POD.metadata, name: 'more' }, spec }).ok).toBe(true)
      expect(api.delete('pods', 'default/web').ok).toBe(true)
    })
    driver.settle()
    expect(ways()).toEqual(['node3'])
  })
})

describe('the service controller', () => {
  it('[CL7] without NodePorts there is nowhere to send to, but for kinds that need none', () => {
    const verdictOf = (kind: string): string | undefined => {
      const driver = open({ allocateLoadBalancerNodePorts: false }, { 'podpath.dev/load-balancer': kind })
      expect(findService(driver.world, 'default', 'web')?.spec?.ports?.[0]?.nodePort).toBeUndefined()
      return send(driver, ingressOf(driver)[0] ?? '')[0]?.verdict
    }
    expect([verdictOf('nodeport'), verdictOf('pass-through'), verdictOf('direct')]).toEqual(['timeout', 'delivered', 'delivered'])
  })

  it('[CL8] leaves Services of another class alone', () => {
    const driver = open({ loadBalancerClass: 'example.com/other' })
    expect(ingressOf(driver)).toEqual([])
    expect(findService(driver.world, 'default', 'web')?.metadata?.finalizers).toBeUndefined()
  })

  it('[CL9] records what it does, and every change that it looks at', () => {
    const driver = open({})
    expect(eventsOf(driver)).toEqual([
      'EnsuringLoadBalancer: Ensuring load balancer',
      'EnsuredLoadBalancer: Ensured load balancer',
    ])
    update(driver, { loadBalancerSourceRanges: ['10.0.0.0/8', '192.0.2.0/24'] })
    update(driver, { externalTrafficPolicy: 'Local' })
    update(driver, { type: 'ClusterIP', loadBalancerSourceRanges: undefined })
    const events = eventsOf(driver)
    expect(events).toContain('LoadBalancerSourceRanges: [] -> [10.0.0.0/8 192.0.2.0/24]')
    expect(events).toContain('ExternalTrafficPolicy: Cluster -> Local')
    expect(events).toContain('Type: LoadBalancer -> ClusterIP')
    expect(events).toContain('DeletedLoadBalancer: Deleted load balancer')
    expect(ingressOf(driver)).toEqual([])
    expect(findService(driver.world, 'default', 'web')?.metadata?.finalizers ?? []).toEqual([])
  })

  it('[CL10] does not look again for a taint, an annotation of the Node or a port’s target', () => {
    const service = (spec: Service['spec']): StoredOf<'services'> =>
      ({ metadata: { name: 'web', uid: 'u' }, spec: { type: 'LoadBalancer', ...spec } }) as unknown as StoredOf<'services'>
    const port = (targetPort: number) => service({ ports: [{ port: 80, targetPort }] })
    expect(changeOf(port(80), port(81)).needsSync).toBe(false)
    expect(changeOf(service({}), service({ sessionAffinity: 'ClientIP' }))).toEqual({ needsSync: true })
    expect(changeOf(service({ externalIPs: ['192.0.2.1'] }), service({ externalIPs: ['192.0.2.2'] }))).toMatchObject({
      reason: 'ExternalIP',
      message: 'Added: 192.0.2.2',
    })
    expect(changeOf(service({}), service({ healthCheckNodePort: 32_000 })).message).toBe('0 -> 32000')
  })
})
