import type { Container, Pod } from '../../../generated/kubeTypes.js'
import { own } from '../../core/own.js'
import { milliValue, wholeValue } from './quantity.js'

/** Amounts by resource name: CPU in thousandths, everything else in whole units. */
export type Amounts = Readonly<Record<string, number>>

/** What a container without a request counts as when Nodes are scored. Source: kubernetes pkg/scheduler/util/pod_resources.go */
export const DEFAULT_MILLI_CPU = 100
export const DEFAULT_MEMORY = 200 * 1024 * 1024

/** The amount of one resource in the scheduler's unit. */
export function amountOf(resource: string, quantity: string | number | undefined): number {
  return resource === 'cpu' ? milliValue(quantity) : wholeValue(quantity)
}

/** A list of quantities in the scheduler's units. */
export function amounts(list: Readonly<Record<string, string>> | undefined): Amounts {
  const out: Record<string, number> = {}
  for (const [name, quantity] of Object.entries(list ?? {})) out[name] = amountOf(name, quantity)
  return out
}

/** Requests by Pod, for Pods that are looked at again and again. Can be rebuilt. */
const requestsOf = new WeakMap<object, Amounts>()
const nonZeroOf = new WeakMap<object, Amounts>()

/**
 * What a Pod asks of a Node: its containers together or the largest moment of its init containers, whichever is more, plus overhead.
 *
 * Source: kubernetes staging component-helpers resource/helpers.go PodRequests, AggregateContainerRequests
 */
export function podRequests(pod: Pod): Amounts {
  return remembered(requestsOf, pod, false)
}

/** As `podRequests`, with the default for containers that request no CPU or memory, so that scoring sees a load in them. */
export function podRequestsNonZero(pod: Pod): Amounts {
  return remembered(nonZeroOf, pod, true)
}

function remembered(memory: WeakMap<object, Amounts>, pod: Pod, nonZero: boolean): Amounts {
  const before = memory.get(pod)
  if (before !== undefined) return before
  const fresh = computeRequests(pod, nonZero)
  memory.set(pod, fresh)
  return fresh
}

function computeRequests(pod: Pod, nonZero: boolean): Amounts {
  const spec = pod.spec
  if (spec === undefined) return {}
  const total: Record<string, number> = {}
  for (const container of spec.containers ?? []) add(total, containerRequests(container, nonZero))
  // Sidecars run on beside the containers; each init container runs beside the sidecars started before it.
  const sidecars: Record<string, number> = {}
  const initPeak: Record<string, number> = {}
  for (const container of spec.initContainers ?? []) {
    const asked = containerRequests(container, nonZero)
    if (container.restartPolicy === 'Always') {
      add(total, asked)
      add(sidecars, asked)
      raise(initPeak, sidecars)
    } else {
      const moment = { ...asked }
      add(moment, sidecars)
      raise(initPeak, moment)
    }
  }
  raise(total, initPeak)
  for (const [name, quantity] of Object.entries(spec.resources?.requests ?? {})) {
    if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) total[name] = amountOf(name, quantity)
  }
  for (const [name, quantity] of Object.entries(spec.overhead ?? {}))
    total[name] = (own(total, name) ?? 0) + amountOf(name, quantity)
  return total
}

function containerRequests(container: Container, nonZero: boolean): Record<string, number> {
  const requests = container.resources?.requests
  const out: Record<string, number> = {}
  for (const [name, quantity] of Object.entries(requests ?? {})) out[name] = amountOf(name, quantity)
  if (nonZero) {
    if (out['cpu'] === undefined) out['cpu'] = DEFAULT_MILLI_CPU
    if (out['memory'] === undefined) out['memory'] = DEFAULT_MEMORY
  }
  return out
}

function add(into: Record<string, number>, from: Amounts): void {
  for (const [name, amount] of Object.entries(from)) into[name] = (own(into, name) ?? 0) + amount
}

function raise(into: Record<string, number>, from: Amounts): void {
  for (const [name, amount] of Object.entries(from)) into[name] = Math.max(own(into, name) ?? 0, amount)
}

/** `a + b` (or `a - b` with sign -1), as a new record. */
export function addAmounts(a: Amounts, b: Amounts, sign: 1 | -1 = 1): Amounts {
  const out: Record<string, number> = { ...a }
  for (const [name, amount] of Object.entries(b)) out[name] = (own(out, name) ?? 0) + sign * amount
  return out
}
