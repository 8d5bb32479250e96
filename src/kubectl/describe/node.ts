import type { Node, Pod } from '../../generated/kubeTypes.js'
import type { StoredOf } from '../../sim/index.js'
import { byCodeUnit, nodeRoles } from '../../sim/index.js'
import { ageOf, longTime } from '../text/duration.js'
import type { Quantity } from '../text/quantity.js'
import { addQuantity, maxQuantity, quantityText, readQuantity, ZERO } from '../text/quantity.js'
import type { DescribeContext } from './common.js'
import { writeAnnotations, writeEvents, writeLabels, writeTaints } from './common.js'
import type { DescribeWriter } from './writer.js'

/** Source: kubernetes kubectl pkg/describe/describe.go describeNode */
export function describeNode(node: StoredOf<'nodes'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = node
  const roles = nodeRoles(node)
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Roles:\t${roles.length === 0 ? '<none>' : roles.join(',')}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`)
  writeTaints(w, 'Taints', spec?.taints)
  w.line(0, `Unschedulable:\t${spec?.unschedulable ?? false}`)
  writeLease(metadata.name, context, w)
  const conditions = status?.conditions ?? []
  if (conditions.length > 0) {
    w.line(0, 'Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage')
    w.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
  }
  for (const each of conditions) {
    const times = `${longTime(each.lastHeartbeatTime)} \t${longTime(each.lastTransitionTime)} `
    w.line(1, `${each.type} \t${each.status} \t${times}\t${each.reason ?? ''} \t${each.message ?? ''}`)
  }
  w.line(0, 'Addresses:')
  for (const { type, address } of status?.addresses ?? []) w.line(1, `${type}:\t${address}`)
  writeAmounts(w, 'Capacity', status?.capacity)
  writeAmounts(w, 'Allocatable', status?.allocatable)
  writeSystemInfo(node, w)
  if (spec?.podCIDR !== undefined) w.line(0, `PodCIDR:\t${spec.podCIDR}`)
  if (spec?.podCIDRs !== undefined && spec.podCIDRs.length > 0) w.line(0, `PodCIDRs:\t${spec.podCIDRs.join(',')}`)
  if (spec?.providerID !== undefined) w.line(0, `ProviderID:\t${spec.providerID}`)
  writePods(node, context, w)
  writeEvents(w, context, node)
}

function writeLease(name: string, { api }: DescribeContext, w: DescribeWriter): void {
  const lease = api.get('leases', `kube-node-lease/${name}`)
  if (!lease.ok) {
    w.line(0, `Lease:\tFailed to get lease: ${lease.error.message}`)
    return
  }
  const { holderIdentity = '<unset>', acquireTime, renewTime } = lease.value.spec ?? {}
  w.line(0, 'Lease:')
  w.line(1, `HolderIdentity:\t${holderIdentity}`)
  w.line(1, `AcquireTime:\t${acquireTime === undefined ? '<unset>' : longTime(acquireTime)}`)
  w.line(1, `RenewTime:\t${renewTime === undefined ? '<unset>' : longTime(renewTime)}`)
}

type Amounts = Readonly<Record<string, unknown>> | undefined

function writeAmounts(w: DescribeWriter, title: string, amounts: Amounts): void {
  const entries = Object.entries(amounts ?? {}).sort(([a], [b]) => byCodeUnit(a, b))
  if (entries.length > 0) w.line(0, `${title}:`)
  for (const [name, value] of entries) w.line(0, `  ${name}:\t${String(value)}`)
}

function writeSystemInfo({ status }: Node, w: DescribeWriter): void {
  const info = status?.nodeInfo
  w.line(0, 'System Info:')
  w.line(0, `  Machine ID:\t${info?.machineID ?? ''}`)
  w.line(0, `  System UUID:\t${info?.systemUUID ?? ''}`)
  w.line(0, `  Boot ID:\t${info?.bootID ?? ''}`)
  w.line(0, `  Kernel Version:\t${info?.kernelVersion ?? ''}`)
  w.line(0, `  OS Image:\t${info?.osImage ?? ''}`)
  w.line(0, `  Operating System:\t${info?.operatingSystem ?? ''}`)
  w.line(0, `  Architecture:\t${info?.architecture ?? ''}`)
  w.line(0, `  Container Runtime Version:\t${info?.containerRuntimeVersion ?? ''}`)
  w.line(0, `  Kubelet Version:\t${info?.kubeletVersion ?? ''}`)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeNodeResource */
function writePods(node: StoredOf<'nodes'>, { api, now }: DescribeContext, w: DescribeWriter): void {
  const listed = api.list('pods', {
    fieldSelector: `spec.nodeName=${node.metadata.name},status.phase!=Succeeded,status.phase!=Failed`,
  })
  const pods = listed.ok ? listed.value : []
  const allocatable: Amounts = node.status?.allocatable ?? node.status?.capacity
  w.line(0, `Non-terminated Pods:\t(${pods.length} in total)`)
  w.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge')
  w.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---')
  const total = { requests: new Map<string, Quantity>(), limits: new Map<string, Quantity>() }
  for (const pod of pods) {
    const requests = podAmounts(pod, 'requests')
    const limits = podAmounts(pod, 'limits')
    addAll(total.requests, requests)
    addAll(total.limits, limits)
    const cells = [share(requests, 'cpu', allocatable), share(limits, 'cpu', allocatable)]
    cells.push(share(requests, 'memory', allocatable), share(limits, 'memory', allocatable))
    const { namespace = '', name, creationTimestamp } = pod.metadata
    w.line(1, `${namespace}\t${name}\t\t${cells.join('\t')}\t${ageOf(creationTimestamp, now)}`)
  }
  w.line(0, 'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)')
  w.line(1, 'Resource\tRequests\tLimits')
  w.line(1, '--------\t--------\t------')
  const names = Object.keys(allocatable ?? {}).sort(byCodeUnit)
  const pages = names.filter((name) => name.startsWith('hugepages-'))
  for (const name of ['cpu', 'memory', 'ephemeral-storage', ...pages]) {
    w.line(1, `${name}\t${share(total.requests, name, allocatable)}\t${share(total.limits, name, allocatable)}`)
  }
  for (const name of names.filter((each) => each.includes('/'))) {
    w.line(1, `${name}\t${quantityText(total.requests.get(name) ?? ZERO)}\t${quantityText(total.limits.get(name) ?? ZERO)}`)
  }
}

function addAll(sum: Map<string, Quantity>, amounts: ReadonlyMap<string, Quantity>): void {
  for (const [name, quantity] of amounts) sum.set(name, addQuantity(sum.get(name) ?? ZERO, quantity))
}

function share(amounts: ReadonlyMap<string, Quantity>, name: string, allocatable: Amounts): string {
  const amount = amounts.get(name) ?? ZERO
  const all = readQuantity(allocatable?.[name]).milli
  return `${quantityText(amount)} (${all === 0 ? 0 : Math.trunc((amount.milli / all) * 100)}%)`
}

/** What a Pod asks for as a whole: its containers together, or its largest init container, and its overhead. Source: component-helpers resource/helpers.go PodRequests */
function podAmounts({ spec }: Pod, kind: 'requests' | 'limits'): ReadonlyMap<string, Quantity> {
  const sum = new Map<string, Quantity>()
  const read = (amounts: Amounts): ReadonlyMap<string, Quantity> =>
    new Map(Object.entries(amounts ?? {}).map(([name, value]) => [name, readQuantity(value)]))
  for (const container of spec?.containers ?? []) addAll(sum, read(container.resources?.[kind]))
  const sidecars = new Map<string, Quantity>()
  const peak = new Map<string, Quantity>()
  for (const container of spec?.initContainers ?? []) {
    const own = read(container.resources?.[kind])
    if (container.restartPolicy === 'Always') {
      addAll(sum, own)
      addAll(sidecars, own)
      raise(peak, sidecars)
    } else {
      const together = new Map(sidecars)
      addAll(together, own)
      raise(peak, together)
    }
  }
  raise(sum, peak)
  for (const [name, quantity] of read(spec?.overhead)) {
    if (kind === 'requests' || sum.has(name)) sum.set(name, addQuantity(sum.get(name) ?? ZERO, quantity))
  }
  return sum
}

function raise(to: Map<string, Quantity>, by: ReadonlyMap<string, Quantity>): void {
  for (const [name, quantity] of by) to.set(name, maxQuantity(to.get(name) ?? ZERO, quantity))
}
