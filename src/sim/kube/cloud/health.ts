import type { EndpointSlice, Service } from '../../../generated/kubeTypes.js'
import { own } from '../../core/own.js'
import { BACKGROUND } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import type { Prefix } from '../../net/address.js'
import { familyOf, parsePrefix } from '../../net/address.js'
import { layLoadBalancer } from '../../net/layout.js'
import type { LoadBalancer } from '../../net/loadBalancer.js'
import { socketFor } from '../../net/topology.js'
import { addressesOfMachine } from '../bootstrap/layout.js'
import type { Ctx } from '../context.js'
import { getStored, listStored } from '../etcd/store.js'
import { httpAnswer } from '../traffic/answers.js'
import type { CloudLoadBalancer } from './part.js'

export interface NodeHealth {
  readonly healthy: boolean
  readonly why: string
}

/**
 * Asks the Nodes behind each load balancer (or one) how they are, and lets it send only to those that are well.
 * A change is told; that all is as before is not.
 */
export function checkHealth(ctx: Ctx, only?: string): void {
  const { loadBalancers } = ctx.world.parts.cloud
  for (const balancer of [...loadBalancers.values()]) {
    if (only !== undefined && balancer.service !== only) continue
    const service = storedService(ctx, balancer.service)
    if (service === undefined) continue
    const health: Record<string, NodeHealth> = {}
    for (const node of balancer.nodes) {
      const now = healthOf(ctx, node, service)
      const before = own(balancer.health, node)
      health[node] = now
      if (before?.healthy === now.healthy) continue
      if (before === undefined && now.healthy) continue
      const [namespace = '', name = ''] = balancer.service.split('/')
      ctx.emit({
        kind: 'lb-health',
        flow: before === undefined ? ctx.flow : BACKGROUND,
        facts: { loadBalancer: balancer.service, node, healthy: now.healthy, why: now.why },
        from: thing.loadBalancer(namespace, name),
        to: thing.node(node),
      })
    }
    const same = balancer.nodes.every((node) => sameHealth(own(balancer.health, node), own(health, node)))
    if (same && only === undefined) continue
    const next: CloudLoadBalancer = { ...balancer, health }
    loadBalancers.set(balancer.service, next)
    layLoadBalancer(ctx.world.parts.net, networkForm(ctx, next, service))
  }
}

function sameHealth(a: NodeHealth | undefined, b: NodeHealth | undefined): boolean {
  return a?.healthy === b?.healthy && a?.why === b?.why
}

/** A Service with externalTrafficPolicy Local is asked for on its own port: only Nodes with endpoints of their own are well. */
function healthOf(ctx: Ctx, node: string, service: Service): NodeHealth {
  const { cluster, net } = ctx.world.parts
  const machine = cluster.machines.get(node)
  if (machine === undefined || !machine.powered) return { healthy: false, why: 'node-down' }
  if (!machine.connected) return { healthy: false, why: 'node-cut-off' }
  const port = service.spec?.healthCheckNodePort ?? 0
  if (service.spec?.externalTrafficPolicy !== 'Local' || port === 0) return { healthy: true, why: 'node-up' }
  const socket = socketFor(net, node, 'tcp', machine.address, port)
  if (socket === undefined) return { healthy: false, why: 'no-answer' }
  return httpAnswer(ctx.world, node, socket, '/').status === 200
    ? { healthy: true, why: 'local-endpoints' }
    : { healthy: false, why: 'no-local-endpoints' }
}

function storedService(ctx: Ctx, key: string): Service | undefined {
  // The cloud keeps the Service's ports as it was told; reading them here stands for that copy.
  return getStored(ctx.world.parts.etcd, 'services', key) as Service | undefined
}

/** The load balancer as the network has it. */
function networkForm(ctx: Ctx, balancer: CloudLoadBalancer, service: Service): LoadBalancer {
  const [namespace = '', name = ''] = balancer.service.split('/')
  const well = balancer.nodes.filter((node) => own(balancer.health, node)?.healthy === true)
  const ill = balancer.nodes
    .filter((node) => own(balancer.health, node)?.healthy !== true)
    .map((node) => ({ node, why: own(balancer.health, node)?.why ?? 'no-answer' }))
  return {
    kind: balancer.kind,
    namespace,
    service: name,
    addresses: balancer.addresses,
    ports: (service.spec?.ports ?? []).map((port) => ({
      proto: port.protocol === 'UDP' ? 'udp' : port.protocol === 'SCTP' ? 'sctp' : 'tcp',
      port: port.port,
      nodePort: port.nodePort ?? 0,
      endpoints: balancer.kind === 'direct' ? endpointsOf(ctx, namespace, name, port.name ?? '') : [],
    })),
    nodes: well.map((node) => ({ node, ips: nodeAddresses(ctx, node) })),
    excluded: [...balancer.excluded, ...ill],
    sourceRanges: sourceRangesOf(service),
  }
}

const SOURCE_RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** Who may send to a Service's load balancer. Source: kubernetes staging cloud-provider service/helpers/helper.go GetLoadBalancerSourceRanges */
function sourceRangesOf(service: Service): readonly Prefix[] {
  const own = service.spec?.loadBalancerSourceRanges ?? []
  const ranges = own.length > 0 ? own : (service.metadata?.annotations?.[SOURCE_RANGES_ANNOTATION] ?? '').split(',')
  return ranges.flatMap((range) => parsePrefix(range.trim()) ?? [])
}

/** Where a load balancer reaches a Node: its first address of each family. */
function nodeAddresses(ctx: Ctx, node: string): readonly string[] {
  const machine = ctx.world.parts.cluster.machines.get(node)
  const all = machine === undefined ? [] : addressesOfMachine(machine)
  return all.filter((ip, index) => all.findIndex((each) => familyOf(each) === familyOf(ip)) === index)
}

function endpointsOf(ctx: Ctx, namespace: string, service: string, port: string): LoadBalancer['ports'][number]['endpoints'] {
  const slices = listStored(ctx.world.parts.etcd, 'endpointslices', namespace) as unknown as readonly EndpointSlice[]
  return slices
    .filter((slice) => slice.metadata?.labels?.['kubernetes.io/service-name'] === service && slice.addressType !== 'FQDN')
    .flatMap((slice) => {
      const number = slice.ports?.find((each) => (each.name ?? '') === port)?.port
      if (number === undefined) return []
      return (slice.endpoints ?? [])
        .filter((endpoint) => endpoint.conditions?.ready !== false)
        .flatMap((endpoint) => endpoint.addresses.slice(0, 1).map((ip) => ({ ip, port: number })))
    })
}
