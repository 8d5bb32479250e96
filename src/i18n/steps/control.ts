import type { Step } from '../../protocol/index.js'
import { type Phrase, phrase } from '../message.js'
import { decisionPhrase } from './decision.js'
import { actorPhrase, excludedPhrase, objectText, whyPhrase } from './words.js'

type ControlKind =
  | 'api-request'
  | 'api-admission'
  | 'api-refused'
  | 'etcd-write'
  | 'watch-event'
  | 'watch-state'
  | 'event-recorded'
  | 'controller-decision'
  | 'node-condition'
  | 'node-taint'
  | 'pod-evicted'
  | 'lb-address'
  | 'lb-backends'
  | 'lb-health'
  | 'scheduler-filter'
  | 'scheduler-score'
  | 'scheduler-bind'
  | 'scheduler-failed'

/** The API server, its store and watches, controllers and scheduler. */
export function describeControl(step: Step<ControlKind>): Phrase {
  switch (step.kind) {
    case 'api-request': {
      const { verb, object, subresource } = step.facts
      const facts = { client: actorPhrase(step.from, step.facts.client), verb, object: objectText(object) }
      return subresource === undefined || subresource === ''
        ? phrase('step.api-request.read', facts)
        : phrase('step.api-request.sub', { ...facts, subresource })
    }
    case 'api-admission': {
      const { plugin, changed, object } = step.facts
      const facts = { plugin, object: objectText(object) }
      return changed.length === 0
        ? phrase('step.api-admission.none', facts)
        : phrase('step.api-admission', { ...facts, changed: { list: changed } })
    }
    case 'api-refused': {
      const { object, code, reason, message } = step.facts
      // Told by the client's own machine: the server never heard of it.
      if (step.from !== undefined && step.from === step.to)
        return phrase('step.api-refused.unreached', { client: actorPhrase(step.from, ''), object: objectText(object), message })
      return phrase('step.api-refused', { object: objectText(object), code: `${code} ${reason}`.trim(), message })
    }
    case 'etcd-write':
      return describeWrite(step)
    case 'watch-event': {
      const { type, object, watcher } = step.facts
      return phrase('step.watch-event', { watcher: actorPhrase(step.to, watcher), type, object: objectText(object) })
    }
    case 'watch-state': {
      const { open, watcher } = step.facts
      const who = step.from === 'apiserver' ? step.to : step.from
      const facts = { watcher: actorPhrase(who, watcher) }
      return open ? phrase('step.watch-state.open', facts) : phrase('step.watch-state.closed', facts)
    }
    case 'event-recorded': {
      const { reason, message, about, component } = step.facts
      return phrase('step.event-recorded', { component, object: objectText(about), reason, message })
    }
    case 'controller-decision':
      return describeDecision(step)
    case 'node-condition':
      return phrase('step.node-condition', step.facts)
    case 'node-taint': {
      const { node, taint, added } = step.facts
      return added ? phrase('step.node-taint.added', { node, taint }) : phrase('step.node-taint.removed', { node, taint })
    }
    case 'pod-evicted': {
      const { pod, node, reason } = step.facts
      return phrase('step.pod-evicted', { pod: objectText(pod), node, reason })
    }
    case 'lb-address':
      return phrase('step.lb-address', { service: objectText(step.facts.service), ip: step.facts.ip })
    case 'lb-backends': {
      const { service, nodes, excluded } = step.facts
      const facts = { service: objectText(service), nodes: { list: nodes } }
      return excluded.length === 0
        ? phrase('step.lb-backends', facts)
        : phrase('step.lb-backends.excluded', { ...facts, excluded: { list: excluded.map(excludedPhrase) } })
    }
    case 'lb-health': {
      const { loadBalancer, node, healthy } = step.facts
      const facts = { lb: actorPhrase(step.from, loadBalancer), node, why: whyPhrase(step.facts.why) }
      return healthy ? phrase('step.lb-health.up', facts) : phrase('step.lb-health.down', facts)
    }
    default:
      return describeScheduler(step)
  }
}

function describeWrite(step: Step<'etcd-write'>): Phrase {
  const { operation, object, revision, changed } = step.facts
  const facts = { object: objectText(object), revision: String(revision) }
  switch (operation) {
    case 'create':
      return phrase('step.etcd-write.create', facts)
    case 'delete':
      return phrase('step.etcd-write.delete', facts)
    case 'update':
      return changed.length === 0
        ? phrase('step.etcd-write.same', facts)
        : phrase('step.etcd-write.update', { ...facts, changed: { list: changed.slice(0, 4) } })
  }
}

function describeDecision(step: Step<'controller-decision'>): Phrase {
  const { decision, numbers } = step.facts
  const facts = { controller: step.facts.controller, object: objectText(step.facts.object) }
  const { wanted, missing, surplus, replicaSet, from, to } = numbers
  const told = decisionPhrase(decision, facts, numbers)
  if (told !== undefined) return told
  if (decision === 'create-pods' && wanted !== undefined && missing !== undefined)
    return phrase('step.controller.create-pods', { ...facts, wanted, missing })
  if (decision === 'delete-pods' && wanted !== undefined && surplus !== undefined)
    return phrase('step.controller.delete-pods', { ...facts, wanted, surplus })
  if (decision === 'rollout-new' && replicaSet !== undefined)
    return phrase('step.controller.rollout-new', { ...facts, replicaSet })
  if (replicaSet !== undefined && from !== undefined && to !== undefined)
    return phrase('step.controller.scale', { ...facts, replicaSet, from, to })
  const named = Object.entries(numbers).map(([name, value]) => `${name} ${value}`)
  if (named.length === 0) return phrase('step.controller.plain', { ...facts, decision })
  return phrase('step.controller.other', { ...facts, decision, numbers: { list: named } })
}

function describeScheduler(step: Step<'scheduler-filter' | 'scheduler-score' | 'scheduler-bind' | 'scheduler-failed'>): Phrase {
  const pod = objectText(step.facts.pod)
  switch (step.kind) {
    case 'scheduler-filter': {
      const { node, plugin, ok, reasons } = step.facts
      return ok
        ? phrase('step.scheduler-filter.ok', { node, pod, plugin })
        : phrase('step.scheduler-filter.no', { node, pod, plugin, reasons: { list: reasons } })
    }
    case 'scheduler-score':
      return phrase('step.scheduler-score', { node: step.facts.node, pod, total: step.facts.total })
    case 'scheduler-bind': {
      const { node, among } = step.facts
      return among.length > 1
        ? phrase('step.scheduler-bind.among', { pod, node, among: { list: among.slice(0, 6) } })
        : phrase('step.scheduler-bind', { pod, node })
    }
    case 'scheduler-failed':
      return phrase('step.scheduler-failed', { pod, message: step.facts.message })
  }
}
