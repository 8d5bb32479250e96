import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { World } from '../../sim/kube/context.js'
import { printNftables } from '../../sim/kube/proxy/nftables/print.js'
import { findService } from '../../sim/kube/traffic/names.js'
import { layClient } from '../../sim/net/layout.js'
import { driveCluster } from '../clusterDriver.js'
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

const CLIENT = 'client/203.0.113.7'
const CLIENT6 = 'client/2001:db8::7'
const NODES = ['control-plane', 'node1', 'node2']
const HEALTH_PORT = 32_000

function podOn(node: string, name: string) {
  const spec = { nodeName: node, containers: [{ name: 'web', image: 'example.com/app', ports: [{ containerPort: 8_080 }] }] }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels: { app: 'web' } }, spec }
}

function serviceOf(name: string, nodePort: number, more: Readonly<Record<string, unknown>>) {
  const spec = {
    type: 'LoadBalancer',
    ipFamilyPolicy: 'RequireDualStack',
    selector: { app: 'web' },
    ports: [{ port: 80, targetPort: 8_080, nodePort }],
    ...more,
  }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec }
}

/** A cluster of both families with two load balancers: under the policy Cluster, and Local with Pods on one of two Nodes. */
function openCluster(mode: 'iptables' | 'nftables'): World {
  const driver = driveCluster({
    cluster: {
      kubeProxyMode: mode,
      podSubnet: '10.244.0.0/16,fd00:10:244::/56',
      serviceSubnet: '10.96.0.0/16,fd00:10:96::/112',
      nodes: NODES.map((name) => ({ name, role: name === 'control-plane' ? 'control-plane' : 'worker' })),
    },
    objects: [
      podOn('node2', 'web-a'),
      podOn('node2', 'web-b'),
      serviceOf('cluster', 30_080, {}),
      serviceOf('local', 30_081, { externalTrafficPolicy: 'Local', healthCheckNodePort: HEALTH_PORT }),
    ],
  })
  driver.settle()
  driver.run(5)
  layClient(driver.world.parts.net, '2001:db8::7')
  return driver.world
}

function probesOf(world: World): readonly Probe[] {
  const addressOf = (host: string, isIpv6: boolean): string =>
    world.parts.net.hosts.get(host)?.addresses.find((ip) => ip.includes(':') === isIpv6) ?? ''
  const balancerOf = (name: string, isIpv6: boolean): string =>
    (findService(world, 'default', name)?.status?.loadBalancer?.ingress ?? [])
      .map((each) => each.ip ?? '')
      .find((ip) => ip.includes(':') === isIpv6) ?? ''
  return [false, true].flatMap((isIpv6) => {
    const probe = (what: string, from: string, ip: string, port: number): Probe => ({
      name: `${isIpv6 ? 'IPv6' : 'IPv4'}: ${what}`,
      from,
      proto: 'tcp',
      ip,
      port,
    })
    const client = isIpv6 ? CLIENT6 : CLIENT
    return [
      probe('client to the load balancer', client, balancerOf('cluster', isIpv6), 80),
      probe('client to the load balancer, again', client, balancerOf('cluster', isIpv6), 80),
      probe('client to the load balancer that keeps its address', client, balancerOf('local', isIpv6), 80),
      probe('Pod to the load balancer', 'pod/default/web-a', balancerOf('cluster', isIpv6), 80),
      probe('Node to the load balancer under Local', 'node1', balancerOf('local', isIpv6), 80),
      probe('client to NodePort, Node without a Pod', client, addressOf('node1', isIpv6), 30_080),
      probe('client to NodePort under Local, Node with a Pod', client, addressOf('node2', isIpv6), 30_081),
      probe('client to NodePort under Local, Node without a Pod', client, addressOf('node1', isIpv6), 30_081),
      probe('client to the health check port', client, addressOf('node1', isIpv6), HEALTH_PORT),
      probe('Pod to the health check port of another Node', 'pod/default/web-a', addressOf('node1', isIpv6), HEALTH_PORT),
      probe('client to /healthz', client, addressOf('node2', isIpv6), 10_256),
    ]
  })
}

describe.skipIf(why !== undefined).each(['iptables', 'nftables'] as const)(
  'a dual-stack cluster in the real kernel, %s',
  (mode) => {
    const world = why === undefined ? openCluster(mode) : undefined
    const probes = world === undefined ? [] : probesOf(world)
    let lab: Lab
    let tracer: Tracer
    const counts = { probes: 0, hops: 0 }

    beforeAll(async () => {
      if (world === undefined) return
      lab = await layOut(world.parts.net)
      if (mode === 'nftables')
        for (const node of NODES) lab.inside(node, ['nft', '-f', '-'], printNftables(world.parts.proxy.nftables.get(node) ?? []))
      tracer = await startTracer(lab, NODES)
    })

    afterAll(() => {
      tracer?.stop()
      lab?.tearDown()
      process.stdout.write(`dual-stack ${mode}: ${counts.probes} real connections, ${counts.hops} rules as the simulation says\n`)
    })

    it.each(probes)('$name', async (probe) => {
      if (world === undefined) return
      const { hops, told } = await expectSame(lab, tracer, probe, simulateInCluster(world, probe))
      if (!probe.name.includes('Node without a Pod') || probe.port !== 30_081) expect(told.verdict).toBe('answered')
      counts.probes++
      counts.hops += hops
    })
  },
)
