import type { StoredObject } from '../../etcd/store.js'
import type { Call } from '../call.js'
import type { ApiError } from '../client.js'
import type { ObjectDraft } from '../draft.js'

/** Runs the plugins that may change a new object. */
export function admitCreate(_call: Call, _draft: ObjectDraft): ApiError | undefined {
  return undefined
}

export function admitUpdate(_call: Call, _draft: ObjectDraft, _old: StoredObject): ApiError | undefined {
  return undefined
}

/** Runs the plugins that may only refuse, after validation. */
export function checkCreate(_call: Call, _draft: ObjectDraft): ApiError | undefined {
  return undefined
}

export function checkUpdate(_call: Call, _draft: ObjectDraft, _old: StoredObject): ApiError | undefined {
  return undefined
}
