import { MINUTE } from '../../../core/time.js'
import type { WatchChange } from '../../api/informer.js'
import { infoOf, RESOURCE_LIST } from '../../api/kinds.js'
import { isInScope, printAmount, usageOf } from '../../api/quotaUsage.js'
import type { ResourceName, StoredOf } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { isPodTerminal } from '../pods.js'

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
    if (change.type !== 'DELETED' && !givesBack(change)) return
    for (const quota of run.cache.list('resourcequotas', change.object.metadata.namespace)) run.add(keyOf(quota))
  },
  tick(run) {
    for (const quota of run.cache.list('resourcequotas')) run.add(keyOf(quota))
  },
  sync,
}

/** A Pod that ends gives back what it took, and a Service what its old type did. Source: quota/v1/install/update_filter.go */
function givesBack(change: WatchChange): boolean {
  if (change.old === undefined) return false
  if (isChangeOf(change, 'pods')) return isPodTerminal(change.object) && !isPodTerminal(change.old as StoredPod)
  return isChangeOf(change, 'services') && change.object.spec?.type !== (change.old as StoredOf<'services'>).spec?.type
}

/** Source: resource_quota_controller.go syncResourceQuota */
function sync(run: Run, key: string): SyncOutcome {
  const quota = run.cache.get('resourcequotas', key)
  if (quota === undefined) return SETTLED
  const hard = quota.spec?.hard ?? {}
  const totals = new Map(Object.keys(hard).map((name) => [name, 0n]))
  for (const resource of QUOTED) {
    for (const object of run.cache.list(resource, quota.metadata.namespace)) {
      if (!isInScope(quota, resource, object)) continue
      for (const [name, amount] of usageOf(infoOf(resource), object, run.now)) {
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
