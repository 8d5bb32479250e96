import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Driver } from '../../../testing/clusterDriver.js'
import { driveCluster } from '../../../testing/clusterDriver.js'
import { thing } from '../../core/thing.js'
import { SECOND } from '../../core/time.js'
import { openApi } from '../api/openApi.js'
import { listStored } from '../etcd/store.js'
import { applyFault } from '../faults/faults.js'
import { traceRequest } from '../traffic/traceRequest.js'
import { proxyConfigMap, readProxyConfigMap } from './configMap.js'
import { DEFAULT_PROXY_CONFIGURATION } from './configuration.js'
import { rulesText } from './rulesText.js'

const admin = { name: 'kubernetes-admin', thing: thing.client('kubectl') }

/** Does something with the API as an administrator would. */
function administer({ act }: Driver, what: (api: ReturnType<typeof openApi>) => { readonly ok: boolean }): void {
  act((ctx) => expect(what(openApi(ctx, admin))).toMatchObject({ ok: true }))
}

function setMode(driver: Driver, mode: string): void {
  administer(driver, (api) => {
    const stored = api.get('configmaps', 'kube-system/kube-proxy')
    if (!stored.ok) return stored
    const text = stored.value.data?.['config.conf']?.replace(/^mode: .*$/m, `mode: ${mode}`) ?? ''
    return api.patch('configmaps', 'kube-system/kube-proxy', 'merge', { data: { 'config.conf': text } })
  })
}

function deleteProxyPod(driver: Driver, node: string): void {
  const pods = listStored(driver.world.parts.etcd, 'pods') as unknown as readonly {
    readonly metadata: { readonly name: string }
    readonly spec: { readonly nodeName: string }
  }[]
  const pod = pods.find((each) => each.spec.nodeName === node && each.metadata.name.startsWith('kube-proxy'))
  administer(driver, (api) => api.delete('pods', `kube-system/${pod?.metadata.name}`))
}

const isNft = (driver: Driver, node: string): boolean => rulesText(driver.world, node).startsWith('table ip kube-proxy')

describe('kube-proxy, its ConfigMap and its Pod', () => {
  it.each([
    {},
    { mode: 'nftables', masqueradeAll: true, masqueradeBit: 3, nodePortAddresses: ['primary'] },
    { clusterCIDRs: ['10.244.0.0/16', 'fd00:10:244::/56'], localhostNodePorts: false, minSyncPeriod: 5_000_000 },
    {
      detectLocalMode: 'BridgeInterface',
      bridgeInterface: 'cni0',
      conntrackTcpBeLiberal: true,
      nodePortAddresses: ['10.0.0.0/8'],
    },
  ] as const)('[PX40] reads what it wrote: %o', (change) => {
    const configuration = { ...DEFAULT_PROXY_CONFIGURATION, ...change }
    const map = proxyConfigMap(configuration, 'https://control-plane:6443') as { readonly data: Record<string, string> }
    expect(readProxyConfigMap(map.data)).toMatchObject({ configuration, errors: [], notSimulated: [] })
    expect(parse(map.data['kubeconfig.conf'] ?? '')).toMatchObject({ kind: 'Config' })
  })

  it('[PX41] takes a changed ConfigMap when its Pod is started again, Node by Node', () => {
    const driver = driveCluster()
    driver.settle()
    setMode(driver, 'nftables')
    driver.settle()
    driver.run(5)
    expect(isNft(driver, 'node1')).toBe(false)
    deleteProxyPod(driver, 'node1')
    driver.settle()
    driver.run(5)
    expect(isNft(driver, 'node1')).toBe(true)
    expect(isNft(driver, 'node2')).toBe(false)
    administer(driver, (api) =>
      api.patch('daemonsets', 'kube-system/kube-proxy', 'merge', {
        spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
      }),
    )
    driver.settle()
    driver.run(120)
    for (const node of ['control-plane', 'node1', 'node2', 'node3']) expect(isNft(driver, node)).toBe(true)
    setMode(driver, 'iptables')
    deleteProxyPod(driver, 'node1')
    driver.settle()
    driver.run(5)
    expect(rulesText(driver.world, 'node1')).toContain('-A KUBE-SERVICES')
    expect(driver.world.parts.net.nftables.has('node1')).toBe(false)
  })

  it('[PX42] ends with an error while its ConfigMap cannot be read; the rules stay', () => {
    const driver = driveCluster()
    driver.settle()
    const before = rulesText(driver.world, 'node1')
    setMode(driver, 'magic')
    deleteProxyPod(driver, 'node1')
    driver.run(30)
    const pods = JSON.stringify(listStored(driver.world.parts.etcd, 'pods'))
    expect(pods).toContain('CrashLoopBackOff')
    expect(pods).toContain('failed validate: KubeProxyConfiguration.Mode.ProxyMode: Invalid value')
    expect(rulesText(driver.world, 'node1')).toBe(before)
  })

  it('[PX43] is slow when told to: until its sync packets go by the old rules, and undoing it writes at once', () => {
    const driver = driveCluster()
    driver.settle()
    const api = (what: Parameters<typeof administer>[1]): void => administer(driver, what)
    api((client) =>
      client.create('services', {
        metadata: { name: 'web', namespace: 'default' },
        spec: { clusterIP: '10.96.0.50', ports: [{ port: 80 }] },
      }),
    )
    driver.settle()
    driver.run(5)
    driver.fault('slow-kube-proxy', 'kube-proxy/node1')
    api((client) => client.delete('services', 'default/web'))
    driver.settle()
    driver.run(10)
    expect(rulesText(driver.world, 'node1')).toContain('default/web')
    expect(rulesText(driver.world, 'node2')).not.toContain('default/web')
    const spec = { kind: 'request', from: 'node/node1', to: '10.96.0.50:80', proto: 'tcp' } as const
    const traced = traceRequest(driver.world, spec)
    expect(traced.ok && traced.value.outcomes[0]?.verdict).toBe('rejected')
    driver.fault('slow-kube-proxy', 'kube-proxy/node1', false)
    driver.run(2)
    expect(rulesText(driver.world, 'node1')).not.toContain('default/web')
  })

  it('[PX44] takes any lag, on one Node or on all, and knows what it has not written yet and when it will', () => {
    const driver = driveCluster()
    driver.settle()
    driver.run(5)
    const lag = (target: string, us: number): void =>
      driver.act((ctx) => {
        expect(applyFault(ctx, { fault: 'slow-kube-proxy', target, active: us > 0, ...(us > 0 ? { lag: us } : {}) }).ok).toBe(
          true,
        )
      })
    const process = (node: string) => driver.world.parts.proxy.processes.get(node)
    lag('kube-proxy/*', 10 * SECOND)
    lag('kube-proxy/node2', 2 * SECOND)
    administer(driver, (client) =>
      client.create('services', {
        metadata: { name: 'web', namespace: 'default' },
        spec: { clusterIP: '10.96.0.50', ports: [{ port: 80 }] },
      }),
    )
    driver.run(1)
    const at = process('node1')?.pending[0]?.at ?? 0
    expect(process('node1')?.pending.every(({ service }) => service === 'default/web')).toBe(true)
    expect((process('node1')?.dueAt ?? 0) - at).toBe(10 * SECOND + 20_000)
    expect((process('node2')?.dueAt ?? 0) - (process('node2')?.pending[0]?.at ?? 0)).toBe(2 * SECOND + 20_000)
    driver.run(2)
    expect(rulesText(driver.world, 'node2')).toContain('default/web')
    expect(rulesText(driver.world, 'node1')).not.toContain('default/web')
    // A longer lag holds nothing back that is due; a shorter one brings it forward.
    lag('kube-proxy/node1', 60 * SECOND)
    expect((process('node1')?.dueAt ?? 0) - at).toBe(10 * SECOND + 20_000)
    lag('kube-proxy/node1', 5 * SECOND)
    driver.run(1)
    expect((process('node1')?.dueAt ?? 0) - at).toBe(5 * SECOND + 20_000)
    driver.run(2)
    expect(rulesText(driver.world, 'node1')).toContain('default/web')
    expect(process('node1')).toMatchObject({ pending: [] })
    lag('kube-proxy/*', 0)
    driver.act((ctx) => {
      expect(applyFault(ctx, { fault: 'slow-kube-proxy', target: 'kube-proxy/*', active: false }).ok).toBe(false)
    })
  })
})
