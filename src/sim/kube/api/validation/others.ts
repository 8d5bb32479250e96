import type {
  ConfigMap,
  Ingress,
  IngressClass,
  Lease,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  PriorityClass,
  Role,
  RoleBinding,
  Secret,
  StorageClass,
  V2HorizontalPodAutoscaler,
} from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { copyJson, jsonEqual } from '../draft.js'
import { isInRange, parseCidr, parseIp } from '../ip.js'
import { nanosOf } from '../quantity.js'
import { checkPortOrName } from './containers.js'
import type { Faults } from './faults.js'
import { IMMUTABLE, isPort, PORT_RANGE } from './faults.js'
import {
  configMapKeyFaults,
  labelFaults,
  labelKeyFault,
  labelValueFaults,
  portNameFaults,
  qualifiedNameFaults,
  subdomainFaults,
} from './names.js'
import { validateSelector } from './selectors.js'
import { validateAtMostAll, validateIntOrPercent } from './workloads.js'

const CIDR_FORM = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const MAX_SECRET = 1024 * 1024
const KEPT = 'field is immutable when `immutable` is set'

/** Source: kubernetes pkg/apis/core/validation ValidateConfigMap, ValidateConfigMapUpdate */
export function validateConfigMap(faults: Faults, map: Draft<ConfigMap>, old?: Draft<ConfigMap>): void {
  let size = 0
  for (const [key, value = ''] of Object.entries(map.data ?? {})) {
    faults.invalidEach(`data[${key}]`, key, configMapKeyFaults(key))
    if (map.binaryData?.[key] !== undefined) faults.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')
    size += value.length
  }
  for (const [key, value = ''] of Object.entries(map.binaryData ?? {})) {
    faults.invalidEach(`binaryData[${key}]`, key, configMapKeyFaults(key))
    size += Math.floor((value.length * 3) / 4)
  }
  if (size > MAX_SECRET) faults.tooLong('', MAX_SECRET)
  if (old?.immutable !== true) return
  if (map.immutable !== true) faults.forbidden('immutable', KEPT)
  if (!jsonEqual(map.data ?? {}, old.data ?? {})) faults.forbidden('data', KEPT)
  if (!jsonEqual(map.binaryData ?? {}, old.binaryData ?? {})) faults.forbidden('binaryData', KEPT)
}

/** Source: ValidateSecret, ValidateSecretUpdate */
export function validateSecret(faults: Faults, secret: Draft<Secret>, old?: Draft<Secret>): void {
  const data = secret.data ?? {}
  for (const key of Object.keys(data)) faults.invalidEach(`data[${key}]`, key, configMapKeyFaults(key))
  const need = (key: string): void => {
    if (data[key] === undefined) faults.required(`data[${key}]`)
  }
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      if ((secret.metadata?.annotations?.['kubernetes.io/service-account.name'] ?? '') === '') {
        faults.required('metadata.annotations[kubernetes.io/service-account.name]')
      }
      break
    case 'kubernetes.io/dockercfg':
      need('.dockercfg')
      break
    case 'kubernetes.io/dockerconfigjson':
      need('.dockerconfigjson')
      break
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) {
        need('username')
        need('password')
      }
      break
    case 'kubernetes.io/ssh-auth':
      need('ssh-privatekey')
      break
    case 'kubernetes.io/tls':
      need('tls.crt')
      need('tls.key')
      break
    default:
      break
  }
  if (old === undefined) return
  if (secret.type !== old.type) faults.invalid('type', secret.type, IMMUTABLE)
  if (old.immutable !== true) return
  if (secret.immutable !== true) faults.forbidden('immutable', KEPT)
  if (!jsonEqual(data, old.data ?? {})) faults.forbidden('data', KEPT)
}

/** Source: ValidateNamespace; pod-security admission for its labels */
export function validateNamespace(faults: Faults, namespace: Draft<Namespace>): void {
  ;(namespace.spec?.finalizers ?? []).forEach((finalizer = '') => {
    faults.invalidEach('spec.finalizers', finalizer, qualifiedNameFaults(finalizer))
  })
  for (const mode of ['enforce', 'audit', 'warn']) {
    const key = `pod-security.kubernetes.io/${mode}`
    const level = namespace.metadata?.labels?.[key]
    if (level !== undefined && !['privileged', 'baseline', 'restricted'].includes(level)) {
      faults.invalid(`metadata.labels[${key}]`, level, 'must be one of privileged, baseline, restricted')
    }
  }
}

/** Source: ValidateNode, ValidateNodeUpdate */
export function validateNode(faults: Faults, node: Draft<Node>, old?: Draft<Node>): void {
  const seen = new Set<string>()
  ;(node.spec?.taints ?? []).forEach((taint, index) => {
    const at = `metadata.taints[${index}]`
    const { key = '', value = '', effect = '' } = taint
    if (labelKeyFault(key) !== undefined) faults.invalidEach(`${at}.key`, key, qualifiedNameFaults(key))
    if (labelValueFaults(value).length > 0) faults.invalid(`${at}.value`, value, labelValueFaults(value).join(';'))
    if (effect === '') faults.required(`${at}.effect`)
    else if (!['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(effect)) {
      faults.notSupported(`${at}.effect`, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    }
    if (seen.has(`${key}/${effect}`))
      faults.duplicate(at, { Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null })
    seen.add(`${key}/${effect}`)
  })
  ;(node.spec?.podCIDRs ?? []).forEach((cidr = '', index) => {
    if (parseCidr(cidr) === undefined) faults.invalid(`spec.podCIDRs[${index}]`, cidr, CIDR_FORM)
  })
  if (old === undefined) return
  const had = old.spec?.podCIDRs ?? []
  if (had.length > 0 && !jsonEqual(had, node.spec?.podCIDRs ?? [])) {
    faults.forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')
  }
  if ((old.spec?.providerID ?? '') !== '' && old.spec?.providerID !== node.spec?.providerID) {
    faults.forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')
  }
}

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const CLAIM_FIELDS = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

/** Source: ValidatePersistentVolumeClaimSpec, ValidatePersistentVolumeClaimUpdate */
export function validateClaim(faults: Faults, claim: Draft<PersistentVolumeClaim>, old?: Draft<PersistentVolumeClaim>): void {
  const spec = claim.spec ?? {}
  checkAccessModes(faults, spec.accessModes ?? [])
  if (spec.selector !== undefined) validateSelector(faults, 'spec.selector', spec.selector)
  const storage = spec.resources?.requests?.['storage']
  if (storage === undefined) faults.required('spec.resources[storage]')
  else if (nanosOf(storage) <= 0n) faults.invalid('spec.resources[storage]', storage, 'must be greater than zero')
  const { storageClassName } = spec
  if (storageClassName !== undefined && storageClassName !== '') {
    faults.invalidEach('spec.storageClassName', storageClassName, subdomainFaults(storageClassName))
  }
  if (spec.volumeMode !== undefined && !['Block', 'Filesystem'].includes(spec.volumeMode)) {
    faults.notSupported('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem'])
  }
  if (old === undefined) return
  const before = copyJson(old.spec ?? {})
  const now = copyJson(spec)
  if ((before.volumeName ?? '') === '') delete now.volumeName
  if ((before.volumeName ?? '') === '') delete before.volumeName
  if (old.status?.phase === 'Bound') {
    now.resources = before.resources
    const was = nanosOf(old.spec?.resources?.requests?.['storage'])
    if (nanosOf(storage) < was) {
      faults.forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')
    }
  }
  if (!jsonEqual(now, before)) faults.forbidden('spec', `${CLAIM_FIELDS}\n`)
}

function checkAccessModes(faults: Faults, modes: readonly (string | undefined)[]): void {
  if (modes.length === 0) faults.required('spec.accessModes', 'at least 1 access mode is required')
  for (const mode of modes) if (!ACCESS_MODES.includes(mode ?? '')) faults.notSupported('spec.accessModes', mode, ACCESS_MODES)
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    faults.forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes')
  }
}

/** Source: ValidatePersistentVolumeSpec */
export function validateVolumeObject(faults: Faults, volume: Draft<PersistentVolume>): void {
  const spec = volume.spec ?? {}
  checkAccessModes(faults, spec.accessModes ?? [])
  if (spec.capacity === undefined || Object.keys(spec.capacity).length === 0) faults.required('spec.capacity')
  else if (spec.capacity['storage'] === undefined || Object.keys(spec.capacity).length > 1) {
    faults.notSupported('spec.capacity', spec.capacity, ['storage'])
  } else if (nanosOf(spec.capacity['storage']) <= 0n) {
    faults.invalid('spec.capacity[storage]', spec.capacity['storage'], 'must be greater than zero')
  }
  const policies = ['Delete', 'Recycle', 'Retain']
  const policy = spec.persistentVolumeReclaimPolicy ?? ''
  if (policy !== '' && !policies.includes(policy)) faults.notSupported('spec.persistentVolumeReclaimPolicy', policy, policies)
  const plain = [
    'accessModes',
    'capacity',
    'claimRef',
    'mountOptions',
    'nodeAffinity',
    'persistentVolumeReclaimPolicy',
    'storageClassName',
    'volumeMode',
    'volumeAttributesClassName',
  ]
  const sources = Object.keys(spec).filter((name) => !plain.includes(name))
  if (sources.length === 0) faults.required('spec', 'must specify a volume type')
  sources.slice(1).forEach((name) => {
    faults.forbidden(`spec.${name}`, 'may not specify more than 1 volume type')
  })
  if (spec.hostPath !== undefined && (spec.hostPath.path ?? '') === '') faults.required('spec.hostPath.path')
  if (spec.local !== undefined && spec.nodeAffinity === undefined)
    faults.required('spec.nodeAffinity', 'Local volume requires node affinity')
}

/** Source: kubernetes pkg/apis/autoscaling/validation/validation.go */
export function validateAutoscaler(faults: Faults, each: Draft<V2HorizontalPodAutoscaler>): void {
  const spec = each.spec ?? {}
  if (spec.minReplicas !== undefined && spec.minReplicas < 1) {
    faults.invalid('spec.minReplicas', spec.minReplicas, 'must be greater than or equal to 1')
  }
  const max = spec.maxReplicas ?? 0
  if (max < 1) faults.required('spec.maxReplicas', 'must be set and greater than 0')
  if (spec.minReplicas !== undefined && max < spec.minReplicas) {
    faults.invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`')
  }
  const target = spec.scaleTargetRef ?? {}
  if ((target.kind ?? '') === '') faults.required('spec.scaleTargetRef.kind')
  if ((target.name ?? '') === '') faults.required('spec.scaleTargetRef.name')
  const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
  ;(spec.metrics ?? []).forEach((metric, index) => {
    const at = `spec.metrics[${index}]`
    const type = metric.type ?? ''
    if (type === '') faults.required(`${at}.type`, 'must specify a metric source type')
    if (!types.includes(type)) {
      faults.notSupported(`${at}.type`, type, types)
      // Told twice upstream: for the type, and for the source that it would need.
      faults.notSupported(`${at}.type`, type, types)
      return
    }
    if (type !== 'Resource') return
    if (metric.resource === undefined) {
      faults.required(`${at}.resource`, 'must populate information for the given metric source')
      return
    }
    if ((metric.resource.name ?? '') === '') faults.required(`${at}.resource.name`, 'must specify a resource name')
    validateMetricTarget(faults, `${at}.resource.target`, metric.resource.target ?? {})
  })
}

function validateMetricTarget(
  faults: Faults,
  field: string,
  target: {
    type?: string | undefined
    averageUtilization?: number | undefined
    averageValue?: string | undefined
    value?: string | undefined
  },
): void {
  const types = ['Utilization', 'Value', 'AverageValue']
  if ((target.type ?? '') === '') faults.required(`${field}.type`, 'must specify a metric target type')
  else if (!types.includes(target.type ?? '')) {
    faults.invalid(`${field}.type`, target.type, 'must be either Utilization, Value, or AverageValue')
  }
  if (target.averageUtilization !== undefined && target.averageUtilization < 1) {
    faults.invalid(`${field}.averageUtilization`, target.averageUtilization, 'must be greater than 0')
  }
  if (target.averageUtilization === undefined && target.averageValue === undefined) {
    faults.required(`${field}.averageUtilization`, 'must set either a target raw value or a target utilization')
  }
  if (target.averageUtilization !== undefined && target.averageValue !== undefined) {
    faults.forbidden(`${field}.averageValue`, 'may not set both a target raw value and a target utilization')
  }
}

/** Source: kubernetes pkg/apis/policy/validation/validation.go */
export function validateBudget(faults: Faults, each: Draft<PodDisruptionBudget>): void {
  const spec = each.spec ?? {}
  const { minAvailable, maxUnavailable } = spec
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const value = {
      MinAvailable: minAvailable,
      Selector: spec.selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
    }
    faults.invalid('spec', value, 'minAvailable and maxUnavailable cannot be both set')
  }
  for (const [name, value] of [
    ['minAvailable', minAvailable],
    ['maxUnavailable', maxUnavailable],
  ] as const) {
    if (value === undefined) continue
    validateIntOrPercent(faults, `spec.${name}`, value)
    validateAtMostAll(faults, `spec.${name}`, value)
  }
  if (spec.selector !== undefined) validateSelector(faults, 'spec.selector', spec.selector)
  const policy = spec.unhealthyPodEvictionPolicy
  const policies = ['AlwaysAllow', 'IfHealthyBudget']
  if (policy !== undefined && !policies.includes(policy)) faults.notSupported('spec.unhealthyPodEvictionPolicy', policy, policies)
}

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
  if (old !== undefined && old.spec?.controller !== controller) faults.invalid('spec.controller', controller, IMMUTABLE)
}

/** Source: ValidateNetworkPolicySpec */
export function validateNetworkPolicy(faults: Faults, each: Draft<NetworkPolicy>): void {
  const spec = each.spec ?? {}
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
        if (port.port === undefined) faults.required(`${path}.port`, 'may not be specified when `port` is not specified')
        else if (typeof port.port === 'string')
          faults.invalid(`${path}.endPort`, port.endPort, 'may not be specified when `port` is non-numeric')
        else {
          if (port.endPort < port.port) faults.invalid(`${path}.endPort`, port.endPort, 'must be greater than or equal to `port`')
          if (!isPort(port.endPort)) faults.invalid(`${path}.endPort`, port.endPort, PORT_RANGE)
        }
      })
      const peers = (rule[peersName] ?? []) as readonly Peer[]
      peers.forEach((peer, where) => {
        validatePeer(faults, `${at}.${peersName}[${where}]`, peer)
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

function validatePeer(faults: Faults, field: string, peer: Peer): void {
  if (peer.podSelector !== undefined) validateSelector(faults, `${field}.podSelector`, peer.podSelector)
  if (peer.namespaceSelector !== undefined) validateSelector(faults, `${field}.namespaceSelector`, peer.namespaceSelector)
  if (peer.ipBlock !== undefined) {
    const { cidr = '', except = [] } = peer.ipBlock
    const range = parseCidr(cidr)
    if (cidr === '') faults.required(`${field}.ipBlock.cidr`)
    else if (range === undefined) faults.invalid(`${field}.ipBlock.cidr`, cidr, CIDR_FORM)
    except.forEach((each, index) => {
      const at = `${field}.ipBlock.except[${index}]`
      const inner = parseCidr(each)
      if (inner === undefined) faults.invalid(at, each, CIDR_FORM)
      else if (
        range !== undefined &&
        !(isInRange(range, { family: inner.family, value: inner.base }) && inner.prefix > range.prefix)
      ) {
        faults.invalid(at, each, 'must be a strict subset of `cidr`')
      }
    })
    if (peer.podSelector !== undefined || peer.namespaceSelector !== undefined) {
      faults.forbidden(field, 'may not specify both ipBlock and another peer')
    }
  }
  if (peer.podSelector === undefined && peer.namespaceSelector === undefined && peer.ipBlock === undefined) {
    faults.required(field, 'must specify a peer')
  }
}

/** Source: kubernetes pkg/apis/rbac/validation/validation.go */
export function validateRole(faults: Faults, role: Draft<Role>, isNamespaced: boolean): void {
  ;(role.rules ?? []).forEach((rule, index) => {
    const at = `rules[${index}]`
    if ((rule.verbs ?? []).length === 0) faults.required(`${at}.verbs`, 'verbs must contain at least one value')
    if ((rule.nonResourceURLs ?? []).length > 0) {
      if (isNamespaced)
        faults.invalid(`${at}.nonResourceURLs`, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs')
      if ((rule.apiGroups ?? []).length > 0 || (rule.resources ?? []).length > 0 || (rule.resourceNames ?? []).length > 0) {
        faults.invalid(
          `${at}.nonResourceURLs`,
          rule.nonResourceURLs,
          'rules cannot apply to both regular resources and non-resource URLs',
        )
      }
      return
    }
    if ((rule.apiGroups ?? []).length === 0)
      faults.required(`${at}.apiGroups`, 'resource rules must supply at least one api group')
    if ((rule.resources ?? []).length === 0)
      faults.required(`${at}.resources`, 'resource rules must supply at least one resource')
  })
}

export function validateBinding(
  faults: Faults,
  binding: Draft<RoleBinding>,
  isNamespaced: boolean,
  old?: Draft<RoleBinding>,
): void {
  const ref = binding.roleRef ?? {}
  if (ref.apiGroup !== 'rbac.authorization.k8s.io')
    faults.notSupported('roleRef.apiGroup', ref.apiGroup, ['rbac.authorization.k8s.io'])
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  if (!kinds.includes(ref.kind ?? '')) faults.notSupported('roleRef.kind', ref.kind, kinds)
  if ((ref.name ?? '') === '') faults.required('roleRef.name')
  ;(binding.subjects ?? []).forEach((subject, index) => {
    const at = `subjects[${index}]`
    if ((subject.name ?? '') === '') faults.required(`${at}.name`)
    switch (subject.kind) {
      case 'ServiceAccount':
        if ((subject.name ?? '') !== '') faults.invalidEach(`${at}.name`, subject.name, subdomainFaults(subject.name ?? ''))
        if ((subject.apiGroup ?? '') !== '') faults.notSupported(`${at}.apiGroup`, subject.apiGroup, [''])
        if ((subject.namespace ?? '') === '') faults.required(`${at}.namespace`)
        break
      case 'User':
      case 'Group':
        if (subject.apiGroup !== 'rbac.authorization.k8s.io') {
          faults.notSupported(`${at}.apiGroup`, subject.apiGroup, ['rbac.authorization.k8s.io'])
        }
        break
      default:
        faults.notSupported(`${at}.kind`, subject.kind ?? '', ['ServiceAccount', 'User', 'Group'])
    }
  })
  if (old !== undefined && !jsonEqual(old.roleRef, binding.roleRef)) {
    const { apiGroup, kind, name } = ref
    faults.invalid('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')
  }
}

const SYSTEM_CLASSES: readonly string[] = ['system-node-critical', 'system-cluster-critical']
const MAX_PRIORITY = 1_000_000_000

/** Source: kubernetes pkg/apis/scheduling/validation/validation.go */
export function validatePriorityClass(faults: Faults, each: Draft<PriorityClass>, old?: Draft<PriorityClass>): void {
  const name = each.metadata?.name ?? ''
  if (name.startsWith('system-')) {
    if (!SYSTEM_CLASSES.includes(name)) {
      faults.forbidden(
        'metadata.name',
        `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`,
      )
    }
  } else if ((each.value ?? 0) > MAX_PRIORITY) {
    faults.forbidden('value', `maximum allowed value of a user defined priority is ${MAX_PRIORITY}`)
  }
  const policies = ['Never', 'PreemptLowerPriority']
  if (each.preemptionPolicy !== undefined && !policies.includes(each.preemptionPolicy)) {
    faults.notSupported('preemptionPolicy', each.preemptionPolicy, policies)
  }
  if (old === undefined) return
  if (old.value !== each.value) faults.forbidden('value', 'may not be changed in an update.')
  if (old.preemptionPolicy !== each.preemptionPolicy) faults.invalid('preemptionPolicy', each.preemptionPolicy, IMMUTABLE)
}

/** Source: kubernetes pkg/apis/storage/validation/validation.go */
export function validateStorageClass(faults: Faults, each: Draft<StorageClass>, old?: Draft<StorageClass>): void {
  if ((each.provisioner ?? '') === '') faults.required('provisioner')
  else faults.invalidEach('provisioner', each.provisioner, qualifiedNameFaults((each.provisioner ?? '').toLowerCase()))
  const policies = ['Delete', 'Retain']
  if (each.reclaimPolicy !== undefined && !policies.includes(each.reclaimPolicy)) {
    faults.notSupported('reclaimPolicy', each.reclaimPolicy, policies)
  }
  const modes = ['Immediate', 'WaitForFirstConsumer']
  if (each.volumeBindingMode === undefined) faults.required('volumeBindingMode')
  else if (!modes.includes(each.volumeBindingMode)) faults.notSupported('volumeBindingMode', each.volumeBindingMode, modes)
  if (old === undefined) return
  if (!jsonEqual(old.parameters ?? {}, each.parameters ?? {}))
    faults.forbidden('parameters', 'updates to parameters are forbidden.')
  if (old.provisioner !== each.provisioner) faults.forbidden('provisioner', 'updates to provisioner are forbidden.')
  if (old.reclaimPolicy !== each.reclaimPolicy) faults.forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.')
  if (old.volumeBindingMode !== each.volumeBindingMode) faults.invalid('volumeBindingMode', each.volumeBindingMode, IMMUTABLE)
}

/** Source: kubernetes pkg/apis/coordination/validation/validation.go */
export function validateLease(faults: Faults, lease: Draft<Lease>): void {
  const { leaseDurationSeconds: duration, leaseTransitions } = lease.spec ?? {}
  if (duration !== undefined && duration <= 0) faults.invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    faults.invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0')
  }
}
