import type { Taint, Toleration } from '../../../../generated/kubeTypes.js'
import type { SimTime } from '../../../core/time.js'
import { SECOND } from '../../../core/time.js'

/** Source: kubernetes staging/src/k8s.io/component-helpers/scheduling/corev1/helpers.go ToleratesTaint */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { effect = '', key = '', operator = 'Equal', value = '' } = toleration
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  if (operator === 'Exists') return true
  return operator === 'Equal' && key !== ''
    ? value === (taint.value ?? '')
    : operator === 'Equal' && value === (taint.value ?? '')
}

export type Tolerance =
  | { readonly kind: 'none' }
  | { readonly kind: 'for'; readonly time: SimTime }
  | { readonly kind: 'forever' }

/**
 * How long a Pod may stay with these taints: not at all when one is not tolerated, else the shortest of the tolerations that apply.
 * Source: kubernetes pkg/controller/tainteviction/taint_eviction.go processPodOnNode, getMinTolerationTime
 */
export function toleranceOf(tolerations: readonly Toleration[], taints: readonly Taint[]): Tolerance {
  const used: Toleration[] = []
  for (const taint of taints) {
    const found = tolerations.find((each) => tolerates(each, taint))
    if (found === undefined) return { kind: 'none' }
    used.push(found)
  }
  const times = used.flatMap(({ tolerationSeconds }) => (tolerationSeconds === undefined ? [] : [tolerationSeconds]))
  if (times.length === 0) return { kind: 'forever' }
  const least = Math.min(...times)
  return least <= 0 ? { kind: 'none' } : { kind: 'for', time: least * SECOND }
}
