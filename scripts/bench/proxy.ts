/**
 * What kube-proxy costs on one Node of a large cluster: all its rules, one change, why the rules of a packet did not match, every way
 * that a request can take. Milliseconds; medians of several runs, but for the first writing, which happens once.
 */
import { enqueue, runNext } from '../../src/sim/core/engine.js'
import { thing } from '../../src/sim/core/thing.js'
import type { Manifest } from '../../src/sim/kube/api/client.js'
import { openApi } from '../../src/sim/kube/api/openApi.js'
import { createCluster } from '../../src/sim/kube/bootstrap/createCluster.js'
import type { Ctx, World } from '../../src/sim/kube/context.js'
import type { Messages } from '../../src/sim/kube/messages.js'
import type { Parts } from '../../src/sim/kube/parts.js'
import { behaviours } from '../../src/sim/kube/registry.js'
import { traceRequest } from '../../src/sim/kube/traffic/traceRequest.js'

const SERVICES = 10_000
const ENDPOINTS = 3

type BenchMessages = Messages & { bench: (ctx: Ctx) => void }

const all = { ...behaviours, bench: (ctx: Ctx, what: (ctx: Ctx) => void) => what(ctx) }

function time(work: () => void): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

const round = (value: number): number => Math.round(value * 100) / 100
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function clusterIP(index: number): string {
  return `10.${96 + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${(index % 250) + 3}`
}

function serviceOf(index: number, endpoints: number): readonly Manifest[] {
  const metadata = { name: `s${index}`, namespace: 'default' }
  const ip = clusterIP(index)
  const addresses = Array.from({ length: endpoints }, (_, each) => `10.244.${1 + (each % 3)}.${10 + ((index + each) % 240)}`)
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { type: 'ClusterIP', clusterIP: ip, clusterIPs: [ip], ipFamilies: ['IPv4'], ports: [{ port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': metadata.name } },
      addressType: 'IPv4',
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true }, nodeName: 'node1' })),
    },
  ]
}

function open(services: number, endpoints: number, mode: string): { readonly world: World; readonly syncs: number[] } {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node1' },
    spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] },
    status: { addresses: [{ type: 'InternalIP', address: '172.18.0.11' }] },
  }
  const world = createCluster({
    seed: 'bench',
    controllers: '-*',
    componentsOff: ['scheduler'],
    restore: [node, ...Array.from({ length: services }, (_, index) => serviceOf(index, endpoints)).flat()],
    kubeProxy: { kind: 'KubeProxyConfiguration', mode, clusterCIDR: '10.244.0.0/16' },
  })
  const syncs: number[] = []
  run(world, syncs)
  return { world, syncs }
}

/** Lets a cluster settle; notes what each of kube-proxy's syncs cost. */
function run(world: World, syncs: number[]): void {
  let syncing = false
  const watched = {
    ...all,
    'kube-proxy': (ctx: Ctx, message: Messages['kube-proxy']) => {
      syncing = message.type === 'sync'
      behaviours['kube-proxy'](ctx as never, message as never)
    },
  }
  while (world.foreground > 0) {
    syncing = false
    const spent = time(() => void runNext<Parts, BenchMessages>(world, watched as never, () => undefined))
    if (syncing) syncs.push(spent)
  }
}

function change(world: World, index: number, syncs: number[]): void {
  enqueue<Parts, BenchMessages, 'bench'>(world, {
    to: { kind: 'bench' },
    at: world.now + 2_000_000,
    flow: 'bench',
    message: (ctx) => {
      const api = openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') })
      const ports = [{ port: 80, targetPort: 8080, nodePort: 30_000 + index / 10 }]
      const done = api.patch('services', `default/s${index}`, 'merge', { spec: { type: 'NodePort', ports } })
      if (!done.ok) throw new Error(done.error.message)
    },
  })
  run(world, syncs)
}

/** Figures for `npm run bench`: name to number. */
export function benchProxy(): Record<string, number> {
  const figures: Record<string, number> = {}
  for (const mode of ['iptables', 'nftables']) {
    const { world, syncs } = open(SERVICES, ENDPOINTS, mode)
    figures[`proxy.${mode}.allRulesMs`] = round(Math.max(...syncs))
    const changes: number[] = []
    for (let index = 0; index < 7; index++) change(world, index * 1_000, changes)
    figures[`proxy.${mode}.oneChangeMs`] = round(median(changes))
    const spec = { kind: 'packet', at: 'node1', src: '203.0.113.7', dst: `${clusterIP(SERVICES - 1)}:80`, proto: 'tcp' } as const
    const trace = (verbose: boolean): number =>
      median(Array.from({ length: 5 }, () => time(() => void traceRequest(world, spec, { verbose }))))
    const plain = trace(false)
    figures[`proxy.${mode}.missesMs`] = round(trace(true) - plain)
    const few = open(10, 100, mode).world
    const ways = { ...spec, dst: `${clusterIP(5)}:80` }
    const explored = (): void => {
      const traced = traceRequest(few, ways, { all: true })
      if (!traced.ok || traced.value.outcomes.length !== 100) throw new Error('not every endpoint was explored')
    }
    explored()
    figures[`proxy.${mode}.explore100Ms`] = round(median(Array.from({ length: 7 }, () => time(explored))))
  }
  return figures
}
