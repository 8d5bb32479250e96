import { MINUTE } from '../../../core/time.js'
import { infoOf, RESOURCE_LIST } from '../../api/kinds.js'
import type { ResourceName } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { retry, SETTLED } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { isPodTerminal } from '../pods.js'
import { isInScope, printAmount, usageOf } from './usage.js'

/** What quotas may count. */
const QUOTED: readonly ResourceName[] = RESOURCE_LIST.filter(
  (each) => each.namespaced && !['bindings', 'events', 'leases', 'endpointslices'].includes(each.resource),
).map((each) => each.resource)

/** Keeps what each quota has in use; the API server refuses what has no room. Source: kubernetes pkg/controller/resourcequota */
export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',
  watches: QUOTED,
  timers: [{ name: 'resync', every: () => 5 * MINUTE }],
  changed(run, change) {
    if (change.resource === 'resourcequotas') {
      run.add(change.key)
      return
    }
    // What comes was counted when it was let in; what goes, or ends, must be given back.
    const ended =
      change.resource === 'pods' &&
      change.old !== undefined &&
      isPodTerminal(change.object as StoredPod) &&
      !isPodTerminal(change.old as StoredPod)
    if (change.type !== 'DELETED' && !ended) return
    for (const quota of run.cache.list('resourcequotas', change.object.metadata.namespace)) run.add(keyOf(quota))
  },
  tick(run) {
    for (const quota of run.cache.list('resourcequotas')) run.add(keyOf(quota))
  },
  sync,
}

/** Source: resource_quota_controller.go syncResourceQuota */
function sync(run: Run, key: string): SyncOutcome {
  const quota = run.cache.get('resourcequotas', key)
  if (quota === undefined) return SETTLED
  const hard = quota.spec?.hard ?? {}
  const totals = new Map(Object.keys(hard).map((name) => [name, 0n]))
  for (const resource of QUOTED) {
    for (const object of run.cache.list(resource, quota.metadata.namespace)) {
      if (!isInScope(quota, object)) continue
      for (const [name, amount] of usageOf(resource, infoOf(resource).group, object)) {
        const before = totals.get(name)
        if (before !== undefined) totals.set(name, before + amount)
      }
    }
  }
  run.looked(key, 3 * run.cache.list('pods', quota.metadata.namespace).length)
  const used = Object.fromEntries([...totals].map(([name, nanos]) => [name, printAmount(nanos, hard[name] ?? '0')]))
  const status = { hard, used }
  if (semanticEqual(status, quota.status)) return SETTLED
  const updated = run.api.updateStatus('resourcequotas', { ...quota, status })
  return updated.ok || updated.error.code === 404 ? SETTLED : retry(updated.error)
}
