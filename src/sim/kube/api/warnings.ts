import type { PodSpec, ServiceSpec } from '../../../generated/kubeTypes.js'
import type { Call } from './call.js'
import type { Draft, ObjectDraft } from './draft.js'
import { recordAt } from './draft.js'

/** Warns of a version of the API that is to go. Source: apiserver pkg/endpoints/deprecation */
export function warnOfVersion(call: Call): void {
  if (call.info.resource === 'endpoints') {
    call.warnings.push('v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice')
  }
}

/**
 * The warnings that come with an object that is taken, in order.
 * Source: kubernetes pkg/api/pod/warnings.go, pkg/api/service/warnings.go, pkg/registry/networking/ingress/strategy.go
 */
export function warningsOfUse(call: Call, draft: ObjectDraft): readonly string[] {
  const warnings: string[] = []
  if (call.info.resource === 'pods') warnOfPod(warnings, 'spec', recordAt(draft, 'spec'))
  const template = recordAt(draft, 'spec', 'template', 'spec')
  if (template !== undefined) warnOfPod(warnings, 'spec.template.spec', template)
  const inner = recordAt(draft, 'spec', 'jobTemplate', 'spec', 'template', 'spec')
  if (inner !== undefined) warnOfPod(warnings, 'spec.jobTemplate.spec.template.spec', inner)
  if (call.info.resource === 'services') warnOfService(warnings, recordAt(draft, 'spec'))
  const annotation = draft.metadata.annotations?.['kubernetes.io/ingress.class']
  const named = recordAt(draft, 'spec')?.['ingressClassName']
  if (call.info.resource === 'ingresses' && annotation !== undefined && named === undefined) {
    warnings.push('annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead')
  }
  return warnings
}

/** Source: kubernetes pkg/api/service/warnings.go GetWarningsForService */
function warnOfService(warnings: string[], input: unknown): void {
  // Decoding made it a ServiceSpec.
  const spec = (input ?? {}) as Draft<ServiceSpec>
  const hasExternalIPs = (spec.externalIPs ?? []).length > 0
  if (hasExternalIPs) warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  if (spec.type === 'ExternalName' && hasExternalIPs) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  }
  if (spec.type !== 'ExternalName' && (spec.externalName ?? '') !== '') {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  }
  if (spec.clusterIP !== 'None' || Object.keys(spec.selector ?? {}).length === 0) return
  if ((spec.loadBalancerIP ?? '') !== '') warnings.push('spec.loadBalancerIP is ignored for headless services')
  if (hasExternalIPs) warnings.push('spec.externalIPs is ignored for headless services')
  if ((spec.sessionAffinity ?? 'None') !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
}

/** Deleting a Job keeps its Pods unless one says otherwise. Source: kubernetes pkg/registry/batch/job/storage/storage.go Delete */
export function warnOfDelete(call: Call): void {
  if (call.info.resource !== 'jobs' || call.options.propagationPolicy !== undefined) return
  call.warnings.push(
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  )
}

function warnOfPod(warnings: string[], field: string, input: unknown): void {
  // Decoding made it a PodSpec.
  const spec = (input ?? {}) as Draft<PodSpec>
  const warn = (text: string): void => {
    warnings.push(text)
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
