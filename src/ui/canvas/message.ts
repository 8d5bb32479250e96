import type { ObjectRef, Step, ThingId } from '../../protocol/index.js'

/** A message of the control plane, as the picture shows it: words are the API's own, in English. */
export interface Message {
  readonly step: number
  readonly from: ThingId
  readonly to: ThingId
  readonly words: string
}

const PERSON = 'person'

/** The message that a step is, if it is one: something that goes from one component to another. */
export function messageOf(step: Step): Message | undefined {
  if ('direction' in step.facts) return undefined
  const from = step.from ?? (step.kind === 'api-request' ? PERSON : undefined)
  const to = step.to ?? step.from
  if (to === undefined) return undefined
  const words = wordsOf(step)
  return words === undefined ? undefined : { step: step.id, from: from ?? to, to, words }
}

function wordsOf(step: Step): string | undefined {
  switch (step.kind) {
    case 'api-request':
      return `${step.facts.verb} ${nameOf(step.facts.object)}`
    case 'api-refused':
      // Only the server has codes; who does not reach it is told so by its own kernel.
      return step.from === step.to ? step.facts.message : `${step.facts.code} ${step.facts.reason}`.trim()
    case 'etcd-write':
      return `${step.facts.operation} ${nameOf(step.facts.object)}`
    case 'watch-event':
      return `${step.facts.type} ${nameOf(step.facts.object)}`
    case 'scheduler-bind':
      return `bind ${step.facts.pod.name} → ${step.facts.node}`
    case 'image-pull':
      return `${step.facts.state} ${step.facts.image}`
    case 'container-state':
      return `${step.facts.container} ${step.facts.state}`
    case 'cni':
      return `CNI ${step.facts.operation.toUpperCase()} ${step.facts.ip}`
    case 'sandbox':
      return `sandbox ${step.facts.state}`
    case 'lb-address':
      return step.facts.ip
    default:
      return undefined
  }
}

function nameOf(object: ObjectRef): string {
  return object.name === '' ? object.kind : `${object.kind} ${object.name}`
}

/** Ids under which the picture may draw an object. */
export function objectIds(object: ObjectRef): readonly ThingId[] {
  switch (object.kind) {
    case 'Pod':
      return [`pod/${object.namespace}/${object.name}`]
    case 'Node':
      return [`node/${object.name}`]
    default:
      return [`object/${object.kind}/${object.namespace}/${object.name}`]
  }
}
