import type { Step } from '../../protocol/index.js'
import { type Phrase, phrase } from '../message.js'
import { describeControl } from './control.js'
import { describeMachine } from './machine.js'
import { describePacket } from './packet.js'
import { describePerson } from './person.js'

/** What one step says, as a sentence with its facts. Every kind of step has one. */
export function stepPhrase(step: Step): Phrase {
  switch (step.kind) {
    case 'action':
    case 'fault':
    case 'request-done':
    case 'requests-counted':
      return describePerson(step)
    case 'api-request':
    case 'api-admission':
    case 'api-refused':
    case 'etcd-write':
    case 'watch-event':
    case 'watch-state':
    case 'event-recorded':
    case 'controller-decision':
    case 'node-condition':
    case 'node-taint':
    case 'pod-evicted':
    case 'lb-address':
    case 'lb-backends':
    case 'lb-health':
    case 'scheduler-filter':
    case 'scheduler-score':
    case 'scheduler-bind':
    case 'scheduler-failed':
      return describeControl(step)
    case 'lease-renewed':
    case 'kubelet-sync':
    case 'image-pull':
    case 'sandbox':
    case 'cni':
    case 'container-state':
    case 'probe':
    case 'pod-status':
    case 'proxy-sync':
    case 'proxy-sync-failed':
      return describeMachine(step)
    case 'packet-sent':
    case 'packet-link':
    case 'packet-hook':
    case 'conntrack':
    case 'rule':
    case 'policy':
    case 'rewrite':
    case 'route':
    case 'arp':
    case 'bridge':
    case 'tunnel':
    case 'lb-choice':
    case 'delivered':
    case 'answered':
    case 'stopped':
    case 'connection-rest':
    case 'dns':
      return describePacket(step)
    default:
      return unknownStep(step)
  }
}

/** A worker newer than the page may know more kinds; the compiler knows none. */
function unknownStep(step: never): Phrase {
  return phrase('step.action.other', { action: String(step) })
}
