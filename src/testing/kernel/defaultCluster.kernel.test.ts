import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtinScenario, readScenario } from '../../scenario/index.js'
import { openSession, toSessionInput } from '../../session/index.js'
import type { World } from '../../sim/kube/context.js'
import type { HostName } from '../../sim/net/state.js'
import { expectSame } from './compare.js'
import type { Lab } from './lab.js'
import { layOut } from './lab.js'
import { whyNotHere } from './shell.js'
import type { Probe } from './simulate.js'
import { simulateInCluster } from './simulate.js'
import type { Tracer } from './trace.js'
import { startTracer } from './trace.js'

const why = whyNotHere()
if (why !== undefined) process.stdout.write(`skipped: ${why}\n`)

const NOBODYS_PORT = 30_099
const CLIENT = 'client/203.0.113.7'

/** The cluster that the page opens with, once it has settled. */
function openDefault(): World {
  const scenario = readScenario(builtinScenario('default') ?? [])
  if (!scenario.ok) throw new Error(JSON.stringify(scenario.error))
  return openSession(toSessionInput(scenario.value)).history.world
}

interface Places {
  readonly clusterIP: string
  readonly nodePort: number
  readonly balancer: string
  readonly pods: readonly HostName[]
  readonly nodeOf: ReadonlyMap<HostName, string>
  readonly addressOf: (host: HostName) => string
}

function placesOf(world: World): Places {
  const { net, etcd } = world.parts
  const web = etcd.objects.get('services')?.get('default/web') as unknown as {
    readonly spec: { readonly clusterIP: string; readonly ports: readonly { readonly nodePort: number }[] }
  }
  const pods = [...net.hosts.values()].filter((host) => host.kind === 'pod' && host.name.startsWith('pod/default/web-'))
  const [balancer] = net.loadBalancers.values()
  return {
    clusterIP: web.spec.clusterIP,
    nodePort: web.spec.ports[0]?.nodePort ?? 0,
    balancer: balancer?.addresses[0] ?? '',
    pods: pods.map((pod) => pod.name),
    nodeOf: new Map(pods.map((pod) => [pod.name, pod.node ?? ''])),
    addressOf: (host) => net.hosts.get(host)?.addresses[0] ?? '',
  }
}

function probesOf(world: World): readonly Probe[] {
  const { net } = world.parts
  const { clusterIP, nodePort, balancer, pods, nodeOf, addressOf } = placesOf(world)
  const [pod = ''] = pods
  const withPod = nodeOf.get(pod) ?? ''
  const isWithout = (name: string): boolean => name !== 'control-plane' && ![...nodeOf.values()].includes(name)
  const without = [...net.rulesets.keys()].find(isWithout) ?? ''
  const dns = [...net.hosts.keys()].find((name) => name.startsWith('pod/kube-system/coredns')) ?? ''
  const tcp = (name: string, from: HostName, ip: string, port: number): Probe => ({ name, from, proto: 'tcp', ip, port })
  return [
    tcp('client to the load balancer', CLIENT, balancer, 80),
    tcp('client to the load balancer, again', CLIENT, balancer, 80),
    tcp('client to NodePort, Node without a Pod', CLIENT, addressOf(without), nodePort),
    tcp('client to NodePort, Node with a Pod', CLIENT, addressOf(withPod), nodePort),
    tcp('Pod to ClusterIP', pod, clusterIP, 80),
    tcp('Pod to ClusterIP, from a third Pod', dns, clusterIP, 80),
    tcp('Node with a Pod to ClusterIP', withPod, clusterIP, 80),
    tcp('Node without a Pod to ClusterIP', without, clusterIP, 80),
    tcp('Pod to Pod', pod, addressOf(pods[1] ?? ''), 8080),
    tcp('Pod to the API server', pod, '10.96.0.1', 443),
    { name: 'Pod to cluster DNS', from: pod, proto: 'udp', ip: '10.96.0.10', port: 53 },
    tcp('client to a port that nobody has', CLIENT, addressOf(without), NOBODYS_PORT),
  ]
}

describe.skipIf(why !== undefined)('the default cluster in the real kernel', () => {
  // Simulated only where it can be compared: elsewhere the suite is skipped before it costs anything.
  const world = why === undefined ? openDefault() : undefined
  const probes = world === undefined ? [] : probesOf(world)
  let lab: Lab
  let tracer: Tracer
  const counts = { probes: 0, hops: 0 }

  beforeAll(async () => {
    if (world === undefined) return
    lab = await layOut(world.parts.net)
    tracer = await startTracer(lab, [...world.parts.net.rulesets.keys()])
  })

  afterAll(() => {
    tracer?.stop()
    lab?.tearDown()
    process.stdout.write(
      `default cluster: ${counts.probes} real connections, ${counts.hops} rules as the simulation says (without the nfacct match)\n`,
    )
  })

  it('has Pods on two of three workers, and a load balancer', () => {
    if (world === undefined) return
    const { pods, nodeOf, balancer } = placesOf(world)
    expect(pods).toHaveLength(2)
    expect(new Set(nodeOf.values()).size).toBe(2)
    expect(balancer).not.toBe('')
  })

  it.each(probes)('$name', async (probe) => {
    if (world === undefined) return
    const { hops, told } = await expectSame(lab, tracer, probe, simulateInCluster(world, probe))
    expect(told.verdict).toBe(probe.port === NOBODYS_PORT ? 'refused' : 'answered')
    counts.probes++
    counts.hops += hops
  })

  it('reaches each Pod through the load balancer as often as it should', async () => {
    if (world === undefined) return
    const { balancer, pods } = placesOf(world)
    const counted = new Map<string, number>()
    for (let n = 0; n < 200; n++) {
      const result = await lab.connect(CLIENT, { proto: 'tcp', ip: balancer, port: 80, timeout: 2_000 })
      const who = result.verdict === 'answered' ? result.who : result.verdict
      counted.set(who, (counted.get(who) ?? 0) + 1)
    }
    expect([...counted.keys()].toSorted()).toEqual(pods.toSorted())
    const probe: Probe = { name: 'spread', from: CLIENT, proto: 'tcp', ip: balancer, port: 80 }
    const outcomes = simulateInCluster(world, probe)
    for (const pod of pods) {
      const chance = outcomes.filter((each) => each.who === pod).reduce((sum, each) => sum + each.probability, 0)
      const deviation = Math.sqrt(200 * chance * (1 - chance))
      expect(Math.abs((counted.get(pod) ?? 0) - 200 * chance)).toBeLessThan(4 * deviation)
    }
  })
})
