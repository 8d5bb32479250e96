import type { EndpointSlice } from '../../../generated/kubeTypes.js'
import type { InformerCache } from '../api/informer.js'
import { cacheOf } from '../api/informer.js'
import type { StoredOf } from '../api/resources.js'
import type { Ctx } from '../context.js'
import type { IpFamily } from './address.js'
import { IP_FAMILIES } from './address.js'
import type { ProxyConfiguration } from './configuration.js'
import { forgetStaleUdp, servesUdp } from './conntrack.js'
import { healthChecksOf, openHealthPorts } from './healthChecks.js'
import type { ProxyNode } from './node.js'
import { proxyNodeOf } from './node.js'
import { nodePortAddressesOf, nodePortSettings } from './nodePortAddresses.js'
import type { ServiceAndSlices } from './objects.js'
import { joinServices, serviceKeyOfSlice } from './objects.js'
import type { HealthChecks, PendingChange, ProxyProcess } from './part.js'
import { configurationOf } from './part.js'
import type { NodeSituation } from './syncIptables.js'
import { syncIptables } from './syncIptables.js'
import { syncNftables } from './syncNftables.js'
import { tellSync } from './tell.js'

/**
 * Writes what is pending into the Node's kernel and tells it in one step for each flow that asked for it.
 *
 * A kernel that can do both families gets the rules of both, whatever addresses the cluster uses.
 *
 * Simplified: the modes `ipvs` and `userspace` work with the rules of iptables.
 *
 * @returns what the process remembers of it.
 * Source: kubernetes cmd/kube-proxy/app/server_linux.go platformCheckSupported, createProxier
 */
export function syncRules(ctx: Ctx, process: ProxyProcess): Pick<ProxyProcess, 'writtenBy' | 'healthPorts' | 'cleanedAt'> {
  const { proxy, net } = ctx.world.parts
  const cache = cacheOf(ctx)
  const configuration = asTheKernelIs(ctx, configurationOf(proxy, process))
  const situation = { node: situationOf(ctx, process, cache, configuration.bindAddress), configuration }
  const isNftables = configuration.mode === 'nftables'
  if (!isNftables) proxy.nftables.delete(ctx.self.instance)
  const result = isNftables ? syncNftables(ctx, process, situation, cache) : syncIptables(ctx, process, situation, cache)
  const writtenBy = tellSync(ctx, process, result)
  if ((net.conntrack.get(ctx.self.instance)?.size ?? 0) > 0) {
    const families = familiesToClean(process, cache)
    const services = families.length === 0 ? [] : udpServices(cache)
    for (const family of families) forgetStaleUdp(net, ctx.self.instance, services, family)
  }
  const { cleanedAt } = result
  const healthPorts = syncHealthPorts(ctx, process, situation, cache)
  return { writtenBy, healthPorts, ...(cleanedAt === undefined ? {} : { cleanedAt }) }
}

/** What it did not ask for itself, an earlier one may have: it reads the sysctl. */
function asTheKernelIs({ world, self }: Ctx, configuration: ProxyConfiguration): ProxyConfiguration {
  const isLiberal = world.parts.net.hosts.get(self.instance)?.sysctls.conntrackTcpBeLiberal === true
  return isLiberal && !configuration.conntrackTcpBeLiberal ? { ...configuration, conntrackTcpBeLiberal: true } : configuration
}

function situationOf(ctx: Ctx, process: ProxyProcess, cache: InformerCache, bindAddress: string): ProxyNode {
  const name = process.nodeName ?? ctx.self.instance
  const addresses = ctx.world.parts.net.hosts.get(ctx.self.instance)?.addresses
  const object = cache.get('nodes', name) ?? { metadata: { name } }
  return proxyNodeOf(object, addresses === undefined ? undefined : ['127.0.0.1', '::1', ...addresses], bindAddress)
}

/**
 * The families of which connections may be stale: at the first sync, and where endpoints of a Service with UDP changed. What changes in
 * a Service itself touches no connection, and neither does writing everything anew.
 *
 * Source: kubernetes pkg/proxy/endpointschangetracker.go EndpointsMap.Update (ConntrackCleanupRequired)
 */
function familiesToClean(process: ProxyProcess, cache: InformerCache): readonly IpFamily[] {
  if (process.syncedAt === undefined) return IP_FAMILIES
  const changed = process.pending.filter((change) => change.slice !== undefined)
  if (changed.length === 0) return []
  const services = new Set(changed.map((change) => change.service))
  const namespaces = new Set([...services].map((key) => key.slice(0, key.indexOf('/'))))
  const isOfChanged = (slice: EndpointSlice): boolean => services.has(serviceKeyOfSlice(slice) ?? '')
  const present = [...namespaces].flatMap((namespace) => cache.list('endpointslices', namespace).filter(isOfChanged))
  return IP_FAMILIES.filter(
    (family) =>
      changed.some((change) => change.udp?.includes(family) === true) || present.some((slice) => servesUdp(slice, family)),
  )
}

function udpServices(cache: InformerCache): readonly ServiceAndSlices[] {
  const services = cache.list('services').filter((service) => (service.spec?.ports ?? []).some((port) => port.protocol === 'UDP'))
  return services.length === 0 ? [] : joinServices(services, cache.list('endpointslices'))
}

/** Health checks change only with the Services that have them: others cost nothing here. */
function syncHealthPorts(ctx: Ctx, process: ProxyProcess, situation: NodeSituation, cache: InformerCache): HealthChecks {
  const hasCheck = (service: StoredOf<'services'> | undefined): boolean => (service?.spec?.healthCheckNodePort ?? 0) !== 0
  const concerns = ({ service }: PendingChange): boolean =>
    service === '' ||
    IP_FAMILIES.some((family) => process.healthPorts.has(`${family} ${service}`)) ||
    hasCheck(cache.get('services', service))
  if (!process.needsFullSync && !process.pending.some(concerns)) return process.healthPorts
  const services = cache.list('services').filter(hasCheck)
  if (services.length === 0 && process.healthPorts.size === 0) return process.healthPorts
  const joined = joinServices(services, cache.list('endpointslices'))
  const checks = IP_FAMILIES.flatMap((family) => healthChecksOf(joined, family, situation.node.name))
  const settings = nodePortSettings(situation.configuration)
  return openHealthPorts(ctx, process.healthPorts, checks, (family) => nodePortAddressesOf(settings, family, situation.node))
}
