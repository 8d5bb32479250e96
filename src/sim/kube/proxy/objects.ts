import type { EndpointSlice, Service } from '../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../core/digest.js'
import { SERVICE_NAME_LABEL } from './endpoints.js'
import { isForKubeProxy } from './services.js'

/** One Service and the slices that belong to it: all that its rules are made of. */
export interface ServiceAndSlices {
  /** `namespace/name` */
  readonly key: string
  readonly service: Service
  readonly slices: readonly EndpointSlice[]
}

/** `namespace/name` of the Service that a slice belongs to; undefined when it belongs to none that kube-proxy looks at. */
export function serviceKeyOfSlice(slice: EndpointSlice): string | undefined {
  const known = keys.get(slice)
  if (known !== undefined) return known
  const key = findServiceKey(slice)
  if (key !== undefined) keys.set(slice, key)
  return key
}

/** Keys that were found before; every Node asks for the same. Can be rebuilt. */
const keys = new WeakMap<EndpointSlice, string>()

function findServiceKey(slice: EndpointSlice): string | undefined {
  const labels = slice.metadata?.labels
  const name = labels?.[SERVICE_NAME_LABEL]
  if (name === undefined || name === '' || !isForKubeProxy('EndpointSlice', labels)) return undefined
  return `${slice.metadata?.namespace ?? ''}/${name}`
}

/** Puts slices to their Services; sorted by `namespace/name`. Slices of unknown Services are left out. */
export function joinServices(services: readonly Service[], slices: readonly EndpointSlice[]): readonly ServiceAndSlices[] {
  const slicesOf = new Map<string, EndpointSlice[]>()
  for (const slice of slices) {
    const key = serviceKeyOfSlice(slice)
    if (key === undefined) continue
    const known = slicesOf.get(key)
    if (known === undefined) slicesOf.set(key, [slice])
    else known.push(slice)
  }
  return services
    .map((service) => {
      const key = `${service.metadata?.namespace ?? ''}/${service.metadata?.name ?? ''}`
      return { key, service, slices: slicesOf.get(key) ?? [] }
    })
    .sort((a, b) => byCodeUnit(a.key, b.key))
}
