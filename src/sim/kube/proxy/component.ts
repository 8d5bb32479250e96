import { assertNever } from '../../core/result.js'
import { BACKGROUND } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import type { SimTime } from '../../core/time.js'
import { MINUTE } from '../../core/time.js'
import type { WatchMessage } from '../api/client.js'
import type { WatchChange } from '../api/informer.js'
import { applyWatch, cacheOf, startInformer, stopInformers } from '../api/informer.js'
import type { ResourceName } from '../api/resources.js'
import type { Ctx, World } from '../context.js'
import { IP_FAMILIES } from './address.js'
import { servicesTouchedBy, udpBefore } from './changes.js'
import type { ProxyConfiguration } from './configuration.js'
import { isFlushed } from './flush.js'
import { closeHealthPorts, closeOwnPorts, openOwnPorts } from './healthChecks.js'
import { isLargeCluster } from './iptables/ruleset.js'
import { joinServices } from './objects.js'
import type { PendingChange, ProxyMessage, ProxyProcess } from './part.js'
import { configurationOf } from './part.js'
import { syncRules } from './sync.js'
import { setNodeSysctls } from './sysctls.js'

/** What a kube-proxy must know before it writes its first rule. */
const NEEDED: readonly ResourceName[] = ['services', 'endpointslices', 'nodes']

/** A sync's own time: reading its maps and running iptables-restore, in microseconds. */
const SYNC_TIME = 20_000

/** The longest time without a sync, and, at the next one, without writing everything anew. Source: pkg/proxy/util/utils.go FullSyncPeriod */
const FULL_SYNC_PERIOD = 60 * MINUTE

const STOPPED: ProxyProcess = {
  running: false,
  run: 0,
  needsFullSync: false,
  pending: [],
  queuedFor: undefined,
  nextSyncAt: 0,
  writtenBy: new Map(),
  healthPorts: new Map(),
}

/**
 * kube-proxy on one Node: watches Services, EndpointSlices and its own Node, and turns them into the rules of the Node's kernel.
 *
 * The first change after a quiet time is written at once; later ones wait until `minSyncPeriod` has passed, and go in together. What has
 * not changed stays as it is, but once an hour everything is written anew, and within `syncPeriod` after somebody flushed the rules.
 *
 * Source: kubernetes cmd/kube-proxy/app/server.go Run; pkg/proxy/runner/bounded_frequency_runner.go
 */
export function kubeProxy(ctx: Ctx, message: ProxyMessage): void {
  switch (message.type) {
    case 'start':
      start(ctx)
      return
    case 'stop':
      stop(ctx)
      return
    case 'sync':
      if (processOf(ctx).running && processOf(ctx).run === message.run) sync(ctx)
      return
    case 'resync':
      if (processOf(ctx).running && processOf(ctx).run === message.run) resync(ctx)
      return
    case 'look-for-canary':
      if (processOf(ctx).running && processOf(ctx).run === message.run) lookForCanary(ctx)
      return
    case 'set-lag':
      setLag(ctx, message.lag)
      return
    case 'configure':
      configure(ctx, message.configuration, message.nodeName)
      return
    case 'watch':
    case 'watch-closed':
      takeChanges(ctx, message)
      return
    default:
      assertNever(message)
  }
}

/** The process of a container that was started anew: with the same configuration it would write what stands there already. */
function configure(ctx: Ctx, configuration: ProxyConfiguration, nodeName: string | undefined): void {
  const present = configurationOf(ctx.world.parts.proxy, processOf(ctx))
  if (JSON.stringify(present) === JSON.stringify(configuration) && processOf(ctx).nodeName === nodeName) return
  const { running } = processOf(ctx)
  if (running) stop(ctx)
  replace(ctx, { configuration, ...(nodeName === processOf(ctx).nodeName ? {} : { nodeName }) })
  if (running) start(ctx)
}

/** What already waits for the old lag is not held back any longer than the new one asks. */
function setLag(ctx: Ctx, lag: SimTime): void {
  ctx.world.parts.proxy.extraLag.set(ctx.self.instance, lag)
  const { running, pending, dueAt = ctx.now, run } = processOf(ctx)
  const [first] = pending
  if (!running || first === undefined) return
  const earlier = Math.max(first.at + lag, processOf(ctx).nextSyncAt, ctx.now) + SYNC_TIME
  if (earlier >= dueAt) return
  replace(ctx, { dueAt: earlier })
  sendSync(ctx, run, earlier, lag > 0)
}

/** The process of a Node's kube-proxy; a Node without one has a stopped one. */
export function proxyProcess(ctx: Pick<Ctx, 'world'>, node: string): ProxyProcess {
  return ctx.world.parts.proxy.processes.get(node) ?? STOPPED
}

/** The Node that a machine's kube-proxy takes itself for. Source: kubernetes cmd/kube-proxy/app/server.go newProxyServer (GetHostname) */
export function proxyNodeName(world: World, node: string): string {
  return world.parts.proxy.processes.get(node)?.nodeName ?? node
}

function processOf(ctx: Ctx): ProxyProcess {
  return proxyProcess(ctx, ctx.self.instance)
}

function replace(ctx: Ctx, change: Partial<ProxyProcess>): void {
  ctx.world.parts.proxy.processes.set(ctx.self.instance, { ...processOf(ctx), ...change })
}

function start(ctx: Ctx): void {
  const before = processOf(ctx)
  if (before.running) return
  replace(ctx, {
    running: true,
    run: before.run + 1,
    needsFullSync: true,
    pending: [],
    queuedFor: undefined,
    dueAt: undefined,
    nextSyncAt: ctx.now,
  })
  const { net, proxy } = ctx.world.parts
  const configuration = configurationOf(proxy, processOf(ctx))
  setNodeSysctls(net, ctx.self.instance, configuration, before.run === 0)
  if (net.hosts.has(ctx.self.instance)) openOwnPorts(ctx, configuration)
  startInformer(ctx, ['services', 'endpointslices'])
  startInformer(ctx, ['nodes'], { fieldSelector: `metadata.name=${proxyNodeName(ctx.world, ctx.self.instance)}` })
}

function stop(ctx: Ctx): void {
  if (!processOf(ctx).running) return
  stopInformers(ctx)
  closeHealthPorts(ctx, processOf(ctx).healthPorts)
  closeOwnPorts(ctx, configurationOf(ctx.world.parts.proxy, processOf(ctx)))
  replace(ctx, {
    running: false,
    pending: [],
    queuedFor: undefined,
    dueAt: undefined,
    healthPorts: new Map(),
    syncedAt: undefined,
  })
}

function takeChanges(ctx: Ctx, message: WatchMessage): void {
  if (!processOf(ctx).running) return
  const wasReady = cacheOf(ctx).isSynced(NEEDED)
  const changes = applyWatch(ctx, message)
  const isReady = cacheOf(ctx).isSynced(NEEDED)
  if (!isReady) return
  const isFirst = !wasReady || processOf(ctx).needsFullSync
  const pending = isFirst && !wasReady ? [changeOf(ctx, '')] : changes.flatMap((change) => pendingOf(ctx, change))
  if (pending.length === 0) return
  replace(ctx, { pending: [...processOf(ctx).pending, ...pending] })
  queueSync(ctx)
}

function pendingOf(ctx: Ctx, change: WatchChange): readonly PendingChange[] {
  const slice = change.resource === 'endpointslices' ? { slice: change.key, ...generationsOf(change), ...udpBefore(change) } : {}
  return servicesTouchedBy(change).map((service) => ({ ...changeOf(ctx, service), ...slice }))
}

function changeOf(ctx: Ctx, service: string): PendingChange {
  return { service, at: ctx.now, cause: ctx.cause, flow: ctx.flow }
}

/** Which generation of a slice came in place of which. */
function generationsOf({ type, old, object }: WatchChange): Pick<PendingChange, 'before' | 'after'> {
  const [before, after] = [old?.metadata.generation, object.metadata.generation]
  return {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined || type === 'DELETED' ? {} : { after }),
  }
}

/** One sync is queued for each flow at most: whichever comes first writes all that is pending. */
function queueSync(ctx: Ctx): void {
  const { queuedFor, nextSyncAt, run, dueAt } = processOf(ctx)
  if (queuedFor === ctx.flow) return
  const { extraLag } = ctx.world.parts.proxy
  const lag = extraLag.get(ctx.self.instance) ?? extraLag.get('*') ?? 0
  const at = Math.max(nextSyncAt, ctx.now) + SYNC_TIME + lag
  replace(ctx, { queuedFor: ctx.flow, dueAt: dueAt === undefined ? at : Math.min(dueAt, at) })
  sendSync(ctx, run, at, lag > 0)
}

/** A lag is there to be looked into: nobody waits for its end. */
function sendSync(ctx: Ctx, run: number, at: SimTime, background: boolean): void {
  ctx.send({ kind: 'kube-proxy', instance: ctx.self.instance }, { type: 'sync', run }, at - ctx.now, { background })
}

function sync(ctx: Ctx): void {
  const process = processOf(ctx)
  // An earlier lag's timer may still be running.
  if (process.pending.length === 0 || ctx.now < (process.dueAt ?? 0)) return
  write(ctx, process)
}

/** When nothing has happened for long, everything is written anew. */
function resync(ctx: Ctx): void {
  const process = processOf(ctx)
  const due = (process.syncedAt ?? ctx.now) + FULL_SYNC_PERIOD
  if (due > ctx.now) sendResync(ctx, process.run, due)
  else {
    write(ctx, process)
    sendResync(ctx, process.run, ctx.now + FULL_SYNC_PERIOD)
  }
}

/** Somebody flushed the kernel's rules: they are all written again. */
function lookForCanary(ctx: Ctx): void {
  const process = processOf(ctx)
  if (!isFlushed(ctx.world, ctx.self.instance, configurationOf(ctx.world.parts.proxy, process))) return
  write(ctx, { ...process, needsFullSync: true, pending: [...process.pending, changeOf(ctx, '')] })
}

function sendResync(ctx: Ctx, run: number, at: SimTime): void {
  const options = { background: true, flow: BACKGROUND }
  ctx.send({ kind: 'kube-proxy', instance: ctx.self.instance }, { type: 'resync', run }, at - ctx.now, options)
}

/** Source: kubernetes pkg/proxy/iptables/proxier.go syncProxyRules (doFullSync) */
function write(ctx: Ctx, process: ProxyProcess): void {
  const configuration = configurationOf(ctx.world.parts.proxy, process)
  const { minSyncPeriod } = configuration
  const isFull = process.needsFullSync || (isLongAgo(ctx, process.fullSyncAt) && !sparesItself(ctx, configuration))
  const isPartial = !isFull && process.pending.every((change) => change.service !== '')
  if (isPartial && isFlushed(ctx.world, ctx.self.instance, configuration)) {
    tryAgain(ctx, process, configuration)
    return
  }
  const written = syncRules(ctx, { ...process, pending: toTell(process), needsFullSync: isFull })
  if (process.syncedAt === undefined) sendResync(ctx, process.run, ctx.now + FULL_SYNC_PERIOD)
  replace(ctx, {
    ...written,
    pending: [],
    queuedFor: undefined,
    dueAt: undefined,
    needsFullSync: false,
    syncedAt: ctx.now,
    ...(isFull ? { fullSyncAt: ctx.now } : {}),
    nextSyncAt: ctx.now + minSyncPeriod,
  })
}

function isLongAgo(ctx: Ctx, at: SimTime | undefined): boolean {
  return ctx.now - (at ?? 0) >= FULL_SYNC_PERIOD
}

/** Where there are many endpoints, iptables is not written anew for no other reason than the time. */
function sparesItself(ctx: Ctx, { mode }: ProxyConfiguration): boolean {
  if (mode === 'nftables') return false
  const services = joinServices(cacheOf(ctx).list('services'), cacheOf(ctx).list('endpointslices'))
  return IP_FAMILIES.some((family) => isLargeCluster(services, family))
}

/** What failed before is written with all else, which belongs to the change that failed first. */
function toTell({ needsFullSync, syncedAt, pending }: ProxyProcess): readonly PendingChange[] {
  const [first] = pending
  if (!needsFullSync || syncedAt === undefined || first === undefined) return pending
  if (pending.some((change) => change.service === '')) return pending
  return [...pending, { service: '', at: first.at, cause: first.cause, flow: first.flow }]
}

/** A part of the rules cannot be changed where the rest is gone: the next sync, sooner or later, writes all. */
function tryAgain(ctx: Ctx, process: ProxyProcess, { mode, minSyncPeriod, syncPeriod }: ProxyConfiguration): void {
  const node = ctx.self.instance
  const [first] = process.pending
  const retryAt = ctx.now + syncPeriod
  ctx.emit({
    kind: 'proxy-sync-failed',
    from: thing.kubeProxy(node),
    to: thing.iptables(node),
    ...(first === undefined ? {} : { flow: first.flow }),
    ...(first?.cause === undefined ? {} : { cause: first.cause }),
    facts: { node, mode, services: [...new Set(process.pending.map((change) => change.service))], retryAt },
  })
  replace(ctx, { needsFullSync: true, queuedFor: undefined, dueAt: retryAt, nextSyncAt: ctx.now + minSyncPeriod })
  sendSync(ctx, process.run, retryAt, false)
}
