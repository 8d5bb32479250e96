import type { PodSpec } from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import type { Draft } from '../draft.js'
import { nanosOf } from '../quantity.js'
import type { Faults } from './faults.js'

const SUPPORTED = ['cpu', 'memory']

/** What a Pod asks for as a whole. Source: kubernetes pkg/apis/core/validation/validation.go validatePodResources, validatePodResourceConsistency */
export function validatePodResources(faults: Faults, field: string, spec: Draft<PodSpec>): void {
  const at = `${field}.resources`
  const { requests = {}, limits = {}, claims = [] } = spec.resources ?? {}
  if (claims.length > 0) faults.forbidden(`${at}.claims`, 'claims cannot be set for Resources at pod-level')
  for (const [kind, amounts] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const [name, amount] of Object.entries(amounts)) {
      const path = `${at}.${kind}[${name}]`
      if (!SUPPORTED.includes(name) && !name.startsWith('hugepages-')) faults.notSupported(path, name, SUPPORTED)
      if (nanosOf(amount) < 0n) faults.invalid(path, amount, 'must be greater than or equal to 0')
    }
  }
  for (const [name, amount] of Object.entries(requests)) {
    const limit = own(limits, name)
    if (limit !== undefined && nanosOf(amount) > nanosOf(limit))
      faults.invalid(`${at}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`)
  }
  for (const [index, container] of (spec.containers ?? []).entries()) {
    for (const [name, amount] of Object.entries(container.resources?.limits ?? {})) {
      const limit = own(limits, name)
      if (limit === undefined || nanosOf(amount) <= nanosOf(limit)) continue
      const path = `${field}.containers[${index}].resources.limits[${name}]`
      faults.invalid(path, amount, `must be less than or equal to pod limits of ${limit}`)
    }
  }
}
