import type { Service } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'

const AFFINITY_SECONDS = 10_800

/** Source: kubernetes pkg/apis/core/v1/defaults.go SetDefaults_Service */
export function defaultService(service: Draft<Service>): void {
  service.spec ??= {}
  const { spec } = service
  spec.sessionAffinity ??= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } }
  }
  spec.type ??= 'ClusterIP'
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP'
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port ?? 0
  }
  const isExternal = (spec.externalIPs ?? []).length > 0 && spec.type !== 'ExternalName'
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer' || isExternal) spec.externalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer' || spec.type === 'ClusterIP') {
    spec.internalTrafficPolicy ??= 'Cluster'
  }
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) {
    if ((ingress.ip ?? '') !== '') ingress.ipMode ??= 'VIP'
  }
}
