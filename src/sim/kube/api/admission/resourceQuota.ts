import type { Container, PodSpec, ResourceQuota } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import type { StoredObject } from '../../etcd/store.js'
import { listIndexed } from '../../etcd/store.js'
import type { ApiError } from '../apiError.js'
import type { Call } from '../call.js'
import { writeObject } from '../call.js'
import type { Draft, ObjectDraft } from '../draft.js'
import { recordAt, textAt } from '../draft.js'
import { forbidden } from '../errors.js'
import { infoOf } from '../kinds.js'
import { formatQuantity, nanosOf, parseQuantity } from '../quantity.js'

type Usage = ReadonlyMap<string, bigint>

const ONE = 1_000_000_000n

/** Kinds counted by a name of their own, beside `count/...`. */
const COUNTED: Readonly<Record<string, string>> = {
  configmaps: 'configmaps',
  persistentvolumeclaims: 'persistentvolumeclaims',
  pods: 'pods',
  replicationcontrollers: 'replicationcontrollers',
  resourcequotas: 'resourcequotas',
  secrets: 'secrets',
  services: 'services',
}

/** Refuses what a quota has no room for, and counts what it takes. Source: apiserver pkg/admission/plugin/resourcequota/controller.go */
export function chargeQuotas(call: Call, draft: ObjectDraft): ApiError | undefined {
  if (!call.info.namespaced) return undefined
  const quotas = listIndexed(call.ctx.world.parts.etcd, 'resourcequotas', 'namespace', call.namespace)
  if (quotas.length === 0) return undefined
  const usage = usageOf(call, draft)
  const charges: { readonly quota: StoredObject; readonly used: Readonly<Record<string, string>> }[] = []
  for (const quota of quotas) {
    const typed = quota as unknown as ResourceQuota
    if (!isInScope(typed, draft)) continue
    const hard = typed.status?.hard ?? {}
    const names = Object.keys(hard).filter((name) => usage.has(name) || isPodAmount(call, name))
    if (names.length === 0) continue
    const missing = call.info.resource === 'pods' ? unspecified(draft, names) : []
    if (missing.length > 0) {
      return forbidden(
        call.info,
        draft.metadata.name ?? '',
        `failed quota: ${quota.metadata.name}: must specify ${missing.join('; ')}`,
      )
    }
    const refused = overdrawn(call, draft, quota, usage, names)
    if (refused !== undefined) return refused
    const used = typed.status?.used ?? {}
    charges.push({ quota, used: { ...used, ...added(used, usage, names) } })
  }
  if (call.options.dryRun === true) return undefined
  for (const { quota, used } of charges) {
    const next: StoredObject = { ...quota, status: { ...recordAt(quota, 'status'), used } }
    writeObject({ ...call, info: infoOf('resourcequotas') }, next, quota)
  }
  return undefined
}

function overdrawn(
  call: Call,
  draft: ObjectDraft,
  quota: StoredObject,
  usage: Usage,
  names: readonly string[],
): ApiError | undefined {
  const hard = recordAt(quota, 'status', 'hard') ?? {}
  const used = recordAt(quota, 'status', 'used') ?? {}
  const over = names
    .filter(
      (name) => (usage.get(name) ?? 0n) > 0n && nanosOf(text(used[name])) + (usage.get(name) ?? 0n) > nanosOf(text(hard[name])),
    )
    .sort(byCodeUnit)
  if (over.length === 0) return undefined
  const list = (value: (name: string) => string): string => over.map((name) => `${name}=${value(name)}`).join(',')
  const requested = list((name) => print(usage.get(name) ?? 0n, text(hard[name])))
  const why = `exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${list((name) => text(used[name]))}, limited: ${list((name) => text(hard[name]))}`
  return forbidden(call.info, draft.metadata.name ?? '', why)
}

function added(used: Readonly<Record<string, string>>, usage: Usage, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, print(nanosOf(used[name]) + (usage.get(name) ?? 0n), used[name] ?? '0')]))
}

function print(nanos: bigint, like: string): string {
  const parsed = parseQuantity(like)
  return formatQuantity({ nanos, format: typeof parsed === 'string' ? 'DecimalSI' : parsed.format })
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '0'
}

function usageOf(call: Call, draft: ObjectDraft): Usage {
  const { resource, group } = call.info
  const usage = new Map<string, bigint>([[group === '' ? `count/${resource}` : `count/${resource}.${group}`, ONE]])
  const counted = COUNTED[resource]
  if (counted !== undefined) usage.set(counted, ONE)
  if (resource === 'pods') addPod(usage, (draft['spec'] ?? {}) as Draft<PodSpec>)
  if (resource === 'services') {
    const type = textAt(draft, 'spec', 'type')
    const ports = BigInt((recordAt(draft, 'spec')?.['ports'] as readonly unknown[] | undefined)?.length ?? 0)
    if (type === 'LoadBalancer') usage.set('services.loadbalancers', ONE)
    if (type === 'LoadBalancer' || type === 'NodePort') usage.set('services.nodeports', ports * ONE)
  }
  if (resource === 'persistentvolumeclaims') {
    usage.set('requests.storage', nanosOf(textAt(draft, 'spec', 'resources', 'requests', 'storage')))
  }
  return usage
}

/** A Pod takes the sum of its containers, or what its hungriest init container takes. */
function addPod(usage: Map<string, bigint>, spec: Draft<PodSpec>): void {
  for (const field of ['requests', 'limits'] as const) {
    const totals = new Map<string, bigint>()
    for (const container of spec.containers ?? []) {
      for (const [name, amount] of amounts(container, field)) totals.set(name, (totals.get(name) ?? 0n) + amount)
    }
    for (const container of spec.initContainers ?? []) {
      for (const [name, amount] of amounts(container, field)) {
        const total = totals.get(name) ?? 0n
        totals.set(name, container.restartPolicy === 'Always' ? total + amount : amount > total ? amount : total)
      }
    }
    for (const [name, amount] of totals) {
      usage.set(`${field}.${name}`, amount)
      if (field === 'requests' && (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage')) usage.set(name, amount)
    }
  }
}

function amounts(container: Draft<Container>, field: 'requests' | 'limits'): readonly (readonly [string, bigint])[] {
  return Object.entries(container.resources?.[field] ?? {}).map(([name, amount]) => [name, nanosOf(amount)] as const)
}

const POD_AMOUNTS: readonly string[] = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

function isPodAmount(call: Call, name: string): boolean {
  return call.info.resource === 'pods' && POD_AMOUNTS.includes(name)
}

/** Amounts that a quota counts and a container does not name: `requests.cpu for: web`. */
function unspecified(draft: ObjectDraft, names: readonly string[]): string[] {
  const spec = (draft['spec'] ?? {}) as Draft<PodSpec>
  return [...names]
    .filter((name) => POD_AMOUNTS.includes(name))
    .sort(byCodeUnit)
    .flatMap((name) => {
      const field = name.startsWith('limits.') ? 'limits' : 'requests'
      const resource = name.slice(name.indexOf('.') + 1)
      const lacking = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter(
        (each) => each.resources?.[field]?.[resource] === undefined,
      )
      const ownNames = lacking.map((each) => each.name ?? '').sort(byCodeUnit)
      return lacking.length === 0 ? [] : [`${name} for: ${ownNames.join(',')}`]
    })
}

/** Source: kubernetes pkg/quota/v1/evaluator/core/pods.go podMatchesScopeFunc */
function isInScope(quota: ResourceQuota, draft: ObjectDraft): boolean {
  const spec = (draft['spec'] ?? {}) as Draft<PodSpec>
  const scopes: readonly { readonly scopeName: string; readonly operator: string; readonly values?: readonly string[] }[] = [
    ...(quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ]
  if (scopes.length === 0) return true
  if (draft.kind !== 'Pod') return false
  return scopes.every(({ scopeName, operator, values = [] }) => {
    const isBestEffort = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].every(
      (each) =>
        Object.keys(each.resources?.requests ?? {}).length === 0 && Object.keys(each.resources?.limits ?? {}).length === 0,
    )
    switch (scopeName) {
      case 'Terminating':
        return spec.activeDeadlineSeconds !== undefined
      case 'NotTerminating':
        return spec.activeDeadlineSeconds === undefined
      case 'BestEffort':
        return isBestEffort
      case 'NotBestEffort':
        return !isBestEffort
      case 'PriorityClass': {
        const name = spec.priorityClassName ?? ''
        if (operator === 'In') return values.includes(name)
        if (operator === 'NotIn') return !values.includes(name)
        return operator === 'Exists' ? name !== '' : name === ''
      }
      default:
        return false
    }
  })
}
