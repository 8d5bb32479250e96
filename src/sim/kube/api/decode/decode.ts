import { fail, ok } from '../../../core/result.js'
import type { Call } from '../call.js'
import type { ApiResult } from '../client.js'
import type { ObjectDraft } from '../draft.js'
import { copyJson, isRecord } from '../draft.js'
import { badRequest } from '../errors.js'
import { apiVersionOf } from '../kinds.js'

/** A fresh, well-typed copy of what a client sent. */
export function decodeObject(call: Call, input: unknown): ApiResult<ObjectDraft> {
  if (!isRecord(input)) return fail(badRequest('the object provided is unrecognized'))
  const copy = copyJson(input)
  const metadata = isRecord(copy['metadata']) ? copy['metadata'] : {}
  return ok({ ...copy, apiVersion: apiVersionOf(call.info), kind: call.info.kind, metadata })
}
