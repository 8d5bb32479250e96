import type { StoredObject } from '../etcd/store.js'
import type { Call } from './call.js'
import type { ApiError } from './client.js'
import type { ObjectDraft } from './draft.js'

/** Gives a new Service its cluster addresses and node ports. */
export function allocateForCreate(_call: Call, _draft: ObjectDraft): ApiError | undefined {
  return undefined
}

export function allocateForUpdate(_call: Call, _draft: ObjectDraft, _old: StoredObject): ApiError | undefined {
  return undefined
}

/** Takes back what a Service held. */
export function releaseAllocations(_call: Call, _draft: ObjectDraft): void {}
