import type { ObjectDraft } from '../draft.js'
import type { ResourceInfo } from '../kinds.js'

/** Fills in what the manifest leaves out. */
export function applyDefaults(_info: ResourceInfo, _draft: ObjectDraft): void {}
