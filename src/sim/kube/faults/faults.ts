import { losePods } from '../../cni/bridge.js'
import { fail, ok, type Result } from '../../core/result.js'
import { type ThingId, thing } from '../../core/thing.js'
import { MS } from '../../core/time.js'
import { setHostDown, setLinkUp, setSysctls } from '../../net/topology.js'
import { cutNode, reconnectNode, startApiServer, startEtcd, stopApiServer, stopEtcd } from '../api/faults.js'
import { openApi } from '../api/openApi.js'
import type { Machine } from '../bootstrap/part.js'
import { CONTROLLER as CLOUD } from '../cloud/cloud.js'
import type { Ctx } from '../context.js'
import { startControllerManager, stopControllerManager } from '../controllers/manager.js'
import { listStored } from '../etcd/store.js'
import { moveManifest, stopKubelet } from '../kubelet/kubelet.js'
import { killProcess, losePower } from '../kubelet/runtime.js'
import type { StaticComponent } from '../kubelet/staticPods.js'
import { updateKubelet } from '../kubelet/workers.js'
import { flushRules, hasRulesToFlush } from '../proxy/flush.js'
import { BOOTED } from '../proxy/sysctls.js'
import { FAULT_KINDS, type Fault, type FaultCode, type FaultProblem } from './faultKinds.js'
import { slowProxy } from './slowProxy.js'

/** Faults that take a static Pod's manifest away. */
const MANIFESTS: Readonly<Partial<Record<FaultCode, StaticComponent>>> = {
  'stop-apiserver': 'kube-apiserver',
  'stop-etcd': 'etcd',
  'stop-scheduler': 'kube-scheduler',
  'stop-controller-manager': 'kube-controller-manager',
}

/** How long a machine takes from power to a running kubelet, and a process from start to work. */
const BOOT_TIME = 3_000 * MS
const START_TIME = 200 * MS

/**
 * Breaks something, or mends it again, as it happens to real clusters: processes end, power fails, cables are cut. Nothing is told to
 * Kubernetes: what it makes of it, it finds out for itself.
 */
export function applyFault(ctx: Ctx, fault: Fault): Result<undefined, FaultProblem> {
  const kind = FAULT_KINDS.find((each) => each.code === fault.fault)
  if (kind === undefined) return fail('unknown-fault')
  if (kind.target !== fault.target.split('/')[0]) return fail('wrong-target')
  const { fault: code } = fault
  if (code === 'slow-kube-proxy') return slowProxy(ctx, fault)
  const { active } = ctx.world.parts.faults
  const key = `${fault.fault} ${fault.target}`
  if (kind.lasts && active.has(key) === fault.active) return fail('already-so')
  if (!kind.lasts && !fault.active) return fail('already-so')
  const missing = findMissing(ctx, fault)
  if (missing !== undefined) return fail(missing)
  if (code === 'flush-rules' && !hasRulesToFlush(ctx.world, fault.target.split('/')[1] ?? '')) return fail('already-so')
  const step = ctx.emit({ kind: 'fault', facts: fault, from: fault.target, to: fault.target })
  const done = carryOut(ctx, code, fault)
  if (!done.ok) return done
  if (kind.lasts && fault.active)
    active.set(key, { fault: fault.fault, target: fault.target, since: ctx.now, flow: ctx.flow, step })
  else active.delete(key)
  const component = MANIFESTS[fault.fault]
  if (component !== undefined) moveManifest(ctx, component, !fault.active)
  return ok(undefined)
}

/** Whether a fault code is one of ours: for what comes from outside. */
export function isFaultCode(text: string): text is FaultCode {
  return FAULT_KINDS.some((each) => each.code === text)
}

function findMissing(ctx: Ctx, { fault, target }: Fault): FaultProblem | undefined {
  switch (fault) {
    case 'stop-node':
    case 'cut-node':
    case 'stop-kubelet':
    case 'stop-kube-proxy':
    case 'flush-rules':
      return machineOf(ctx, target) === undefined ? 'no-such-thing' : undefined
    default:
      return undefined
  }
}

function machineOf(ctx: Ctx, target: ThingId): Machine | undefined {
  return ctx.world.parts.cluster.machines.get(target.split('/')[1] ?? '')
}

function setMachine(ctx: Ctx, name: string, change: Partial<Machine>): Machine | undefined {
  const { machines } = ctx.world.parts.cluster
  const machine = machines.get(name)
  if (machine === undefined) return undefined
  const next = { ...machine, ...change }
  machines.set(name, next)
  return next
}

function carryOut(
  ctx: Ctx,
  fault: Exclude<FaultCode, 'slow-kube-proxy'>,
  { target, active }: Fault,
): Result<undefined, FaultProblem> {
  const [, first = '', second = '', third = ''] = target.split('/')
  switch (fault) {
    case 'kill-container':
      return killContainer(ctx, first, second, third)
    case 'delete-pod':
      return deletePod(ctx, first, second)
    case 'stop-node':
      if (active) powerOff(ctx, first)
      else powerOn(ctx, first)
      return ok(undefined)
    case 'flush-rules':
      flushRules(ctx, first)
      return ok(undefined)
    case 'cut-node':
      cut(ctx, first, active)
      return ok(undefined)
    case 'stop-kubelet':
      setMachine(ctx, first, { kubelet: active ? 'stopped' : 'running' })
      if (active) stopKubelet(ctx, first)
      else if (machineOf(ctx, target)?.powered) ctx.send({ kind: 'kubelet', instance: first }, { type: 'start' }, START_TIME)
      return ok(undefined)
    case 'stop-kube-proxy':
      setMachine(ctx, first, { kubeProxy: active ? 'stopped' : 'running' })
      if (active) ctx.send({ kind: 'kube-proxy', instance: first }, { type: 'stop' })
      else if (machineOf(ctx, target)?.powered) ctx.send({ kind: 'kube-proxy', instance: first }, { type: 'start' }, START_TIME)
      return ok(undefined)
    case 'stop-apiserver':
      if (active) stopApiServer(ctx)
      else if (isControlPlaneUp(ctx)) startApiServer(ctx)
      return ok(undefined)
    case 'stop-etcd':
      if (active) stopEtcd(ctx)
      else if (hasQuorum(ctx)) startEtcd(ctx)
      return ok(undefined)
    case 'stop-scheduler':
      if (active) ctx.send({ kind: 'scheduler' }, { type: 'stop' })
      else if (isControlPlaneUp(ctx)) ctx.send({ kind: 'scheduler' }, { type: 'start' })
      return ok(undefined)
    case 'stop-controller-manager':
      if (active) stopControllerManager(ctx)
      else if (isControlPlaneUp(ctx)) startControllerManager(ctx)
      return ok(undefined)
    case 'stop-cloud-controller-manager':
      if (active) ctx.send({ kind: 'cloud', instance: CLOUD }, { type: 'stop' })
      else if (isControlPlaneUp(ctx)) ctx.send({ kind: 'cloud', instance: CLOUD }, { type: 'start' })
      return ok(undefined)
  }
}

/** Any control-plane machine with power serves the API and runs a leader of each other process. */
function isControlPlaneUp(ctx: Ctx): boolean {
  const { powered, all } = controlPlanes(ctx)
  return all === 0 || powered > 0
}

/** etcd has a member on each control-plane machine, and needs more than half of them. */
function hasQuorum(ctx: Ctx): boolean {
  const { powered, all } = controlPlanes(ctx)
  return all === 0 || powered * 2 > all
}

function controlPlanes(ctx: Ctx): { readonly powered: number; readonly all: number } {
  const machines = [...ctx.world.parts.cluster.machines.values()].filter((each) => each.role === 'control-plane')
  return { powered: machines.filter((each) => each.powered).length, all: machines.length }
}

function killContainer(ctx: Ctx, namespace: string, pod: string, container: string): Result<undefined, FaultProblem> {
  for (const [node, containers] of ctx.world.parts.runtime.containers) {
    for (const held of containers.values()) {
      if (held.podKey !== `${namespace}/${pod}` || held.name !== container || held.state !== 'running') continue
      killProcess(ctx, node, held.id)
      return ok(undefined)
    }
  }
  return fail('no-such-thing')
}

function deletePod(ctx: Ctx, namespace: string, name: string): Result<undefined, FaultProblem> {
  const api = openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') })
  const deleted = api.delete('pods', `${namespace}/${name}`)
  if (deleted.ok) return ok(undefined)
  return fail(deleted.error.code === 404 ? 'no-such-thing' : 'refused')
}

/** Electricity fails: kubelet, kube-proxy, containers and the kernel's rules and connections are gone; disks keep what they hold. */
function powerOff(ctx: Ctx, name: string): void {
  const machine = setMachine(ctx, name, { powered: false })
  const { net } = ctx.world.parts
  if (machine === undefined) return
  stopKubelet(ctx, name)
  updateKubelet(ctx, name, { networkReady: false })
  ctx.send({ kind: 'kube-proxy', instance: name }, { type: 'stop' })
  losePower(ctx, name)
  losePods(ctx, name)
  const { nftables } = ctx.world.parts.proxy
  for (const memory of [
    net.sockets,
    net.rulesets,
    net.rulesets6,
    net.nftables,
    nftables,
    net.conntrack,
    net.counters,
    net.recent,
    net.nth,
  ])
    memory.delete(name)
  if (net.hosts.has(name)) setHostDown(net, name, true)
  if (net.hosts.has(name)) setSysctls(net, name, BOOTED)
  cutNode(ctx, name)
  if (machine.role !== 'control-plane') return
  if (!hasQuorum(ctx)) stopEtcd(ctx)
  if (isControlPlaneUp(ctx)) return
  stopApiServer(ctx)
  ctx.send({ kind: 'scheduler' }, { type: 'stop' })
  stopControllerManager(ctx)
  ctx.send({ kind: 'cloud', instance: CLOUD }, { type: 'stop' })
}

/** Power is back: the machine boots with empty tables; kubelet and kube-proxy start as they would at boot. */
function powerOn(ctx: Ctx, name: string): void {
  const machine = setMachine(ctx, name, { powered: true })
  const { net, faults } = ctx.world.parts
  if (machine === undefined) return
  if (net.hosts.has(name)) setHostDown(net, name, false)
  const isBroken = (code: FaultCode, target: ThingId): boolean => faults.active.has(`${code} ${target}`)
  if (!isBroken('cut-node', thing.node(name))) reconnectNode(ctx, name)
  if (machine.role === 'control-plane') {
    if (hasQuorum(ctx) && !isBroken('stop-etcd', thing.etcd)) startEtcd(ctx)
    // Others may have gone on without this machine.
    if (controlPlanes(ctx).powered === 1) startControlPlane(ctx, isBroken)
  }
  // A machine that came frozen has no kubelet of its own until somebody switches it off and on.
  if (machine.kubelet === 'frozen') thaw(ctx, name)
  if (!isBroken('stop-kubelet', thing.kubelet(name))) ctx.send({ kind: 'kubelet', instance: name }, { type: 'start' }, BOOT_TIME)
  if (!isBroken('stop-kube-proxy', thing.kubeProxy(name)))
    ctx.send({ kind: 'kube-proxy', instance: name }, { type: 'start' }, BOOT_TIME)
}

/** The cable to the underlay: packets and the control plane's messages go over the same one. */
function cut(ctx: Ctx, name: string, active: boolean): void {
  const machine = setMachine(ctx, name, { connected: !active })
  const { net } = ctx.world.parts
  if (machine === undefined) return
  if (net.interfaces.get(name)?.has('eth0')) setLinkUp(net, name, 'eth0', !active)
  // The control plane's own Node reaches its API server over loopback; everybody else's connection is cut.
  if (machine.role === 'control-plane') {
    for (const other of ctx.world.parts.cluster.machines.values()) {
      if (other.role === 'control-plane') continue
      if (active) cutNode(ctx, other.name)
      else if (other.connected && other.powered) reconnectNode(ctx, other.name)
    }
    return
  }
  if (active) cutNode(ctx, name)
  else if (machine.powered) reconnectNode(ctx, name)
}

function startControlPlane(ctx: Ctx, isBroken: (code: FaultCode, target: ThingId) => boolean): void {
  if (!isBroken('stop-apiserver', thing.apiServer)) startApiServer(ctx)
  if (!isBroken('stop-scheduler', thing.scheduler)) ctx.send({ kind: 'scheduler' }, { type: 'start' }, BOOT_TIME)
  if (!isBroken('stop-controller-manager', thing.controllerManager)) startControllerManager(ctx)
  if (!isBroken('stop-cloud-controller-manager', thing.cloudControllerManager)) {
    ctx.send({ kind: 'cloud', instance: CLOUD }, { type: 'start' }, BOOT_TIME)
  }
}

/** Its Pods are the kubelet's now: it starts them as after any boot. */
function thaw(ctx: Ctx, name: string): void {
  setMachine(ctx, name, { kubelet: 'running' })
  const { cluster, etcd } = ctx.world.parts
  for (const pod of listStored(etcd, 'pods')) {
    if ((pod as { readonly spec?: { readonly nodeName?: string } }).spec?.nodeName === name)
      cluster.frozenPods.delete(pod.metadata.uid)
  }
}
