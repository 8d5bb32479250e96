import type { Container, LimitRange, LimitRangeItem, PodSpec } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { listIndexed } from '../../etcd/store.js'
import type { ApiError } from '../apiError.js'
import type { Call } from '../call.js'
import type { Draft, ObjectDraft } from '../draft.js'
import { forbidden } from '../errors.js'
import { nanosOf } from '../quantity.js'

type Amounts = Readonly<Record<string, string | undefined>>

const ANNOTATION = 'kubernetes.io/limit-ranger'

function rangesOf(call: Call): readonly LimitRange[] {
  return listIndexed(call.ctx.world.parts.etcd, 'limitranges', 'namespace', call.namespace) as unknown as readonly LimitRange[]
}

function specOf(draft: ObjectDraft): Draft<PodSpec> {
  return (draft['spec'] ?? {}) as Draft<PodSpec>
}

/** Fills in requests and limits that the Namespace's ranges give as default. Source: kubernetes plugin/pkg/admission/limitranger/admission.go */
export function applyLimitRanges(call: Call, draft: ObjectDraft): ApiError | undefined {
  for (const range of rangesOf(call)) {
    const notes: string[] = []
    const requests = merged(range, 'defaultRequest')
    const limits = merged(range, 'default')
    const spec = specOf(draft)
    const all: readonly (readonly [Draft<Container>, string])[] = [
      ...(spec.containers ?? []).map((each) => [each, 'container'] as const),
      ...(spec.initContainers ?? []).map((each) => [each, 'init container'] as const),
    ]
    for (const [container, what] of all) {
      container.resources ??= {}
      const setRequests = fill(container.resources, 'requests', requests)
      const setLimits = fill(container.resources, 'limits', limits)
      if (setRequests.length > 0) notes.push(`${setRequests.join(', ')} request for ${what} ${container.name ?? ''}`)
      if (setLimits.length > 0) notes.push(`${setLimits.join(', ')} limit for ${what} ${container.name ?? ''}`)
    }
    if (notes.length > 0) {
      draft.metadata.annotations = { ...draft.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` }
    }
  }
  return undefined
}

function merged(range: LimitRange, field: 'default' | 'defaultRequest'): Amounts {
  return Object.assign(
    {},
    ...(range.spec?.limits ?? []).filter((each) => each.type === 'Container').map((each) => each[field] ?? {}),
  ) as Amounts
}

function fill(
  resources: {
    requests?: Record<string, string | undefined> | undefined
    limits?: Record<string, string | undefined> | undefined
  },
  field: 'requests' | 'limits',
  defaults: Amounts,
): string[] {
  const own = resources[field] ?? {}
  const missing = Object.keys(defaults)
    .filter((name) => own[name] === undefined)
    .sort(byCodeUnit)
  if (missing.length === 0) return []
  resources[field] = { ...own, ...Object.fromEntries(missing.map((name) => [name, defaults[name]])) }
  return missing
}

/** Refuses a Pod outside the Namespace's ranges. */
export function checkLimitRanges(call: Call, draft: ObjectDraft): ApiError | undefined {
  const faults: string[] = []
  const spec = specOf(draft)
  for (const range of rangesOf(call)) {
    for (const item of range.spec?.limits ?? []) {
      if (item.type === 'Container') {
        for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
          faults.push(...faultsOf(item, 'Container', container.resources?.requests ?? {}, container.resources?.limits ?? {}))
        }
      }
      if (item.type === 'Pod') faults.push(...faultsOf(item, 'Pod', sum(spec, 'requests'), sum(spec, 'limits')))
    }
  }
  if (faults.length === 0) return undefined
  return forbidden(call.info, draft.metadata.name ?? '', faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`)
}

function sum(spec: Draft<PodSpec>, field: 'requests' | 'limits'): Amounts {
  const totals = new Map<string, bigint>()
  for (const container of spec.containers ?? []) {
    for (const [name, amount] of Object.entries(container.resources?.[field] ?? {})) {
      totals.set(name, (totals.get(name) ?? 0n) + nanosOf(amount))
    }
  }
  return Object.fromEntries([...totals].map(([name, nanos]) => [name, `${nanos}n`]))
}

function faultsOf(item: LimitRangeItem, type: string, requests: Amounts, limits: Amounts): string[] {
  const faults: string[] = []
  const names = (amounts: Amounts | undefined): string[] => Object.keys(amounts ?? {}).sort(byCodeUnit)
  for (const name of names(item.min)) {
    const bound = item.min?.[name] ?? '0'
    if (requests[name] === undefined) faults.push(`minimum ${name} usage per ${type} is ${bound}.  No request is specified`)
    else if (nanosOf(requests[name]) < nanosOf(bound)) {
      faults.push(`minimum ${name} usage per ${type} is ${bound}, but request is ${requests[name]}`)
    }
    if (limits[name] !== undefined && nanosOf(limits[name]) < nanosOf(bound)) {
      faults.push(`minimum ${name} usage per ${type} is ${bound}, but limit is ${limits[name]}`)
    }
  }
  for (const name of names(item.max)) {
    const bound = item.max?.[name] ?? '0'
    if (limits[name] === undefined) faults.push(`maximum ${name} usage per ${type} is ${bound}.  No limit is specified`)
    else if (nanosOf(limits[name]) > nanosOf(bound)) {
      faults.push(`maximum ${name} usage per ${type} is ${bound}, but limit is ${limits[name]}`)
    }
    if (requests[name] !== undefined && nanosOf(requests[name]) > nanosOf(bound)) {
      faults.push(`maximum ${name} usage per ${type} is ${bound}, but request is ${requests[name]}`)
    }
  }
  for (const name of names(item.maxLimitRequestRatio)) {
    const bound = item.maxLimitRequestRatio?.[name] ?? '0'
    const request = nanosOf(requests[name])
    const limit = nanosOf(limits[name])
    if (request === 0n)
      faults.push(`${name} max limit to request ratio per ${type} is ${bound}, but no request is specified or request is 0`)
    else if (limit === 0n)
      faults.push(`${name} max limit to request ratio per ${type} is ${bound}, but no limit is specified or limit is 0`)
    else if (limit * 1_000_000_000n > request * nanosOf(bound)) {
      const ratio = Number((limit * 1_000_000n) / request) / 1_000_000
      faults.push(`${name} max limit to request ratio per ${type} is ${bound}, but provided ratio is ${ratio.toFixed(6)}`)
    }
  }
  return faults
}
