import type { EndpointSlice, Endpoints, NetworkPolicy, PodSpec, Service } from '../../../generated/kubeTypes.js'
import type { Call } from './call.js'
import type { Draft, ObjectDraft } from './draft.js'
import { recordAt } from './draft.js'
import { warningsOfCidr, warningsOfIp } from './ipWarnings.js'
import { warnOfPod } from './podWarnings.js'

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
  const warn = (text: string): void => {
    warnings.push(text)
  }
  const ofTemplate = (field: string, ...path: readonly string[]): void => {
    const holder = path.length === 0 ? draft : recordAt(draft, ...path)
    const spec = recordAt(holder, 'spec')
    // Decoding made it a PodSpec, and the annotations texts.
    const annotations = recordAt(holder, 'metadata', 'annotations') as Readonly<Record<string, string>> | undefined
    if (spec !== undefined) warnOfPod(warn, field, spec as Draft<PodSpec>, annotations)
  }
  if (call.info.resource === 'pods') ofTemplate('spec')
  ofTemplate('spec.template.spec', 'spec', 'template')
  ofTemplate('spec.jobTemplate.spec.template.spec', 'spec', 'jobTemplate', 'spec', 'template')
  if (call.info.resource === 'services') warnOfService(warnings, draft)
  if (call.info.resource === 'endpoints') warnOfEndpoints(warnings, draft)
  if (call.info.resource === 'endpointslices') warnOfSlice(warnings, draft)
  if (call.info.resource === 'networkpolicies') warnOfPolicy(warnings, draft)
  const annotation = draft.metadata.annotations?.['kubernetes.io/ingress.class']
  const named = recordAt(draft, 'spec')?.['ingressClassName']
  if (call.info.resource === 'ingresses' && annotation !== undefined && named === undefined) {
    warnings.push('annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead')
  }
  return warnings
}

const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints'

/** Source: kubernetes pkg/api/service/warnings.go GetWarningsForService */
function warnOfService(warnings: string[], input: ObjectDraft): void {
  // Decoding made it a Service.
  const { metadata, spec = {} } = input as Draft<Service>
  const externalIPs = (spec.externalIPs ?? []).flatMap((each) => each ?? [])
  if (externalIPs.length > 0) warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  if (metadata?.annotations?.[TOPOLOGY_HINTS] !== undefined) {
    warnings.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`)
  }
  const given = (spec.clusterIPs ?? []).flatMap((each) => each ?? [])
  const ips = given.length === 0 && spec.clusterIP !== undefined ? [spec.clusterIP] : given
  for (const [index, ip] of ips.entries()) warnings.push(...warningsOfIp(`spec.clusterIPs[${index}]`, ip))
  if ((spec.type ?? 'ClusterIP') === 'ClusterIP' && spec.clusterIP === 'None') {
    if ((spec.loadBalancerIP ?? '') !== '') warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services')
    if ((spec.sessionAffinity ?? 'None') !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  for (const [index, ip] of externalIPs.entries()) warnings.push(...warningsOfIp(`spec.externalIPs[${index}]`, ip))
  warnings.push(...warningsOfIp('spec.loadBalancerIP', spec.loadBalancerIP ?? ''))
  for (const [index, range = ''] of (spec.loadBalancerSourceRanges ?? []).entries())
    warnings.push(...warningsOfCidr(`spec.loadBalancerSourceRanges[${index}]`, range))
  if (spec.type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  }
  if (spec.type !== 'ExternalName' && (spec.externalName ?? '') !== '') {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  }
  if (spec.trafficDistribution === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
}

/** Source: kubernetes pkg/registry/core/endpoint/strategy.go endpointsWarnings */
function warnOfEndpoints(warnings: string[], input: ObjectDraft): void {
  for (const [index, subset] of ((input as Draft<Endpoints>).subsets ?? []).entries()) {
    for (const kind of ['addresses', 'notReadyAddresses'] as const) {
      for (const [at, { ip = '' }] of (subset[kind] ?? []).entries())
        warnings.push(...warningsOfIp(`subsets[${index}].${kind}[${at}].ip`, ip))
    }
  }
}

/** Source: kubernetes pkg/registry/discovery/endpointslice/strategy.go warnOnDeprecatedAddressType, warnOnBadIPs */
function warnOfSlice(warnings: string[], input: ObjectDraft): void {
  const { metadata, addressType, endpoints = [] } = input as Draft<EndpointSlice>
  if (addressType === 'FQDN') warnings.push('spec.addressType: FQDN endpoints are deprecated')
  // The controllers write addresses as they should be.
  if (metadata?.labels?.['endpointslice.kubernetes.io/managed-by']?.endsWith('-controller.k8s.io') === true) return
  for (const [index, endpoint] of endpoints.entries()) {
    for (const [at, ip = ''] of (endpoint.addresses ?? []).entries())
      warnings.push(...warningsOfIp(`endpoints[${index}].addresses[${at}]`, ip))
  }
}

/** Source: kubernetes pkg/registry/networking/networkpolicy/strategy.go networkPolicyWarnings */
function warnOfPolicy(warnings: string[], input: ObjectDraft): void {
  const { spec = {} } = input as Draft<NetworkPolicy>
  const sides = [
    ['ingress', 'from', (spec.ingress ?? []).map((rule) => rule.from ?? [])],
    ['egress', 'to', (spec.egress ?? []).map((rule) => rule.to ?? [])],
  ] as const
  for (const [side, peersName, rules] of sides) {
    for (const [index, peers] of rules.entries()) {
      for (const [at, { ipBlock }] of peers.entries()) {
        const field = `spec.${side}[${index}].${peersName}[${at}].ipBlock`
        warnings.push(...warningsOfCidr(`${field}.cidr`, ipBlock?.cidr ?? ''))
        for (const [where, except = ''] of (ipBlock?.except ?? []).entries())
          warnings.push(...warningsOfCidr(`${field}.except[${where}]`, except))
      }
    }
  }
}

/** Deleting a Job keeps its Pods unless one says otherwise. Source: kubernetes pkg/registry/batch/job/storage/storage.go Delete */
export function warnOfDelete(call: Call): void {
  if (call.info.resource !== 'jobs' || call.options.propagationPolicy !== undefined) return
  call.warnings.push(
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  )
}
