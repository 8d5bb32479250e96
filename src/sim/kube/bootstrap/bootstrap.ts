import { thing } from '../../core/thing.js'
import { MS, SECOND } from '../../core/time.js'
import { layNode } from '../../net/layout.js'
import type { ApiClient, Manifest } from '../api/client.js'
import { findKind } from '../api/kinds.js'
import { openApi } from '../api/openApi.js'
import type { Resources } from '../api/resources.js'
import { restoreObjects } from '../api/restore.js'
import { CONTROLLER as CLOUD } from '../cloud/cloud.js'
import type { Behaviour, Ctx } from '../context.js'
import { startControllerManager } from '../controllers/manager.js'
import { proxyConfigMap } from '../proxy/configMap.js'
import { addressesOfMachine, serviceAddress } from './layout.js'
import type { Machine } from './part.js'
import { completedPod, restoreCluster, restorePod, standsAlready } from './restore.js'
import {
  addons,
  apiServerObjects,
  defaultStorageClass,
  kubernetesService,
  proxyDaemonSet,
  SYSTEM_IMAGES,
} from './systemObjects.js'

/** kubeadm has the control plane up at 0; workers join from here on, one after the other. */
const FIRST_JOIN = 2 * SECOND
const JOIN_STEP = 100 * MS
/** From machine on to kube-proxy running: its Pod has to come first. */
const PROXY_START = 900 * MS
/** By now the Nodes are Ready and DNS serves: the scenario's objects are applied. */
const OBJECTS_AT = 12 * SECOND
const OBJECT_STEP = 50 * MS
/** Pods of a restored cluster are created one by one, each when the one before has been looked at. */
const POD_STEP = 20 * MS

/** Switches the cluster on: what people (kubeadm, kind) do, not what Kubernetes does by itself. */
export const bootstrapBehaviour: Behaviour<'bootstrap'> = (ctx, message) => {
  switch (message.type) {
    case 'start':
      if (ctx.world.parts.cluster.config.restored) startRestored(ctx)
      else startFresh(ctx)
      return
    case 'join':
      join(ctx, message.machine)
      return
    case 'apply-objects':
      applyNext(ctx)
      return
    case 'create-pods':
      createNext(ctx, message.pods)
      return
  }
}

function admin(ctx: Ctx): ApiClient {
  return openApi(ctx, { name: 'kubernetes-admin', thing: thing.client('kubectl') })
}

function startFresh(ctx: Ctx): void {
  const { cluster, proxy } = ctx.world.parts
  const machines = [...cluster.machines.values()]
  const first = machines.find((each) => each.role === 'control-plane') ?? machines[0]
  const { serviceSubnet } = cluster.config
  restoreObjects(ctx, [
    ...apiServerObjects(),
    ...(first === undefined ? [] : kubernetesService(serviceAddress(serviceSubnet, 1), first.address)),
    ...addons(serviceAddress(serviceSubnet, 10)),
    defaultStorageClass(),
    ...(cluster.config.withoutProxy
      ? []
      : [proxyConfigMap(proxy.configuration, `https://${first?.name ?? 'control-plane'}:6443`), proxyDaemonSet()]),
  ])
  startControlPlane(ctx)
  let workers = 0
  for (const machine of machines) {
    const joinsAt = cluster.joining.get(machine.name)
    if (joinsAt !== undefined) later(ctx, { type: 'join', machine: machine.name }, joinsAt)
    else if (machine.role === 'control-plane') startMachine(ctx, machine, 0)
    else startMachine(ctx, machine, FIRST_JOIN + Math.min(workers++, 30) * JOIN_STEP)
  }
  if (cluster.startObjects.length > 0) applyLater(ctx, OBJECTS_AT)
}

function startControlPlane(ctx: Ctx): void {
  startControllerManager(ctx)
  if (!ctx.world.parts.cluster.config.withoutScheduler) ctx.send({ kind: 'scheduler' }, { type: 'start' })
  ctx.send({ kind: 'cloud', instance: CLOUD }, { type: 'start' })
}

function later(ctx: Ctx, message: Parameters<typeof bootstrapBehaviour>[1], delay: number): void {
  ctx.send({ kind: 'bootstrap' }, message, delay, { background: false })
}

function startMachine(ctx: Ctx, machine: Machine, delay: number): void {
  const present = new Map(SYSTEM_IMAGES.map(([image, megabytes]) => [image, megabytes * 1_048_576]))
  if (machine.kubelet !== 'frozen') ctx.world.parts.runtime.images.set(machine.name, present)
  const { config } = ctx.world.parts.cluster
  ctx.send({ kind: 'kubelet', instance: machine.name }, { type: 'start' }, delay, { background: false })
  if (config.withoutProxy) return
  ctx.send({ kind: 'kube-proxy', instance: machine.name }, { type: 'start' }, delay + PROXY_START, { background: false })
}

/** A machine is switched on and joins the cluster. */
function join(ctx: Ctx, name: string): void {
  const { cluster, net } = ctx.world.parts
  const machine = cluster.machines.get(name)
  if (machine === undefined || machine.powered) return
  const on = { ...machine, powered: true }
  cluster.machines.set(name, on)
  cluster.joining.delete(name)
  layNode(net, { name, addresses: addressesOfMachine(machine), podCIDRs: [] })
  ctx.emit({
    kind: 'action',
    facts: { action: 'join-node', summary: { node: name } },
    from: thing.node(name),
    to: thing.apiServer,
  })
  startMachine(ctx, on, 100 * MS)
}

function applyLater(ctx: Ctx, delay: number): void {
  const flow = `scenario-${ctx.world.nextFlow++}`
  ctx.send({ kind: 'bootstrap' }, { type: 'apply-objects' }, delay, { background: false, flow })
}

/** Applies the next of the scenario's objects; each is a flow of its own. */
function applyNext(ctx: Ctx): void {
  const { cluster } = ctx.world.parts
  const object = cluster.startObjects.shift()
  if (object === undefined) return
  apply(ctx, object)
  if (cluster.startObjects.length === 0) return
  applyLater(ctx, OBJECT_STEP)
}

/** `Service default/web`, `Node node1`: how a refusal names its object. */
function labelOf(object: Manifest, namespaced: boolean): string {
  const name = object.metadata.name ?? object.metadata.generateName ?? ''
  const { namespace = '' } = object.metadata
  return namespaced ? `${object.kind} ${namespace === '' ? 'default' : namespace}/${name}` : `${object.kind} ${name}`
}

/** Creates one object as `kubectl create` would; what is refused is kept for whoever asks. */
function apply(ctx: Ctx, object: Manifest): void {
  const items = object['items']
  if (object.kind.endsWith('List') && Array.isArray(items)) {
    for (const item of items) apply(ctx, item as Manifest)
    return
  }
  const info = findKind(object.apiVersion, object.kind)
  const label = labelOf(object, info?.namespaced === true)
  if (info === undefined) {
    ctx.world.parts.cluster.refused.push({
      object: label,
      message: `no matches for kind "${object.kind}" in version "${object.apiVersion}"`,
    })
    return
  }
  const placed =
    info.namespaced && (object.metadata.namespace ?? '') === ''
      ? { ...object, metadata: { ...object.metadata, namespace: 'default' } }
      : object
  if (standsAlready(ctx, placed)) {
    const fault = restorePod(ctx, placed)
    if (fault !== undefined) ctx.world.parts.cluster.refused.push({ object: label, message: fault })
    return
  }
  // The API server decodes what it is given field by field, whatever it is.
  const result = admin(ctx).create(info.resource, placed as unknown as Resources[typeof info.resource], {
    fieldValidation: 'Strict',
  })
  if (!result.ok) ctx.world.parts.cluster.refused.push({ object: label, message: result.error.message })
}

function startRestored(ctx: Ctx): void {
  const { cluster } = ctx.world.parts
  const pods = restoreCluster(ctx)
  startControlPlane(ctx)
  for (const machine of cluster.machines.values()) startMachine(ctx, machine, 0)
  if (pods.length > 0)
    ctx.send({ kind: 'bootstrap' }, { type: 'create-pods', pods }, 100 * MS, {
      background: false,
      flow: `scenario-${ctx.world.nextFlow++}`,
    })
  if (cluster.startObjects.length > 0) applyLater(ctx, 2 * SECOND)
}

/** In a cluster as it stands nobody runs a Pod of the file: it is created, placed, and stays as it is. */
function createNext(ctx: Ctx, pods: readonly Manifest[]): void {
  const [object, ...rest] = pods
  if (object === undefined) return
  const namespace = object.metadata.namespace ?? 'default'
  const placed = { ...object, metadata: { ...object.metadata, namespace } }
  const first = admin(ctx).create('pods', placed as unknown as Resources['pods'])
  const made = first.ok ? first : admin(ctx).create('pods', completedPod(placed) as unknown as Resources['pods'])
  if (made.ok) ctx.world.parts.cluster.frozenPods.add(made.value.metadata.uid)
  else
    ctx.world.parts.cluster.refused.push({
      object: `Pod ${object.metadata.name ?? ''}`,
      message: first.ok ? '' : first.error.message,
    })
  if (rest.length === 0) return
  ctx.send({ kind: 'bootstrap' }, { type: 'create-pods', pods: rest }, POD_STEP, {
    background: false,
    flow: `scenario-${ctx.world.nextFlow++}`,
  })
}
