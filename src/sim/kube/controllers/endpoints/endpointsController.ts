import type { CoreV1EndpointPort, EndpointAddress, EndpointSubset } from '../../../../generated/kubeTypes.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED, splitKey } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { podCandidates } from '../podIndex.js'
import { isPodReady } from '../pods.js'
import { isNamespaceTerminating } from '../replicaset/replicaSetController.js'
import { hasLabels, sameLabels } from '../selectors.js'
import type { StoredService } from './endpoint.js'
import { addressesOf, belongsInEndpoints, familyOf, findPort, HEADLESS, hasOwnName, isHeadless } from './endpoint.js'
import { addServicesOf } from './endpointSliceController.js'
import type { SingleAddress } from './subsets.js'
import { repackSubsets } from './subsets.js'

const OWN_LABEL = 'endpoints.kubernetes.io/managed-by'
const OWN_NAME = 'endpoint-controller'
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'
/** An Endpoints object holds no more addresses. */
const MAX_ADDRESSES = 1000

/** Keeps the older Endpoints objects of Services that have a selector. Source: kubernetes pkg/controller/endpoint/endpoints_controller.go */
export const endpointsController: Controller = {
  name: 'endpoints-controller',
  watches: ['services', 'pods', 'endpoints'],
  changed(run, change) {
    if (isChangeOf(change, 'pods')) addServicesOf(run, change.type, change.object, change.old)
    else if (change.resource === 'services' || (change.resource === 'endpoints' && change.type === 'DELETED')) run.add(change.key)
  },
  sync,
}

function sync(run: Run, key: string): SyncOutcome {
  const service = run.cache.get('services', key)
  if (service === undefined) {
    if (run.cache.get('endpoints', key)?.metadata.labels?.[OWN_LABEL] !== OWN_NAME) return SETTLED
    const deleted = run.api.delete('endpoints', key)
    return deleted.ok || deleted.error.code === 404 ? SETTLED : retry(deleted.error)
  }
  const { selector, type } = service.spec ?? {}
  if (type === 'ExternalName' || selector === undefined || Object.keys(selector).length === 0) return SETTLED
  const pods = podCandidates(run.part, run.cache, service.metadata.namespace ?? '', selector).filter((pod) =>
    hasLabels(selector, pod.metadata.labels),
  )
  run.looked(key, 3 * pods.length)
  const all = planSubsets(service, pods)
  const { subsets, truncated } = truncate(all)
  const headless = isHeadless(service) ? { [HEADLESS]: '' } : {}
  const labels = { ...withoutHeadless(service.metadata.labels), [OWN_LABEL]: OWN_NAME, ...headless }
  const current = run.cache.get('endpoints', key)
  const { [OVER_CAPACITY]: _before, ...kept } = current?.metadata.annotations ?? {}
  const annotations = truncated ? { ...kept, [OVER_CAPACITY]: 'truncated' } : kept
  if (
    current !== undefined &&
    semanticEqual(current.subsets, subsets) &&
    sameLabels(current.metadata.labels, labels) &&
    sameLabels(current.metadata.annotations, annotations)
  ) {
    return SETTLED
  }
  return write(run, service, key, { labels, annotations, subsets })
}

function write(
  run: Run,
  service: StoredService,
  key: string,
  next: {
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly subsets: readonly EndpointSubset[]
  },
): SyncOutcome {
  const current = run.cache.get('endpoints', key)
  const { namespace, name } = splitKey(key)
  const addresses = next.subsets.reduce((sum, each) => sum + (each.addresses ?? []).length, 0)
  run.decide(service, 'sync-endpoints-object', { addresses, subsets: next.subsets.length })
  const metadata = {
    labels: next.labels,
    ...(Object.keys(next.annotations).length === 0 ? {} : { annotations: next.annotations }),
  }
  const written =
    current === undefined
      ? run.api.create('endpoints', {
          apiVersion: 'v1',
          kind: 'Endpoints',
          metadata: { name, namespace, ...metadata },
          subsets: next.subsets,
        })
      : run.api.update('endpoints', { ...current, metadata: { ...current.metadata, ...metadata }, subsets: next.subsets })
  if (written.ok) return SETTLED
  if (current === undefined && isNamespaceTerminating(written.error)) return SETTLED
  const what = current === undefined ? ['FailedToCreateEndpoint', 'create'] : ['FailedToUpdateEndpoint', 'update']
  if (written.error.reason !== 'AlreadyExists' && written.error.reason !== 'Conflict') {
    const message = `Failed to ${what[1]} endpoint ${namespace}/${name}: ${written.error.message}`
    run.event(service, 'Warning', what[0] ?? '', message, 'endpoint-controller')
  }
  return retry(written.error)
}

/** Addresses grouped by the ports they have, ready and not ready apart. Source: endpoints_controller.go syncService */
export function planSubsets(service: StoredService, pods: readonly StoredPod[]): readonly EndpointSubset[] {
  const family = service.spec?.ipFamilies?.[0] ?? 'IPv4'
  const evenNotReady = service.spec?.publishNotReadyAddresses === true
  const single: SingleAddress[] = []
  for (const pod of pods) {
    if (!belongsInEndpoints(pod, evenNotReady)) continue
    const placed = placedPod(service, pod, family)
    if (placed !== undefined) single.push(placed)
  }
  return repackSubsets(single)
}

/** What a Pod last was as an address of a Service: of thousands one changes at a time. Can be rebuilt. */
const placedPods = new WeakMap<StoredPod, { readonly service: StoredService; readonly single: SingleAddress | undefined }>()

function placedPod(service: StoredService, pod: StoredPod, family: string): SingleAddress | undefined {
  const known = placedPods.get(pod)
  if (known?.service === service) return known.single
  const single = placePod(service, pod, family)
  placedPods.set(pod, { service, single })
  return single
}

function placePod(service: StoredService, pod: StoredPod, family: string): SingleAddress | undefined {
  const ip = addressesOf(pod).find((each) => familyOf(each) === family)
  if (ip === undefined) return undefined
  const ports = (service.spec?.ports ?? []).flatMap((port): CoreV1EndpointPort[] => {
    const number = findPort(pod, port)
    if (number === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = port
    const named = name === '' ? {} : { name }
    return [{ ...named, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
  if (ports.length === 0 && !isHeadless(service)) return undefined
  return {
    address: addressOf(pod, ip, service),
    ports,
    ready: service.spec?.publishNotReadyAddresses === true || isPodReady(pod),
  }
}

function addressOf(pod: StoredPod, ip: string, service: StoredService): EndpointAddress {
  const nodeName = pod.spec?.nodeName ?? ''
  return {
    ip,
    ...(hasOwnName(pod, service) ? { hostname: pod.spec?.hostname ?? '' } : {}),
    ...(nodeName === '' ? {} : { nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid },
  }
}

/** Ready addresses have precedence where there are too many. Source: endpoints_controller.go truncateEndpoints */
function truncate(subsets: readonly EndpointSubset[]): {
  readonly subsets: readonly EndpointSubset[]
  readonly truncated: boolean
} {
  const ready = subsets.reduce((sum, each) => sum + (each.addresses ?? []).length, 0)
  const notReady = subsets.reduce((sum, each) => sum + (each.notReadyAddresses ?? []).length, 0)
  if (ready + notReady <= MAX_ADDRESSES) return { subsets, truncated: false }
  let readyLeft = MAX_ADDRESSES
  let otherLeft = Math.max(0, MAX_ADDRESSES - ready)
  const kept = subsets.flatMap((subset): EndpointSubset[] => {
    const { addresses = [], notReadyAddresses = [], ...rest } = subset
    const some = addresses.slice(0, readyLeft)
    const others = notReadyAddresses.slice(0, otherLeft)
    readyLeft -= some.length
    otherLeft -= others.length
    if (some.length + others.length === 0) return []
    const first = some.length === 0 ? {} : { addresses: some }
    return [{ ...rest, ...first, ...(others.length === 0 ? {} : { notReadyAddresses: others }) }]
  })
  return { subsets: kept, truncated: true }
}

function withoutHeadless(labels: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([label]) => label !== HEADLESS))
}
