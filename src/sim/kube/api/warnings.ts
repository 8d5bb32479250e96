import type { PodSpec } from '../../../generated/kubeTypes.js'
import type { Call } from './call.js'
import type { Draft, ObjectDraft } from './draft.js'
import { recordAt } from './draft.js'

/** Adds the warnings that the server sends with an answer. Source: kubernetes pkg/api/pod/warnings.go, apiserver deprecation of v1 Endpoints */
export function warnOfUse(call: Call, draft: ObjectDraft): void {
  if (call.info.resource === 'endpoints') {
    call.warnings.push('v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice')
  }
  if (call.info.resource === 'pods') warnOfPod(call, 'spec', recordAt(draft, 'spec'))
  const template = recordAt(draft, 'spec', 'template', 'spec')
  if (template !== undefined) warnOfPod(call, 'spec.template.spec', template)
  const inner = recordAt(draft, 'spec', 'jobTemplate', 'spec', 'template', 'spec')
  if (inner !== undefined) warnOfPod(call, 'spec.jobTemplate.spec.template.spec', inner)
  const annotation = draft.metadata.annotations?.['kubernetes.io/ingress.class']
  const named = recordAt(draft, 'spec')?.['ingressClassName']
  if (call.info.resource === 'ingresses' && annotation !== undefined && named === undefined) {
    call.warnings.push('annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead')
  }
}

/** Deleting a Job keeps its Pods unless one says otherwise. Source: kubernetes pkg/registry/batch/job/storage/storage.go Delete */
export function warnOfDelete(call: Call): void {
  if (call.info.resource !== 'jobs' || call.options.propagationPolicy !== undefined) return
  call.warnings.push(
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  )
}

function warnOfPod(call: Call, field: string, input: unknown): void {
  // Decoding made it a PodSpec.
  const spec = (input ?? {}) as Draft<PodSpec>
  const warn = (text: string): void => {
    call.warnings.push(text)
  }
  ;(spec.imagePullSecrets ?? []).forEach((secret, index) => {
    if ((secret.name ?? '') === '') warn(`${field}.imagePullSecrets[${index}].name: invalid empty name ""`)
  })
  const seen = new Map<string, string>()
  ;(spec.containers ?? []).forEach((container, index) => {
    ;(container.ports ?? []).forEach((port, at) => {
      const key = `${port.containerPort}/${port.protocol ?? 'TCP'}/${port.hostPort ?? 0}/${port.hostIP ?? ''}`
      const path = `${field}.containers[${index}].ports[${at}]`
      const other = seen.get(key)
      if (other !== undefined) warn(`${path}: duplicate port definition with ${other}`)
      seen.set(key, path)
    })
    const names = new Map<string, number>()
    ;(container.env ?? []).forEach((env, at) => {
      const name = env.name ?? ''
      if (names.has(name)) {
        warn(
          `${field}.containers[${index}].env[${at}]: hides previous definition of "${name}", which may be dropped when using apply`,
        )
      }
      names.set(name, at)
    })
  })
  if (spec.terminationGracePeriodSeconds !== undefined && spec.terminationGracePeriodSeconds < 0) {
    warn(`${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  if (spec.hostIPC === undefined && (spec.serviceAccount ?? '') !== '' && spec.serviceAccountName === undefined) {
    warn(`${field}.serviceAccount: deprecated, use ${field}.serviceAccountName instead`)
  }
}
