import { fail } from '../../../core/result.js'
import type { Call } from '../call.js'
import type { ApiResult } from '../client.js'
import { internalError } from '../errors.js'
import type { Patched } from './patch.js'

/** Server-side apply. */
export function applyServerSide(_call: Call, _patch: unknown): ApiResult<Patched> {
  return fail(internalError('not served'))
}
