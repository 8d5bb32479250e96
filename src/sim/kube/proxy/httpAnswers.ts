import type { SimTime } from '../../core/time.js'
import { toMicroTimestamp } from '../../core/time.js'
import { cacheOf } from '../api/informer.js'
import type { Ctx, World } from '../context.js'
import type { IpFamily } from './address.js'
import { IP_FAMILIES } from './address.js'
import { proxyNodeName, proxyProcess } from './component.js'
import type { HealthCheck, ProxyProcess } from './part.js'
import { configurationOf } from './part.js'
import { splitHostPort } from './validateConfiguration.js'

/** An HTTP answer as somebody sees it. */
export interface HttpAnswer {
  readonly status: number
  /** But `Date` and `Content-Length`, which say nothing here. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const JSON_HEADERS = { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' }
const TEXT_HEADERS = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' }
const NOT_FOUND: HttpAnswer = { status: 404, headers: TEXT_HEADERS, body: '404 page not found\n' }

/** What a Node's kube-proxy answers on one of its ports at this moment; of a Service's health check each family's own answers. */
export function answerOfProxy(world: World, node: string, port: number, path: string, family: IpFamily = 'IPv4'): HttpAnswer {
  const process = proxyProcess({ world }, node)
  const configuration = configurationOf(world.parts.proxy, process)
  const check = [...process.healthPorts.values()].find((each) => each.port === port && each.family === family)
  if (check !== undefined) return serviceHealth(check, isProxyHealthy(world, process))
  const name = path.replace(/[?#].*$/, '')
  if (port === Number(splitHostPort(configuration.healthzBindAddress)?.port)) {
    if (name === '/healthz') return proxyHealth(world, process, isNodeEligible(world, node))
    return name === '/livez' ? proxyHealth(world, process, undefined) : NOT_FOUND
  }
  if (name === '/proxyMode') return { status: 200, headers: TEXT_HEADERS, body: configuration.mode }
  if (name === '/healthz') return { status: 200, headers: TEXT_HEADERS, body: 'ok' }
  return name === '/metrics' ? { status: 501, headers: TEXT_HEADERS, body: 'metrics are not simulated\n' } : NOT_FOUND
}

/**
 * What the health check port of a Service answers: 200 with endpoints on this Node and a proxy that keeps up, else 503.
 *
 * Source: kubernetes pkg/proxy/healthcheck/service_health.go hcHandler.ServeHTTP
 */
export function serviceHealth({ service, localEndpoints }: HealthCheck, isHealthy: boolean): HttpAnswer {
  const [namespace = '', name = ''] = service.split('/')
  const body = [
    '{',
    '\t"service": {',
    `\t\t"namespace": "${namespace}",`,
    `\t\t"name": "${name}"`,
    '\t},',
    `\t"localEndpoints": ${localEndpoints},`,
    `\t"serviceProxyHealthy": ${isHealthy}`,
    '}',
  ].join('\n')
  const headers = { ...JSON_HEADERS, 'X-Load-Balancing-Endpoint-Weight': String(localEndpoints) }
  return { status: localEndpoints > 0 && isHealthy ? 200 : 503, headers, body }
}

/** A change that has waited for longer than two sync periods makes the proxy ill. */
function isProxyHealthy(world: World, process: ProxyProcess): boolean {
  const { syncPeriod } = configurationOf(world.parts.proxy, process)
  const oldest = process.pending[0]?.at
  return process.syncedAt === undefined || oldest === undefined || world.now - oldest < 2 * syncPeriod
}

/** Source: kubernetes pkg/proxy/healthcheck/proxy_health.go NodeEligible */
function isNodeEligible(world: World, node: string): boolean {
  // Only the world is read, so a context of any event would do.
  const object = cacheOf({ world } as Ctx, 'kube-proxy', node).get('nodes', proxyNodeName(world, node))
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return false
  return !(object.spec?.taints ?? []).some((taint) => taint.key === TO_BE_DELETED)
}

const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler'

/**
 * `/healthz`, and `/livez`, which does not ask about the Node.
 *
 * Source: kubernetes pkg/proxy/healthcheck/proxy_health.go ProxyHealth, healthzHandler, livezHandler
 */
function proxyHealth(world: World, process: ProxyProcess, nodeEligible: boolean | undefined): HttpAnswer {
  const healthy = isProxyHealthy(world, process)
  const isWell = healthy && nodeEligible !== false
  const { syncedAt } = process
  const lastUpdated = syncedAt === undefined ? '0001-01-01T00:00:00Z' : nanoTime(syncedAt)
  const status = Object.fromEntries(IP_FAMILIES.map((family) => [family, { lastUpdated, healthy }]))
  const body = JSON.stringify({
    lastUpdated: isWell ? nanoTime(world.now) : lastUpdated,
    currentTime: nanoTime(world.now),
    ...(nodeEligible === undefined ? {} : { nodeEligible }),
    healthy,
    ...(syncedAt === undefined ? {} : { status }),
  })
  return { status: isWell ? 200 : 503, headers: JSON_HEADERS, body }
}

/** As Go writes a time in JSON: a fraction without zeros behind it. */
function nanoTime(at: SimTime): string {
  return toMicroTimestamp(at).replace(/\.?0+Z$/, 'Z')
}
