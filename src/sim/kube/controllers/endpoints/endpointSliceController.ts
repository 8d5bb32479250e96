import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from '../../../../generated/kubeTypes.js'
import type { ApiError } from '../../api/apiError.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED, splitKey } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { podCandidates } from '../podIndex.js'
import type { StoredNode } from '../pods.js'
import { controllerReference } from '../pods.js'
import { isNamespaceTerminating } from '../replicaset/replicaSetController.js'
import type { Labels } from '../selectors.js'
import { hasLabels, sameLabels } from '../selectors.js'
import { forgetWrites, isCaughtUp, noteWrite } from '../writes.js'
import type { StoredService } from './endpoint.js'
import {
  addressesOf,
  belongsInEndpoints,
  endpointsMayChange,
  familyOf,
  HEADLESS,
  isHeadless,
  MANAGED_BY,
  podToEndpoint,
  SERVICE_NAME,
  slicePorts,
  withHints,
} from './endpoint.js'
import type { DesiredGroup, PlannedUpdate, SliceContent, SlicePlan, StoredSlice } from './slices.js'
import { planSlices, portsId, reuseSlices } from './slices.js'
import { isOverloaded, planTopologyHints, refusalText, wantsTopologyHints, zoneRatios } from './topologyHints.js'

const MANAGER_NAME = 'endpointslice-controller.k8s.io'
/** Names itself so in events. */
const COMPONENT = 'endpoint-slice-controller'
const RESERVED: ReadonlySet<string> = new Set([SERVICE_NAME, MANAGED_BY, HEADLESS])

/** Keeps the EndpointSlices of Services that have a selector. Source: kubernetes pkg/controller/endpointslice/endpointslice_controller.go */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  watches: ['services', 'pods', 'endpointslices', 'nodes'],
  changed(run, change) {
    if (change.resource === 'services') run.add(change.key)
    else if (isChangeOf(change, 'pods')) addServicesOf(run, change.type, change.object, change.old)
    else if (isChangeOf(change, 'endpointslices')) {
      const slice = change.object
      const service = slice.metadata.labels?.[SERVICE_NAME]
      const isOurs = [slice, change.old].some((each) => each?.metadata.labels?.[MANAGED_BY] === MANAGER_NAME)
      if (isOurs && service !== undefined) run.add(`${slice.metadata.namespace ?? ''}/${service}`)
    } else if (isChangeOf(change, 'nodes')) addOverloaded(run, change.object, change.old)
  },
  sync,
}

/** Adds the Services that select a changed Pod, before or after. Source: endpointslice/util/controller_utils.go GetServicesToUpdateOnPodChange */
export function addServicesOf(run: Run, type: string, pod: StoredPod, old: StoredPod | undefined): void {
  const labelsChanged = old !== undefined && !sameLabels(old.metadata.labels, pod.metadata.labels)
  if (type === 'MODIFIED' && old !== undefined && !labelsChanged && !endpointsMayChange(old, pod)) return
  for (const service of run.cache.list('services', pod.metadata.namespace)) {
    const selector = service.spec?.selector
    if (selector === undefined || Object.keys(selector).length === 0) continue
    const matches = hasLabels(selector, pod.metadata.labels) || (labelsChanged && hasLabels(selector, old.metadata.labels))
    if (matches) run.add(keyOf(service))
  }
}

/** Services whose zones no longer fit the Nodes, when a Node comes, goes, changes its zone or its readiness. Source: checkNodeTopologyDistribution */
function addOverloaded(run: Run, node: StoredNode, old: StoredNode | undefined): void {
  if (run.part.topology.size === 0) return
  if (old !== undefined && isNodeReady(old) === isNodeReady(node) && zoneOf(old) === zoneOf(node)) return
  const ratios = zoneRatios(run.cache.list('nodes'))
  for (const [key, memory] of run.part.topology) if (isOverloaded(memory, ratios)) run.add(key)
}

function isNodeReady(node: StoredNode): boolean {
  return (node.status?.conditions ?? []).some((each) => each.type === 'Ready' && each.status === 'True')
}

function zoneOf(node: StoredNode): string | undefined {
  return node.metadata.labels?.['topology.kubernetes.io/zone']
}

function sync(run: Run, key: string): SyncOutcome {
  const service = run.cache.get('services', key)
  if (service === undefined) {
    forgetWrites(run, key)
    run.part.topology.delete(key)
    return SETTLED
  }
  const { selector, type } = service.spec ?? {}
  if (type === 'ExternalName' || selector === undefined || Object.keys(selector).length === 0) return SETTLED
  if (!isCaughtUp(run, key)) return SETTLED
  const existing = slicesOf(run, key, MANAGER_NAME)
  const pods = podCandidates(run.part, run.cache, service.metadata.namespace ?? '', selector).filter((pod) =>
    hasLabels(selector, pod.metadata.labels),
  )
  run.looked(key, 3 * pods.length)
  let error: ApiError | undefined
  const families = familiesOf(service)
  for (const slice of existing) {
    if (families.some((each) => each === slice.addressType)) continue
    giveUpHints(run, key, slice.addressType)
    error = removeSlice(run, key, slice) ?? error
  }
  for (const family of families) {
    const ofFamily = existing.filter((slice) => slice.addressType === family)
    const { groups, missingNode } = desiredGroups(run, service, pods, family)
    error = reconcile(run, key, service, family, ofFamily, groups) ?? error
    if (missingNode !== undefined) error ??= missingNode
  }
  if (error === undefined) return SETTLED
  const { namespace, name } = splitKey(key)
  if (error.reason !== 'NodeNotFound') {
    const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${error.message}`
    run.event(service, 'Warning', 'FailedToUpdateEndpointSlices', message, COMPONENT)
  }
  return retry(error)
}

/** Slices of a Service that one controller keeps, oldest first. */
export function slicesOf(run: Run, key: string, manager: string): readonly StoredSlice[] {
  const { namespace, name } = splitKey(key)
  return run.cache.list('endpointslices', namespace).filter((slice) => {
    const labels = slice.metadata.labels
    return labels?.[SERVICE_NAME] === name && labels[MANAGED_BY] === manager && slice.metadata.deletionTimestamp === undefined
  })
}

function familiesOf(service: StoredService): readonly ('IPv4' | 'IPv6')[] {
  const families = (service.spec?.ipFamilies ?? []).filter((each) => each === 'IPv4' || each === 'IPv6')
  return families.length === 0 ? ['IPv4'] : families
}

interface Desired {
  readonly groups: readonly DesiredGroup[]
  readonly missingNode: ApiError | undefined
}

function desiredGroups(run: Run, service: StoredService, pods: readonly StoredPod[], family: 'IPv4' | 'IPv6'): Desired {
  const groups = new Map<string, { ports: readonly DiscoveryV1EndpointPort[]; endpoints: Endpoint[] }>()
  let missingNode: ApiError | undefined
  for (const pod of pods) {
    if (!belongsInEndpoints(pod, true) || !addressesOf(pod).some((each) => familyOf(each) === family)) continue
    const nodeName = pod.spec?.nodeName ?? ''
    const node = nodeName === '' ? undefined : run.cache.get('nodes', nodeName)
    if (node === undefined && service.spec?.publishNotReadyAddresses !== true) {
      const message = `skipping Pod ${pod.metadata.name} for Service ${service.metadata.namespace}/${service.metadata.name}: Node ${nodeName} Not Found`
      missingNode = { code: 404, reason: 'NodeNotFound', message }
      continue
    }
    const { portsId: id, ports, endpoint } = placedPod(service, pod, node, family)
    const group = groups.get(id) ?? { ports, endpoints: [] }
    group.endpoints.push(endpoint)
    groups.set(id, group)
  }
  return { groups: [...groups.values()], missingNode }
}

interface PlacedPod {
  readonly service: StoredService
  readonly zone: string | undefined
  readonly family: string
  readonly ports: readonly DiscoveryV1EndpointPort[]
  readonly portsId: string
  readonly endpoint: Endpoint
}

/** What a Pod last was as an endpoint: of thousands one changes at a time. Can be rebuilt. */
const placedPods = new WeakMap<StoredPod, PlacedPod>()

function placedPod(service: StoredService, pod: StoredPod, node: StoredNode | undefined, family: 'IPv4' | 'IPv6'): PlacedPod {
  const zone = node === undefined ? undefined : zoneOf(node)
  const known = placedPods.get(pod)
  if (known?.service === service && known.zone === zone && known.family === family) return known
  const ports = slicePorts(service, pod)
  // The annotation has precedence.
  const distribution = wantsTopologyHints(service) ? undefined : service.spec?.trafficDistribution
  const endpoint = withHints(podToEndpoint(pod, node, service, family), distribution)
  const placed: PlacedPod = { service, zone, family, ports, portsId: portsId(ports), endpoint }
  placedPods.set(pod, placed)
  return placed
}

function reconcile(
  run: Run,
  key: string,
  service: StoredService,
  family: string,
  existing: readonly StoredSlice[],
  groups: readonly DesiredGroup[],
): ApiError | undefined {
  const labels = sliceLabels(service)
  const isOurs = (slice: StoredSlice): boolean => isOwnedBy(slice, service)
  const placed = planSlices(existing, groups, (slice) => !sameLabels(slice.metadata.labels, labels), isOurs)
  const plan = reuseSlices(giveHints(run, key, service, family, placed), isOurs)
  if (plan.create.length + plan.update.length + plan.remove.length > 0) {
    run.decide(service, 'sync-endpoints', {
      endpoints: groups.reduce((sum, each) => sum + each.endpoints.length, 0),
      ready: groups.reduce((sum, each) => sum + each.endpoints.filter((one) => one.conditions?.ready === true).length, 0),
      create: plan.create.length,
      update: plan.update.length,
      delete: plan.remove.length,
    })
  }
  const fresh = (content: SliceContent): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: slicePrefix(service.metadata.name),
      namespace: service.metadata.namespace ?? '',
      labels,
      ownerReferences: [controllerReference(service)],
    },
    addressType: family,
    endpoints: content.endpoints,
    ports: content.ports,
  })
  if (service.metadata.deletionTimestamp === undefined) {
    for (const content of plan.create) {
      const created = run.api.create('endpointslices', fresh(content))
      if (created.ok) noteWrite(run, key, 'endpointslices', keyOf(created.value), created.value.metadata.resourceVersion)
      else return isNamespaceTerminating(created.error) ? undefined : created.error
    }
  }
  for (const { slice, content } of plan.update) {
    const next = { ...slice, metadata: { ...slice.metadata, labels }, endpoints: content.endpoints, ports: content.ports }
    const updated = run.api.update('endpointslices', next)
    if (!updated.ok) return updated.error
    noteWrite(run, key, 'endpointslices', keyOf(slice), updated.value.metadata.resourceVersion)
  }
  for (const slice of plan.remove) {
    const error = removeSlice(run, key, slice)
    if (error !== undefined) return error
  }
  return undefined
}

/** Source: endpointslice/utils.go ownedBy */
function isOwnedBy(slice: StoredSlice, { metadata }: StoredService): boolean {
  return (slice.metadata.ownerReferences ?? []).some(
    ({ uid, kind, apiVersion }) => uid === metadata.uid && kind === 'Service' && apiVersion === 'v1',
  )
}

/** Adds hints to what is planned, or takes them away. Source: reconciler.go reconcileByAddressType */
function giveHints(run: Run, key: string, service: StoredService, family: string, plan: SlicePlan): SlicePlan {
  if (!wantsTopologyHints(service)) {
    if (run.part.topology.get(key)?.populated === true)
      run.event(
        service,
        'Warning',
        'TopologyAwareHintsDisabled',
        `Topology Aware Hints has been disabled, ${typeText(family)}`,
        COMPONENT,
      )
    giveUpHints(run, key, family)
    const isStale = ({ slice, content }: PlannedUpdate): boolean =>
      content.endpoints.some((each, index) => !semanticEqual(each.hints, slice.endpoints?.[index]?.hints))
    return {
      ...plan,
      update: [...plan.update, ...plan.keep.filter(isStale)],
      keep: plan.keep.filter((each) => !isStale(each)),
    }
  }
  const changing = [...plan.create.map((content) => ({ slice: { content } })), ...plan.update.map((slice) => ({ slice }))]
  const hinted = planTopologyHints<{ readonly content: SliceContent; readonly slice?: StoredSlice }>(
    changing.map(({ slice }) => ({ slice, endpoints: slice.content.endpoints })),
    plan.keep.map((slice) => ({ slice, endpoints: slice.slice.endpoints ?? [] })),
    zoneRatios(run.cache.list('nodes')),
  )
  const memory = run.part.topology.get(key)
  if (hinted.counts === undefined) {
    giveUpHints(run, key, family)
  } else {
    run.part.topology.set(key, { zones: { ...memory?.zones, [family]: hinted.counts }, populated: true })
  }
  if (hinted.refusal !== undefined) {
    const message = `${refusalText(hinted.refusal)}, ${typeText(family)}`
    run.event(service, 'Warning', 'TopologyAwareHintsDisabled', message, COMPONENT)
  } else if (memory?.populated !== true) {
    const message = `Topology Aware Hints has been enabled, ${typeText(family)}`
    run.event(service, 'Normal', 'TopologyAwareHintsEnabled', message, COMPONENT)
  }
  const create: SliceContent[] = []
  const update: PlannedUpdate[] = []
  for (const { slice: planned, endpoints } of [...hinted.changing, ...hinted.woken]) {
    const content = { ports: planned.content.ports, endpoints }
    if (planned.slice === undefined) create.push(content)
    else update.push({ slice: planned.slice, content })
  }
  const woken = new Set(hinted.woken.map((each) => each.slice.slice))
  return { ...plan, create, update, keep: plan.keep.filter((each) => !woken.has(each.slice)) }
}

function typeText(family: string): string {
  return `addressType: ${family}`
}

/** Source: topologycache/topologycache.go RemoveHints */
function giveUpHints(run: Run, key: string, family: string): void {
  const memory = run.part.topology.get(key)
  if (memory === undefined) return
  const { [family]: _gone, ...zones } = memory.zones
  if (Object.keys(zones).length === 0) run.part.topology.delete(key)
  else run.part.topology.set(key, { zones, populated: false })
}

function removeSlice(run: Run, key: string, slice: StoredSlice): ApiError | undefined {
  const deleted = run.api.delete('endpointslices', keyOf(slice))
  if (!deleted.ok && deleted.error.code !== 404) return deleted.error
  noteWrite(run, key, 'endpointslices', keyOf(slice))
  return undefined
}

/** Source: endpointslice/utils.go setEndpointSliceLabels */
function sliceLabels(service: StoredService): Labels {
  const own = Object.entries(service.metadata.labels ?? {}).filter(([label]) => !RESERVED.has(label))
  return {
    ...Object.fromEntries(own),
    ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
    [SERVICE_NAME]: service.metadata.name,
    [MANAGED_BY]: MANAGER_NAME,
  }
}

/** Source: endpointslice/utils.go getEndpointSlicePrefix */
export function slicePrefix(serviceName: string): string {
  return `${serviceName}-`
}
