import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { World } from '../../sim/kube/context.js'
import { printNftables } from '../../sim/kube/proxy/nftables/print.js'
import { findService } from '../../sim/kube/traffic/names.js'
import { traceRequest } from '../../sim/kube/traffic/traceRequest.js'
import type { HostName } from '../../sim/net/state.js'
import { driveCluster } from '../clusterDriver.js'
import type { Told } from './compare.js'
import { sameTold } from './compare.js'
import type { Lab } from './lab.js'
import { layOut } from './lab.js'
import { whyNotHere } from './shell.js'

const SCRIPT = fileURLToPath(new URL('./sctp.py', import.meta.url))
const why =
  whyNotHere() ??
  (spawnSync('python3', ['--version']).status === 0 ? undefined : 'the SCTP test needs python3 for its raw packets')
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

const CLIENT = 'client/203.0.113.7'
const NODES = ['control-plane', 'node1', 'node2']
const PODS: readonly HostName[] = ['pod/default/a', 'pod/default/b']
const PORT = 5_060

function podOf(name: string) {
  const spec = {
    nodeName: 'node2',
    containers: [{ name: 's', image: 'example.com/app', ports: [{ containerPort: PORT, protocol: 'SCTP' }] }],
  }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels: { app: 's' } }, spec }
}

function serviceOf(name: string, spec: Readonly<Record<string, unknown>>, nodePort?: number) {
  const port = { port: PORT, protocol: 'SCTP', ...(nodePort === undefined ? {} : { nodePort }) }
  const all = { selector: { app: 's' }, ports: [port], ...spec }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: all }
}

function openCluster(mode: 'iptables' | 'nftables'): World {
  const driver = driveCluster({
    cluster: {
      kubeProxyMode: mode,
      nodes: NODES.map((name) => ({ name, role: name === 'control-plane' ? 'control-plane' : 'worker' })),
    },
    objects: [
      podOf('a'),
      podOf('b'),
      serviceOf('cluster', { type: 'LoadBalancer' }, 30_060),
      serviceOf('local', { type: 'NodePort', externalTrafficPolicy: 'Local' }, 30_061),
      serviceOf('empty', { selector: { app: 'nobody' } }),
    ],
  })
  driver.settle()
  driver.run(5)
  return driver.world
}

interface SctpProbe {
  readonly name: string
  readonly from: HostName
  readonly ip: string
  readonly port: number
}

function probesOf(world: World): readonly SctpProbe[] {
  const clusterIP = (name: string): string => findService(world, 'default', name)?.spec?.clusterIP ?? ''
  const balancer = findService(world, 'default', 'cluster')?.status?.loadBalancer?.ingress?.[0]?.ip ?? ''
  const probe = (name: string, from: HostName, ip: string, port = PORT): SctpProbe => ({ name, from, ip, port })
  return [
    probe('Node to ClusterIP', 'node1', clusterIP('cluster')),
    probe('Pod to ClusterIP', 'pod/default/a', clusterIP('cluster')),
    probe('client to NodePort, Node without a Pod', CLIENT, '172.18.0.11', 30_060),
    probe('client to the load balancer', CLIENT, balancer),
    probe('client to NodePort under Local, Node with Pods', CLIENT, '172.18.0.12', 30_061),
    probe('client to NodePort under Local, Node without', CLIENT, '172.18.0.11', 30_061),
    probe('Pod to a Service without endpoints', 'pod/default/a', clusterIP('empty')),
  ]
}

/** What a sender is told, as the simulation has it. */
function simulated(world: World, { from, ip, port }: SctpProbe): readonly Told[] {
  const { net } = world.parts
  const who = net.hosts.get(from)?.kind === 'node' ? `node/${from}` : from
  const traced = traceRequest(world, { kind: 'request', from: who, to: `${ip}:${port}`, proto: 'sctp' }, { all: true })
  if (!traced.ok) throw new Error(traced.error.message)
  return traced.value.outcomes.map(({ verdict, to, sourceSeen = '' }) => {
    if (verdict === 'delivered') return { verdict: 'answered', who: net.owners.get(to?.ip ?? '') ?? '', source: sourceSeen }
    return { verdict: verdict === 'rejected' ? 'refused' : 'timeout' }
  })
}

describe.skipIf(why !== undefined).each(['iptables', 'nftables'] as const)('SCTP in the real kernel, %s', (mode) => {
  const world = why === undefined ? openCluster(mode) : undefined
  const probes = world === undefined ? [] : probesOf(world)
  const answering: ChildProcess[] = []
  let lab: Lab
  let sport = 41_000

  beforeAll(async () => {
    if (world === undefined) return
    lab = await layOut(world.parts.net)
    if (mode === 'nftables')
      for (const node of NODES) lab.inside(node, ['nft', '-f', '-'], printNftables(world.parts.proxy.nftables.get(node) ?? []))
    for (const pod of PODS) {
      const child = spawn('ip', ['netns', 'exec', lab.namespaceOf(pod), 'python3', SCRIPT, 'answer', pod, String(PORT)])
      answering.push(child)
      await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
    }
  })

  afterAll(() => {
    for (const child of answering) child.kill('SIGKILL')
    lab?.tearDown()
  })

  it.each(probes)('$name', (probe) => {
    if (world === undefined) return
    const wanted = simulated(world, probe)
    sport++
    const text = lab.inside(probe.from, ['python3', SCRIPT, 'connect', probe.ip, String(probe.port), String(sport)])
    const told = JSON.parse(text) as Told
    expect(
      wanted.some((each) => sameTold(each, told)),
      `${probe.name}: ${text} is none of ${JSON.stringify(wanted)}`,
    ).toBe(true)
  })
})
