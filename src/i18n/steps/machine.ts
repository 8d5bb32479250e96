import type { Step } from '../../protocol/index.js'
import { type Phrase, phrase } from '../message.js'
import { spanPhrase } from '../span.js'
import { objectText } from './words.js'

type MachineKind =
  | 'lease-renewed'
  | 'kubelet-sync'
  | 'image-pull'
  | 'sandbox'
  | 'cni'
  | 'container-state'
  | 'probe'
  | 'pod-status'
  | 'proxy-sync'
  | 'proxy-sync-failed'

/** What the agents of a Node do: kubelet, runtime, network plugin, kube-proxy. */
export function describeMachine(step: Step<MachineKind>): Phrase {
  switch (step.kind) {
    case 'lease-renewed':
      return phrase('step.lease-renewed', { node: step.facts.node })
    case 'kubelet-sync': {
      const { node, doing } = step.facts
      const facts = { node, pod: objectText(step.facts.pod) }
      if (doing === 'admit' || doing === 'recreate-mirror') return phrase(`step.kubelet-sync.${doing}`, facts)
      return phrase('step.kubelet-sync', { ...facts, doing })
    }
    case 'image-pull': {
      const { node, image, state, message } = step.facts
      const facts = { node, image, pod: objectText(step.facts.pod) }
      return state === 'failed'
        ? phrase('step.image-pull.failed', { ...facts, message: message ?? '' })
        : phrase(`step.image-pull.${state}`, facts)
    }
    case 'sandbox': {
      const { node, pod, state } = step.facts
      return phrase(`step.sandbox.${state}`, { node, pod: objectText(pod) })
    }
    case 'cni': {
      const { node, operation, ip, device, bridge } = step.facts
      const pod = objectText(step.facts.pod)
      return operation === 'add'
        ? phrase('step.cni.add', { node, pod, ip, device, bridge })
        : device === ''
          ? phrase('step.cni.del.gone', { node, pod, ip })
          : phrase('step.cni.del', { node, pod, ip, device })
    }
    case 'container-state':
      return describeContainer(step)
    case 'probe': {
      const { container, probe, ok, message } = step.facts
      const facts = { container, probe, pod: objectText(step.facts.pod) }
      return ok ? phrase('step.probe.ok', facts) : phrase('step.probe.failed', { ...facts, message })
    }
    case 'pod-status': {
      const { phase, ready, ip } = step.facts
      const pod = objectText(step.facts.pod)
      return ready
        ? phrase('step.pod-status.ready', { pod, phase, ip: ip ?? '?' })
        : phrase('step.pod-status.notReady', { pod, phase })
    }
    case 'proxy-sync': {
      const { node, mode, services, rulesBefore, rulesAfter } = step.facts
      if (services.length === 0 && rulesBefore === rulesAfter) return phrase('step.proxy-sync.none', { node, after: rulesAfter })
      const told = services.length === 0 ? [phrase('proxy.allServices')] : services.slice(0, 4)
      if (rulesBefore === 0) return phrase('step.proxy-sync.first', { node, mode, services: { list: told }, after: rulesAfter })
      return phrase('step.proxy-sync', { node, services: { list: told }, before: rulesBefore, after: rulesAfter })
    }
    case 'proxy-sync-failed': {
      const { node, services, retryAt } = step.facts
      const span = spanPhrase(retryAt - step.at)
      return phrase('step.proxy-sync-failed', { node, services: { list: services.slice(0, 4) }, span })
    }
  }
}

function describeContainer(step: Step<'container-state'>): Phrase {
  const { node, container, state, reason = '', exitCode, restartCount, backOffMs } = step.facts
  const facts = { container, pod: objectText(step.facts.pod) }
  switch (state) {
    case 'created':
      return phrase('step.container.created', { ...facts, node })
    case 'running':
      return restartCount > 0
        ? phrase('step.container.restarted', { ...facts, node, count: restartCount })
        : phrase('step.container.running', { ...facts, node })
    case 'waiting':
      return backOffMs !== undefined && backOffMs > 0
        ? phrase('step.container.backoff', { ...facts, reason, span: phrase('time.s', { n: Math.round(backOffMs / 100) / 10 }) })
        : phrase('step.container.waiting', { ...facts, reason })
    case 'terminated':
      return phrase('step.container.terminated', { ...facts, code: String(exitCode ?? '?'), reason })
  }
}
