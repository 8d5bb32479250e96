import type { LimitRange, ResourceQuota } from '../../generated/kubeTypes.js'
import type { StoredOf } from '../../sim/index.js'
import { accessModesText, byCodeUnit, formatLabelSelector, own } from '../../sim/index.js'
import { longTime } from '../text/duration.js'
import type { DescribeContext } from './common.js'
import { writeAnnotations, writeEvents, writeHead, writeLabels } from './common.js'
import type { DescribeWriter } from './writer.js'

/** Source: kubernetes kubectl pkg/describe/describe.go ConfigMapDescriber */
export function describeConfigMap(map: StoredOf<'configmaps'>, context: DescribeContext, w: DescribeWriter): void {
  writeHead(w, map.metadata)
  w.write(0, '\nData\n====\n')
  for (const [key, value] of sorted(map.data)) w.write(0, `${key}:\n----\n${value}\n\n`)
  w.write(0, '\nBinaryData\n====\n')
  for (const [key, value] of sorted(map.binaryData)) w.line(0, `${key}: ${byteLength(value)} bytes`)
  w.line(0, '')
  writeEvents(w, context, map)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeSecret */
export function describeSecret(secret: StoredOf<'secrets'>, _context: DescribeContext, w: DescribeWriter): void {
  writeHead(w, secret.metadata)
  w.write(0, `\nType:\t${secret.type ?? ''}\n`)
  w.write(0, '\nData\n====\n')
  for (const [key, value] of sorted(secret.data)) w.line(0, `${key}:\t${byteLength(value)} bytes`)
}

function sorted(data: Readonly<Record<string, string>> | undefined): readonly (readonly [string, string])[] {
  return Object.entries(data ?? {}).sort(([a], [b]) => byCodeUnit(a, b))
}

/** Bytes behind base64 text. */
function byteLength(base64: string): number {
  const stripped = base64.replace(/=+$/, '')
  return Math.floor((stripped.length * 3) / 4)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeNamespace */
export function describeNamespace(namespace: StoredOf<'namespaces'>, { api }: DescribeContext, w: DescribeWriter): void {
  writeHead(w, namespace.metadata)
  w.line(0, `Status:\t${namespace.status?.phase ?? ''}`)
  const conditions = namespace.status?.conditions ?? []
  if (conditions.length > 0) {
    w.line(0, 'Conditions:\n  Type\tStatus\tLastTransitionTime\tReason\tMessage')
    w.line(1, '----\t------\t------------------\t------\t-------')
  }
  for (const { type, status, lastTransitionTime, reason = '', message = '' } of conditions) {
    w.line(1, `${type}\t${status}\t${longTime(lastTransitionTime)}\t${reason}\t${message}`)
  }
  const inside = { namespace: namespace.metadata.name }
  const quotas = api.list('resourcequotas', inside)
  w.line(0, '')
  writeQuotas(w, quotas.ok ? quotas.value : [])
  const ranges = api.list('limitranges', inside)
  w.line(0, '')
  writeRanges(w, ranges.ok ? ranges.value : [])
}

function writeQuotas(w: DescribeWriter, quotas: readonly ResourceQuota[]): void {
  w.line(0, quotas.length === 0 ? 'No resource quota.' : 'Resource Quotas')
  for (const quota of quotas) {
    w.line(1, `Name:\t${quota.metadata?.name ?? ''}`)
    w.line(1, 'Resource\tUsed\tHard')
    w.line(1, '--------\t---\t---')
    writeUsage(w, quota, 1)
  }
}

function writeUsage(w: DescribeWriter, { status }: ResourceQuota, level: number): void {
  for (const [name, hard] of Object.entries(status?.hard ?? {}).sort(([a], [b]) => byCodeUnit(a, b))) {
    w.line(level, `${name}\t${own(status?.used, name) ?? '0'}\t${hard}`)
  }
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeQuota */
export function describeQuota(quota: StoredOf<'resourcequotas'>, _context: DescribeContext, w: DescribeWriter): void {
  w.line(0, `Name:\t${quota.metadata.name}`)
  w.line(0, `Namespace:\t${quota.metadata.namespace ?? ''}`)
  const scopes = quota.spec?.scopes ?? []
  if (scopes.length > 0) w.line(0, `Scopes:\t${scopes.toSorted(byCodeUnit).join(', ')}`)
  w.line(0, 'Resource\tUsed\tHard')
  w.line(0, '--------\t----\t----')
  writeUsage(w, quota, 0)
}

const RANGE_HEAD = 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio'
const RANGE_RULE = '----\t--------\t---\t---\t---------------\t-------------\t-----------------------'

function writeRanges(w: DescribeWriter, ranges: readonly LimitRange[]): void {
  if (ranges.length === 0) {
    w.line(0, 'No LimitRange resource.')
    return
  }
  w.line(0, `Resource Limits\n ${RANGE_HEAD}\n ${RANGE_RULE}`)
  for (const range of ranges) writeLimits(w, range, ' ')
}

function writeLimits(w: DescribeWriter, { spec }: LimitRange, indent: string): void {
  for (const limit of spec?.limits ?? []) {
    const names = new Set(
      [limit.min, limit.max, limit.default, limit.defaultRequest, limit.maxLimitRequestRatio].flatMap((each) =>
        Object.keys(each ?? {}),
      ),
    )
    for (const name of names) {
      const cells = [limit.min, limit.max, limit.defaultRequest, limit.default, limit.maxLimitRequestRatio]
      w.line(0, `${indent}${limit.type}\t${name}\t${cells.map((each) => each?.[name] ?? '-').join('\t')}`)
    }
  }
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeLimitRange */
export function describeLimitRange(range: StoredOf<'limitranges'>, _context: DescribeContext, w: DescribeWriter): void {
  w.line(0, `Name:\t${range.metadata.name}`)
  w.line(0, `Namespace:\t${range.metadata.namespace ?? ''}`)
  w.line(0, RANGE_HEAD)
  w.line(0, RANGE_RULE)
  writeLimits(w, range, '')
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeServiceAccount */
export function describeServiceAccount(account: StoredOf<'serviceaccounts'>, context: DescribeContext, w: DescribeWriter): void {
  writeHead(w, account.metadata)
  const secrets = account.imagePullSecrets ?? []
  if (secrets.length === 0) w.line(0, 'Image pull secrets:\t<none>')
  for (const [index, { name = '' }] of secrets.entries()) {
    w.line(0, `${index === 0 ? 'Image pull secrets:' : '                   '}\t${name}`)
  }
  writeEvents(w, context, account)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describePodDisruptionBudgetV1 */
export function describeBudget(budget: StoredOf<'poddisruptionbudgets'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = budget
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  if (spec?.minAvailable !== undefined) w.line(0, `Min available:\t${spec.minAvailable}`)
  else if (spec?.maxUnavailable !== undefined) w.line(0, `Max unavailable:\t${spec.maxUnavailable}`)
  w.line(0, `Selector:\t${spec?.selector === undefined ? '<unset>' : formatLabelSelector(spec.selector)}`)
  w.line(0, 'Status:')
  w.line(2, `Allowed disruptions:\t${status?.disruptionsAllowed ?? 0}`)
  w.line(2, `Current:\t${status?.currentHealthy ?? 0}`)
  w.line(2, `Desired:\t${status?.desiredHealthy ?? 0}`)
  w.line(2, `Total:\t${status?.expectedPods ?? 0}`)
  writeEvents(w, context, budget)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describePersistentVolumeClaim */
export function describeClaim(claim: StoredOf<'persistentvolumeclaims'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = claim
  const isBound = spec?.volumeName !== undefined && spec.volumeName !== ''
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  w.line(0, `StorageClass:\t${spec?.storageClassName ?? ''}`)
  w.line(0, `Status:\t${status?.phase ?? ''}`)
  w.line(0, `Volume:\t${spec?.volumeName ?? ''}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, `Finalizers:\t[${(metadata.finalizers ?? []).join(' ')}]`)
  w.line(0, `Capacity:\t${isBound ? String(status?.capacity?.['storage'] ?? '') : ''}`)
  w.line(0, `Access Modes:\t${isBound ? accessModesText(status?.accessModes) : ''}`)
  if (spec?.volumeMode !== undefined) w.line(0, `VolumeMode:\t${spec.volumeMode}`)
  if (spec?.dataSource !== undefined) {
    const { apiGroup, kind, name } = spec.dataSource
    w.line(0, 'DataSource:')
    if (apiGroup !== undefined) w.line(1, `APIGroup:\t${apiGroup}`)
    w.line(1, `Kind:\t${kind}`)
    w.line(1, `Name:\t${name}`)
  }
  const pods = context.api.list('pods', { namespace: metadata.namespace ?? '' })
  const users = (pods.ok ? pods.value : [])
    .filter((pod) => pod.spec?.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === metadata.name))
    .map((pod) => pod.metadata.name)
  w.line(0, `Used By:\t${users.length === 0 ? '<none>' : users.join('\n\t')}`)
  writeEvents(w, context, claim)
}
