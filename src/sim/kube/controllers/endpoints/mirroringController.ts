import type {
  DiscoveryV1EndpointPort,
  Endpoint,
  EndpointAddress,
  EndpointSlice,
  EndpointSubset,
} from '../../../../generated/kubeTypes.js'
import type { StoredOf } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED, splitKey } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { controllerReference } from '../pods.js'
import { sameLabels } from '../selectors.js'
import { forgetWrites, isCaughtUp, noteWrite } from '../writes.js'
import { familyOf, HEADLESS, MANAGED_BY, SERVICE_NAME, SKIP_MIRROR } from './endpoint.js'
import { slicePrefix, slicesOf } from './endpointSliceController.js'
import { portsId } from './slices.js'

const MANAGER_NAME = 'endpointslicemirroring-controller.k8s.io'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'
const NOT_COPIED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'endpoints.kubernetes.io/last-change-trigger-time',
])
/** Addresses of one subset that are mirrored: `--mirroring-max-endpoints-per-subset`. */
const MAX_PER_SUBSET = 1000

/** Mirrors Endpoints that a person made into EndpointSlices. Source: kubernetes pkg/controller/endpointslicemirroring */
export const mirroringController: Controller = {
  name: 'endpointslice-mirroring-controller',
  watches: ['endpoints', 'endpointslices', 'services'],
  changed(run, change) {
    if (isChangeOf(change, 'endpointslices')) {
      const { labels, namespace } = change.object.metadata
      if (labels?.[MANAGED_BY] === MANAGER_NAME) run.add(`${namespace ?? ''}/${labels[SERVICE_NAME] ?? ''}`)
    } else run.add(change.key)
  },
  sync,
}

interface Wanted {
  readonly family: string
  readonly ports: readonly DiscoveryV1EndpointPort[]
  readonly endpoints: readonly Endpoint[]
}

function sync(run: Run, key: string): SyncOutcome {
  const endpoints = run.cache.get('endpoints', key)
  const service = run.cache.get('services', key)
  const existing = slicesOf(run, key, MANAGER_NAME)
  if (!isCaughtUp(run, key)) return SETTLED
  const mirrors =
    endpoints !== undefined && isMirrored(endpoints) && service !== undefined && service.spec?.selector === undefined
  if (!mirrors) {
    forgetWrites(run, key)
    for (const slice of existing) {
      const deleted = run.api.delete('endpointslices', keyOf(slice))
      if (!deleted.ok && deleted.error.code !== 404) return retry(deleted.error)
    }
    return SETTLED
  }
  const wanted = wantedSlices(endpoints)
  const skipped = (endpoints.subsets ?? []).reduce(
    (sum, subset) => sum + Math.max(0, addressesIn(subset).length - MAX_PER_SUBSET),
    0,
  )
  if (skipped > 0) {
    const message = `A max of ${MAX_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`
    run.event(endpoints, 'Warning', 'TooManyAddressesToMirror', message, 'endpoint-slice-mirroring-controller')
  }
  const left = new Set(existing)
  for (const each of wanted) {
    const same = [...left].find(
      (slice) => slice.addressType === each.family && portsId(slice.ports ?? []) === portsId(each.ports),
    )
    if (same !== undefined) left.delete(same)
    const slice = sliceOf(endpoints, each, same?.metadata.name)
    if (
      same !== undefined &&
      semanticEqual(same.endpoints, slice.endpoints) &&
      sameLabels(same.metadata.labels, slice.metadata?.labels)
    )
      continue
    const written =
      same === undefined
        ? run.api.create('endpointslices', slice)
        : run.api.update('endpointslices', {
            ...slice,
            metadata: { ...slice.metadata, resourceVersion: same.metadata.resourceVersion },
          })
    if (!written.ok) return retry(written.error)
    noteWrite(run, key, 'endpointslices', keyOf(written.value), written.value.metadata.resourceVersion)
    run.decide(endpoints, 'mirror', { endpoints: each.endpoints.length })
  }
  for (const slice of left) {
    const deleted = run.api.delete('endpointslices', keyOf(slice))
    if (!deleted.ok && deleted.error.code !== 404) return retry(deleted.error)
    noteWrite(run, key, 'endpointslices', keyOf(slice))
  }
  return SETTLED
}

function isMirrored({ metadata }: StoredOf<'endpoints'>): boolean {
  return metadata.labels?.[SKIP_MIRROR] !== 'true' && metadata.annotations?.[LEADER] === undefined
}

/** Subsets with the same ports share slices, one of each family. Source: endpointslicemirroring/reconciler.go reconcile, reconcile_helpers.go */
function wantedSlices(endpoints: StoredOf<'endpoints'>): readonly Wanted[] {
  const wanted = new Map<
    string,
    { family: string; ports: readonly DiscoveryV1EndpointPort[]; endpoints: Map<string, Endpoint> }
  >()
  for (const subset of endpoints.subsets ?? []) {
    const ports = (subset.ports ?? []).map((port) => ({ ...port, name: port.name ?? '' }))
    for (const { address, ready } of addressesIn(subset).slice(0, MAX_PER_SUBSET)) {
      const family = familyOf(address.ip)
      const id = `${family} ${portsId(ports)}`
      const group = wanted.get(id) ?? { family, ports, endpoints: new Map<string, Endpoint>() }
      wanted.set(id, group)
      const { namespace = '', name = '' } = address.targetRef ?? {}
      group.endpoints.set(`${address.ip}|${address.hostname ?? ''}|${namespace}/${name}`, {
        addresses: [address.ip],
        conditions: { ready },
        ...(address.hostname === undefined ? {} : { hostname: address.hostname }),
        ...(address.nodeName === undefined ? {} : { nodeName: address.nodeName }),
        ...(address.targetRef === undefined ? {} : { targetRef: address.targetRef }),
      })
    }
  }
  return [...wanted.values()].map((each) => ({ ...each, endpoints: [...each.endpoints.values()] }))
}

function addressesIn(subset: EndpointSubset): readonly { readonly address: EndpointAddress; readonly ready: boolean }[] {
  return [
    ...(subset.addresses ?? []).map((address) => ({ address, ready: true })),
    ...(subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false })),
  ]
}

function sliceOf(endpoints: StoredOf<'endpoints'>, wanted: Wanted, name: string | undefined): EndpointSlice {
  const { namespace } = splitKey(keyOf(endpoints))
  const own = Object.entries(endpoints.metadata.labels ?? {}).filter(([label]) => label !== HEADLESS)
  const annotations = Object.entries(endpoints.metadata.annotations ?? {}).filter(([each]) => !NOT_COPIED.has(each))
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...(name === undefined ? { generateName: slicePrefix(endpoints.metadata.name) } : { name }),
      namespace,
      labels: { ...Object.fromEntries(own), [SERVICE_NAME]: endpoints.metadata.name, [MANAGED_BY]: MANAGER_NAME },
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
      ownerReferences: [controllerReference(endpoints)],
    },
    addressType: wanted.family,
    endpoints: wanted.endpoints,
    ports: wanted.ports,
  }
}
