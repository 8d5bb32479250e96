import type { EndpointSlice, Endpoints, Service, ServiceSpec } from '../../../../generated/kubeTypes.js'
import { serviceNeeds } from '../allocate.js'
import type { Draft } from '../draft.js'
import { parseCidr, parseIp } from '../ip.js'
import type { Faults } from './faults.js'
import { IMMUTABLE, isPort, PORT_RANGE } from './faults.js'
import { validateLabels } from './meta.js'
import { labelFaults, portNameFaults, qualifiedNameFaults, subdomainFaults } from './names.js'
import { validateClusterIPs } from './serviceIps.js'

type Spec = Draft<ServiceSpec>

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const IP_FORM = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const CIDR_FORM = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const MAX_AFFINITY = 86_400

/** Source: kubernetes pkg/apis/core/validation/validation.go ValidateService */
export function validateService(faults: Faults, service: Draft<Service>, before?: Draft<Service>): void {
  const spec = service.spec ?? {}
  const ports = spec.ports ?? []
  const isHeadless = spec.clusterIP === 'None'
  if (ports.length === 0 && !isHeadless && spec.type !== 'ExternalName') faults.required('spec.ports')
  if (spec.type === 'LoadBalancer') {
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
  for (const [index, ip = ''] of (spec.externalIPs ?? []).entries()) validateExternalIp(faults, `spec.externalIPs[${index}]`, ip)
  for (const error of validateClusterIPs(spec, before?.spec)) {
    // The allocator has looked already; each fault is told once.
    if (!faults.list.some((each) => each.field === error.field && each.message === error.message)) faults.list.push(error)
  }
  validateLoadBalancer(faults, spec, before?.spec)
  validateTraffic(faults, spec)
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

/** Source: ValidateNonSpecialIP */
function validateExternalIp(faults: Faults, field: string, ip: string): void {
  const address = parseIp(ip)
  if (address === undefined) {
    faults.invalid(field, ip, IP_FORM)
    return
  }
  const first = address.family === 'IPv4' ? Number(address.value >> 24n) : -1
  if (address.value === 0n) faults.invalid(field, ip, `may not be unspecified (0.0.0.0 or ::)`)
  if (first === 127 || (first < 0 && address.value === 1n))
    faults.invalid(field, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')
  const isLinkLocal = address.family === 'IPv4' ? address.value >> 16n === 0xa9fen : address.value >> 118n === 0x3fan
  if (isLinkLocal) faults.invalid(field, ip, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')
  const isMulticast = address.family === 'IPv4' ? address.value >> 8n === 0xe00000n : address.value >> 112n === 0xff02n
  if (isMulticast) faults.invalid(field, ip, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')
}

function validateLoadBalancer(faults: Faults, spec: Spec, before: Spec | undefined): void {
  const ranges = spec.loadBalancerSourceRanges ?? []
  if (ranges.length > 0 && spec.type !== 'LoadBalancer') {
    faults.forbidden('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'")
  }
  if (spec.type === 'LoadBalancer') {
    ranges.forEach((range = '', index) => {
      if (parseCidr(range.trim()) === undefined) faults.invalid(`spec.LoadBalancerSourceRanges[${index}]`, range, CIDR_FORM)
    })
  }
  if (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === undefined)
    faults.required('allocateLoadBalancerNodePorts')
  if (spec.type !== 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== undefined) {
    faults.forbidden('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'")
  }
  const { loadBalancerClass } = spec
  if (loadBalancerClass !== undefined) {
    if (spec.type !== 'LoadBalancer') faults.forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'")
    faults.invalidEach('spec.loadBalancerClass', loadBalancerClass, qualifiedNameFaults(loadBalancerClass))
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
    if (!isPort(health)) faults.invalid('spec.healthCheckNodePort', health, PORT_RANGE)
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
  if (before.type !== 'ExternalName' && spec.type !== 'ExternalName') {
    const ips = spec.clusterIPs ?? []
    const had = before.clusterIPs ?? []
    if (had[0] !== undefined && ips[0] !== had[0]) faults.invalid('spec.clusterIPs[0]', ips, 'may not change once set')
    if (had.length > 1 && ips.length > 1 && had[1] !== ips[1])
      faults.invalid('spec.clusterIPs[1]', ips, 'may not change once set')
    const family = before.ipFamilies?.[0]
    if (family !== undefined && spec.ipFamilies?.[0] !== undefined && spec.ipFamilies[0] !== family) {
      faults.invalid('spec.ipFamilies[0]', spec.ipFamilies, 'may not change once set')
    }
  }
  validateService(faults, service, old)
}

/** Source: kubernetes pkg/apis/discovery/validation/validation.go */
export function validateEndpointSlice(faults: Faults, slice: Draft<EndpointSlice>, old?: Draft<EndpointSlice>): void {
  const type = slice.addressType ?? ''
  if (type === '') faults.required('addressType')
  else if (!['IPv4', 'IPv6', 'FQDN'].includes(type)) faults.notSupported('addressType', type, ['FQDN', 'IPv4', 'IPv6'])
  if (old !== undefined && old.addressType !== type) faults.invalid('addressType', type, IMMUTABLE)
  const endpoints = slice.endpoints ?? []
  if (endpoints.length > 1000) faults.tooMany('endpoints', endpoints.length, 1000)
  endpoints.forEach((endpoint, index) => {
    const at = `endpoints[${index}]`
    const addresses = endpoint.addresses ?? []
    if (addresses.length === 0) faults.required(`${at}.addresses`, 'must contain at least 1 address')
    if (addresses.length > 100) faults.tooMany(`${at}.addresses`, addresses.length, 100)
    addresses.forEach((ip = '', where) => {
      validateEndpointAddress(faults, type, `${at}.addresses`, `${at}.addresses[${where}]`, ip)
    })
    if (endpoint.nodeName !== undefined)
      faults.invalidEach(`${at}.nodeName`, endpoint.nodeName, subdomainFaults(endpoint.nodeName))
    if (endpoint.hostname !== undefined) faults.invalidEach(`${at}.hostname`, endpoint.hostname, labelFaults(endpoint.hostname))
  })
  const names = new Set<string>()
  const ports = slice.ports ?? []
  if (ports.length > 20_000) faults.tooMany('ports', ports.length, 20_000)
  ports.forEach((port, index) => {
    const at = `ports[${index}]`
    const { name = '', protocol = '' } = port
    if (name.length > 0) faults.invalidEach(`${at}.name`, name, labelFaults(name))
    if (names.has(name)) faults.duplicate(`${at}.name`, name)
    names.add(name)
    if (!['TCP', 'UDP', 'SCTP'].includes(protocol)) faults.notSupported(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'])
    if (port.appProtocol !== undefined)
      faults.invalidEach(`${at}.appProtocol`, port.appProtocol, qualifiedNameFaults(port.appProtocol))
  })
}

function validateEndpointAddress(faults: Faults, type: string, field: string, exact: string, ip: string): void {
  if (type === 'FQDN') {
    faults.invalidEach(field, ip, subdomainFaults(ip))
    return
  }
  const address = parseIp(ip)
  if (type === 'IPv4') {
    if (address?.family !== 'IPv4') faults.invalid(field, ip, 'must be an IPv4 address')
    else validateExternalIp(faults, exact, ip)
  }
  if (type === 'IPv6') {
    if (address?.family !== 'IPv6') faults.invalid(field, ip, 'must be an IPv6 address')
    else validateExternalIp(faults, exact, ip)
  }
}

/** Source: ValidateEndpoints */
export function validateEndpoints(faults: Faults, endpoints: Draft<Endpoints>): void {
  ;(endpoints.subsets ?? []).forEach((subset, index) => {
    const path = `subsets[${index}]`
    const addresses = subset.addresses ?? []
    const notReady = subset.notReadyAddresses ?? []
    if (addresses.length === 0 && notReady.length === 0) faults.required(path, 'must specify `addresses` or `notReadyAddresses`')
    for (const [kind, list] of [
      ['addresses', addresses],
      ['notReadyAddresses', notReady],
    ] as const) {
      list.forEach((address, at) => {
        validateExternalIp(faults, `${path}.${kind}[${at}].ip`, address.ip ?? '')
      })
    }
    const ports = subset.ports ?? []
    ports.forEach((port, at) => {
      const field = `${path}.ports[${at}]`
      if (ports.length > 1 && (port.name ?? '') === '') faults.required(`${field}.name`)
      else if ((port.name ?? '') !== '') faults.invalidEach(`${field}.name`, port.name, labelFaults(port.name ?? ''))
      if (!isPort(port.port ?? 0)) faults.invalid(`${field}.port`, port.port ?? 0, PORT_RANGE)
      if (!['TCP', 'UDP', 'SCTP'].includes(port.protocol ?? '')) {
        faults.notSupported(`${field}.protocol`, port.protocol ?? '', ['SCTP', 'TCP', 'UDP'])
      }
    })
  })
}
