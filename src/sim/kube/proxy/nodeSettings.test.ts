import { describe, expect, it } from 'vitest'
import type { Driver } from '../../../testing/clusterDriver.js'
import { driveCluster, podsOf, webManifests } from '../../../testing/clusterDriver.js'
import { thing } from '../../core/thing.js'
import { SECOND } from '../../core/time.js'
import type { ConntrackEntry } from '../../net/connections.js'
import { holdConnection, listConnections } from '../../net/ledger.js'
import { openApi } from '../api/openApi.js'
import { startRequest } from '../traffic/network.js'
import { answerOfProxy } from './httpAnswers.js'
import { rulesText } from './rulesText.js'

const NODES = [{ name: 'control-plane', role: 'control-plane' } as const, { name: 'node1', role: 'worker' } as const]
const PODS = '10.244.0.0/16'

function open(kubeProxy: Readonly<Record<string, unknown>> = {}): Driver {
  const document = { kind: 'KubeProxyConfiguration', clusterCIDR: PODS, ...kubeProxy }
  const driver = driveCluster({ cluster: { nodes: NODES }, objects: webManifests(2), kubeProxy: document })
  driver.settle()
  driver.run(7)
  return driver
}

function administer({ act }: Driver, what: (api: ReturnType<typeof openApi>) => { readonly ok: boolean }): void {
  const admin = { name: 'kubernetes-admin', thing: thing.client('kubectl') }
  act((ctx) => expect(what(openApi(ctx, admin))).toMatchObject({ ok: true }))
}

/** Edits what the next kube-proxies read, and starts that of node1 again. */
function reconfigure(driver: Driver, change: (text: string) => string): void {
  administer(driver, (api) => {
    const stored = api.get('configmaps', 'kube-system/kube-proxy')
    if (!stored.ok) return stored
    const text = change(stored.value.data?.['config.conf'] ?? '')
    return api.patch('configmaps', 'kube-system/kube-proxy', 'merge', { data: { 'config.conf': text } })
  })
  restart(driver)
}

function restart(driver: Driver): void {
  const pod = podsOf(driver.world, 'kube-system').find(
    (each) => each.spec.nodeName === 'node1' && each.metadata.name.startsWith('kube-proxy'),
  )
  administer(driver, (api) => api.delete('pods', `kube-system/${pod?.metadata.name}`))
  driver.settle()
  driver.run(10)
}

const sysctls = (driver: Driver) => driver.world.parts.net.hosts.get('node1')?.sysctls

describe('what a kube-proxy sets in its Node’s kernel', () => {
  it.each([
    ['nothing said', {}, { ESTABLISHED: 86_400 }],
    ['0: the Node keeps what it has', { conntrack: { tcpEstablishedTimeout: '0s' } }, undefined],
    ['whole seconds', { conntrack: { tcpEstablishedTimeout: '1m1500ms' } }, { ESTABLISHED: 61 }],
    [
      'UDP',
      { conntrack: { udpTimeout: '10s', udpStreamTimeout: '4m' } },
      { ESTABLISHED: 86_400, 'udp new': 10, 'udp replied': 240 },
    ],
    ['null is nothing said', { conntrack: { tcpEstablishedTimeout: null } }, { ESTABLISHED: 86_400 }],
  ] as const)('[SY1] timeouts of connections: %s', (_, document, timeouts) => {
    expect(sysctls(open(document))?.conntrackTimeouts).toEqual(timeouts)
  })

  it.each([
    ['24 hours', {}, 86_400],
    ['5 days, as the kernel has it', { conntrack: { tcpEstablishedTimeout: '0s' } }, 432_000],
    ['2 hours', { conntrack: { tcpEstablishedTimeout: '2h' } }, 7_200],
  ] as const)('[SY2] a connection kept open is forgotten after %s', (_, document, seconds) => {
    const { world, act, settle } = open(document)
    act((ctx) => startRequest(ctx, { from: 'node/node1', to: 'service/default/web', proto: 'tcp' }))
    settle()
    const entry = listConnections(world.parts.net, 'node1', world.now).find((each) => each.state === 'ESTABLISHED')
    expect(Math.round(((entry?.expires ?? 0) - world.now) / SECOND)).toBe(seconds)
  })

  it('[SY3] stays when a later one does not ask for it, until the machine is switched off', () => {
    const driver = open({ conntrack: { tcpBeLiberal: true, udpTimeout: '10s' } })
    expect(rulesText(driver.world, 'node1')).not.toContain('--ctstate INVALID')
    reconfigure(driver, (text) =>
      text.replace('tcpBeLiberal: true', 'tcpBeLiberal: false').replace('udpTimeout: 10s', 'udpTimeout: 0s'),
    )
    expect(sysctls(driver)).toMatchObject({ conntrackTcpBeLiberal: true, conntrackTimeouts: { 'udp new': 10 } })
    expect(rulesText(driver.world, 'node1')).not.toContain('--ctstate INVALID')
    driver.fault('stop-node', 'node/node1')
    driver.run(5)
    driver.fault('stop-node', 'node/node1', false)
    driver.run(60)
    expect(sysctls(driver)?.conntrackTimeouts).toEqual({ ESTABLISHED: 86_400 })
    expect(rulesText(driver.world, 'node1')).toContain('--ctstate INVALID')
  })

  it('[SY4] NodePorts on 127.0.0.1: neither the sysctl nor the rule against forged packets goes with the setting', () => {
    const driver = open()
    const firewall = /^-A KUBE-FIREWALL .* -j DROP$/m
    expect(sysctls(driver)?.routeLocalnet).toBe(true)
    expect(rulesText(driver.world, 'node1')).toMatch(firewall)
    reconfigure(driver, (text) => text.replace('localhostNodePorts: null', 'localhostNodePorts: false'))
    expect(rulesText(driver.world, 'node1')).toContain('-A KUBE-SERVICES ! -d 127.0.0.0/8')
    expect(sysctls(driver)?.routeLocalnet).toBe(true)
    expect(rulesText(driver.world, 'node1')).toMatch(firewall)
    const other = open({ iptables: { localhostNodePorts: false } })
    expect(sysctls(other)?.routeLocalnet).toBe(false)
    expect(rulesText(other.world, 'node1')).not.toMatch(firewall)
  })
})

describe('the Node that a kube-proxy takes itself for', () => {
  const isLocal = (driver: Driver): boolean => /^-A KUBE-SVL-\S+ .*default\/web/m.test(rulesText(driver.world, 'node1'))

  function setPolicy(driver: Driver): void {
    const spec = { externalTrafficPolicy: 'Local' }
    administer(driver, (api) => api.patch('services', 'default/web', 'merge', { spec }))
    driver.settle()
    driver.run(3)
  }

  it('[HN1] is its machine’s, whatever the document says: kubeadm’s flag wins', () => {
    const driver = open({ hostnameOverride: 'elsewhere' })
    setPolicy(driver)
    expect(isLocal(driver)).toBe(true)
    expect(driver.world.parts.proxy.processes.get('node1')?.nodeName).toBeUndefined()
  })

  it('[HN2] is another without the flag: then no endpoint is its own, and it is no longer healthy', () => {
    const driver = open({ hostnameOverride: 'Elsewhere ' })
    setPolicy(driver)
    administer(driver, (api) => {
      const stored = api.get('daemonsets', 'kube-system/kube-proxy')
      if (!stored.ok) return stored
      const text = JSON.stringify(stored.value).replace(',"--hostname-override=$(NODE_NAME)"', '')
      return api.update('daemonsets', JSON.parse(text) as typeof stored.value)
    })
    driver.settle()
    driver.run(120)
    expect(driver.world.parts.proxy.processes.get('node1')?.nodeName).toBe('elsewhere')
    expect(isLocal(driver)).toBe(false)
    expect(rulesText(driver.world, 'node1')).toContain('default/web has no local endpoints')
    expect(answerOfProxy(driver.world, 'node1', 10_256, '/healthz').status).toBe(503)
    expect(answerOfProxy(driver.world, 'node1', 10_256, '/livez').status).toBe(200)
  })
})

describe('connections of UDP that may be stale', () => {
  const entry = (dst: string, dport: number, sport: number): ConntrackEntry => ({
    original: { proto: 'udp', src: '10.244.9.9', sport, dst, dport },
    reply: { proto: 'udp', src: dst, sport: dport, dst: '10.244.9.9', dport: sport },
    replied: false,
    assured: false,
    dnat: false,
    snat: false,
    mark: 0,
    state: '',
    expires: 10_000 * SECOND,
  })

  it('[CU1] are looked for when endpoints of UDP change, not when a Service does', () => {
    const driver = open()
    const { net } = driver.world.parts
    const held = (): readonly number[] =>
      listConnections(net, 'node1', driver.world.now).flatMap(({ original }) => (original.sport < 5 ? [original.sport] : []))
    holdConnection(net, 'node1', entry('10.96.0.10', 53, 1))
    administer(driver, (api) => api.patch('services', 'kube-system/kube-dns', 'merge', { spec: { externalIPs: ['192.0.2.1'] } }))
    administer(driver, (api) => api.patch('services', 'default/web', 'merge', { metadata: { labels: { a: 'b' } } }))
    driver.settle()
    driver.run(5)
    expect(held()).toEqual([1])
    const web = podsOf(driver.world).at(0)?.metadata.name ?? ''
    driver.fault('delete-pod', `pod/default/${web}`)
    driver.settle()
    driver.run(60)
    expect(held()).toEqual([1])
    const dns = podsOf(driver.world, 'kube-system').find((each) => each.metadata.name.startsWith('coredns'))?.metadata.name ?? ''
    driver.fault('delete-pod', `pod/kube-system/${dns}`)
    driver.settle()
    driver.run(60)
    expect(held()).toEqual([])
  })
})
