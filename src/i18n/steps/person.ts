import type { Step } from '../../protocol/index.js'
import { faultHappens, faultOnPhrase } from '../faults.js'
import { type Phrase, phrase, type Value } from '../message.js'
import { askedPhrase, endpoint, hostPhrase } from './words.js'

/** What the person did, and what came of a request. */
export function describePerson(step: Step<'action' | 'fault' | 'request-done' | 'requests-counted'>): Phrase {
  switch (step.kind) {
    case 'action':
      return describeAction(step)
    case 'fault': {
      const { fault, target, active, lag } = step.facts
      return faultHappens(fault, target, active, lag)
    }
    case 'request-done':
      return describeDone(step)
    case 'requests-counted': {
      const { from, count, results } = step.facts
      const list = results.map((result) => phrase('step.counted', { to: result.pod ?? result.to, seen: result.seen }))
      return phrase('step.requests-counted', {
        from: hostPhrase(from),
        asked: askedPhrase(step.facts.asked),
        count,
        results: { list },
      })
    }
  }
}

function describeAction(step: Step<'action'>): Phrase {
  const { action, summary } = step.facts
  switch (action) {
    case 'request': {
      const { proto = 'tcp', count = '1' } = summary
      const from = hostPhrase(summary['from'] ?? '')
      const to = askedPhrase(summary['to'] ?? '')
      if (count !== '1') return phrase('step.action.requests', { count: Number(count), from, to })
      return phrase('step.action.request', { proto: proto.toUpperCase(), from, to })
    }
    case 'kubectl':
      return phrase('step.action.kubectl', { command: summary['command'] ?? 'kubectl' })
    case 'fault': {
      const what = faultOnPhrase(summary['fault'] ?? '', summary['target'] ?? '')
      return summary['active'] === 'false' ? phrase('step.action.mend', { what }) : phrase('step.action.fault', { what })
    }
    case 'refused':
      return phrase('step.action.refused', { message: summary['message'] ?? '' })
    case 'wait':
      return phrase('step.action.wait')
    case 'waited':
      return phrase('step.action.waited')
    default:
      return phrase('step.action.other', { action })
  }
}

function describeDone(step: Step<'request-done'>): Phrase {
  const { verdict, to, sourceSeen, masqueraded } = step.facts
  const asked = askedPhrase(step.facts.asked)
  const from = hostPhrase(step.facts.from)
  const reached: Value = to === undefined ? '?' : to.pod === undefined ? endpoint(to.ip, to.port) : `Pod ${to.pod}`
  const source = sourceSeen ?? '?'
  switch (verdict) {
    case 'delivered':
      return masqueraded
        ? phrase('step.done.masqueraded', { from, to: reached, source })
        : phrase('step.done.delivered', { from, to: reached, source })
    case 'refused':
      return phrase('step.done.refused', { from, asked, to: reached })
    case 'rejected':
      return phrase(step.facts.unheard === true ? 'step.done.unheard' : 'step.done.rejected', {
        from,
        asked,
        with: step.facts.with ?? 'REJECT',
      })
    case 'dropped':
      // Only a load balancer's own firewall drops without a rule and says why.
      return phrase(step.facts.with === undefined ? 'step.done.dropped' : 'step.done.source-range', { from, asked })
    case 'no-route':
      return phrase('step.done.no-route', { from, asked })
    case 'timeout': {
      const what = unmodelled(step.facts.with)
      return what === undefined
        ? phrase('step.done.timeout', { from, asked })
        : phrase('step.done.not-modelled', { from, asked, with: what })
    }
    case 'unresolved':
      return phrase('step.done.unresolved', { from, asked })
  }
}

/** What stopped a walk because it is not modelled, out of a verdict's `with`; undefined where nothing did. */
export function unmodelled(text: string | undefined): string | undefined {
  return /^not modelled: (.*)$/s.exec(text ?? '')?.[1]
}
