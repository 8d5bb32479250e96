import type { Ingress, IngressClass, NetworkPolicy } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { type IpRange, isInRange, parseCidr, parseIp } from '../ip.js'
import { checkPortOrName } from './containers.js'
import type { Faults } from './faults.js'
import { IMMUTABLE, isPort, PORT_RANGE } from './faults.js'
import { cidrFault } from './legacyAddresses.js'
import { labelFaults, portNameFaults, subdomainFaults } from './names.js'
import { validateSelector } from './selectors.js'

const WILDCARD =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

/** Source: kubernetes pkg/apis/networking/validation/validation.go ValidateIngressSpec */
export function validateIngress(faults: Faults, ingress: Draft<Ingress>, isNew: boolean): void {
  const spec = ingress.spec ?? {}
  const annotation = ingress.metadata?.annotations?.['kubernetes.io/ingress.class']
  if (isNew && annotation !== undefined && spec.ingressClassName !== undefined && annotation !== spec.ingressClassName) {
    faults.invalid('annotations.kubernetes.io/ingress.class', annotation, 'must match `ingressClassName` when both are specified')
  }
  if ((spec.rules ?? []).length === 0 && spec.defaultBackend === undefined) {
    faults.invalid('spec', [], 'either `defaultBackend` or `rules` must be specified')
  }
  if (spec.defaultBackend !== undefined) validateBackend(faults, 'spec.defaultBackend', spec.defaultBackend)
  ;(spec.rules ?? []).forEach((rule, index) => {
    const at = `spec.rules[${index}]`
    const host = rule.host ?? ''
    if (host !== '') {
      if (parseIp(host) !== undefined) faults.invalid(`${at}.host`, host, 'must be a DNS name, not an IP address')
      validateHost(faults, `${at}.host`, host)
    }
    if (rule.http === undefined) return
    const paths = rule.http.paths ?? []
    if (paths.length === 0) faults.required(`${at}.http.paths`)
    paths.forEach((path, where) => {
      validateIngressPath(faults, `${at}.http.paths[${where}]`, path)
    })
  })
  ;(spec.tls ?? []).forEach((tls, index) => {
    ;(tls.hosts ?? []).forEach((host = '', at) => {
      validateHost(faults, `spec.tls[${index}].hosts[${at}]`, host)
    })
    if ((tls.secretName ?? '') !== '')
      faults.invalidEach(`spec.tls[${index}].secretName`, tls.secretName, subdomainFaults(tls.secretName ?? ''))
  })
  if (spec.ingressClassName !== undefined) {
    faults.invalidEach('spec.ingressClassName', spec.ingressClassName, subdomainFaults(spec.ingressClassName))
  }
}

function validateHost(faults: Faults, field: string, host: string): void {
  if (!host.includes('*')) {
    faults.invalidEach(field, host, subdomainFaults(host))
    return
  }
  const isWild = host.startsWith('*.') && subdomainFaults(host.slice(2)).length === 0
  if (!isWild) faults.invalid(field, host, WILDCARD)
}

type IngressPath = NonNullable<
  NonNullable<NonNullable<NonNullable<Draft<Ingress>['spec']>['rules']>[number]['http']>['paths']
>[number]

function validateIngressPath(faults: Faults, at: string, each: IngressPath): void {
  const path = each.path ?? ''
  const types = ['Exact', 'ImplementationSpecific', 'Prefix']
  switch (each.pathType) {
    case undefined:
    case '':
      faults.required(`${at}.pathType`, 'pathType must be specified')
      break
    case 'Exact':
    case 'Prefix':
      if (!path.startsWith('/')) faults.invalid(`${at}.path`, path, 'must be an absolute path')
      if (path !== '') {
        for (const bad of ['//', '/./', '/../', '%2f', '%2F']) {
          if (path.includes(bad)) faults.invalid(`${at}.path`, path, `must not contain '${bad}'`)
        }
        for (const bad of ['/..', '/.']) if (path.endsWith(bad)) faults.invalid(`${at}.path`, path, `cannot end with '${bad}'`)
      }
      break
    case 'ImplementationSpecific':
      if (path !== '' && !path.startsWith('/')) faults.invalid(`${at}.path`, path, 'must be an absolute path')
      break
    default:
      faults.notSupported(`${at}.pathType`, each.pathType, types)
  }
  validateBackend(faults, `${at}.backend`, each.backend ?? {})
}

function validateBackend(
  faults: Faults,
  field: string,
  backend: NonNullable<NonNullable<Draft<Ingress>['spec']>['defaultBackend']>,
): void {
  const { resource, service } = backend
  if (resource !== undefined && service !== undefined) {
    faults.invalid(field, '', 'cannot set both resource and service backends')
    return
  }
  if (resource !== undefined) {
    if ((resource.kind ?? '') === '') faults.required(`${field}.resource.kind`)
    if ((resource.name ?? '') === '') faults.required(`${field}.resource.name`)
    return
  }
  if (service === undefined) {
    faults.required(field, 'a resource or service backend is required')
    return
  }
  if ((service.name ?? '') === '') faults.required(`${field}.service.name`)
  else faults.invalidEach(`${field}.service.name`, service.name, labelFaults(service.name ?? ''))
  const { name = '', number = 0 } = service.port ?? {}
  if (name !== '' && number !== 0) faults.invalid(field, '', 'cannot set both port name & port number')
  else if (name !== '') faults.invalidEach(`${field}.service.port.name`, name, portNameFaults(name))
  else if (number !== 0 && !isPort(number)) faults.invalid(`${field}.service.port.number`, number, PORT_RANGE)
  else if (number === 0) faults.required(field, 'port name or number is required')
}

export function validateIngressClass(faults: Faults, each: Draft<IngressClass>, old?: Draft<IngressClass>): void {
  const controller = each.spec?.controller ?? ''
  if (controller === '') faults.required('spec.controller')
  else {
    const path = controller.split('/')
    if (path.length < 2) faults.invalid('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")')
    else faults.invalidEach('spec.controller', path[0], subdomainFaults(path[0] ?? ''))
    if (controller.length > 250) faults.tooLong('spec.controller', 250)
  }
  if (each.spec?.parameters !== undefined) checkClassParameters(faults, each.spec.parameters)
  if (old !== undefined && old.spec?.controller !== controller) faults.invalid('spec.controller', controller, IMMUTABLE)
}

/** Source: validateIngressClassParametersReference */
function checkClassParameters(faults: Faults, ref: NonNullable<NonNullable<Draft<IngressClass>['spec']>['parameters']>): void {
  const at = 'spec.parameters'
  const { apiGroup, kind = '', name = '', namespace, scope } = ref
  if (apiGroup !== undefined) faults.invalidEach(`${at}.apiGroup`, apiGroup, subdomainFaults(apiGroup))
  if (kind === '') faults.required(`${at}.kind`)
  if (name === '') faults.required(`${at}.name`)
  if (scope === undefined) {
    faults.required(`${at}.scope`)
    return
  }
  if (scope !== 'Cluster' && scope !== 'Namespace') faults.notSupported(`${at}.scope`, scope, ['Cluster', 'Namespace'])
  if (scope === 'Namespace' && (namespace ?? '') === '')
    faults.required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'")
  if (scope === 'Cluster' && namespace !== undefined)
    faults.forbidden(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'")
}

/** Source: ValidateNetworkPolicySpec */
export function validateNetworkPolicy(faults: Faults, each: Draft<NetworkPolicy>, old?: Draft<NetworkPolicy>): void {
  const spec = each.spec ?? {}
  const had = rangesOf(old?.spec)
  if (spec.podSelector !== undefined) validateSelector(faults, 'spec.podSelector', spec.podSelector)
  for (const [direction, peersName] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    const rules: readonly { ports?: unknown; from?: unknown; to?: unknown }[] = spec[direction] ?? []
    rules.forEach((rule, index) => {
      const at = `spec.${direction}[${index}]`
      const ports = (rule.ports ?? []) as readonly { protocol?: string; port?: number | string; endPort?: number }[]
      ports.forEach((port, where) => {
        const path = `${at}.ports[${where}]`
        if (port.protocol !== undefined && !['TCP', 'UDP', 'SCTP'].includes(port.protocol)) {
          faults.notSupported(`${path}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP'])
        }
        if (port.port !== undefined) checkPortOrName(faults, `${path}.port`, port.port)
        if (port.endPort === undefined) return
        if (port.port === undefined)
          faults.invalid(`${path}.endPort`, port.endPort, 'may not be specified when `port` is not specified')
        else if (typeof port.port === 'string')
          faults.invalid(`${path}.endPort`, port.endPort, 'may not be specified when `port` is non-numeric')
        else {
          if (port.endPort < port.port) faults.invalid(`${path}.endPort`, port.port, 'must be greater than or equal to `port`')
          if (!isPort(port.endPort)) faults.invalid(`${path}.endPort`, port.endPort, PORT_RANGE)
        }
      })
      const peers = (rule[peersName] ?? []) as readonly Peer[]
      peers.forEach((peer, where) => {
        validatePeer(faults, `${at}.${peersName}[${where}]`, peer, had)
      })
    })
  }
  const types = spec.policyTypes ?? []
  if (types.length > 2) faults.invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')
  types.forEach((type, index) => {
    if (type !== 'Ingress' && type !== 'Egress') faults.notSupported(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress'])
  })
}

interface Peer {
  readonly podSelector?: Draft<NonNullable<NetworkPolicy['spec']>['podSelector']>
  readonly namespaceSelector?: Draft<NonNullable<NetworkPolicy['spec']>['podSelector']>
  readonly ipBlock?: { readonly cidr?: string; readonly except?: readonly string[] }
}

/** Ranges a policy names, which may stay as they are written. */
function rangesOf(spec: Draft<NetworkPolicy>['spec']): readonly (string | undefined)[] {
  const peers = [
    ...(spec?.ingress ?? []).flatMap(({ from }) => from ?? []),
    ...(spec?.egress ?? []).flatMap(({ to }) => to ?? []),
  ]
  return peers.flatMap(({ ipBlock }) => [ipBlock?.cidr, ...(ipBlock?.except ?? [])])
}

/** Source: ValidateIPBlock */
function validateExcept(faults: Faults, at: string, range: IpRange, text: string, had: readonly (string | undefined)[]): void {
  const inner = parseCidr(text)
  const fault = cidrFault(text, had)
  if (fault !== undefined) faults.invalid(at, text, fault)
  if (inner === undefined) return
  if (!isInRange(range, { family: inner.family, value: inner.base }) || inner.prefix <= range.prefix) {
    faults.invalid(at, text, 'must be a strict subset of `cidr`')
  }
}

function validatePeer(faults: Faults, field: string, peer: Peer, had: readonly (string | undefined)[]): void {
  if (peer.podSelector !== undefined) validateSelector(faults, `${field}.podSelector`, peer.podSelector)
  if (peer.namespaceSelector !== undefined) validateSelector(faults, `${field}.namespaceSelector`, peer.namespaceSelector)
  if (peer.ipBlock !== undefined) {
    const { cidr = '', except = [] } = peer.ipBlock
    const range = parseCidr(cidr)
    const fault = cidrFault(cidr, had)
    if (cidr === '') faults.required(`${field}.ipBlock.cidr`)
    else if (fault !== undefined) faults.invalid(`${field}.ipBlock.cidr`, cidr, fault)
    // Of what a range leaves out nothing is said while the range itself cannot be read.
    if (range !== undefined) {
      except.forEach((each, index) => {
        validateExcept(faults, `${field}.ipBlock.except[${index}]`, range, each, had)
      })
    }
    if (peer.podSelector !== undefined || peer.namespaceSelector !== undefined) {
      faults.forbidden(field, 'may not specify both ipBlock and another peer')
    }
  }
  if (peer.podSelector === undefined && peer.namespaceSelector === undefined && peer.ipBlock === undefined) {
    faults.required(field, 'must specify a peer')
  }
}
