import type { PodSpec, ResourceQuota } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import type { StoredObject } from '../../etcd/store.js'
import { listIndexed } from '../../etcd/store.js'
import type { ApiError } from '../apiError.js'
import type { Call } from '../call.js'
import { writeObject } from '../call.js'
import type { Draft, ObjectDraft } from '../draft.js'
import { recordAt } from '../draft.js'
import { forbidden } from '../errors.js'
import { infoOf } from '../kinds.js'
import { nanosOf } from '../quantity.js'
import type { Usage } from '../quotaUsage.js'
import { isInScope, printAmount, usageOf } from '../quotaUsage.js'

/** Refuses what a quota has no room for, and counts what it takes. Source: apiserver pkg/admission/plugin/resourcequota/controller.go */
export function chargeQuotas(call: Call, draft: ObjectDraft, old?: StoredObject): ApiError | undefined {
  if (!call.info.namespaced || !isCharged(call, old)) return undefined
  const quotas = listIndexed(call.ctx.world.parts.etcd, 'resourcequotas', 'namespace', call.namespace)
  if (quotas.length === 0) return undefined
  const usage = takenMore(call, draft, old)
  const charges: { readonly quota: StoredObject; readonly used: Readonly<Record<string, string>> }[] = []
  for (const quota of quotas) {
    const typed = quota as unknown as ResourceQuota
    if (!isInScope(typed, call.info.resource, draft)) continue
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
    if (!names.some((name) => (usage.get(name) ?? 0n) > 0n)) continue
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

/** A Service may change its type and a claim grow; everything else is charged for once. Source: the evaluators' Handles */
function isCharged(call: Call, old: StoredObject | undefined): boolean {
  if (old === undefined) return call.subresource === ''
  const changing = call.info.resource === 'pods' ? 'resize' : ''
  return call.subresource === changing && ['pods', 'services', 'persistentvolumeclaims'].includes(call.info.resource)
}

/** What a new object takes, or how much more than before a changed one does. */
function takenMore(call: Call, draft: ObjectDraft, old: StoredObject | undefined): Usage {
  const usage = usageOf(call.info, draft, call.ctx.now)
  if (old === undefined) return usage
  const before = usageOf(call.info, old, call.ctx.now)
  const more = [...usage].map(([name, amount]) => [name, amount - (before.get(name) ?? 0n)] as const)
  return new Map(more.filter(([, amount]) => amount > 0n))
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
  const requested = list((name) => printAmount(usage.get(name) ?? 0n, text(hard[name])))
  const why = `exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${list((name) => text(used[name]))}, limited: ${list((name) => text(hard[name]))}`
  return forbidden(call.info, draft.metadata.name ?? '', why)
}

function added(used: Readonly<Record<string, string>>, usage: Usage, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, printAmount(nanosOf(used[name]) + (usage.get(name) ?? 0n), used[name] ?? '0')]),
  )
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '0'
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
