import { MS } from '../../core/time.js'
import { listen, unlisten } from '../../net/topology.js'
import type { Ctx } from '../context.js'
import type { IpFamily } from './address.js'
import { familyNumber, ipFamilyOf } from './address.js'
import type { ProxyConfiguration } from './configuration.js'
import type { EndpointInfo } from './endpoints.js'
import { endpointsOf } from './endpoints.js'
import type { ServiceAndSlices } from './objects.js'
import type { HealthCheck, HealthChecks } from './part.js'
import { servicePortsOf } from './services.js'
import { splitHostPort } from './validateConfiguration.js'

/**
 * The health checks that a Node's kube-proxy answers.
 *
 * Source: kubernetes pkg/proxy/servicechangetracker.go HealthCheckNodePorts; pkg/proxy/endpointschangetracker.go LocalReadyEndpoints
 */
export function healthChecksOf(services: readonly ServiceAndSlices[], family: IpFamily, node: string): readonly HealthCheck[] {
  return services.flatMap((each) => {
    const port = servicePortsOf(each.service, family).find((one) => one.healthCheckNodePort !== 0)
    if (port === undefined) return []
    const byPort = endpointsOf(each.slices, family)
    const isHere = (endpoint: EndpointInfo): boolean => endpoint.ready && endpoint.nodeName === node
    const ready = new Set(
      [...byPort.values()]
        .flat()
        .filter(isHere)
        .map((endpoint) => endpoint.ip),
    )
    return [{ service: each.key, family, port: port.healthCheckNodePort, localEndpoints: ready.size }]
  })
}

/** Who listens on kube-proxy's ports: what it answers depends on the moment, and is asked of `answerOfProxy`. */
export const PROXY_OWNER = 'kube-proxy'

/** What stands behind a port until it is asked. */
const RESPONSE = { status: 200, body: '', latencyUs: MS, servedBy: 'kube-proxy' }

/**
 * Opens and closes the Node's health check ports so that they are these, each family's by itself. Where NodePorts are restricted to some
 * addresses, so are they.
 *
 * @param addressesOf those of a family; undefined where all are meant.
 *
 * Source: kubernetes pkg/proxy/healthcheck/service_health.go newServiceHealthServer, SyncServices
 */
export function openHealthPorts(
  ctx: Ctx,
  before: HealthChecks,
  checks: readonly HealthCheck[],
  addressesOf: (family: IpFamily) => readonly string[] | undefined = () => undefined,
): HealthChecks {
  const { net } = ctx.world.parts
  const now = new Map(checks.map((check) => [`${check.family} ${check.service}`, check]))
  const wanted = new Set(checks.map((check) => `${check.family} ${check.port}`))
  for (const { family, port } of before.values()) if (!wanted.has(`${family} ${port}`)) closePort(ctx, family, port)
  for (const { family: name, port } of checks) {
    const family = familyNumber(name)
    for (const address of addressesOf(name) ?? [undefined]) {
      const where = address === undefined ? { family } : { family, address }
      listen(net, ctx.self.instance, { proto: 'tcp', port, ...where, owner: PROXY_OWNER, response: RESPONSE })
    }
  }
  return now
}

function closePort(ctx: Ctx, name: IpFamily, port: number): void {
  const { net } = ctx.world.parts
  const own = (net.hosts.get(ctx.self.instance)?.addresses ?? []).filter((address) => ipFamilyOf(address) === name)
  const family = familyNumber(name)
  unlisten(net, ctx.self.instance, { proto: 'tcp', port, family })
  for (const address of own) unlisten(net, ctx.self.instance, { proto: 'tcp', port, family, address })
}

export function closeHealthPorts(ctx: Ctx, before: HealthChecks): void {
  openHealthPorts(ctx, before, [])
}

/**
 * Opens the ports on which kube-proxy answers for itself: `/healthz` and `/livez`, and `/proxyMode`.
 *
 * Source: kubernetes cmd/kube-proxy/app/server.go serveHealthz, serveMetrics
 */
export function openOwnPorts(ctx: Ctx, configuration: ProxyConfiguration): void {
  for (const { port, address } of ownPorts(configuration)) {
    // An unspecified address takes both families.
    const isAny = address === '0.0.0.0' || address === '::'
    const where = isAny ? {} : { address, family: familyNumber(ipFamilyOf(address)) }
    listen(ctx.world.parts.net, ctx.self.instance, { proto: 'tcp', port, ...where, owner: PROXY_OWNER, response: RESPONSE })
  }
}

export function closeOwnPorts(ctx: Ctx, configuration: ProxyConfiguration): void {
  for (const { port, address } of ownPorts(configuration)) {
    unlisten(ctx.world.parts.net, ctx.self.instance, { proto: 'tcp', port })
    unlisten(ctx.world.parts.net, ctx.self.instance, { proto: 'tcp', port, address })
  }
}

function ownPorts(configuration: ProxyConfiguration): readonly { readonly address: string; readonly port: number }[] {
  return [configuration.healthzBindAddress, configuration.metricsBindAddress].flatMap((text) => {
    const parts = splitHostPort(text)
    return parts === undefined ? [] : [{ address: parts.host, port: Number(parts.port) }]
  })
}
