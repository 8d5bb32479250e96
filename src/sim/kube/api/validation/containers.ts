import type { Container, LifecycleHandler, PodSpec, Probe } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { own } from '../../../core/own.js'
import type { Draft } from '../draft.js'
import { nanosOf } from '../quantity.js'
import { validateDevices } from './devices.js'
import { validateEnv } from './environment.js'
import type { Faults } from './faults.js'
import { checkNotNegative, isPort, PORT_RANGE } from './faults.js'
import { envNameFaults, labelFaults, portNameFaults, qualifiedNameFaults } from './names.js'
import { validateContainerSecurity } from './securityContexts.js'
import { checkDescendingPath } from './volumes.js'

type Spec = Draft<PodSpec>
type Box = Draft<Container>

/** All containers of a Pod, with what they may not have in common. Source: kubernetes pkg/apis/core/validation validateContainers */
export function validateContainers(faults: Faults, field: string, spec: Spec, volumes: ReadonlySet<string>): void {
  const names = new Set<string>()
  const containers = spec.containers ?? []
  if (containers.length === 0) faults.required(`${field}.containers`)
  containers.forEach((each, index) => {
    const path = `${field}.containers[${index}]`
    checkName(faults, path, each.name ?? '', names)
    validateContainer(faults, path, each, spec, volumes)
    if (each.lifecycle?.preStop !== undefined)
      validateHandler(faults, `${path}.lifecycle.preStop`, each.lifecycle.preStop, spec.terminationGracePeriodSeconds)
    if (each.lifecycle?.postStart !== undefined)
      validateHandler(faults, `${path}.lifecycle.postStart`, each.lifecycle.postStart, spec.terminationGracePeriodSeconds)
    validateProbes(faults, path, each)
    const { restartPolicy } = each
    if (restartPolicy !== undefined && !['Always', 'Never', 'OnFailure'].includes(restartPolicy)) {
      faults.notSupported(`${path}.restartPolicy`, restartPolicy, ['Always', 'Never', 'OnFailure'])
    }
  })
  checkHostPorts(faults, `${field}.containers`, containers)
  ;(spec.initContainers ?? []).forEach((each, index) => {
    const path = `${field}.initContainers[${index}]`
    checkName(faults, path, each.name ?? '', names)
    validateContainer(faults, path, each, spec, volumes)
    const { restartPolicy } = each
    if (restartPolicy !== undefined && !['Always', 'Never', 'OnFailure'].includes(restartPolicy)) {
      faults.notSupported(`${path}.restartPolicy`, restartPolicy, ['Always', 'Never', 'OnFailure'])
    }
    if (restartPolicy === 'Always') {
      if (each.lifecycle?.preStop !== undefined)
        validateHandler(faults, `${path}.lifecycle.preStop`, each.lifecycle.preStop, spec.terminationGracePeriodSeconds)
      validateProbes(faults, path, each)
      return
    }
    const no = 'may not be set for init containers without restartPolicy=Always'
    if (each.lifecycle !== undefined) faults.forbidden(`${path}.lifecycle`, no)
    if (each.livenessProbe !== undefined) faults.forbidden(`${path}.livenessProbe`, no)
    if (each.readinessProbe !== undefined) faults.forbidden(`${path}.readinessProbe`, no)
    if (each.startupProbe !== undefined) faults.forbidden(`${path}.startupProbe`, no)
  })
}

function checkName(faults: Faults, path: string, name: string, names: Set<string>): void {
  if (name === '') faults.required(`${path}.name`)
  else {
    faults.invalidEach(`${path}.name`, name, labelFaults(name))
    if (names.has(name)) faults.duplicate(`${path}.name`, name)
  }
  names.add(name)
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']

function validateContainer(faults: Faults, path: string, container: Box, spec: Spec, volumes: ReadonlySet<string>): void {
  const image = container.image ?? ''
  if (image === '') faults.required(`${path}.image`)
  else if (isOfPod(path) && image.trim() !== image)
    faults.invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')
  const message = container.terminationMessagePolicy
  if (message !== undefined && message !== 'File' && message !== 'FallbackToLogsOnError') {
    faults.notSupported(`${path}.terminationMessagePolicy`, message, ['File', 'FallbackToLogsOnError'])
  }
  validatePorts(faults, path, container, spec)
  ;(container.env ?? []).forEach((each, index) => {
    validateEnv(faults, `${path}.env[${index}]`, each)
  })
  ;(container.envFrom ?? []).forEach((each, index) => {
    const at = `${path}.envFrom[${index}]`
    if ((each.prefix ?? '') !== '') faults.invalidEach(`${at}.prefix`, each.prefix, envNameFaults(each.prefix ?? ''))
    const sources = [each.configMapRef, each.secretRef].filter((source) => source !== undefined)
    if (each.configMapRef !== undefined && (each.configMapRef.name ?? '') === '') faults.required(`${at}.configMapRef.name`)
    if (each.secretRef !== undefined && (each.secretRef.name ?? '') === '') faults.required(`${at}.secretRef.name`)
    if (sources.length === 0) faults.invalid(`${path}.envFrom`, '', 'must specify one of: `configMapRef` or `secretRef`')
    if (sources.length > 1) faults.invalid(`${path}.envFrom`, '', 'may not have more than one field specified at a time')
  })
  validateMounts(faults, path, container, volumes)
  validateDevices(faults, path, container, spec.volumes ?? [])
  const policy = container.imagePullPolicy
  if (policy === undefined) faults.required(`${path}.imagePullPolicy`)
  else if (!PULL_POLICIES.includes(policy)) faults.notSupported(`${path}.imagePullPolicy`, policy, PULL_POLICIES)
  validateResources(faults, `${path}.resources`, container.resources ?? {})
  validateClaimNames(faults, `${path}.resources.claims`, container, spec)
  validateContainerSecurity(faults, `${path}.securityContext`, container)
  validateResizePolicy(faults, `${path}.resizePolicy`, container, spec)
}

function validatePorts(faults: Faults, path: string, container: Box, spec: Spec): void {
  const names = new Set<string>()
  ;(container.ports ?? []).forEach((port, index) => {
    const at = `${path}.ports[${index}]`
    const { name = '', containerPort = 0, hostPort = 0, protocol = '' } = port
    if (name !== '') {
      const wrong = portNameFaults(name)
      if (wrong.length > 0) faults.invalidEach(`${at}.name`, name, wrong)
      else if (names.has(name)) faults.duplicate(`${at}.name`, name)
      else names.add(name)
    }
    if (containerPort === 0) faults.required(`${at}.containerPort`)
    else if (!isPort(containerPort)) faults.invalid(`${at}.containerPort`, containerPort, PORT_RANGE)
    if (hostPort !== 0) {
      if (!isPort(hostPort)) faults.invalid(`${at}.hostPort`, hostPort, PORT_RANGE)
    }
    if (spec.hostNetwork === true && (isOfPod(path) || hostPort !== 0) && hostPort !== containerPort) {
      faults.invalid(`${at}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')
    }
    if (protocol === '') faults.required(`${at}.protocol`)
    else if (!['TCP', 'UDP', 'SCTP'].includes(protocol)) faults.notSupported(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'])
  })
}

function checkHostPorts(faults: Faults, field: string, containers: readonly Box[]): void {
  const seen = new Set<string>()
  containers.forEach((container, index) => {
    ;(container.ports ?? []).forEach((port, at) => {
      const { hostPort = 0, hostIP = '', protocol = 'TCP' } = port
      if (hostPort === 0) return
      const text = `${protocol}/${hostIP}/${hostPort}`
      if (seen.has(text)) faults.duplicate(`${field}[${index}].ports[${at}].hostPort`, text)
      seen.add(text)
    })
  })
}

const RESIZED = ['cpu', 'memory']
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer']

/** Source: validateResizePolicy */
function validateResizePolicy(faults: Faults, field: string, container: Box, spec: Spec): void {
  const seen = new Set<string>()
  ;(container.resizePolicy ?? []).forEach(({ resourceName = '', restartPolicy = '' }, index) => {
    if (seen.has(resourceName)) faults.duplicate(`${field}[${index}]`, resourceName)
    seen.add(resourceName)
    if (resourceName === '') faults.required(field)
    else if (!RESIZED.includes(resourceName)) faults.notSupported(field, resourceName, RESIZED)
    if (restartPolicy === '') faults.required(field)
    else if (!RESIZE_POLICIES.includes(restartPolicy)) faults.notSupported(field, restartPolicy, RESIZE_POLICIES)
    if (spec.restartPolicy === 'Never' && restartPolicy === 'RestartContainer') {
      faults.invalid(field, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'")
    }
  })
}

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']

/** Source: ValidateVolumeMounts */
function validateMounts(faults: Faults, path: string, container: Box, volumes: ReadonlySet<string>): void {
  const paths = new Set<string>()
  ;(container.volumeMounts ?? []).forEach((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`
    const { name = '', mountPath = '' } = mount
    if (name === '') faults.required(`${at}.name`)
    if (!volumes.has(name)) faults.notFound(`${at}.name`, name)
    if (mountPath === '') faults.required(`${at}.mountPath`)
    if (paths.has(mountPath)) faults.invalid(`${at}.mountPath`, mountPath, 'must be unique')
    paths.add(mountPath)
    if (mount.subPath !== undefined && mount.subPathExpr !== undefined) {
      faults.invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive')
    }
    // Upstream names no index here.
    for (const field of ['subPath', 'subPathExpr'] as const) {
      if ((mount[field] ?? '') !== '') checkDescendingPath(faults, `${path}.volumeMounts.${field}`, mount[field] ?? '')
    }
    const { mountPropagation: propagation } = mount
    if (propagation !== undefined && !PROPAGATIONS.includes(propagation)) {
      faults.notSupported(`${path}.volumeMounts.mountPropagation`, propagation, PROPAGATIONS)
    }
    if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
      const no = 'Bidirectional mount propagation is available only to privileged containers'
      faults.forbidden(`${path}.volumeMounts.mountPropagation`, no)
    }
  })
}

/** Source: validateProbe, validateLivenessProbe, ... */
function validateProbes(faults: Faults, path: string, container: Box): void {
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = container[kind]
    if (probe === undefined) continue
    const at = `${path}.${kind}`
    validateProbe(faults, at, probe)
    if (kind !== 'readinessProbe' && probe.successThreshold !== undefined && probe.successThreshold !== 1) {
      faults.invalid(`${at}.successThreshold`, probe.successThreshold, 'must be 1')
    }
    if (kind === 'readinessProbe' && probe.terminationGracePeriodSeconds !== undefined) {
      faults.invalid(
        `${at}.terminationGracePeriodSeconds`,
        probe.terminationGracePeriodSeconds,
        'must not be set for readinessProbes',
      )
    }
  }
}

function validateProbe(faults: Faults, path: string, probe: Draft<Probe>): void {
  validateHandler(faults, path, probe)
  for (const name of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    checkNotNegative(faults, `${path}.${name}`, probe[name])
  }
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) faults.invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')
}

const HEADER_FORM =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"

function validateHandler(faults: Faults, path: string, handler: Draft<Probe> & Draft<LifecycleHandler>, grace?: number): void {
  let count = 0
  const one = (field: string): string | undefined => {
    count++
    if (count === 1) return `${path}.${field}`
    faults.forbidden(`${path}.${field}`, 'may not specify more than 1 handler type')
    return undefined
  }
  if (handler.exec !== undefined) {
    const at = one('exec')
    if (at !== undefined && (handler.exec.command ?? []).length === 0) faults.required(`${at}.command`)
  }
  if (handler.httpGet !== undefined) {
    const at = one('httpGet')
    if (at !== undefined) {
      if ((handler.httpGet.path ?? '') === '') faults.required(`${at}.path`)
      checkPortOrName(faults, `${at}.port`, handler.httpGet.port)
      const { scheme = '' } = handler.httpGet
      for (const { name = '' } of handler.httpGet.httpHeaders ?? []) {
        if (!/^[-A-Za-z0-9]+$/.test(name)) faults.invalid(`${at}.httpHeaders`, name, HEADER_FORM)
      }
      if (scheme !== 'HTTP' && scheme !== 'HTTPS') faults.notSupported(`${at}.scheme`, scheme, ['HTTP', 'HTTPS'])
    }
  }
  if (handler.tcpSocket !== undefined) {
    const at = one('tcpSocket')
    if (at !== undefined) checkPortOrName(faults, `${at}.port`, handler.tcpSocket.port)
  }
  if (handler.grpc !== undefined) {
    const at = one('grpc')
    const { port = 0 } = handler.grpc
    if (at !== undefined && !isPort(port)) faults.invalid(`${at}.port`, port, PORT_RANGE)
  }
  if (handler.sleep !== undefined) {
    const at = one('sleep')
    const { seconds = 0 } = handler.sleep
    if (at !== undefined && (seconds < 0 || (grace !== undefined && seconds > grace))) {
      faults.invalid(at, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace ?? 0})`)
    }
  }
  if (count === 0) faults.required(path, 'must specify a handler type')
}

/** A port by number or by name. Source: ValidatePortNumOrName */
export function checkPortOrName(faults: Faults, field: string, port: number | string | undefined): void {
  if (typeof port === 'string') faults.invalidEach(field, port, portNameFaults(port))
  else if (!isPort(port ?? 0)) faults.invalid(field, port ?? 0, PORT_RANGE)
}

/** Source: validateResourceClaimNames */
function validateClaimNames(faults: Faults, field: string, container: Box, spec: Spec): void {
  const known = (spec.resourceClaims ?? []).map((each) => each.name ?? '').sort(byCodeUnit)
  ;(container.resources?.claims ?? []).forEach(({ name = '' }, index) => {
    const at = `${field}[${index}]`
    if (name === '') faults.required(at)
    else if (!known.includes(name)) {
      const which = known.length === 0 ? ' which is empty' : `: ${known.join(', ')}`
      faults.notFound(at, name, `must be one of the names in pod.spec.resourceClaims${which}`)
    }
  })
}

type Amounts = Readonly<Record<string, string | undefined>>

/** Source: ValidateContainerResourceRequirements, validateContainerResourceName */
export function validateResources(
  faults: Faults,
  field: string,
  resources: { requests?: Amounts | undefined; limits?: Amounts | undefined },
): void {
  for (const kind of ['limits', 'requests'] as const) {
    for (const [name, amount] of Object.entries(resources[kind] ?? {})) {
      const at = `${field}.${kind}[${name}]`
      validateResourceName(faults, at, name)
      if (nanosOf(amount) < 0n) faults.invalid(at, amount, 'must be greater than or equal to 0')
      if (name.includes('/') && nanosOf(amount) % 1_000_000_000n !== 0n) faults.invalid(at, amount, 'must be an integer')
    }
  }
  for (const [name, amount] of Object.entries(resources.requests ?? {})) {
    const limit = own(resources.limits, name)
    if (limit === undefined) {
      if (name.includes('/') || name.startsWith('hugepages-'))
        faults.required(`${field}.limits`, 'Limit must be set for non overcommitable resources')
      continue
    }
    const isFixed = name.includes('/') || name.startsWith('hugepages-')
    if (isFixed && nanosOf(amount) !== nanosOf(limit)) {
      faults.invalid(`${field}.requests`, amount, `must be equal to ${name} limit of ${limit}`)
    } else if (!isFixed && nanosOf(amount) > nanosOf(limit)) {
      faults.invalid(`${field}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`)
    }
  }
  const names = [...Object.keys(resources.limits ?? {}), ...Object.keys(resources.requests ?? {})]
  if (names.some((name) => name.startsWith('hugepages-')) && !names.includes('cpu') && !names.includes('memory'))
    faults.forbidden(field, 'HugePages require cpu or memory')
}

const STANDARD = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'storage',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]
const COUNTED = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
]

/** Source: validateContainerResourceName */
export function validateResourceName(faults: Faults, field: string, name: string): void {
  const wrong = qualifiedNameFaults(name)
  if (wrong.length > 0) {
    faults.invalidEach(field, name, wrong)
    return
  }
  if (name.includes('/') || isContainerResource(name)) return
  if (![...STANDARD, ...COUNTED].includes(name))
    faults.invalid(field, name, 'must be a standard resource type or fully qualified')
  faults.invalid(field, name, 'must be a standard resource for containers')
}

/** Containers of a Pod itself stand under `spec`; those of templates lie deeper. */
function isOfPod(path: string): boolean {
  return /^spec\.(init)?[cC]ontainers\[/.test(path)
}

function isContainerResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-')
}
