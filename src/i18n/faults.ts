import type { SimTime, ThingId } from '../protocol/index.js'
import { type MessageKey, type Phrase, phrase } from './message.js'
import { spanPhrase } from './span.js'
import { thingPhrase } from './things.js'

/** What can be done to the cluster in the Break menu; `delete-pod` is kubectl's, the rest are the simulation's faults. */
export const FAULT_CODES = [
  'delete-pod',
  'kill-container',
  'stop-node',
  'cut-node',
  'flush-rules',
  'stop-kubelet',
  'stop-kube-proxy',
  'slow-kube-proxy',
  'stop-apiserver',
  'stop-etcd',
  'stop-scheduler',
  'stop-controller-manager',
  'stop-cloud-controller-manager',
] as const

export type FaultCode = (typeof FAULT_CODES)[number]

/** Faults of a component of which there is one: naming it again would say nothing. */
const OF_ONE: ReadonlySet<FaultCode> = new Set([
  'stop-apiserver',
  'stop-etcd',
  'stop-scheduler',
  'stop-controller-manager',
  'stop-cloud-controller-manager',
])

function known(code: string): FaultCode | undefined {
  return FAULT_CODES.find((candidate) => candidate === code)
}

/** `Stop a Node`. */
export function faultPhrase(code: string): Phrase {
  const fault = known(code)
  if (fault === undefined) return phrase('fault.other', { name: code })
  const key: MessageKey = `fault.${fault}`
  return { key, params: {} }
}

/** `Stop a Node: Node node1`; of a component of which there is one only `Stop etcd`. */
export function faultOnPhrase(code: string, target: ThingId): Phrase {
  const fault = known(code)
  if (fault !== undefined && OF_ONE.has(fault)) return faultPhrase(code)
  return phrase('fault.on', { fault: faultPhrase(code), target: thingPhrase(target) })
}

/** What happens when it breaks or works again, as a sentence. */
export function faultHappens(code: string, target: ThingId, active: boolean, lag?: SimTime): Phrase {
  if (code === 'slow-kube-proxy' && active && lag !== undefined)
    return phrase('step.fault.slow-kube-proxy.span', { target: thingPhrase(target), span: spanPhrase(lag) })
  const fault = known(code)
  if (fault === undefined || fault === 'delete-pod') {
    const facts = { target: thingPhrase(target), fault: code }
    return active ? phrase('step.fault.on', facts) : phrase('step.fault.off', facts)
  }
  const key: MessageKey = `step.fault.${fault}.${active ? 'on' : 'off'}`
  return { key, params: { target: thingPhrase(target) } }
}
