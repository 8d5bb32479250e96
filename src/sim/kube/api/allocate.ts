import type { Service, ServiceSpec } from '../../../generated/kubeTypes.js'
import type { StoredObject } from '../etcd/store.js'
import type { ApiError } from './apiError.js'
import type { Call } from './call.js'
import type { Draft, ObjectDraft } from './draft.js'
import type { FieldError } from './errors.js'
import { invalid } from './errors.js'
import type { IpRange } from './ip.js'
import { formatIp, isInRange, parseCidr, parseIp } from './ip.js'
import { isSettled, settleFamilies } from './serviceFamilies.js'

type Spec = Draft<ServiceSpec>

/** What of a Service's fields goes with its type. Source: kubernetes pkg/registry/core/service/strategy.go, storage/alloc.go */
export const serviceNeeds = {
  clusterIP: (spec: Spec): boolean => spec.type !== 'ExternalName',
  /** May have node ports at all; a load balancer keeps those it has when it is to be given no more. */
  nodePort: (spec: Spec): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer',
  healthCheckNodePort: (spec: Spec): boolean => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local',
  externalTrafficPolicy: (spec: Spec): boolean =>
    spec.type === 'NodePort' ||
    spec.type === 'LoadBalancer' ||
    (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0),
}

/** Gives a new Service its cluster addresses and node ports. */
export function allocateForCreate(call: Call, draft: ObjectDraft): ApiError | undefined {
  if (call.info.resource !== 'services') return undefined
  const spec = specOf(draft)
  // One address may be given by the older field alone.
  if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP !== undefined && spec.clusterIP !== '')
    spec.clusterIPs = [spec.clusterIP]
  const errors = settleFamilies(spec, undefined, choiceOf(call))
  if (errors.length > 0) return invalid(call.info, draft.metadata.name ?? '', errors)
  const owner = ownerOf(draft)
  const taken: string[] = []
  const failures = takeAll(call, spec, owner, taken, undefined)
  if (failures.length === 0) return undefined
  giveBack(call, taken)
  return invalid(call.info, draft.metadata.name ?? '', failures)
}

/** Gives a changed Service what it now needs and takes back what it needs no more. */
export function allocateForUpdate(call: Call, draft: ObjectDraft, old: StoredObject): ApiError | undefined {
  if (call.info.resource !== 'services') return undefined
  const spec = specOf(draft)
  const before = specOf(old as unknown as ObjectDraft)
  const errors = settleFamilies(spec, before, choiceOf(call))
  if (errors.length > 0) return invalid(call.info, draft.metadata.name ?? '', errors)
  const owner = ownerOf(draft)
  const taken: string[] = []
  const failures = takeAll(call, spec, owner, taken, before)
  if (failures.length > 0) {
    giveBack(call, taken)
    return invalid(call.info, draft.metadata.name ?? '', failures)
  }
  if (call.options.dryRun !== true) {
    const held = new Set(holdings(spec))
    giveBack(
      call,
      holdings(before).filter((each) => !held.has(each)),
    )
  }
  return undefined
}

/** Takes back what a Service held. */
export function releaseAllocations(call: Call, draft: ObjectDraft): void {
  if (call.info.resource !== 'services' || call.options.dryRun === true) return
  const owner = ownerOf(draft)
  const { clusterIPs, nodePorts } = call.ctx.world.parts.api
  for (const each of holdings(specOf(draft))) {
    const map = each.startsWith('port/') ? nodePorts : clusterIPs
    const key = each.startsWith('port/') ? each.slice(5) : each
    if (map.get(key) === owner) map.delete(key)
  }
}

/** After a change that is refused: a Service holds again what it held before. */
export function undoAllocations(call: Call, draft: ObjectDraft, old: StoredObject): void {
  if (call.info.resource !== 'services' || call.subresource !== '' || call.options.dryRun === true) return
  releaseAllocations(call, draft)
  const owner = ownerOf(draft)
  const { clusterIPs, nodePorts } = call.ctx.world.parts.api
  for (const each of holdings(specOf(old as unknown as ObjectDraft))) {
    if (each.startsWith('port/')) nodePorts.set(each.slice(5), owner)
    else clusterIPs.set(each, owner)
  }
}

function specOf(draft: ObjectDraft): Spec {
  // Decoding and defaulting made it a Service with a spec.
  const service = draft as Draft<Service>
  service.spec ??= {}
  return service.spec
}

function ownerOf(draft: ObjectDraft): string {
  return `${draft.metadata.namespace ?? ''}/${draft.metadata.name ?? ''}`
}

/** Addresses and `port/N` that a Service holds. */
function holdings(spec: Spec): string[] {
  const ips = (spec.clusterIPs ?? []).filter((each): each is string => each !== undefined && each !== 'None' && each !== '')
  const ports = [...(spec.ports ?? []).map((each) => each.nodePort), spec.healthCheckNodePort]
  return [
    ...(serviceNeeds.clusterIP(spec) ? ips : []),
    ...ports.flatMap((each) => (each === undefined || each === 0 ? [] : [`port/${each}`])),
  ]
}

function giveBack(call: Call, taken: readonly string[]): void {
  const { clusterIPs, nodePorts } = call.ctx.world.parts.api
  for (const each of taken) {
    if (each.startsWith('port/')) nodePorts.delete(each.slice(5))
    else clusterIPs.delete(each)
  }
}

function rangesOf(call: Call): readonly IpRange[] {
  return call.ctx.world.parts.api.settings.serviceCidr.split(',').flatMap((each) => parseCidr(each.trim()) ?? [])
}

function choiceOf(call: Call): Parameters<typeof settleFamilies>[2] {
  return { configured: rangesOf(call).map((each) => each.family), restoring: call.restoring }
}

/** A node port is given where none is asked for. Source: storage/alloc.go shouldAllocateNodePorts */
function givesNodePorts(spec: Spec): boolean {
  return serviceNeeds.nodePort(spec) && (spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false)
}

function takeAll(call: Call, spec: Spec, owner: string, taken: string[], before: Spec | undefined): FieldError[] {
  const held = new Set(before === undefined ? [] : holdings(before))
  // Addresses of a Service that changes without a change of families are not looked at: validation does.
  const isNew = before === undefined || before.type === 'ExternalName'
  const isUpgraded = (before?.ipFamilies ?? []).length === 1 && (spec.ipFamilies ?? []).length === 2
  const wasHeadless = before?.clusterIPs?.[0] === 'None'
  const takes = isNew || (isUpgraded && !wasHeadless && !isSettled(spec, before))
  if (takes && serviceNeeds.clusterIP(spec) && spec.clusterIPs?.[0] !== 'None') {
    const errors = takeIps(call, spec, owner, taken, held)
    if (errors.length > 0) return errors
  }
  return takePorts(call, spec, owner, taken, before)
}

function takeIps(call: Call, spec: Spec, owner: string, taken: string[], held: ReadonlySet<string>): FieldError[] {
  const { clusterIPs } = call.ctx.world.parts.api
  const ranges = rangesOf(call)
  const isDry = call.options.dryRun === true
  const given = (spec.clusterIPs ?? []).flatMap((each) => each ?? [])
  for (const ip of given) {
    if (held.has(ip)) continue
    const fault = call.restoring ? undefined : refusalOfIp(ranges, ip, isDry, clusterIPs.has(ip))
    if (fault !== undefined) return [ipFault(given, ip, fault)]
    if (!isDry) {
      clusterIPs.set(ip, owner)
      taken.push(ip)
    }
  }
  const families = (spec.ipFamilies ?? []).slice(given.length)
  for (const family of families) {
    const range = ranges.find((each) => each.family === family)
    if (range === undefined) continue
    const ip = pickIp(call, range)
    if (ip === undefined) return [ipFault([], '', 'range is full')]
    if (!isDry) {
      clusterIPs.set(ip, owner)
      taken.push(ip)
    }
    given.push(ip)
  }
  spec.clusterIPs = given
  if (given[0] !== undefined) spec.clusterIP = given[0]
  return []
}

/** Why an address cannot be had. A dry run asks the range alone and has words of its own. Source: pkg/registry/core/service/ipallocator */
function refusalOfIp(ranges: readonly IpRange[], ip: string, isDry: boolean, isTaken: boolean): string | undefined {
  const address = parseIp(ip)
  const isInside = address !== undefined && ranges.some((range) => isInRange(range, address))
  if (isInside) return isTaken && !isDry ? 'provided IP is already allocated' : undefined
  if (!isDry) return 'the provided network does not match the current range'
  const range = ranges.find((each) => each.family === address?.family) ?? ranges[0]
  const cidr = range === undefined ? '' : `${formatIp({ family: range.family, value: range.base })}/${range.prefix}`
  return `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${cidr}`
}

function ipFault(given: readonly string[], ip: string, why: string): FieldError {
  const message = `Invalid value: ${JSON.stringify(given)}: failed to allocate IP ${ip}: ${why}`
  return { reason: 'FieldValueInvalid', field: 'spec.clusterIPs', message }
}

/** A free address, from the upper band first: the lower one is kept for addresses asked for. Source: pkg/registry/core/service/ipallocator */
function pickIp(call: Call, range: IpRange): string | undefined {
  const { clusterIPs } = call.ctx.world.parts.api
  const limit = range.size > 65_536n ? 65_536 : Number(range.size)
  const usable = limit - (range.family === 'IPv4' ? 2 : 1)
  if (usable <= 0) return undefined
  const band = limit < 16 ? 0 : Math.min(256, Math.max(16, Math.floor(limit / 16)))
  const probe = (from: number, count: number): string | undefined => {
    if (count <= 0) return undefined
    const start = call.ctx.random('apiserver.clusterip').int(count)
    for (let step = 0; step < count; step++) {
      const offset = from + ((start + step) % count)
      const ip = formatIp({ family: range.family, value: range.base + BigInt(offset) + 1n })
      if (!clusterIPs.has(ip)) return ip
    }
    return undefined
  }
  return probe(band, usable - band) ?? probe(0, Math.min(band, usable))
}

function takePorts(call: Call, spec: Spec, owner: string, taken: string[], before: Spec | undefined): FieldError[] {
  const held = new Set(before === undefined ? [] : holdings(before))
  const errors = before === undefined ? takeNewPorts(call, spec, owner, taken) : takeChangedPorts(call, spec, owner, taken, held)
  if (errors.length > 0) return errors
  // One that it has stays: validation refuses another.
  const had = before !== undefined && serviceNeeds.healthCheckNodePort(before)
  if (had || !serviceNeeds.healthCheckNodePort(spec)) return errors
  const asked = spec.healthCheckNodePort
  if (asked === undefined || asked === 0) {
    const picked = pickPort(call, owner, taken)
    if (picked !== undefined) spec.healthCheckNodePort = picked
  } else if (!held.has(`port/${asked}`)) {
    const fault = takePort(call, asked, owner, taken)
    if (fault !== undefined) {
      const message = `Internal error: failed to allocate requested HealthCheck NodePort ${asked}: ${fault}`
      errors.push({ reason: 'InternalError', field: 'spec.healthCheckNodePort', message })
    }
  }
  return errors
}

/** Ports of a new Service: one number of a node serves one port of the Service, whatever its protocols. Source: storage/alloc.go allocNodePorts */
function takeNewPorts(call: Call, spec: Spec, owner: string, taken: string[]): FieldError[] {
  if (spec.type === 'ClusterIP' || spec.type === 'ExternalName') return []
  const ports = spec.ports ?? []
  const given = new Map<number, number>()
  for (const [index, port] of ports.entries()) {
    const asked = port.nodePort ?? 0
    if (asked === 0 && !givesNodePorts(spec)) continue
    const number = port.port ?? 0
    const known = given.get(number)
    if (known !== undefined && (asked === 0 || asked === known)) {
      port.nodePort = known
      continue
    }
    const wanted =
      known === undefined ? (ports.find((each) => each.port === number && (each.nodePort ?? 0) !== 0)?.nodePort ?? 0) : asked
    if (wanted === 0) {
      const picked = pickPort(call, owner, taken)
      if (picked === undefined) return [NO_PORT_LEFT]
      port.nodePort = picked
      given.set(number, picked)
      continue
    }
    const fault = takePort(call, wanted, owner, taken)
    if (fault !== undefined) return [portFault(index, wanted, fault)]
    port.nodePort = wanted
    if (known === undefined) given.set(number, wanted)
  }
  return []
}

/** Source: storage/alloc.go updateNodePorts */
function takeChangedPorts(call: Call, spec: Spec, owner: string, taken: string[], held: ReadonlySet<string>): FieldError[] {
  if (spec.type === 'ClusterIP' || spec.type === 'ExternalName') return []
  const own = new Set<number>()
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const asked = port.nodePort ?? 0
    if (asked !== 0) {
      if (own.has(asked) || held.has(`port/${asked}`)) continue
      const fault = takePort(call, asked, owner, taken)
      if (fault !== undefined) return [portFault(index, asked, fault)]
      own.add(asked)
    } else if (givesNodePorts(spec)) {
      const picked = pickPort(call, owner, taken)
      if (picked === undefined) return [NO_PORT_LEFT]
      port.nodePort = picked
    }
  }
  return []
}

const NO_PORT_LEFT: FieldError = {
  reason: 'InternalError',
  field: 'spec.ports',
  message: 'Internal error: failed to allocate a nodePort: range is full',
}

function portFault(index: number, port: number, why: string): FieldError {
  return { reason: 'FieldValueInvalid', field: `spec.ports[${index}].nodePort`, message: `Invalid value: ${port}: ${why}` }
}

function takePort(call: Call, port: number, owner: string, taken: string[]): string | undefined {
  const { nodePorts, settings } = call.ctx.world.parts.api
  const isDry = call.options.dryRun === true
  if (!call.restoring && !isDry) {
    if (port < settings.nodePortMin || port > settings.nodePortMax) {
      return `provided port is not in the valid range. The range of valid ports is ${settings.nodePortMin}-${settings.nodePortMax}`
    }
    if (nodePorts.has(String(port))) return 'provided port is already allocated'
  }
  if (!isDry) {
    nodePorts.set(String(port), owner)
    taken.push(`port/${port}`)
  }
  return undefined
}

function pickPort(call: Call, owner: string, taken: string[]): number | undefined {
  const { nodePorts, settings } = call.ctx.world.parts.api
  const size = settings.nodePortMax - settings.nodePortMin + 1
  const band = Math.min(128, Math.max(16, Math.floor(size / 32)))
  const lower = size <= band ? 0 : band
  const probe = (from: number, count: number): number | undefined => {
    if (count <= 0) return undefined
    const start = call.ctx.random('apiserver.nodeport').int(count)
    for (let step = 0; step < count; step++) {
      const port = settings.nodePortMin + from + ((start + step) % count)
      if (!nodePorts.has(String(port))) return port
    }
    return undefined
  }
  const picked = probe(lower, size - lower) ?? probe(0, lower)
  if (picked !== undefined && call.options.dryRun !== true) {
    nodePorts.set(String(picked), owner)
    taken.push(`port/${picked}`)
  }
  return picked
}
