import type { EndpointSlice, Endpoints } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { parseIp } from '../ip.js'
import type { Faults } from './faults.js'
import { IMMUTABLE, isPort, PORT_RANGE } from './faults.js'
import { ipFault } from './legacyAddresses.js'
import { labelFaults, labelValueFaults, qualifiedNameFaults, subdomainFaults } from './names.js'
import { validateNonSpecialIp } from './specialIps.js'

const MAX_HINTS = 8
const MAX_PORTS = 20_000

/** Source: kubernetes pkg/apis/discovery/validation/validation.go */
export function validateEndpointSlice(faults: Faults, slice: Draft<EndpointSlice>, old?: Draft<EndpointSlice>): void {
  const type = slice.addressType ?? ''
  if (type === '') faults.required('addressType')
  else if (!['IPv4', 'IPv6', 'FQDN'].includes(type)) faults.notSupported('addressType', type, ['FQDN', 'IPv4', 'IPv6'])
  if (old !== undefined && old.addressType !== type) faults.invalid('addressType', type, IMMUTABLE)
  const endpoints = slice.endpoints ?? []
  // Of too many none is looked at.
  const looked = endpoints.length > 1000 ? [] : endpoints
  if (endpoints.length > 1000) faults.tooMany('endpoints', endpoints.length, 1000)
  looked.forEach((endpoint, index) => {
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
    validateHints(faults, `${at}.hints.forZones`, endpoint.hints?.forZones ?? [], labelValueFaults)
    validateHints(faults, `${at}.hints.forNodes`, endpoint.hints?.forNodes ?? [], subdomainFaults)
  })
  const names = new Set<string>()
  const ports = slice.ports ?? []
  if (ports.length > MAX_PORTS) {
    faults.tooMany('ports', ports.length, MAX_PORTS)
    return
  }
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

function validateHints(
  faults: Faults,
  field: string,
  hints: readonly { readonly name?: string | undefined }[],
  nameFaults: (name: string) => readonly string[],
): void {
  if (hints.length > MAX_HINTS) {
    faults.tooMany(field, hints.length, MAX_HINTS)
    return
  }
  const names = new Set<string>()
  for (const [index, { name = '' }] of hints.entries()) {
    const at = `${field}[${index}].name`
    if (names.has(name)) faults.duplicate(at, name)
    names.add(name)
    faults.invalidEach(at, name, nameFaults(name))
  }
}

function validateEndpointAddress(faults: Faults, type: string, field: string, exact: string, ip: string): void {
  if (type === 'FQDN') {
    validateFullName(faults, exact, ip)
    return
  }
  if (type !== 'IPv4' && type !== 'IPv6') return
  const fault = ipFault(ip)
  if (fault !== undefined) faults.invalid(exact, ip, fault)
  else if (parseIp(ip)?.family !== type) faults.invalid(field, ip, `must be an ${type} address`)
  else validateNonSpecialIp(faults, exact, ip)
}

/** Source: apimachinery pkg/util/validation IsFullyQualifiedDomainName */
function validateFullName(faults: Faults, field: string, given: string): void {
  const name = given.replace(/\.$/, '')
  if (given === '') faults.required(field)
  else if (subdomainFaults(name).length > 0) faults.invalid(field, name, subdomainFaults(name).join(','))
  else if (!name.includes('.')) faults.invalid(field, name, 'should be a domain with at least two segments separated by dots')
  else
    for (const label of name.split('.'))
      if (labelFaults(label).length > 0) faults.invalid(field, label, labelFaults(label).join(','))
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
        const field = `${path}.${kind}[${at}]`
        const { ip = '', hostname = '', nodeName } = address
        const fault = ipFault(ip)
        if (fault !== undefined) faults.invalid(`${field}.ip`, ip, fault)
        if (hostname !== '') faults.invalidEach(`${field}.hostname`, hostname, labelFaults(hostname))
        if (nodeName !== undefined) faults.invalidEach(`${field}.nodeName`, nodeName, subdomainFaults(nodeName))
        validateNonSpecialIp(faults, `${field}.ip`, ip)
      })
    }
    const ports = subset.ports ?? []
    ports.forEach((port, at) => {
      const field = `${path}.ports[${at}]`
      if (ports.length > 1 && (port.name ?? '') === '') faults.required(`${field}.name`)
      else if ((port.name ?? '') !== '') faults.invalidEach(`${field}.name`, port.name, labelFaults(port.name ?? ''))
      if (!isPort(port.port ?? 0)) faults.invalid(`${field}.port`, port.port ?? 0, PORT_RANGE)
      const { protocol = '', appProtocol } = port
      if (protocol === '') faults.required(`${field}.protocol`)
      else if (!['TCP', 'UDP', 'SCTP'].includes(protocol))
        faults.notSupported(`${field}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'])
      if (appProtocol !== undefined) faults.invalidEach(`${field}.appProtocol`, appProtocol, qualifiedNameFaults(appProtocol))
    })
  })
}
