import type { StoredObject } from '../../etcd/store.js'
import type { Call } from '../call.js'
import type { ObjectDraft } from '../draft.js'
import type { FieldError } from '../errors.js'

/** Faults of a new object, in the order in which the API server finds them. */
export function validateCreate(_call: Call, draft: ObjectDraft): FieldError[] {
  if (draft.metadata.name === undefined || draft.metadata.name === '') {
    return [{ reason: 'FieldValueRequired', field: 'metadata.name', message: 'Required value: name or generateName is required' }]
  }
  return []
}

export function validateUpdate(_call: Call, _draft: ObjectDraft, _old: StoredObject): FieldError[] {
  return []
}
