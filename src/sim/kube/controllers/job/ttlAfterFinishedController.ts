import { SECOND } from '../../../core/time.js'
import type { Controller } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { timeOf } from '../pods.js'
import { isJobFinished } from './jobController.js'

/** Deletes finished Jobs when their time to live is over. Source: kubernetes pkg/controller/ttlafterfinished/ttlafterfinished_controller.go */
export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  watches: ['jobs'],
  changed(run, change) {
    if (isChangeOf(change, 'jobs') && change.type !== 'DELETED' && change.object.spec?.ttlSecondsAfterFinished !== undefined) {
      run.add(change.key)
    }
  },
  sync(run, key) {
    const job = run.cache.get('jobs', key)
    const ttl = job?.spec?.ttlSecondsAfterFinished
    if (job === undefined || ttl === undefined || !isJobFinished(job) || job.metadata.deletionTimestamp !== undefined)
      return SETTLED
    const ended = job.status?.conditions?.find(
      (each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True',
    )
    const at = timeOf(ended?.lastTransitionTime)
    if (at === undefined) return SETTLED
    const left = at + ttl * SECOND - run.now
    if (left > 0) {
      run.addAfter(key, left, true)
      return SETTLED
    }
    run.decide(job, 'time-to-live-over', { seconds: ttl })
    const deleted = run.api.delete('jobs', key, { propagationPolicy: 'Foreground', preconditionUid: job.metadata.uid })
    return deleted.ok || deleted.error.code === 404 ? SETTLED : retry(deleted.error)
  },
}
