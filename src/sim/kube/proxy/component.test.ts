import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Service } from '../../../generated/kubeTypes.js'
import type { Behaviours } from '../../core/engine.js'
import { enqueue, nextEventAt, runNext } from '../../core/engine.js'
import type { Step } from '../../core/step.js'
import { MINUTE, MS, SECOND } from '../../core/time.js'
import type { World } from '../../core/world.js'
import { createWorld, snapshotWorld } from '../../core/world.js'
import { layNode } from '../../net/layout.js'
import { parseNftRuleset } from '../../net/nft/ruleset.js'
import { getRuleset } from '../../net/rules/ruleset.js'
import { printIptablesSave } from '../../net/rules/save.js'
import type { NetState } from '../../net/state.js'
import { createNetState } from '../../net/state.js'
import { openApi } from '../api/openApi.js'
import type { ApiPart, ApiServerMessage, InformersPart } from '../api/part.js'
import { createApiPart, createInformersPart } from '../api/part.js'
import { apiServer } from '../api/watch.js'
import type { Ctx } from '../context.js'
import type { EtcdPart } from '../etcd/store.js'
import { createEtcdPart } from '../etcd/store.js'
import { kubeProxy } from './component.js'
import { answerOfProxy } from './httpAnswers.js'
import { printNftables } from './nftables/print.js'
import type { ProxyMessage, ProxyPart } from './part.js'
import { createProxyPart } from './part.js'
import { ruleOrigin, rulesOfService, rulesOnEveryNode } from './provenance.js'

interface TestParts {
  etcd: EtcdPart
  api: ApiPart
  informers: InformersPart
  net: NetState
  proxy: ProxyPart
}

interface TestMessages {
  apiserver: ApiServerMessage
  'kube-proxy': ProxyMessage
  test: (ctx: Ctx) => void
}

// These parts are all that the behaviours of this test touch.
const asCtx = (ctx: unknown): Ctx => ctx as Ctx

const behaviours: Behaviours<TestParts, TestMessages> = {
  apiserver: (ctx, message) => apiServer(asCtx(ctx), message),
  'kube-proxy': (ctx, message) => kubeProxy(asCtx(ctx), message),
  test: (ctx, message) => message(asCtx(ctx)),
}

interface Cluster {
  world: World<TestParts>
  readonly steps: Step[]
  tell(message: ProxyMessage, node?: string): void
  act(what: (ctx: Ctx) => void, flow?: string): void
  settle(): void
  runUntil(at: number): void
  rules(node?: string): string
}

function openCluster(): Cluster {
  const parts: TestParts = {
    etcd: createEtcdPart(),
    api: createApiPart(),
    informers: createInformersPart(),
    net: createNetState(),
    proxy: createProxyPart(),
  }
  layNode(parts.net, { name: 'node1', addresses: ['172.18.0.11'], podCIDRs: ['10.244.1.0/24'] })
  const steps: Step[] = []
  const cluster: Cluster = {
    world: createWorld<TestParts>('seed', parts),
    steps,
    tell: (message, node = 'node1') =>
      enqueue<TestParts, TestMessages, 'kube-proxy'>(cluster.world, {
        to: { kind: 'kube-proxy', instance: node },
        message,
        at: cluster.world.now,
        flow: 'start',
      }),
    act: (what, flow = 'change-1') =>
      enqueue<TestParts, TestMessages, 'test'>(cluster.world, {
        to: { kind: 'test' },
        message: what,
        at: cluster.world.now,
        flow,
      }),
    settle: () => {
      // What is an hour away is the next time that everything is written anew.
      const isDue = (): boolean => (nextEventAt(cluster.world) ?? Number.POSITIVE_INFINITY) < cluster.world.now + 30 * MINUTE
      while (isDue()) runNext(cluster.world, behaviours, (step) => steps.push(step))
    },
    runUntil: (at) => {
      for (let next = nextEventAt(cluster.world); next !== undefined && next <= at; next = nextEventAt(cluster.world)) {
        runNext(cluster.world, behaviours, (step) => steps.push(step))
      }
      cluster.world.now = Math.max(cluster.world.now, at)
    },
    rules: (node = 'node1') => printIptablesSave(getRuleset(cluster.world.parts.net, node)),
  }
  return cluster
}

const identity = { name: 'admin', thing: 'person' }

function service(name: string, ip: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { clusterIP: ip, ports: [{ port: 80, targetPort: 8080 }] },
  }
}

function slice(name: string, ips: readonly string[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: true }, nodeName: 'node1' })),
  }
}

function create(ctx: Ctx, object: Service | EndpointSlice, resource: 'services' | 'endpointslices'): void {
  const made =
    resource === 'services'
      ? openApi(ctx, identity).create('services', object as Service)
      : openApi(ctx, identity).create('endpointslices', object as EndpointSlice)
  if (!made.ok) throw new Error(made.error.message)
}

function prepare(cluster: Cluster): void {
  cluster.act((ctx) => {
    const api = openApi(ctx, identity)
    for (const name of ['default']) {
      if (!api.get('namespaces', name).ok) api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    }
    create(ctx, service('web', '10.96.0.20'), 'services')
    create(ctx, slice('web', ['10.244.1.2', '10.244.1.3']), 'endpointslices')
  }, 'setup')
  cluster.settle()
}

function syncs(cluster: Cluster): readonly Step<'proxy-sync'>[] {
  return cluster.steps.filter((step): step is Step<'proxy-sync'> => step.kind === 'proxy-sync')
}

describe('kube-proxy', () => {
  it('[PX20] writes all rules once it knows Services and slices', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.tell({ type: 'start' })
    cluster.settle()
    expect(cluster.rules()).toContain('--comment "default/web cluster IP"')
    expect(cluster.rules()).toContain('--to-destination 10.244.1.3:8080')
    expect(syncs(cluster)).toHaveLength(1)
    expect(syncs(cluster)[0]?.facts).toMatchObject({ node: 'node1', rulesBefore: 0, services: ['default/web'] })
  })

  it('[PX21] writes the first change at once and later ones after the minimum period, together', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.tell({ type: 'start' })
    cluster.settle()
    cluster.runUntil(cluster.world.now + 10 * SECOND)
    const begun = cluster.world.now
    cluster.act((ctx) => create(ctx, service('a', '10.96.0.31'), 'services'), 'change-a')
    cluster.runUntil(begun + 100 * MS)
    cluster.act((ctx) => create(ctx, service('b', '10.96.0.32'), 'services'), 'change-b')
    cluster.runUntil(begun + 200 * MS)
    cluster.act((ctx) => create(ctx, slice('a', ['10.244.1.9']), 'endpointslices'), 'change-c')
    cluster.settle()

    const [, first, ...rest] = syncs(cluster)
    expect(first?.flow).toBe('change-a')
    expect((first?.at ?? 0) - begun).toBeLessThan(100 * MS)
    expect(rest.map((step) => step.flow)).toEqual(['change-b', 'change-c'])
    expect(new Set(rest.map((step) => step.event)).size).toBe(1)
    expect((rest[0]?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1 * SECOND)
    expect(rest[1]?.facts.services).toEqual(['default/a'])
    expect(rest[0]?.facts.chainsAdded.length).toBeGreaterThan(0)
  })

  it('[PX22] tells cause and counts of each sync', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.tell({ type: 'start' })
    cluster.settle()
    cluster.act((ctx) => {
      const done = openApi(ctx, identity).delete('endpointslices', 'default/web-1')
      if (!done.ok) throw new Error(done.error.message)
    })
    cluster.settle()
    const last = syncs(cluster).at(-1)
    const cause = cluster.steps.find((step) => step.id === last?.cause)
    expect(cause?.kind).toBe('watch-event')
    expect(last?.facts.services).toEqual(['default/web'])
    expect(last?.facts.chainsRemoved.filter((name) => name.startsWith('KUBE-SEP-'))).toHaveLength(2)
    expect(last?.facts.rulesAfter).toBeLessThan(last?.facts.rulesBefore ?? 0)
    expect(cluster.rules()).toContain('default/web has no endpoints')
  })

  it('[PX23] leaves its rules as they are while it is stopped, and writes all that it missed when it starts again', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.tell({ type: 'start' })
    cluster.settle()
    const before = cluster.rules()
    cluster.tell({ type: 'stop' })
    cluster.settle()
    cluster.act((ctx) => create(ctx, service('late', '10.96.0.40'), 'services'))
    cluster.settle()
    expect(cluster.rules()).toBe(before)
    cluster.tell({ type: 'start' })
    cluster.settle()
    expect(cluster.rules()).toContain('default/late')
  })

  it('[PX24] waits its extra lag', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.tell({ type: 'start' })
    cluster.settle()
    cluster.runUntil(cluster.world.now + 10 * SECOND)
    cluster.tell({ type: 'set-lag', lag: 5 * SECOND })
    cluster.act((ctx) => create(ctx, service('late', '10.96.0.40'), 'services'))
    const begun = cluster.world.now
    cluster.runUntil(begun + 4 * SECOND)
    expect(cluster.rules()).not.toContain('default/late')
    cluster.runUntil(begun + 6 * SECOND)
    expect(cluster.rules()).toContain('default/late')
  })

  it('[PX25] does nothing for changes that make no rule', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.tell({ type: 'start' })
    cluster.settle()
    const before = syncs(cluster).length
    cluster.act((ctx) => {
      const patch = { metadata: { annotations: { note: 'nothing' } } }
      const done = openApi(ctx, identity).patch('services', 'default/web', 'merge', patch)
      if (!done.ok) throw new Error(done.error.message)
    })
    cluster.settle()
    expect(syncs(cluster)).toHaveLength(before)
  })

  it('[PX26] tells for whose sake a rule stands, and which sync wrote it', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.tell({ type: 'start' })
    cluster.settle()
    const ctx = asCtx({ world: cluster.world })
    const rules = rulesOfService(ctx, 'node1', 'default/web')
    const dnat = rules.find((rule) => rule.text.includes('--to-destination 10.244.1.3:8080'))
    expect(dnat).toBeDefined()
    expect(dnat && ruleOrigin(ctx, 'node1', dnat)).toEqual({
      service: 'default/web',
      portName: '',
      protocol: 'TCP',
      port: 80,
      endpoint: '10.244.1.3:8080',
      slice: 'default/web-1',
      serviceVersion: '2',
      sliceVersion: '3',
      writtenBy: syncs(cluster)[0]?.id,
    })
    // Nothing but the world's plain data is needed.
    const copy = asCtx({ world: structuredClone(cluster.world) })
    expect(rulesOfService(copy, 'node1', 'default/web')).toEqual(rules)
    for (const rule of rules) expect(ruleOrigin(copy, 'node1', rule)?.service).toBe('default/web')
    expect(rulesOnEveryNode(copy, 'default/web').get('node1')).toEqual(rules)
    expect(
      ruleOrigin(ctx, 'node1', { chain: 'KUBE-MARK-MASQ', text: '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000' }),
    ).toBeUndefined()
  })

  it('[PX27] goes on from a snapshot as if nothing had been', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.tell({ type: 'start' })
    cluster.settle()
    const saved = snapshotWorld(cluster.world)
    const change = (): unknown => {
      cluster.steps.length = 0
      cluster.act((ctx) => create(ctx, service('a', '10.96.0.31'), 'services'))
      cluster.settle()
      return [cluster.rules(), cluster.steps.slice(), cluster.world.parts.proxy]
    }
    const once = structuredClone(change())
    cluster.world = snapshotWorld(saved)
    expect(change()).toEqual(once)
    // Nothing outside the world is needed: a copy of its plain data goes on alike.
    cluster.world = structuredClone(saved)
    expect(change()).toEqual(once)
  })

  it('[PX28] answers health checks of load balancers on each Node', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.act((ctx) => {
      const made = openApi(ctx, identity).create('services', {
        ...service('lb', '10.96.0.50'),
        spec: {
          type: 'LoadBalancer',
          clusterIP: '10.96.0.50',
          externalTrafficPolicy: 'Local',
          healthCheckNodePort: 32_000,
          ports: [{ port: 80 }],
        },
      })
      if (!made.ok) throw new Error(made.error.message)
    })
    cluster.tell({ type: 'start' })
    cluster.settle()
    const socket = (): number | undefined => {
      const isOpen = cluster.world.parts.net.sockets.get('node1')?.has('tcp *4:32000') === true
      return isOpen ? answerOfProxy(cluster.world as never, 'node1', 32_000, '/').status : undefined
    }
    expect(socket()).toBe(503)
    cluster.act((ctx) => create(ctx, slice('lb', ['10.244.1.8']), 'endpointslices'))
    cluster.settle()
    expect(socket()).toBe(200)
    cluster.tell({ type: 'stop' })
    cluster.settle()
    expect(socket()).toBeUndefined()
  })

  it('[PX29] writes nftables in their mode, and takes its iptables rules away', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.tell({ type: 'start' })
    cluster.settle()
    cluster.tell({ type: 'configure', configuration: { ...cluster.world.parts.proxy.configuration, mode: 'nftables' } })
    cluster.settle()
    const chains = cluster.world.parts.proxy.nftables.get('node1')?.[0]?.chains.map((chain) => chain.name) ?? []
    expect(chains.some((name) => name.startsWith('service-') && name.includes('default/web'))).toBe(true)
    expect(cluster.rules()).toBe('')
  })

  it('[PX31] changes nftables Service by Service into what writing them anew gives', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.world.parts.proxy.configuration = { ...cluster.world.parts.proxy.configuration, mode: 'nftables' }
    cluster.tell({ type: 'start' })
    cluster.settle()
    const saved = snapshotWorld(cluster.world)
    const change = (): unknown => {
      cluster.steps.length = 0
      cluster.act((ctx) => create(ctx, service('a', '10.96.0.31'), 'services'))
      cluster.settle()
      cluster.act((ctx) => create(ctx, slice('a', ['10.244.1.9', '10.244.1.3']), 'endpointslices'))
      cluster.settle()
      cluster.act((ctx) => expect(openApi(ctx, identity).delete('services', 'default/web').ok).toBe(true))
      cluster.settle()
      return structuredClone([cluster.steps.slice(), cluster.world.parts.proxy])
    }
    const once = change()
    const text = (): string => printNftables(cluster.world.parts.proxy.nftables.get('node1') ?? [])
    const kernel = cluster.world.parts.net.nftables.get('node1')
    const printed = text()
    // What stands in the kernel is what reading the printed text gives.
    const read = parseNftRuleset(printed)
    expect(read.ok && read.value).toEqual(kernel)
    // A copy knows nothing of what its rules were made of: it writes everything anew, and comes to the same.
    cluster.world = structuredClone(saved)
    expect(change()).toEqual(once)
    expect(text()).toBe(printed)
  })

  it('[PX30] tells the same of rules, elements and packets in nftables', () => {
    const cluster = openCluster()
    prepare(cluster)
    cluster.world.parts.proxy.configuration = { ...cluster.world.parts.proxy.configuration, mode: 'nftables' }
    cluster.tell({ type: 'start' })
    cluster.settle()
    const ctx = asCtx({ world: structuredClone(cluster.world) })
    const lines = rulesOfService(ctx, 'node1', 'default/web')
    expect(lines.map((line) => line.chain)).toEqual(expect.arrayContaining(['cluster-ips', 'service-ips']))
    const chosen = lines.find((line) => line.chain.startsWith('service-') && line.rule === 1)
    expect(chosen && ruleOrigin(ctx, 'node1', chosen)).toMatchObject({ service: 'default/web', port: 80, protocol: 'TCP' })
    const lookup = {
      chain: 'services',
      text: 'ip daddr . meta l4proto . th dport vmap @service-ips',
      packet: { proto: 'tcp', dst: lines.find((line) => line.chain === 'cluster-ips')?.text ?? '', dport: 80 },
    }
    expect(ruleOrigin(ctx, 'node1', lookup)).toMatchObject({ service: 'default/web', writtenBy: syncs(cluster)[0]?.id })
    expect(ruleOrigin(ctx, 'node1', { chain: 'masquerading', text: 'ct status dnat' })).toBeUndefined()
  })
})
