import type { ApiError } from './apiError.js'
import type { DeleteOptions, WriteOptions } from './client.js'
import { isRecord } from './draft.js'
import { invalid } from './errors.js'

export function validationOf(text: string | undefined): Pick<WriteOptions, 'fieldValidation'> {
  return text === 'Strict' || text === 'Warn' || text === 'Ignore' ? { fieldValidation: text } : {}
}

export function fieldValidationFault(verb: string, text: string | undefined): ApiError | undefined {
  if (text === undefined || text === '' || validationOf(text).fieldValidation !== undefined) return undefined
  const kind = verb === 'PATCH' ? 'PatchOptions' : verb === 'PUT' ? 'UpdateOptions' : 'CreateOptions'
  const message = `Unsupported value: "${text}": supported values: "", "Ignore", "Strict", "Warn"`
  return invalid({ group: 'meta.k8s.io', kind }, '', [{ reason: 'FieldValueNotSupported', field: 'fieldValidation', message }])
}

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const

export function deleteOptions(
  body: unknown,
  write: WriteOptions & DeleteOptions,
  query: Readonly<Record<string, string>>,
): (WriteOptions & DeleteOptions) | ApiError {
  const source = isRecord(body) ? body : queryOptions(query)
  const policyText = source['propagationPolicy']
  const policy = POLICIES.find((each) => each === policyText)
  if (policyText !== undefined && policyText !== null && policy === undefined) {
    const message = `Unsupported value: ${JSON.stringify(policyText)}: supported values: "Foreground", "Background", "Orphan", "nil"`
    return invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
      { reason: 'FieldValueNotSupported', field: 'propagationPolicy', message },
    ])
  }
  const orphan = source['orphanDependents']
  if (policy !== undefined && typeof orphan === 'boolean') {
    const message = `Invalid value: "${policy}": orphanDependents and deletionPropagation cannot be both set`
    return invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
      { reason: 'FieldValueInvalid', field: 'propagationPolicy', message },
    ])
  }
  const preconditions = isRecord(source['preconditions']) ? source['preconditions'] : {}
  const grace = source['gracePeriodSeconds']
  const { dryRun: _, ...rest } = write
  const dryRun = isRecord(body) ? Array.isArray(body['dryRun']) && body['dryRun'].includes('All') : write.dryRun === true
  const finalPolicy = policy ?? (orphan === true ? 'Orphan' : orphan === false ? 'Background' : undefined)
  return {
    ...rest,
    ...(dryRun ? { dryRun } : {}),
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(finalPolicy === undefined ? {} : { propagationPolicy: finalPolicy }),
    ...(typeof preconditions['uid'] === 'string' ? { preconditionUid: preconditions['uid'] } : {}),
    ...(typeof preconditions['resourceVersion'] === 'string'
      ? { preconditionResourceVersion: preconditions['resourceVersion'] }
      : {}),
  }
}

function queryOptions(query: Readonly<Record<string, string>>): Record<string, unknown> {
  return {
    ...query,
    ...(query['gracePeriodSeconds'] === undefined ? {} : { gracePeriodSeconds: Number(query['gracePeriodSeconds']) }),
    ...(query['orphanDependents'] === undefined ? {} : { orphanDependents: query['orphanDependents'] === 'true' }),
  }
}
