import type { Service, ServiceSpec } from '../../../../generated/kubeTypes.js'
import { serviceNeeds } from '../allocate.js'
import type { Draft } from '../draft.js'
import type { Faults } from './faults.js'
import { IMMUTABLE, isPort, PORT_RANGE } from './faults.js'
import { cidrFault, ipFault } from './legacyAddresses.js'
import { validateLabels } from './meta.js'
import { labelFaults, portNameFaults, qualifiedNameFaults, subdomainFaults } from './names.js'
import { validateClusterIPs, validateFamilyChange } from './serviceIps.js'
import { validateNonSpecialIp } from './specialIps.js'

type Spec = Draft<ServiceSpec>

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const MAX_AFFINITY = 86_400
const KUBELET_PORT = 10_250
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints'
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** Source: kubernetes pkg/apis/core/validation/validation.go ValidateService */
export function validateService(faults: Faults, service: Draft<Service>, before?: Draft<Service>): void {
  const spec = service.spec ?? {}
  const ports = spec.ports ?? []
  const isHeadless = spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None'
  validateTopologyMode(faults, service.metadata?.annotations ?? {})
  if (ports.length === 0 && !isHeadless && spec.type !== 'ExternalName') faults.required('spec.ports')
  if (spec.type === 'LoadBalancer') {
    ports.forEach(({ port }, index) => {
      const why = `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`
      if (port === KUBELET_PORT) faults.invalid(`spec.ports[${index}]`, port, why)
    })
    if (isHeadless) faults.invalid('spec.clusterIPs[0]', 'None', "may not be set to 'None' for LoadBalancer services")
  }
  if (spec.type === 'NodePort' && isHeadless) {
    faults.invalid('spec.clusterIPs[0]', 'None', "may not be set to 'None' for NodePort services")
  }
  if (spec.type === 'ExternalName') {
    if ((spec.clusterIPs ?? []).length > 0 || (spec.clusterIP ?? '') !== '') {
      faults.forbidden('spec.clusterIPs', 'may not be set for ExternalName services')
    }
    if ((spec.ipFamilies ?? []).length > 0) faults.forbidden('spec.ipFamilies', 'may not be set for ExternalName services')
    if (spec.ipFamilyPolicy !== undefined) faults.forbidden('spec.ipFamilyPolicy', 'may not be set for ExternalName services')
    const name = (spec.externalName ?? '').replace(/\.$/, '')
    if (name === '') faults.required('spec.externalName')
    else faults.invalidEach('spec.externalName', name, subdomainFaults(name))
  }
  validatePorts(faults, spec)
  validateLabels(faults, 'spec.selector', spec.selector)
  validateAffinity(faults, spec)
  if (spec.type === undefined) faults.required('spec.type')
  else if (!TYPES.includes(spec.type)) faults.notSupported('spec.type', spec.type, TYPES)
  for (const [index, ip = ''] of (spec.externalIPs ?? []).entries()) {
    const field = `spec.externalIPs[${index}]`
    const fault = ipFault(ip, before?.spec?.externalIPs)
    if (fault !== undefined) faults.invalid(field, ip, fault)
    else validateNonSpecialIp(faults, field, ip)
  }
  for (const error of validateClusterIPs(spec, before?.spec)) {
    // The allocator has looked already; each fault is told once.
    if (!faults.list.some((each) => each.field === error.field && each.message === error.message)) faults.list.push(error)
  }
  validateSourceRanges(faults, service, before)
  validateLoadBalancer(faults, spec, before?.spec)
  validateTraffic(faults, spec)
}

function validateTopologyMode(faults: Faults, annotations: Readonly<Record<string, string | undefined>>): void {
  const { [TOPOLOGY_MODE]: mode, [TOPOLOGY_HINTS]: hints } = annotations
  if (mode === undefined || hints === undefined || mode === hints) return
  const why = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`
  faults.invalid(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, why)
}

/** The field, or the older annotation where there is none. */
function validateSourceRanges(faults: Faults, service: Draft<Service>, before: Draft<Service> | undefined): void {
  const spec = service.spec ?? {}
  const ranges = spec.loadBalancerSourceRanges ?? []
  const annotation = service.metadata?.annotations?.[SOURCE_RANGES]
  const had = (before?.spec?.loadBalancerSourceRanges ?? []).map((range) => range?.trim())
  const check = (field: string, range: string): void => {
    const fault = cidrFault(range, had)
    if (fault !== undefined) faults.invalid(field, range, fault)
  }
  if (ranges.length === 0 && annotation === undefined) return
  const field = ranges.length > 0 ? 'spec.LoadBalancerSourceRanges' : `metadata.annotations[${SOURCE_RANGES}]`
  if (spec.type !== 'LoadBalancer') faults.forbidden(field, "may only be used when `type` is 'LoadBalancer'")
  if (ranges.length > 0) for (const [index, range = ''] of ranges.entries()) check(`${field}[${index}]`, range.trim())
  else if ((annotation ?? '').trim() !== '') for (const range of (annotation ?? '').split(',')) check(field, range.trim())
}

function validatePorts(faults: Faults, spec: Spec): void {
  const ports = spec.ports ?? []
  const names = new Set<string>()
  ports.forEach((port, index) => {
    const at = `spec.ports[${index}]`
    const { name = '', protocol = '', port: number = 0, targetPort } = port
    if (ports.length > 1 && name === '') faults.required(`${at}.name`)
    else if (name !== '') {
      faults.invalidEach(`${at}.name`, name, labelFaults(name))
      if (names.has(name)) faults.duplicate(`${at}.name`, name)
      names.add(name)
    }
    if (!isPort(number)) faults.invalid(`${at}.port`, number, PORT_RANGE)
    if (protocol === '') faults.required(`${at}.protocol`)
    else if (!['TCP', 'UDP', 'SCTP'].includes(protocol)) faults.notSupported(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'])
    if (typeof targetPort === 'string') faults.invalidEach(`${at}.targetPort`, targetPort, portNameFaults(targetPort))
    else if (!isPort(targetPort ?? 0)) faults.invalid(`${at}.targetPort`, targetPort ?? 0, PORT_RANGE)
    if (port.appProtocol !== undefined)
      faults.invalidEach(`${at}.appProtocol`, port.appProtocol, qualifiedNameFaults(port.appProtocol))
    if (spec.type === 'ClusterIP' && (port.nodePort ?? 0) !== 0) {
      faults.forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'")
    }
  })
  const seen = new Set<string>()
  const nodePorts = new Set<string>()
  ports.forEach((port, index) => {
    if ((port.nodePort ?? 0) === 0) return
    const node = `${port.protocol}/${port.nodePort}`
    if (nodePorts.has(node)) faults.duplicate(`spec.ports[${index}].nodePort`, port.nodePort)
    nodePorts.add(node)
  })
  ports.forEach((port, index) => {
    const key = `${port.protocol}/${port.port}`
    if (seen.has(key)) faults.duplicate(`spec.ports[${index}]`, internalPort(port))
    seen.add(key)
  })
}

/** A port as Go prints the server's own struct, with only what duplicates are told by. */
function internalPort(port: NonNullable<Spec['ports']>[number]): object {
  return { Name: '', Protocol: port.protocol ?? '', AppProtocol: null, Port: port.port ?? 0, TargetPort: 0, NodePort: 0 }
}

function validateAffinity(faults: Faults, spec: Spec): void {
  const affinity = spec.sessionAffinity ?? ''
  if (affinity === '') faults.required('spec.sessionAffinity')
  else if (affinity !== 'ClientIP' && affinity !== 'None')
    faults.notSupported('spec.sessionAffinity', affinity, ['ClientIP', 'None'])
  if (affinity !== 'ClientIP') return
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (seconds === undefined) {
    faults.required('spec.sessionAffinityConfig', 'when session affinity type is ClientIP')
  } else if (seconds <= 0 || seconds > MAX_AFFINITY) {
    const at = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds'
    faults.invalid(at, seconds, `must be greater than 0 and less than ${MAX_AFFINITY}`)
  }
}

function validateLoadBalancer(faults: Faults, spec: Spec, before: Spec | undefined): void {
  if (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === undefined)
    faults.required('allocateLoadBalancerNodePorts')
  if (spec.type !== 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== undefined) {
    faults.forbidden('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'")
  }
  const { loadBalancerClass } = spec
  if (loadBalancerClass !== undefined) {
    if (spec.type !== 'LoadBalancer') faults.forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'")
    else faults.invalidEach('spec.loadBalancerClass', loadBalancerClass, qualifiedNameFaults(loadBalancerClass))
  }
  if (before?.type === 'LoadBalancer' && spec.type === 'LoadBalancer' && before.loadBalancerClass !== loadBalancerClass) {
    faults.invalid('spec.loadBalancerClass', loadBalancerClass, 'may not change once set')
  }
}

function validateTraffic(faults: Faults, spec: Spec): void {
  const needsExternal = serviceNeeds.externalTrafficPolicy(spec)
  const external = spec.externalTrafficPolicy
  if (external === undefined) {
    if (needsExternal) faults.required('spec.externalTrafficPolicy')
  } else if (!needsExternal) {
    faults.invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services')
  } else if (external !== 'Cluster' && external !== 'Local') {
    faults.notSupported('spec.externalTrafficPolicy', external, ['Cluster', 'Local'])
  }
  const health = spec.healthCheckNodePort ?? 0
  if (serviceNeeds.healthCheckNodePort(spec)) {
    if (health === 0) faults.required('spec.healthCheckNodePort')
    else if (!isPort(health)) faults.invalid('spec.healthCheckNodePort', health, PORT_RANGE)
  } else if (health !== 0) {
    faults.invalid(
      'spec.healthCheckNodePort',
      health,
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    )
  }
  const internal = spec.internalTrafficPolicy
  if (internal === undefined) {
    if (['NodePort', 'LoadBalancer', 'ClusterIP'].includes(spec.type ?? '')) faults.required('spec.internalTrafficPolicy')
  } else if (internal !== 'Cluster' && internal !== 'Local') {
    faults.notSupported('spec.internalTrafficPolicy', internal, ['Cluster', 'Local'])
  }
  const distribution = spec.trafficDistribution
  const known = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
  if (distribution !== undefined && !known.includes(distribution))
    faults.notSupported('spec.trafficDistribution', distribution, known)
}

/** Source: ValidateServiceUpdate */
export function validateServiceUpdate(faults: Faults, service: Draft<Service>, old: Draft<Service>): void {
  const spec = service.spec ?? {}
  const before = old.spec ?? {}
  faults.list.push(...validateFamilyChange(spec, before))
  const hadCheck = serviceNeeds.healthCheckNodePort(before) && serviceNeeds.healthCheckNodePort(spec)
  if (hadCheck && spec.healthCheckNodePort !== before.healthCheckNodePort) faults.forbidden('spec.healthCheckNodePort', IMMUTABLE)
  validateService(faults, service, old)
}
