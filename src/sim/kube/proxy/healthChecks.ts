import type { SimTime } from '../../core/time.js'
import { MS } from '../../core/time.js'
import type { Socket, SocketResponse } from '../../net/sockets.js'
import { listen, unlisten } from '../../net/topology.js'
import type { Ctx } from '../context.js'
import type { IpFamily } from './address.js'
import type { EndpointInfo } from './endpoints.js'
import { endpointsOf } from './endpoints.js'
import type { ServiceAndSlices } from './objects.js'
import { servicePortsOf } from './services.js'

/** A Service whose load balancer asks each Node whether it has endpoints of its own. */
export interface HealthCheck {
  /** `namespace/name` */
  readonly service: string
  readonly port: number
  /** Ready endpoints on this Node. */
  readonly localEndpoints: number
}

/**
 * The health checks that a Node's kube-proxy answers.
 *
 * Source: kubernetes pkg/proxy/servicechangetracker.go HealthCheckNodePorts; pkg/proxy/endpointschangetracker.go LocalReadyEndpoints
 */
export function healthChecksOf(services: readonly ServiceAndSlices[], family: IpFamily, node: string): readonly HealthCheck[] {
  return services.flatMap((each) => {
    const port = servicePortsOf(each.service, family).find((one) => one.healthCheckNodePort !== 0)
    if (port === undefined) return []
    const byPort = endpointsOf(each.slices, family, node)
    const isHere = (endpoint: EndpointInfo): boolean => endpoint.ready && endpoint.nodeName === node
    const ready = new Set(
      [...byPort.values()]
        .flat()
        .filter(isHere)
        .map((endpoint) => endpoint.ip),
    )
    return [{ service: each.key, port: port.healthCheckNodePort, localEndpoints: ready.size }]
  })
}

const LATENCY: SimTime = MS

/**
 * What the health check port of a Service answers: 200 with endpoints on this Node, else 503.
 *
 * Source: kubernetes pkg/proxy/healthcheck/service_health.go hcHandler.ServeHTTP
 */
export function healthCheckResponse(check: HealthCheck): SocketResponse {
  const slash = check.service.indexOf('/')
  const name = { namespace: check.service.slice(0, slash), name: check.service.slice(slash + 1) }
  const body = [
    '{',
    '\t"service": {',
    `\t\t"namespace": "${name.namespace}",`,
    `\t\t"name": "${name.name}"`,
    '\t},',
    `\t"localEndpoints": ${check.localEndpoints},`,
    '\t"serviceProxyHealthy": true',
    '}',
  ].join('\n')
  return { status: check.localEndpoints > 0 ? 200 : 503, body, latencyUs: LATENCY, servedBy: 'kube-proxy' }
}

function socketOf(port: number, response: SocketResponse): Socket {
  return { proto: 'tcp', port, owner: 'kube-proxy', response }
}

/** Opens and closes the Node's health check ports so that they are these. */
export function openHealthPorts(
  ctx: Ctx,
  before: ReadonlyMap<string, number>,
  checks: readonly HealthCheck[],
): ReadonlyMap<string, number> {
  const { net } = ctx.world.parts
  const now = new Map(checks.map((check) => [check.service, check.port]))
  const wanted = new Set(now.values())
  for (const port of before.values()) if (!wanted.has(port)) unlisten(net, ctx.self.instance, { proto: 'tcp', port })
  for (const check of checks) listen(net, ctx.self.instance, socketOf(check.port, healthCheckResponse(check)))
  return now
}

export function closeHealthPorts(ctx: Ctx, before: ReadonlyMap<string, number>): void {
  openHealthPorts(ctx, before, [])
}
