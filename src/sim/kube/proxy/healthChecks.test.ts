import { describe, expect, it } from 'vitest'
import type { Driver } from '../../../testing/clusterDriver.js'
import { driveCluster } from '../../../testing/clusterDriver.js'
import { thing } from '../../core/thing.js'
import { SECOND } from '../../core/time.js'
import { openApi } from '../api/openApi.js'
import type { StoredOf } from '../api/resources.js'
import { findService } from '../traffic/names.js'
import { traceRequest } from '../traffic/traceRequest.js'
import { healthChecksOf } from './healthChecks.js'

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
  spec: { nodeName: 'node2', containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }] },
}
const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 32_000,
    selector: { app: 'web' },
    ports: [{ port: 80 }],
  },
}

function open(kubeProxy?: Readonly<Record<string, unknown>>): Driver {
  const driver = driveCluster({ objects: [POD, SERVICE], ...(kubeProxy === undefined ? {} : { kubeProxy }) })
  driver.settle()
  driver.run(3)
  return driver
}

function get({ world }: Driver, to: string, from = 'client') {
  const traced = traceRequest(world, { kind: 'request', from, to, proto: 'tcp' }, { all: true })
  if (!traced.ok) throw new Error(traced.error.message)
  const [first] = traced.value.outcomes
  if (first === undefined) throw new Error('no outcome')
  return first
}

function changeNode(driver: Driver, name: string, spec: Readonly<Record<string, unknown>>): void {
  driver.act((ctx) => {
    const api = openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') })
    const node = api.get('nodes', name)
    if (!node.ok) throw new Error(node.error.message)
    expect(api.update('nodes', { ...node.value, spec: { ...node.value.spec, ...spec } } as StoredOf<'nodes'>).ok).toBe(true)
  })
  driver.run(1)
}

const NODE1 = '172.18.0.11'
const NODE2 = '172.18.0.12'
const CLUSTER_IPS = { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9', 'fd00::9'], ipFamilies: ['IPv4', 'IPv6'] }
const DUAL_NODE2 = [NODE2, 'fc00:f853:ccd:e793::12']

describe('the health check port of a Service', () => {
  it('[HC1] says 200 and how many on a Node with endpoints, 503 on one without, to anybody who asks', () => {
    const driver = open()
    for (const from of ['client', 'node/node1', 'pod/default/web']) {
      const { http } = get(driver, `http://${NODE2}:32000/any`, from)
      expect(http?.status).toBe(200)
      expect(http?.headers).toEqual({
        'Content-Type': 'application/json',
        'X-Content-Type-Options': 'nosniff',
        'X-Load-Balancing-Endpoint-Weight': '1',
      })
      expect(JSON.parse(http?.body ?? '')).toEqual({
        service: { namespace: 'default', name: 'web' },
        localEndpoints: 1,
        serviceProxyHealthy: true,
      })
    }
    expect(get(driver, `http://${NODE1}:32000/`).http).toMatchObject({
      status: 503,
      headers: { 'X-Load-Balancing-Endpoint-Weight': '0' },
    })
    expect(get(driver, `${NODE1}:32000`)).not.toHaveProperty('http')
  })

  it('[HC7] answers each family by itself, and only those that the Service has', () => {
    const single = open()
    const [, six = ''] = DUAL_NODE2
    expect(get(single, `http://${NODE2}:32000/`).http?.status).toBe(200)
    const sockets = (driver: Driver): readonly string[] =>
      [...(driver.world.parts.net.sockets.get('node2')?.keys() ?? [])].filter((key) => key.endsWith(':32000'))
    expect(sockets(single)).toEqual(['tcp *4:32000'])

    const cluster = { podSubnet: '10.244.0.0/16,fd00:10:244::/56', serviceSubnet: '10.96.0.0/16,fd00:10:96::/112' }
    const spec = { ...SERVICE.spec, ipFamilyPolicy: 'RequireDualStack' }
    const driver = driveCluster({ cluster, objects: [POD, { ...SERVICE, spec }] })
    driver.settle()
    driver.run(3)
    expect(sockets(driver)).toEqual(['tcp *4:32000', 'tcp *6:32000'])
    const counts = (): readonly (string | undefined)[] =>
      [NODE2, `[${six}]`].map((ip) => get(driver, `http://${ip}:32000/`).http?.headers['X-Load-Balancing-Endpoint-Weight'])
    expect(counts()).toEqual(['1', '1'])
    const service = { metadata: { name: 'web', namespace: 'default' }, spec: { ...spec, ...CLUSTER_IPS } }
    const slice = {
      metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
      endpoints: [{ addresses: ['10.244.2.9'], nodeName: 'node2' }],
    }
    const source = [{ key: 'default/web', service, slices: [slice] }]
    expect(healthChecksOf(source, 'IPv4', 'node2')).toMatchObject([{ family: 'IPv4', localEndpoints: 1 }])
    expect(healthChecksOf(source, 'IPv6', 'node2')).toMatchObject([{ family: 'IPv6', localEndpoints: 0 }])
  })

  it('[HC2] turns ill when the last Pod is on its way out, and is gone with the Service', () => {
    const driver = open()
    driver.act(
      (ctx) => void openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') }).delete('pods', 'default/web'),
    )
    driver.run(3)
    expect(get(driver, `http://${NODE2}:32000/`).http?.status).toBe(503)
    driver.act(
      (ctx) => void openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') }).delete('services', 'default/web'),
    )
    driver.run(3)
    expect(findService(driver.world, 'default', 'web')).toBeUndefined()
    expect(get(driver, `http://${NODE2}:32000/`).verdict).toBe('refused')
  })

  it('[HC3] says that its proxy is ill when a change waits for more than two sync periods', () => {
    const driver = open()
    driver.act((ctx) => ctx.send({ kind: 'kube-proxy', instance: 'node2' }, { type: 'set-lag', lag: 600 * SECOND }))
    driver.act(
      (ctx) =>
        void openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') }).create('services', {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'other', namespace: 'default' },
          spec: { ports: [{ port: 1 }] },
        }),
    )
    driver.run(59)
    expect(get(driver, `http://${NODE2}:32000/`).http?.status).toBe(200)
    driver.run(2)
    expect(JSON.parse(get(driver, `http://${NODE2}:32000/`).http?.body ?? '')).toMatchObject({ serviceProxyHealthy: false })
    expect(get(driver, `http://${NODE2}:10256/healthz`).http?.status).toBe(503)
    expect(get(driver, `http://${NODE2}:10256/livez`).http?.status).toBe(503)
    expect(get(driver, `http://${NODE1}:10256/healthz`).http?.status).toBe(200)
    driver.run(600)
    expect(get(driver, `http://${NODE2}:10256/healthz`).http?.status).toBe(200)
  })

  it('[HC4] is open on the addresses of NodePorts alone, where those are restricted', () => {
    const driver = open({ mode: 'iptables', nodePortAddresses: ['10.244.0.0/16'] })
    expect(get(driver, `http://${NODE2}:32000/`, 'node/node2').verdict).toBe('refused')
    expect(get(driver, 'http://10.244.2.1:32000/', 'node/node2').http?.status).toBe(200)
    // In nftables mode it is the main address unless somebody says otherwise.
    const nftables = open({ mode: 'nftables' })
    expect(get(nftables, `http://${NODE2}:32000/`, 'node/node2').http?.status).toBe(200)
    expect(get(nftables, 'http://10.244.2.1:32000/', 'node/node2').verdict).toBe('refused')
  })
})

describe('the health of kube-proxy itself', () => {
  it('[HC5] /healthz asks about the Node, /livez does not', () => {
    const driver = open()
    const healthz = () => get(driver, `http://${NODE1}:10256/healthz`).http
    const livez = () => get(driver, `http://${NODE1}:10256/livez`).http
    expect(healthz()).toMatchObject({
      status: 200,
      headers: { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' },
    })
    const now = /"currentTime":"([^"]+)"/.exec(healthz()?.body ?? '')?.[1] ?? ''
    expect(now).toMatch(/^2026-01-01T00:00:\d\d(\.\d+)?Z$/)
    expect(healthz()?.body).toMatch(
      /^\{"lastUpdated":"[^"]+","currentTime":"[^"]+","nodeEligible":true,"healthy":true,"status":\{"IPv4":\{"lastUpdated":"[^"]+","healthy":true\},"IPv6":\{"lastUpdated":"[^"]+","healthy":true\}\}\}$/,
    )
    // One that is well says that it was updated just now.
    expect(JSON.parse(healthz()?.body ?? '').lastUpdated).toBe(now)
    expect(livez()?.body).not.toContain('nodeEligible')

    changeNode(driver, 'node1', { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule', value: '1' }] })
    expect(JSON.parse(healthz()?.body ?? '')).toMatchObject({ nodeEligible: false, healthy: true })
    expect(JSON.parse(healthz()?.body ?? '').lastUpdated).not.toBe(now)
    expect([healthz()?.status, livez()?.status]).toEqual([503, 200])
    changeNode(driver, 'node1', { taints: [] })
    expect([healthz()?.status, livez()?.status]).toEqual([200, 200])
    expect(get(driver, `http://${NODE1}:10256/`).http).toMatchObject({ status: 404, body: '404 page not found\n' })
  })

  it('[HC6] tells its mode on loopback alone, and says nothing when it is stopped', () => {
    const driver = open({ mode: 'nftables' })
    expect(get(driver, 'http://127.0.0.1:10249/proxyMode', 'node/node1').http).toMatchObject({ status: 200, body: 'nftables' })
    expect(get(driver, `http://${NODE1}:10249/proxyMode`).verdict).toBe('refused')
    driver.fault('stop-kube-proxy', 'kube-proxy/node1')
    driver.run(1)
    expect(get(driver, `http://${NODE1}:10256/healthz`).verdict).toBe('refused')
    expect(get(driver, `http://${NODE1}:32000/`).verdict).toBe('refused')
    driver.fault('stop-kube-proxy', 'kube-proxy/node1', false)
    driver.run(3)
    expect(get(driver, `http://${NODE1}:10256/healthz`).http?.status).toBe(200)
    expect(get(driver, `http://${NODE1}:32000/`).http?.status).toBe(503)
  })

  it('[HC7] listens where its configuration says', () => {
    const driver = open({ healthzBindAddress: '127.0.0.1:9999', metricsBindAddress: '0.0.0.0:9998' })
    expect(get(driver, `http://${NODE1}:9999/livez`).verdict).toBe('refused')
    expect(get(driver, 'http://127.0.0.1:9999/livez', 'node/node1').http?.status).toBe(200)
    expect(get(driver, `http://${NODE1}:9998/proxyMode`).http?.body).toBe('iptables')
    expect(get(driver, `http://${NODE1}:10256/livez`).verdict).toBe('refused')
  })
})
