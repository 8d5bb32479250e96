import type { Node, NodeCondition } from '../../../generated/kubeTypes.js'
import { layBridge } from '../../cni/bridge.js'
import { overlayOfNode } from '../../cni/flannel.js'
import { digestOf, hashText } from '../../core/digest.js'
import { BACKGROUND } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import { MINUTE, MS, SECOND, toMicroTimestamp, toTimestamp } from '../../core/time.js'
import { fullImageName } from '../../workload/images.js'
import { addressesOfMachine } from '../bootstrap/layout.js'
import type { Machine } from '../bootstrap/part.js'
import type { Ctx } from '../context.js'
import { recordEvent } from '../events.js'
import { nodeApi } from './tell.js'
import { kubeletOf, updateKubelet } from './workers.js'

export const KUBELET_VERSION = 'v1.36.2'
const LEASE_PERIOD = 10 * SECOND
const LEASE_SECONDS = 40
const STATUS_PERIOD = 10 * SECOND
/** A status in which nothing has changed is written this often. Source: kubernetes pkg/kubelet/apis/config/v1beta1/defaults.go nodeStatusReportFrequency */
const REPORT_PERIOD = 5 * MINUTE
const LEASES = 'kube-node-lease'

/** What a machine has when nobody says otherwise. */
export const DEFAULT_CAPACITY: Readonly<Record<string, string>> = {
  cpu: '4',
  'ephemeral-storage': '100Gi',
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
  memory: '8Gi',
  pods: '110',
}

/** The Node object that a kubelet registers. Source: kubernetes pkg/kubelet/kubelet_node_status.go initialNode */
export function initialNode(ctx: Ctx, machine: Machine): Node {
  const labels: Record<string, string> = {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': machine.name,
    'kubernetes.io/os': 'linux',
    ...(machine.role === 'control-plane'
      ? {
          'node-role.kubernetes.io/control-plane': '',
          // kind takes label and taint off a control plane that stands alone.
          ...(machine.taints.length > 0 ? { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } : {}),
        }
      : {}),
    ...machine.labels,
  }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: machine.name,
      labels,
      annotations: { 'node.alpha.kubernetes.io/ttl': '0', 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: machine.taints.length === 0 ? {} : { taints: machine.taints },
    status: nodeStatus(ctx, machine, undefined),
  }
}

function nodeStatus(ctx: Ctx, machine: Machine, before: Node | undefined): NonNullable<Node['status']> {
  const capacity = { ...DEFAULT_CAPACITY, ...machine.capacity }
  const identity = hashText(`${ctx.world.seed}/${machine.name}`)
  const images = [...(ctx.world.parts.runtime.images.get(machine.name) ?? [])].map(([name, sizeBytes]) => ({
    names: [fullImageName(name)],
    sizeBytes,
  }))
  return {
    addresses: [
      ...addressesOfMachine(machine).map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: machine.name },
    ],
    allocatable: capacity,
    capacity,
    conditions: nodeConditions(ctx, machine.name, before?.status?.conditions ?? []),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    ...(images.length === 0 ? {} : { images: images.sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, 50) }),
    nodeInfo: {
      architecture: 'amd64',
      bootID: uuid(hashText(`${identity}/boot`)),
      containerRuntimeVersion: 'containerd://2.2.1',
      kernelVersion: '6.18.0',
      kubeProxyVersion: '',
      kubeletVersion: KUBELET_VERSION,
      machineID: identity,
      operatingSystem: 'linux',
      osImage: 'Debian GNU/Linux 13 (trixie)',
      systemUUID: uuid(identity),
    },
  }
}

function uuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

function nodeConditions(ctx: Ctx, node: string, before: readonly NodeCondition[]): readonly NodeCondition[] {
  const make = (type: string, status: string, reason: string, message: string): NodeCondition => {
    const old = before.find((each) => each.type === type)
    return {
      type,
      status,
      lastHeartbeatTime: toTimestamp(ctx.now),
      lastTransitionTime: old?.status === status ? (old.lastTransitionTime ?? toTimestamp(ctx.now)) : toTimestamp(ctx.now),
      reason,
      message,
    }
  }
  return [
    make('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    make('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    make('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    kubeletOf(ctx, node).networkReady
      ? make('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
      : make(
          'Ready',
          'False',
          'KubeletNotReady',
          'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
        ),
  ]
}

function nodeEvent(ctx: Ctx, node: string, reason: string, message: string): void {
  recordEvent(ctx, nodeApi(ctx, node), {
    about: { apiVersion: 'v1', kind: 'Node', metadata: { name: node, uid: node } },
    type: 'Normal',
    reason,
    message,
    component: 'kubelet',
    host: node,
  })
}

/** Registers the Node, or finds it registered; false when the API server cannot be asked. */
export function registerNode(ctx: Ctx, machine: Machine): boolean {
  const api = nodeApi(ctx, machine.name)
  const made = api.create('nodes', initialNode(ctx, machine))
  if (!made.ok && made.error.code !== 409) return false
  updateKubelet(ctx, machine.name, { registered: true })
  nodeEvent(ctx, machine.name, 'Starting', 'Starting kubelet.')
  for (const reason of ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID']) {
    nodeEvent(ctx, machine.name, reason, `Node ${machine.name} status is now: ${reason}`)
  }
  nodeEvent(ctx, machine.name, 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods')
  return true
}

/** Renews the Node's lease: the heartbeat that tells the control plane that it lives. Returns whether it was taken. */
export function renewLease(ctx: Ctx, node: string): boolean {
  const api = nodeApi(ctx, node)
  const key = `${LEASES}/${node}`
  const stored = api.get('leases', key)
  const renewTime = toMicroTimestamp(ctx.now)
  const spec = { holderIdentity: node, leaseDurationSeconds: LEASE_SECONDS, renewTime }
  if (!stored.ok && stored.error.code !== 404) return false
  const written = stored.ok
    ? api.update('leases', { ...stored.value, spec })
    : api.create('leases', {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: node, namespace: LEASES, ...ownedBy(ctx, node) },
        spec,
      })
  if (!written.ok) return false
  ctx.emit({ kind: 'lease-renewed', flow: BACKGROUND, facts: { node }, from: thing.kubelet(node), to: thing.apiServer })
  return true
}

function ownedBy(ctx: Ctx, node: string) {
  const stored = nodeApi(ctx, node).get('nodes', node)
  if (!stored.ok) return {}
  return { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid: stored.value.metadata.uid }] }
}

/** Writes the Node's status when something in it changed, or when it was last written long ago. */
export function reportNode(ctx: Ctx, machine: Machine): void {
  const node = machine.name
  const api = nodeApi(ctx, node)
  const stored = api.get('nodes', node)
  if (!stored.ok) return
  takePodRange(ctx, machine, stored.value)
  const state = kubeletOf(ctx, node)
  const status = nodeStatus(ctx, machine, stored.value)
  const before = stored.value.status
  const judged = (conditions: readonly NodeCondition[] | undefined): unknown =>
    (conditions ?? [])
      .map(({ type, status: value, reason }) => ({ type, value, reason }))
      .filter(({ type }) => OWN.includes(type))
  const same =
    digestOf([judged(status.conditions), status.images, status.capacity, status.addresses]) ===
    digestOf([judged(before?.conditions), before?.images, before?.capacity, before?.addresses])
  if (same && ctx.now - state.reportedAt < REPORT_PERIOD) return
  const wasReady = before?.conditions?.find((each) => each.type === 'Ready')?.status === 'True'
  const foreign = (before?.conditions ?? []).filter((each) => !OWN.includes(each.type))
  const written = api.updateStatus('nodes', {
    ...stored.value,
    status: { ...before, ...status, conditions: [...foreign, ...(status.conditions ?? [])] },
  })
  if (!written.ok) return
  updateKubelet(ctx, node, { reportedAt: ctx.now })
  if (!wasReady && state.networkReady) {
    nodeEvent(ctx, node, 'NodeReady', `Node ${node} status is now: NodeReady`)
    ctx.emit({
      kind: 'node-condition',
      facts: { node, type: 'Ready', status: 'True', reason: 'KubeletReady' },
      from: thing.kubelet(node),
      to: thing.node(node),
    })
  }
}

const OWN = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']

/** The Node's Pod range has been given out: the network plugin can be set up. Returns whether it is. */
export function takePodRange(ctx: Ctx, machine: Machine, node: Node): boolean {
  const range = node.spec?.podCIDR ?? ''
  if (range === '' || kubeletOf(ctx, machine.name).networkReady) return kubeletOf(ctx, machine.name).networkReady
  const podCIDRs = node.spec?.podCIDRs ?? [range]
  layBridge(ctx, machine.name, podCIDRs, overlayOfNode(node) ?? ctx.world.parts.cluster.config.overlay)
  const ranges = podCIDRs.length > 1 ? { podCIDRs } : {}
  ctx.world.parts.cluster.machines.set(machine.name, { ...machine, podCIDR: range, ...ranges })
  updateKubelet(ctx, machine.name, { networkReady: true })
  return true
}

export function scheduleLease(ctx: Ctx, node: string): void {
  const { run } = kubeletOf(ctx, node)
  // Renewals are spread, as the real kubelet's jitter does.
  const jitter = ctx.random('kubelet.lease').int(400) * MS
  ctx.send({ kind: 'kubelet', instance: node }, { type: 'lease', run }, LEASE_PERIOD + jitter, {
    background: true,
    flow: BACKGROUND,
  })
}

export function scheduleStatus(ctx: Ctx, node: string): void {
  const { run } = kubeletOf(ctx, node)
  ctx.send({ kind: 'kubelet', instance: node }, { type: 'node-status', run }, STATUS_PERIOD, {
    background: true,
    flow: BACKGROUND,
  })
}
