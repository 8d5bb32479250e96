import { BACKGROUND } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import { MS, SECOND } from '../../core/time.js'
import { unlayLoadBalancer } from '../../net/layout.js'
import type { ApiClient, WatchMessage } from '../api/client.js'
import { applyWatch, cacheOf, startInformer, stopInformers, type WatchChange } from '../api/informer.js'
import { formatIp, parseIp } from '../api/ip.js'
import { openApi } from '../api/openApi.js'
import type { ResourceName, StoredOf } from '../api/resources.js'
import type { Behaviour, Ctx } from '../context.js'
import { isControllerEnabled } from '../controllers/manager.js'
import { recordEvent } from '../events.js'
import { addressesFor, chooseNodes, describeBalancer, EXCLUDE_LABEL } from './balancer.js'
import { ADDED, changeOf, wantsBalancer } from './changes.js'
import { checkHealth } from './health.js'
import type { CloudLoadBalancer, CloudMessage } from './part.js'

export const CONTROLLER = 'service-lb-controller'
const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup'
const WATCHED: readonly ResourceName[] = ['services', 'nodes', 'endpointslices']
/** A cloud takes its time to build a load balancer. */
const BUILD_TIME = 1_500 * MS
const CHANGE_TIME = 200 * MS
const RETRY = 5 * SECOND
/** By then the kube-proxies of a cluster that stands have written their rules. */
const ADOPTED_LOOK = SECOND
/** How often a load balancer asks each Node whether it is well. */
const HEALTH_PERIOD = 2 * SECOND

/**
 * cloud-controller-manager's service controller: gives Services of type LoadBalancer an address and keeps the Nodes behind it.
 *
 * Source: kubernetes staging cloud-provider controllers/service/controller.go
 */
export const cloudBehaviour: Behaviour<'cloud'> = (ctx, message) => {
  const part = ctx.world.parts.cloud
  switch (message.type) {
    case 'start':
      start(ctx)
      return
    case 'stop':
      stopCloudController(ctx)
      return
    case 'check-health':
      // The load balancers are the cloud's own: they ask on whether or not the controller runs.
      if (message.run !== part.healthRun) return
      checkHealth(ctx)
      scheduleHealth(ctx)
      return
    case 'look':
      checkHealth(ctx, message.key)
      return
    default:
      break
  }
  if (!part.running) return
  switch (message.type) {
    case 'watch':
    case 'watch-closed':
      takeChanges(ctx, message)
      return
    case 'sync':
      if (message.run === part.run) sync(ctx, message.key, message.about)
      return
  }
}

function start(ctx: Ctx): void {
  const part = ctx.world.parts.cloud
  if (part.healthRun === 0) {
    part.healthRun = 1
    scheduleHealth(ctx)
  }
  if (part.running || !isControllerEnabled(ctx.world.parts.cluster.config.controllers, CONTROLLER)) return
  part.running = true
  part.run++
  startInformer(ctx, WATCHED, { thing: thing.cloudControllerManager })
}

/** Ends the process; what the cloud has built stays and works on. */
export function stopCloudController(ctx: Ctx): void {
  const part = ctx.world.parts.cloud
  part.running = false
  part.run++
  part.failures.clear()
  stopInformers(ctx, 'cloud', CONTROLLER)
}

function scheduleHealth(ctx: Ctx): void {
  const { healthRun } = ctx.world.parts.cloud
  ctx.send({ kind: 'cloud', instance: CONTROLLER }, { type: 'check-health', run: healthRun }, HEALTH_PERIOD, {
    background: true,
    flow: BACKGROUND,
  })
}

type About = Extract<CloudMessage, { readonly type: 'sync' }>['about']

function enqueue(ctx: Ctx, key: string, about: About, delay: number, quiet = false): void {
  const { run } = ctx.world.parts.cloud
  ctx.send({ kind: 'cloud', instance: CONTROLLER }, { type: 'sync', key, run, about }, delay, { background: quiet })
}

function takeChanges(ctx: Ctx, message: WatchMessage): void {
  const { loadBalancers } = ctx.world.parts.cloud
  for (const change of applyWatch(ctx, message)) {
    if (change.resource === 'services') {
      const { object, old, key, type } = change as WatchChange<'services'>
      const wanted = wantsBalancer(object) || loadBalancers.has(key) || (old !== undefined && wantsBalancer(old))
      if (!wanted) continue
      const news = type === 'MODIFIED' && old !== undefined ? changeOf(old, object) : ADDED
      if (news.reason !== undefined) tell(ctx, object, news.reason, news.message ?? '')
      if (news.needsSync) enqueue(ctx, key, 'service', loadBalancers.has(key) ? CHANGE_TIME : BUILD_TIME)
    } else if (change.resource === 'nodes') {
      const { object, old } = change as WatchChange<'nodes'>
      if (change.type === 'MODIFIED' && old !== undefined && JSON.stringify(nodeFacts(old)) === JSON.stringify(nodeFacts(object)))
        continue
      for (const key of loadBalancers.keys()) enqueue(ctx, key, 'nodes', CHANGE_TIME)
    } else {
      const service = change.object.metadata.labels?.['kubernetes.io/service-name'] ?? ''
      const key = `${change.object.metadata.namespace ?? ''}/${service}`
      if (loadBalancers.get(key)?.kind === 'direct') enqueue(ctx, key, 'nodes', CHANGE_TIME)
      else if (loadBalancers.has(key) && isAskedForEndpoints(cacheOf(ctx).get('services', key))) look(ctx, key)
    }
  }
}

function isAskedForEndpoints(service: StoredOf<'services'> | undefined): boolean {
  return (service?.spec?.healthCheckNodePort ?? 0) !== 0
}

/** The load balancer learns of it at its next health check; a cluster that waits for that has not settled. */
function look(ctx: Ctx, key: string): void {
  ctx.send({ kind: 'cloud', instance: CONTROLLER }, { type: 'look', key }, HEALTH_PERIOD)
}

/**
 * What of a Node makes the load balancers look at their Nodes again. A taint alone does not: a Node on its way out keeps its
 * connections until something else changes.
 *
 * Source: kubernetes staging cloud-provider controllers/service/controller.go shouldSyncUpdatedNode
 */
function nodeFacts(node: StoredOf<'nodes'>): unknown {
  return [node.metadata.labels?.[EXCLUDE_LABEL] !== undefined, node.spec?.providerID, node.status?.addresses]
}

function cloudApi(ctx: Ctx): ApiClient {
  return openApi(ctx, { name: 'system:cloud-controller-manager', thing: thing.cloudControllerManager })
}

function tell(ctx: Ctx, service: StoredOf<'services'>, reason: string, message: string): void {
  recordEvent(ctx, cloudApi(ctx), { about: service, type: 'Normal', reason, message, component: 'service-controller' })
}

function sync(ctx: Ctx, key: string, about: About): void {
  const service = cacheOf(ctx).get('services', key)
  const known = ctx.world.parts.cloud.loadBalancers.get(key)
  if (service === undefined) {
    if (known !== undefined) tearDown(ctx, key)
    return
  }
  if (!wantsBalancer(service) || service.metadata.deletionTimestamp !== undefined) {
    release(ctx, key, service, known !== undefined)
    return
  }
  ensure(ctx, key, service, about)
}

/** Builds a load balancer or brings it up to date. */
function ensure(ctx: Ctx, key: string, service: StoredOf<'services'>, about: About): void {
  const api = cloudApi(ctx)
  const known = ctx.world.parts.cloud.loadBalancers.get(key)
  if (about === 'service') tell(ctx, service, 'EnsuringLoadBalancer', 'Ensuring load balancer')
  const withFinalizer = addFinalizer(api, service)
  if (withFinalizer === undefined) {
    enqueue(ctx, key, about, RETRY, true)
    return
  }
  const addresses = addressesFor(ctx, service, known?.addresses ?? [])
  const choice = chooseNodes(cacheOf(ctx).list('nodes'))
  const balancer: CloudLoadBalancer = {
    service: key,
    uid: service.metadata.uid,
    kind: describeBalancer(ctx, service).kind,
    addresses,
    nodes: choice.nodes,
    excluded: choice.excluded,
    health: known?.health ?? {},
  }
  ctx.world.parts.cloud.loadBalancers.set(key, balancer)
  checkHealth(ctx, key)
  if (isAskedForEndpoints(service)) look(ctx, key)
  const hostsChanged = known !== undefined && known.nodes.join() !== balancer.nodes.join()
  if (known === undefined || hostsChanged) {
    ctx.emit({
      kind: 'lb-backends',
      facts: { service: refOf(service), nodes: choice.nodes, excluded: choice.excluded },
      from: thing.cloudControllerManager,
      to: thing.loadBalancer(service.metadata.namespace ?? '', service.metadata.name),
    })
  }
  for (const ip of addresses) {
    if (known?.addresses.includes(ip) === true) continue
    ctx.emit({
      kind: 'lb-address',
      facts: { service: refOf(service), ip },
      from: thing.cloudControllerManager,
      to: thing.loadBalancer(service.metadata.namespace ?? '', service.metadata.name),
    })
  }
  const ipMode = balancer.kind === 'proxy' ? 'Proxy' : 'VIP'
  const ingress = withFinalizer.status?.loadBalancer?.ingress ?? []
  // An address that is there already stays as it is: somebody may have said more of it than we would.
  const wanted = addresses.map((ip) => ingress.find((each) => readIp(each.ip) === ip) ?? { ip, ipMode })
  const isSame = wanted.length === ingress.length && wanted.every((each) => ingress.includes(each))
  if (!isSame) {
    const written = api.updateStatus('services', {
      ...withFinalizer,
      status: { ...withFinalizer.status, loadBalancer: { ingress: wanted } },
    })
    if (!written.ok && written.error.code !== 404) {
      enqueue(ctx, key, about, RETRY, true)
      return
    }
  }
  if (about === 'service') tell(ctx, service, 'EnsuredLoadBalancer', 'Ensured load balancer')
  else if (hostsChanged) tell(ctx, service, 'UpdatedLoadBalancer', 'Updated load balancer with new hosts')
}

/** The object as it is now, with our finalizer; undefined when the API server does not take it. */
function addFinalizer(api: ApiClient, service: StoredOf<'services'>): StoredOf<'services'> | undefined {
  const key = `${service.metadata.namespace ?? ''}/${service.metadata.name}`
  const current = api.get('services', key)
  if (!current.ok) return undefined
  const finalizers = current.value.metadata.finalizers ?? []
  if (finalizers.includes(FINALIZER)) return current.value
  const written = api.update('services', {
    ...current.value,
    metadata: { ...current.value.metadata, finalizers: [...finalizers, FINALIZER] },
  })
  return written.ok ? written.value : undefined
}

/** The Service no longer wants its load balancer, or is being deleted. */
function release(ctx: Ctx, key: string, service: StoredOf<'services'>, built: boolean): void {
  const api = cloudApi(ctx)
  if (built) {
    tell(ctx, service, 'DeletingLoadBalancer', 'Deleting load balancer')
    tearDown(ctx, key)
    tell(ctx, service, 'DeletedLoadBalancer', 'Deleted load balancer')
  }
  const current = api.get('services', key)
  if (!current.ok) {
    if (current.error.code !== 404) enqueue(ctx, key, 'service', RETRY, true)
    return
  }
  let object = current.value
  if ((object.status?.loadBalancer?.ingress ?? []).length > 0 && object.metadata.deletionTimestamp === undefined) {
    const written = api.updateStatus('services', { ...object, status: { ...object.status, loadBalancer: {} } })
    if (written.ok) object = written.value
  }
  const finalizers = object.metadata.finalizers ?? []
  if (!finalizers.includes(FINALIZER)) return
  const written = api.update('services', {
    ...object,
    metadata: { ...object.metadata, finalizers: finalizers.filter((each) => each !== FINALIZER) },
  })
  if (!written.ok && written.error.code !== 404) enqueue(ctx, key, 'service', RETRY, true)
}

function tearDown(ctx: Ctx, key: string): void {
  const [namespace = '', name = ''] = key.split('/')
  ctx.world.parts.cloud.loadBalancers.delete(key)
  unlayLoadBalancer(ctx.world.parts.net, namespace, name)
}

function refOf(service: StoredOf<'services'>) {
  return { kind: 'Service', apiVersion: 'v1', namespace: service.metadata.namespace ?? '', name: service.metadata.name }
}

/** An address in the one way to write it, however it was written. */
function readIp(text: string | undefined): string | undefined {
  const ip = parseIp(text ?? '')
  return ip === undefined ? undefined : formatIp(ip)
}

/** Lays the load balancer of a Service that came with its address: somebody built it before. */
export function adoptBalancer(ctx: Ctx, service: StoredOf<'services'>, nodes: readonly StoredOf<'nodes'>[]): void {
  const addresses = (service.status?.loadBalancer?.ingress ?? []).flatMap((each) => readIp(each.ip) ?? [])
  if (addresses.length === 0) return
  const key = `${service.metadata.namespace ?? ''}/${service.metadata.name}`
  const choice = chooseNodes(nodes)
  ctx.world.parts.cloud.loadBalancers.set(key, {
    service: key,
    uid: service.metadata.uid,
    kind: describeBalancer(ctx, service).kind,
    addresses: [...new Set(addresses)],
    nodes: choice.nodes,
    excluded: choice.excluded,
    health: {},
  })
  checkHealth(ctx, key)
  // It has long known how its Nodes are: they answer as soon as their kube-proxies run.
  ctx.send({ kind: 'cloud', instance: CONTROLLER }, { type: 'look', key }, ADOPTED_LOOK, { flow: BACKGROUND })
}
